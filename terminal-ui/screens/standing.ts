import type { ScreenView } from '#protocol/counter/view.js';
import { explain } from '../text/catalogue.js';
import { drawBox } from './frame.js';
import { COLUMNS, LEFT, type Pen } from './pen.js';

/** Screens on which no work is done: starting, not enrolled, out of order, agent away. */

export function drawStarting(pen: Pen, body: ScreenView & { screen: 'starting' }): void {
  drawBox(pen, pen.say('starting'));
  for (const [i, doing] of (['ledger', 'devices', 'link'] as const).entries()) {
    const now = doing === body.doing;
    pen.canvas.put(8 + i * 2, 14, `${now ? '[~]' : '[ ]'} ${pen.say(`starting-${doing}`)}`, now ? 'strong' : 'plain', 62);
  }
}

export function drawUnenrolled(pen: Pen): void {
  const { canvas } = pen;
  drawBox(pen, pen.say('unenrolled'));
  canvas.centre(8, 1, 78, pen.say('unenrolled'), 'strong');
  canvas.centre(10, 1, 78, pen.say('unenrolled-money'));
  canvas.centre(12, 1, 78, pen.say('unenrolled-do'));
}

export function drawOutOfOrder(pen: Pen, body: ScreenView & { screen: 'out-of-order' }): void {
  const { canvas } = pen;
  const text = explain(pen.look.language, body.problem);
  drawBox(pen, pen.say('out-of-order'));
  canvas.fill(4, 1, 1, COLUMNS - 2, 'bad');
  canvas.put(4, LEFT, `[!] ${text.title}`, 'bad', 74);
  let row = 6 + canvas.paragraph(6, LEFT, 74, 3, text.money);
  row += 1 + canvas.paragraph(row + 1, LEFT, 74, 3, text.todo, 'strong');
  canvas.put(row + 2, LEFT, pen.say('for-technician'), 'quiet');
  // The detail is a machine's sentence of any length; what fits is enough to read out on the telephone.
  const lines = canvas.wrap(body.detail, 74).slice(0, 6);
  for (const [i, line] of lines.entries()) canvas.name(row + 3 + i, LEFT, line, 'quiet', 74);
}

/** Closed for want of power: nothing to press. */
export function drawResting(pen: Pen, body: ScreenView & { screen: 'resting' }): void {
  const { canvas } = pen;
  const text = explain(pen.look.language, body.problem);
  drawBox(pen, pen.say('resting'));
  canvas.fill(7, 1, 1, COLUMNS - 2, 'bad');
  canvas.centre(7, 1, 78, `[!] ${text.title}`, 'bad');
  const row = 9 + canvas.paragraph(9, LEFT, 74, 3, text.money, 'strong');
  canvas.paragraph(row + 1, LEFT, 74, 3, pen.say('resting-do'));
}

/** The agent is not there: not yet (`start`), or no more (`work`). `tries` counts the attempts to reach it. */
export type Away = { readonly since: 'start' | 'work'; readonly tries: number };

/** Tries in vain after which a start is no longer called a start. */
const TRIES_OF_START = 3;

export function drawAway(pen: Pen, away: Away): void {
  const { canvas } = pen;
  if (away.since === 'start' && away.tries <= TRIES_OF_START) {
    drawBox(pen, pen.say('joining'));
    canvas.centre(11, 1, 78, `[~] ${pen.say('joining')}`);
    return;
  }
  drawBox(pen, pen.say('lost'));
  canvas.fill(7, 1, 1, COLUMNS - 2, 'bad');
  canvas.centre(7, 1, 78, `[X] ${pen.say('lost')}`, 'bad');
  canvas.centre(9, 1, 78, pen.say('lost-money'), 'strong');
  canvas.centre(11, 1, 78, pen.say('lost-do'));
  canvas.centre(14, 1, 78, pen.say('lost-tries', { count: String(away.tries) }), 'quiet');
}
