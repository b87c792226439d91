import type { CounterView } from '#protocol/counter/view.js';
import { bindings, type Binding } from '../keys/bindings.js';
import { fieldKinds, type Local } from '../local/local.js';
import type { Pen } from './pen.js';

const LEFT = 5;
const WIDTH = 70;

function drawKeyRow(pen: Pen, row: number, one: Binding): void {
  const { canvas } = pen;
  canvas.put(row, LEFT + 2, one.key, 'strong', 6);
  canvas.put(row, LEFT + 9, pen.say(one.word), 'plain', 19);
  if (one.does.kind === 'nothing') canvas.put(row, LEFT + 29, pen.say(one.does.why), 'quiet', WIDTH - 31);
}

/** F1: the keys that work now, then those that do not and why. */
export function drawHelp(pen: Pen, view: CounterView | null, local: Local): void {
  const { canvas, look } = pen;
  const all = bindings(view, local, look.options);
  const working = all.filter((one) => one.does.kind !== 'nothing');
  const idle = all.filter((one) => one.does.kind === 'nothing');
  const edits = view !== null && fieldKinds(view.body, local.part).length > 0;
  const height = 4 + working.length + (edits ? 1 : 0) + (idle.length > 0 ? 1 + idle.length : 0);
  const top = Math.max(1, 13 - Math.ceil(height / 2));
  canvas.fill(top, LEFT, height, WIDTH, 'plain');
  canvas.box(top, LEFT, height, WIDTH, pen.say('help'));
  let row = top + 1;
  for (const one of working) drawKeyRow(pen, row++, one);
  if (edits) canvas.put(row++, LEFT + 2, pen.say('help-editing'), 'quiet', WIDTH - 4);
  if (idle.length > 0) canvas.put(row++, LEFT + 2, `- ${pen.say('help-not-now')} -`, 'strong', WIDTH - 4);
  for (const one of idle) drawKeyRow(pen, row++, one);
  canvas.put(row + 1, LEFT + 2, pen.say('help-close'), 'strong', WIDTH - 4);
}

/** F12, where the terminal was started with a way out. */
export function drawLeave(pen: Pen): void {
  const { canvas } = pen;
  canvas.fill(9, LEFT, 6, WIDTH, 'plain');
  canvas.box(9, LEFT, 6, WIDTH, pen.say('leave'));
  canvas.put(10, LEFT + 2, pen.say('leave-money'), 'strong', WIDTH - 4);
  canvas.put(12, LEFT + 2, pen.say('leave-do'), 'plain', WIDTH - 4);
}
