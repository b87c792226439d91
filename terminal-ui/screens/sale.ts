import type { SaleView, ScreenView, StepView } from '#protocol/counter/view.js';
import { formatRupees } from '#protocol/money/paise.js';
import { explain, nameIn } from '../text/catalogue.js';
import type { Style } from './canvas.js';
import { drawBig } from './big-digits.js';
import { drawBox } from './frame.js';
import { LEFT, NOTICE_TOP, RIGHT, seconds, type Pen } from './pen.js';

/** What stands after the cash: saved, posted and printed fail apart, so they are shown apart. */

const STEP_MARKS: Readonly<Record<StepView['state'], string>> = { waiting: '[ ]', doing: '[~]', done: '[x]', attention: '[!]', later: '[>]' };
const STEP_STYLES: Readonly<Record<StepView['state'], Style>> = {
  waiting: 'quiet',
  doing: 'strong',
  done: 'good',
  attention: 'bad',
  later: 'strong',
};

function drawSteps(pen: Pen, top: number, steps: readonly StepView[]): void {
  const { canvas } = pen;
  for (const [i, step] of steps.entries()) {
    const row = top + i;
    canvas.put(row, LEFT, STEP_MARKS[step.state], STEP_STYLES[step.state]);
    canvas.put(row, LEFT + 4, `${i + 1} ${pen.say(`step-${step.step}`)}`, 'plain', 29);
    canvas.put(row, 37, pen.say(`state-${step.state}`), step.state === 'attention' ? 'strong' : 'plain', 13);
    canvas.name(row, 51, step.note ?? '', 'quiet', RIGHT - 51);
  }
}

function drawSale(pen: Pen, sale: SaleView, title: string): void {
  const { canvas, look } = pen;
  drawBox(pen, title);
  canvas.name(3, LEFT, nameIn(look.language, sale.service), 'plain', 45);
  canvas.right(3, RIGHT, `Rs ${formatRupees(sale.totalPaise)}`, 'strong');
  // Before it is saved a sale has no number.
  if (sale.receipt !== '') canvas.name(4, LEFT, `${pen.say('receipt')} ${sale.receipt}`, 'quiet', 45);
  const received = `${pen.say('received')} ${formatRupees(sale.receivedPaise)}`;
  canvas.right(4, RIGHT, received, 'quiet');
  drawSteps(pen, 6, sale.steps);
}

function drawMoneyLarge(pen: Pen, row: number, sale: SaleView, what: 'change' | 'give-back'): void {
  const { canvas } = pen;
  const sum = what === 'change' ? sale.changePaise : sale.receivedPaise;
  if (sum === 0n) {
    canvas.put(row, LEFT, `[=] ${pen.say('no-change')}`, 'strong');
    return;
  }
  canvas.put(row, LEFT, `[<] ${pen.say(what)}`, 'strong', 44);
  canvas.right(row, RIGHT, `Rs ${formatRupees(sum)}`, 'strong');
  drawBig(canvas, row + 1, RIGHT, formatRupees(sum), 'strong');
}

export function drawWorking(pen: Pen, body: ScreenView & { screen: 'working' }): void {
  const { canvas, look } = pen;
  drawSale(pen, body.sale, pen.say('sale'));
  canvas.put(11, LEFT, `[~] ${pen.say(`waits-${body.waitsFor}`)}`, 'strong', 60);
  if (look.now - body.since >= 1_000) canvas.right(11, RIGHT, pen.say('waited', { seconds: seconds(body.since, look.now) }));
  canvas.put(13, LEFT, pen.say('working-do'), 'plain', 74);
  drawMoneyLarge(pen, 16, body.sale, 'change');
}

const MODAL_LEFT = 4;
const MODAL_WIDTH = 72;
const MODAL_TOP = 9;
const MODAL_ROWS = 10;

/** The receipt is not out. The box says first that the money is safe, then what to do, then the keys. */
export function drawPrintTrouble(pen: Pen, body: ScreenView & { screen: 'print-trouble' }): void {
  const { canvas, look } = pen;
  const text = explain(look.language, body.problem);
  drawSale(pen, body.sale, pen.say('sale'));
  canvas.fill(MODAL_TOP, MODAL_LEFT, MODAL_ROWS, MODAL_WIDTH, 'plain');
  canvas.box(MODAL_TOP, MODAL_LEFT, MODAL_ROWS, MODAL_WIDTH, pen.say(body.ask === 'fix' ? 'print-fix' : 'print-ask'));
  const inner = MODAL_WIDTH - 4;
  let row = MODAL_TOP + 1;
  row += canvas.paragraph(row, MODAL_LEFT + 2, inner, 2, `[!] ${text.title}`, 'bad');
  row += canvas.paragraph(row, MODAL_LEFT + 2, inner, 2, text.money, 'strong');
  if (body.because !== null) row += canvas.paragraph(row, MODAL_LEFT + 2, inner, 1, `[!] ${explain(look.language, body.because).title}`, 'bad');
  canvas.paragraph(row, MODAL_LEFT + 2, inner, MODAL_TOP + MODAL_ROWS - 3 - row, text.todo);
  const keys =
    body.ask === 'fix'
      ? `[Enter] ${pen.say('key-try-print')}   [L] ${pen.say('key-later')}`
      : `[Y] ${pen.say('key-printed')}   [D] ${pen.say('key-duplicate')}   [L] ${pen.say('key-later')}`;
  canvas.put(MODAL_TOP + MODAL_ROWS - 2, MODAL_LEFT + 2, keys, 'strong', inner);
  canvas.put(20, LEFT, pen.say(body.sale.changePaise === 0n ? 'no-change' : 'change'), 'plain', 44);
  canvas.right(20, RIGHT, `Rs ${formatRupees(body.sale.changePaise)}`, 'strong');
}

export function drawRefused(pen: Pen, body: ScreenView & { screen: 'refused' }): void {
  const { canvas } = pen;
  drawSale(pen, body.sale, pen.say('refused-title'));
  drawMoneyLarge(pen, 10, body.sale, 'give-back');
  canvas.put(14, LEFT, pen.say('refused-do'), 'plain', 74);
  // The notice may name the reason as well; this line is the department's own words.
  canvas.name(15, LEFT, `${pen.say('refused-reason')}: ${body.reason}`, 'quiet', 74);
  pen.notice(body.problem);
}

export function drawHandover(pen: Pen, body: ScreenView & { screen: 'handover' }): void {
  drawSale(pen, body.sale, pen.say('handover'));
  drawMoneyLarge(pen, NOTICE_TOP - 5, body.sale, 'change');
  pen.notice(body.problem);
}
