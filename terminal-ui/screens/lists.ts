import type { ReceiptRow, ScreenView } from '#protocol/counter/view.js';
import { addPaise, formatRupees } from '#protocol/money/paise.js';
import { HOUR_MS, MINUTE_MS, businessDate, clockTime, printedTime } from '#protocol/time/time.js';
import type { Local } from '../local/local.js';
import { nameIn, type WordKey } from '../text/catalogue.js';
import type { Style } from './canvas.js';
import { drawBox } from './frame.js';
import { visibleFrom } from './menu.js';
import { COLUMNS, INNER_BOTTOM, LEFT, NOTICE_TOP, RIGHT, seconds, type Pen } from './pen.js';

const RECEIPT = 4;
const TIME = 22;
const SERVICE = 28;
const TAIL = 43;
const AMOUNT_END = 61;
const STATE = 62;
const LAST = 72;

function stateWord(row: ReceiptRow): WordKey {
  if (row.state === 'refused') return 'row-refused';
  return row.sent ? `row-${row.state}` : 'row-to-send';
}

function ageText(pen: Pen, row: ReceiptRow): string {
  const age = Math.max(0, pen.look.now - row.at);
  return age < 2 * HOUR_MS
    ? pen.say('age-minutes', { count: String(Math.floor(age / MINUTE_MS)) })
    : pen.say('age-hours', { count: String(Math.floor(age / HOUR_MS)) });
}

/** `14:36` today, `21-11` on other days. */
function shortTime(pen: Pen, at: number): string {
  return businessDate(at) === businessDate(pen.look.now) ? clockTime(at) : printedTime(at).slice(0, 5);
}

/** A receipt's number; of one that is too long, its end, since all begin with this counter's code. */
function shortNumber(receipt: string): string {
  const room = TIME - RECEIPT - 1;
  return receipt.length <= room ? receipt : `~${receipt.slice(1 - room)}`;
}

function drawHead(pen: Pen, row: number, last: WordKey): void {
  const { canvas } = pen;
  canvas.put(row, RECEIPT, pen.say('receipt'), 'quiet', TIME - RECEIPT - 1);
  canvas.put(row, TIME, pen.say('time'), 'quiet', SERVICE - TIME - 1);
  canvas.put(row, SERVICE, pen.say('service'), 'quiet', TAIL - SERVICE - 1);
  canvas.put(row, TAIL, pen.say('ending'), 'quiet', 6);
  canvas.right(row, AMOUNT_END, pen.say('amount'), 'quiet');
  canvas.put(row, STATE, pen.say('state'), 'quiet', LAST - STATE - 1);
  canvas.put(row, LAST, pen.say(last), 'quiet', COLUMNS - 1 - LAST);
}

function drawRow(pen: Pen, y: number, row: ReceiptRow, selected: boolean, last: string): void {
  const { canvas, look } = pen;
  const style: Style = selected ? 'selected' : 'plain';
  canvas.fill(y, 1, 1, COLUMNS - 2, style);
  canvas.put(y, 1, selected ? '>>' : '  ', style);
  canvas.name(y, RECEIPT, shortNumber(row.receipt), style, TIME - RECEIPT - 1);
  canvas.put(y, TIME, shortTime(pen, row.at), style, SERVICE - TIME - 1);
  canvas.name(y, SERVICE, nameIn(look.language, row.service), style, TAIL - SERVICE - 1);
  canvas.name(y, TAIL, row.consumerTail, style, 5);
  canvas.right(y, AMOUNT_END, formatRupees(row.totalPaise), style);
  canvas.put(y, STATE, pen.say(stateWord(row)), style, LAST - STATE - 1);
  canvas.put(y, LAST, last, style, COLUMNS - 1 - LAST);
}

function drawSelected(pen: Pen, top: number, row: ReceiptRow): void {
  const { canvas } = pen;
  canvas.rule(top, 0, COLUMNS);
  canvas.name(top + 1, LEFT, `${row.receipt}  ${printedTime(row.at)}  ${row.transaction}`, 'plain', RIGHT - LEFT);
  const copies = row.copies > 1 ? `, ${pen.say('copies', { count: String(row.copies) })}` : '';
  canvas.put(
    top + 2,
    LEFT,
    `Rs ${formatRupees(row.totalPaise)}: ${pen.say(stateWord(row))}, ${pen.say(`paper-long-${row.printed}`)}${copies}`,
    'plain',
    74,
  );
}

type Rows = { readonly rows: readonly ReceiptRow[]; readonly top: number; readonly bottom: number; readonly last: (row: ReceiptRow) => string };

function drawRows(pen: Pen, local: Local, of: Rows): void {
  const room = of.bottom - of.top;
  const from = visibleFrom(local.row, of.rows.length, room);
  for (const [i, row] of of.rows.slice(from, from + room).entries()) drawRow(pen, of.top + i, row, from + i === local.row, of.last(row));
  const chosen = of.rows[local.row];
  if (chosen !== undefined) drawSelected(pen, of.bottom, chosen);
}

export function drawReceipts(pen: Pen, body: ScreenView & { screen: 'receipts' }, local: Local): void {
  drawBox(pen, `${pen.say('receipts')}`);
  drawHead(pen, 3, 'paper');
  if (body.rows.length === 0) pen.canvas.put(6, LEFT, pen.say('receipts-none'), 'strong');
  const bottom = (body.problem === null ? INNER_BOTTOM + 1 : NOTICE_TOP) - 3;
  const paper = (row: ReceiptRow): string => `${pen.say(`paper-${row.printed}`)}${row.copies > 1 ? ` x${row.copies}` : ''}`;
  drawRows(pen, local, { rows: body.rows, top: 4, bottom, last: paper });
  pen.notice(body.problem);
}

export function drawQueue(pen: Pen, body: ScreenView & { screen: 'queue' }, local: Local): void {
  const { canvas, look } = pen;
  drawBox(pen, pen.say('queue'));
  const sum = formatRupees(addPaise(...body.rows.map((row) => row.totalPaise)));
  canvas.put(3, LEFT, pen.say('queue-sum', { count: String(body.rows.length), sum }), 'strong', 50);
  const next = body.nextTryAt === null ? pen.say('next-try-none') : pen.say('next-try', { seconds: seconds(look.now, body.nextTryAt) });
  canvas.put(4, LEFT, next, 'plain', 36);
  const answer = body.lastAnswerAt === null ? pen.say('last-answer-none') : pen.say('last-answer', { time: clockTime(body.lastAnswerAt) });
  canvas.right(4, RIGHT + 1, answer, 'plain');
  drawHead(pen, 6, 'age');
  if (body.rows.length === 0) canvas.put(8, LEFT, pen.say('queue-none'), 'strong');
  const bottom = (body.problem === null ? INNER_BOTTOM + 1 : NOTICE_TOP) - 3;
  drawRows(pen, local, { rows: body.rows, top: 7, bottom, last: (row) => ageText(pen, row) });
  pen.notice(body.problem);
}
