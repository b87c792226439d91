import type { DeviceState } from '#protocol/counter/device.js';
import type { CounterView, DeviceView } from '#protocol/counter/view.js';
import type { Local } from '../local/local.js';
import { explain } from '../text/catalogue.js';
import type { Pen } from './pen.js';

/** A state is a mark and a word; colour only repeats it. */
const MARKS: Readonly<Record<DeviceState, string>> = { ready: 'ok', warning: '!', trouble: '!!', absent: '--' };
/** What needs somebody most comes first where not all have room. */
const URGENCY: Readonly<Record<DeviceState, number>> = { trouble: 0, absent: 1, warning: 2, ready: 3 };

/** `PRN`, and `PRN2` for the second of its kind. */
function shortName(pen: Pen, device: DeviceView, all: readonly DeviceView[]): string {
  const before = all.filter(({ kind }) => kind === device.kind).indexOf(device);
  return `${pen.say(device.kind)}${before > 0 ? before + 1 : ''}`;
}

/** The devices for the first row, within `room` columns: whatever needs somebody, then the well ones; the rest as one count. */
export function deviceSummary(pen: Pen, all: readonly DeviceView[], room: number): string {
  const mark = ({ state }: DeviceView): string => (state === 'ready' ? pen.say('device-ok') : MARKS[state]);
  const texts = all.map((device) => `${shortName(pen, device, all)} ${mark(device)}`);
  const byNeed = all.map((_, i) => i).toSorted((a, b) => urgencyOf(all[a]) - urgencyOf(all[b]) || a - b);
  for (let count = all.length; count >= 0; count -= 1) {
    const shown = new Set(byNeed.slice(0, count));
    const left = byNeed.slice(count).map((i) => all[i]);
    const worst = left.find((device) => device?.state !== 'ready');
    const rest = left.length === 0 ? [] : [`+${left.length} ${worst === undefined ? pen.say('device-ok') : mark(worst)}`];
    const line = [...texts.filter((_, i) => shown.has(i)), ...rest].join('  ');
    if (pen.canvas.width(line) <= room) return line;
  }
  return '';
}

function urgencyOf(device: DeviceView | undefined): number {
  return device === undefined ? Number.MAX_SAFE_INTEGER : URGENCY[device.state];
}

const LEFT = 1;
const WIDTH = 78;
const TOP = 2;
const ROWS_MAX = 12;
const KIND = LEFT + 5;
const NAME = 29;
const STATE = 47;
const DETAIL_ROWS = 5;

/** F3, on every screen: each device with its state, and of the chosen one what is wrong and what to do. */
export function drawDevices(pen: Pen, view: CounterView, local: Local): void {
  const { canvas } = pen;
  const { devices } = view.header;
  const chosen = Math.min(local.overlayRow, Math.max(0, devices.length - 1));
  const room = Math.min(ROWS_MAX, Math.max(1, devices.length));
  const from = Math.max(0, Math.min(chosen - Math.floor(room / 2), devices.length - room));
  const height = room + DETAIL_ROWS + 5;
  canvas.fill(TOP, LEFT, height, WIDTH, 'plain');
  canvas.box(TOP, LEFT, height, WIDTH, pen.say('devices'));
  if (devices.length === 0) canvas.put(TOP + 1, LEFT + 2, pen.say('devices-none'), 'strong', WIDTH - 4);
  for (const [i, device] of devices.slice(from, from + room).entries()) drawDevice(pen, TOP + 1 + i, device, from + i === chosen);
  const rule = TOP + 1 + room;
  canvas.rule(rule, LEFT, WIDTH);
  const device = devices[chosen];
  if (device !== undefined) drawDetail(pen, rule + 1, device);
  canvas.put(rule + DETAIL_ROWS + 2, LEFT + 2, pen.say('devices-close'), 'strong', WIDTH - 4);
}

function drawDevice(pen: Pen, row: number, device: DeviceView, chosen: boolean): void {
  const { canvas } = pen;
  const style = chosen ? 'selected' : 'plain';
  canvas.fill(row, LEFT + 1, 1, WIDTH - 2, style);
  canvas.put(row, LEFT + 2, chosen ? '>>' : '  ', style);
  canvas.put(row, KIND, pen.say(`long-${device.kind}`), style, NAME - KIND - 1);
  canvas.name(row, NAME, device.name, style, STATE - NAME - 1);
  canvas.put(row, STATE, `[${MARKS[device.state]}] ${pen.say(`device-${device.state}`)}`, style, LEFT + WIDTH - 2 - STATE);
}

function drawDetail(pen: Pen, top: number, device: DeviceView): void {
  const { canvas, look } = pen;
  if (device.problem === undefined) return void canvas.put(top, LEFT + 2, pen.say('device-well'), 'quiet', WIDTH - 4);
  const { title, todo } = explain(look.language, device.problem);
  const used = canvas.paragraph(top, LEFT + 2, WIDTH - 4, 2, title, 'strong');
  canvas.paragraph(top + used, LEFT + 2, WIDTH - 4, DETAIL_ROWS - used, todo, 'plain');
}
