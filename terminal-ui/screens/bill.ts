import type { ProblemCode } from '#protocol/counter/problem.js';
import type { QuoteView, ScreenView } from '#protocol/counter/view.js';
import { formatRupees, parseRupees, subtractPaise, type Paise } from '#protocol/money/paise.js';
import { printedDate } from '#protocol/time/time.js';
import { fieldKinds, type Local } from '../local/local.js';
import { nameIn, otherLanguage, type WordKey } from '../text/catalogue.js';
import { drawBig } from './big-digits.js';
import { drawBox } from './frame.js';
import { COLUMNS, LEFT, RIGHT, VALUE, seconds, type Pen } from './pen.js';

/** The way of one bill to the cash: its number, the search, the quote, the money received. */

const VALUE_ROOM = RIGHT - VALUE;

export function drawCapture(pen: Pen, body: ScreenView & { screen: 'capture' }, local: Local): void {
  const { canvas, look } = pen;
  const kind = fieldKinds(body, 'whole')[0];
  drawBox(pen, '');
  canvas.name(2, 2, ` ${body.service.code} ${nameIn(look.language, body.service.name)} `, 'title', 74);
  canvas.name(4, LEFT, nameIn(otherLanguage(look.language), body.service.name), 'quiet', 74);
  canvas.name(5, LEFT, `${nameIn(look.language, body.service.department)}`, 'plain', 74);
  canvas.name(8, LEFT, nameIn(look.language, body.label), 'strong', 36);
  canvas.name(8, VALUE - 3, nameIn(otherLanguage(look.language), body.label), 'quiet', 37);
  if (kind !== undefined) pen.field(10, LEFT + 2, 42, local, 0, kind);
  canvas.name(10, 52, pen.say('such-as', { example: body.example }), 'quiet', 26);
  canvas.put(13, LEFT, pen.say('capture-do'), 'plain', 74);
  pen.notice(body.problem);
}

export function drawFetching(pen: Pen, body: ScreenView & { screen: 'fetching' }): void {
  const { canvas, look } = pen;
  drawBox(pen, '');
  canvas.name(2, 2, ` ${nameIn(look.language, body.service)} `, 'title', 74);
  canvas.centre(9, 1, 78, `[~] ${pen.say(`fetching-${body.from}`)}`, 'strong');
  // Below a second nobody needs to be told that it takes time.
  if (look.now - body.since >= 1_000) canvas.centre(11, 1, 78, pen.say('waited', { seconds: seconds(body.since, look.now) }));
  canvas.centre(13, 1, 78, pen.say('fetching-money'));
}

function nameRow(pen: Pen, row: number, key: WordKey, value: string): void {
  pen.label(row, key);
  pen.canvas.name(row, VALUE, value, 'plain', VALUE_ROOM);
}

function moneyRow(pen: Pen, row: number, key: WordKey, sum: Paise, aside = ''): void {
  pen.label(row, key);
  pen.canvas.put(row, VALUE, aside, 'quiet');
  pen.canvas.right(row, RIGHT, formatRupees(sum));
}

function wholeOf(quote: QuoteView): Paise {
  return quote.late ? quote.bill.lateAmountPaise : quote.bill.amountPaise;
}

function drawBill(pen: Pen, quote: QuoteView): void {
  const { bill } = quote;
  nameRow(pen, 3, 'consumer', bill.consumer);
  nameRow(pen, 4, 'name', bill.name);
  nameRow(pen, 5, 'office', bill.office);
  nameRow(pen, 6, 'bill-number', `${bill.number}  ${bill.period}`);
  const due = `${printedDate(bill.dueOn)}  ${quote.late ? `[!] ${pen.say('late')}` : pen.say('in-time')}`;
  pen.label(7, 'due-date');
  pen.canvas.put(7, VALUE, due, quote.late ? 'strong' : 'plain', VALUE_ROOM);
  moneyRow(pen, 8, 'arrears', bill.arrearsPaise);
  moneyRow(pen, 9, 'bill-amount', quote.billPaise, quote.billPaise < wholeOf(quote) ? pen.say('part-of-bill') : '');
  const pays = quote.departmentFeePaise > 0n ? pen.say('department-pays', { sum: formatRupees(quote.departmentFeePaise) }) : '';
  moneyRow(pen, 10, 'fee', quote.citizenFeePaise, pays);
}

function drawTitle(pen: Pen, quote: QuoteView, key: WordKey): void {
  drawBox(pen, '');
  pen.canvas.name(2, 2, ` ${pen.say(key)}: ${quote.service.code} ${nameIn(pen.look.language, quote.service.name)} `, 'title', 74);
}

export function drawQuote(pen: Pen, body: ScreenView & { screen: 'quote' }, local: Local): void {
  const { canvas, look } = pen;
  const { quote } = body;
  drawTitle(pen, quote, 'quote');
  drawBill(pen, quote);
  canvas.rule(11, 0, COLUMNS);
  pen.label(12, 'to-pay');
  canvas.put(12, LEFT, pen.say('to-pay'), 'strong');
  canvas.right(12, RIGHT, `Rs ${formatRupees(quote.totalPaise)}`, 'strong');
  canvas.paragraph(13, LEFT, 74, 2, nameIn(look.language, quote.words), 'strong');
  const kind = fieldKinds(body, local.part)[0];
  if (kind !== undefined) {
    pen.label(15, 'part-amount');
    pen.field(15, VALUE + 2, 20, local, 0, kind);
    if (body.problem === null) canvas.put(17, LEFT, pen.say('part-do'), 'quiet', 74);
  } else if (body.problem === null) {
    canvas.paragraph(16, LEFT, 74, 2, nameIn(otherLanguage(look.language), quote.words), 'quiet');
    canvas.put(19, LEFT, pen.say('read-back'), 'plain', 74);
  }
  pen.notice(body.problem);
}

/** The person agrees to one sum with one press: the sum is large enough to be read from the other side of the counter. */
export function drawPresence(pen: Pen, body: ScreenView & { screen: 'presence' }, local: Local): void {
  const { canvas, look } = pen;
  const { quote } = body;
  drawTitle(pen, quote, 'presence');
  nameRow(pen, 3, 'consumer', quote.bill.consumer);
  nameRow(pen, 4, 'name', quote.bill.name);
  canvas.put(6, LEFT, pen.say('to-pay'), 'strong', 18);
  drawBig(canvas, 6, RIGHT, formatRupees(quote.totalPaise), 'strong');
  canvas.paragraph(9, LEFT, 74, 2, nameIn(look.language, quote.words));
  canvas.paragraph(11, LEFT, 74, 2, nameIn(otherLanguage(look.language), quote.words), 'quiet');
  const asked = body.phase === 'pressing' ? `[~] ${pen.say(`presence-${body.way}`)}` : `[?] ${pen.say('presence-again')}`;
  canvas.put(13, LEFT, asked, 'strong', 52);
  canvas.right(13, RIGHT, pen.say('presence-attempt', { count: String(body.attempt) }), 'strong');
  const kind = fieldKinds(body, 'whole')[0];
  if (kind !== undefined) {
    pen.label(15, 'witness');
    pen.field(15, VALUE + 2, 30, local, 0, kind);
  }
  pen.notice(body.problem);
}

type Given = { readonly mark: string; readonly word: WordKey; readonly sum: Paise | null };

function judgeCash(text: string, total: Paise): Given {
  if (text.trim() === '') return { mark: '[=]', word: 'no-change', sum: null };
  const received = parseRupees(text);
  if (!received.ok) return { mark: '[!]', word: 'not-amount', sum: null };
  const difference = subtractPaise(received.value, total);
  if (difference === 0n) return { mark: '[=]', word: 'no-change', sum: null };
  return difference > 0n
    ? { mark: '[<]', word: 'change', sum: difference }
    : { mark: '[!]', word: 'short', sum: subtractPaise(total, received.value) };
}

const OF_THE_SUM: readonly ProblemCode[] = ['amount-unreadable', 'cash-short', 'cash-much'];

export function drawTender(pen: Pen, body: ScreenView & { screen: 'tender' }, local: Local): void {
  const { canvas, look } = pen;
  const { quote } = body;
  const kind = fieldKinds(body, 'whole')[0];
  drawTitle(pen, quote, 'tender');
  nameRow(pen, 3, 'consumer', quote.bill.consumer);
  nameRow(pen, 4, 'name', quote.bill.name);
  canvas.put(6, LEFT, pen.say('to-pay'), 'strong', 18);
  canvas.right(6, RIGHT, `Rs ${formatRupees(quote.totalPaise)}`, 'strong');
  canvas.paragraph(7, LEFT, 74, 2, nameIn(look.language, quote.words));
  pen.label(10, 'received');
  if (kind !== undefined) pen.field(10, VALUE + 2, 20, local, 0, kind);
  const given = judgeCash(local.fields[0]?.text ?? '', quote.totalPaise);
  canvas.put(12, LEFT, `${given.mark} ${pen.say(given.word)}`, 'strong', 40);
  if (given.sum !== null) canvas.right(12, RIGHT, `Rs ${formatRupees(given.sum)}`, 'strong');
  // What was said of a sum that is being typed anew would contradict the change beside it.
  const told = body.problem !== null && local.typed === 'open' && OF_THE_SUM.includes(body.problem.code) ? null : body.problem;
  if (told === null) {
    if (given.sum !== null) drawBig(canvas, 14, RIGHT, formatRupees(given.sum), 'strong');
    canvas.put(20, LEFT, pen.say('received-do'), 'quiet', 74);
  }
  pen.notice(told);
}
