import type { ScreenView } from '#protocol/counter/view.js';
import { ZERO, formatRupees, parseRupees, subtractPaise, type Paise } from '#protocol/money/paise.js';
import { clockTime } from '#protocol/time/time.js';
import { fieldKinds, type FieldKind, type Local } from '../local/local.js';
import type { WordKey } from '../text/catalogue.js';
import { BIG_ROWS, drawBig } from './big-digits.js';
import { drawBox } from './frame.js';
import { LEFT, RIGHT, VALUE, type Pen } from './pen.js';

const FIELD_ROOM = 30;

function kindAt(body: ScreenView, index: number): FieldKind {
  return fieldKinds(body, 'whole')[index] ?? { letters: 20, accepts: 'text', shows: 'text' };
}

function sumRow(pen: Pen, row: number, key: WordKey, sum: Paise, strong = false): void {
  pen.label(row, key);
  pen.canvas.right(row, RIGHT, `Rs ${formatRupees(sum)}`, strong ? 'strong' : 'plain');
}

export function drawLogin(pen: Pen, body: ScreenView & { screen: 'login' }, local: Local): void {
  const { canvas } = pen;
  drawBox(pen, `${pen.say('log-in')} / ${pen.sayOther('log-in')}`);
  pen.label(6, 'operator-login');
  pen.field(6, VALUE + 2, FIELD_ROOM, local, 0, kindAt(body, 0));
  pen.label(8, 'pin');
  pen.field(8, VALUE + 2, FIELD_ROOM, local, 1, kindAt(body, 1));
  if (body.checking) {
    canvas.hideCursor();
    canvas.put(10, VALUE, `[~] ${pen.say('checking-pin')}`, 'strong');
  } else if (body.key !== 'no') {
    canvas.hideCursor();
    const [mark, word] = body.key === 'touch' ? (['[>]', 'security-key-touch'] as const) : (['[~]', 'security-key-waiting'] as const);
    canvas.put(10, LEFT, `${mark} ${pen.say(word)}`, 'strong', 74);
  } else if (body.lockedUntil !== null) canvas.put(10, VALUE, `[X] ${pen.say('locked-until', { time: clockTime(body.lockedUntil) })}`, 'strong');
  else if (body.triesLeft !== null) canvas.put(10, VALUE, `[!] ${pen.say('tries-left', { count: String(body.triesLeft) })}`, 'strong');
  canvas.put(13, LEFT, pen.say('log-in-do'), 'quiet', 74);
  pen.notice(body.problem);
}

export function drawTillOpening(pen: Pen, body: ScreenView & { screen: 'till-opening' }, local: Local): void {
  drawBox(pen, `${pen.say('open-till')} / ${pen.sayOther('open-till')}`);
  pen.label(7, 'opening-cash');
  pen.field(7, VALUE + 2, FIELD_ROOM, local, 0, kindAt(body, 0));
  pen.canvas.put(10, LEFT, pen.say('open-till-do'), 'quiet', 74);
  pen.notice(body.problem);
}

function differenceWord(difference: Paise): WordKey {
  return difference === 0n ? 'difference-none' : difference > 0n ? 'difference-over' : 'difference-short';
}

function drawDifference(pen: Pen, row: number, difference: Paise): void {
  const mark = difference === 0n ? '[ok]' : '[!]';
  sumRow(pen, row, 'difference', difference, true);
  pen.canvas.put(row, VALUE, `${mark} ${pen.say(differenceWord(difference))}`, 'strong', 16);
}

export function drawTillClosing(pen: Pen, body: ScreenView & { screen: 'till-closing' }, local: Local): void {
  const { canvas } = pen;
  drawBox(pen, pen.say('close-till'));
  pen.label(5, 'sales-today');
  canvas.right(5, RIGHT, String(body.count));
  sumRow(pen, 7, 'cash-expected', body.expectedPaise);
  pen.label(9, 'cash-counted');
  pen.field(9, VALUE + 2, FIELD_ROOM, local, 0, kindAt(body, 0));
  const typed = local.fields[0]?.text ?? '';
  const counted = parseRupees(typed);
  if (counted.ok) drawDifference(pen, 11, subtractPaise(counted.value, body.expectedPaise));
  else if (typed.trim() !== '') canvas.put(11, VALUE, `[!] ${pen.say('not-amount')}`, 'strong', 34);
  canvas.put(14, LEFT, pen.say('close-till-do'), 'quiet', 74);
  pen.notice(body.problem);
}

export function drawTillClosed(pen: Pen, body: ScreenView & { screen: 'till-closed' }): void {
  const { canvas } = pen;
  drawBox(pen, `${pen.say('till-closed')} / ${pen.sayOther('till-closed')}`);
  pen.label(4, 'sales-today');
  canvas.right(4, RIGHT, String(body.count));
  sumRow(pen, 5, 'money-taken', body.sum);
  sumRow(pen, 7, 'cash-expected', body.expectedPaise);
  sumRow(pen, 8, 'cash-counted', body.countedPaise, true);
  drawDifference(pen, 10, body.differencePaise);
  if (body.differencePaise !== ZERO) drawBig(canvas, 12, RIGHT, formatRupees(body.differencePaise), 'strong');
  const row = 12 + BIG_ROWS + 1;
  pen.label(row, 'still-to-send');
  canvas.right(row, RIGHT, String(body.unsent));
  canvas.put(row + 1, LEFT, pen.say(body.unsent === 0 ? 'nothing-to-send' : 'will-be-sent'), 'quiet', 74);
}
