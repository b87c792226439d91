import type { Bill } from '../bill/bill.js';
import type { Language, LocalName } from '../identity/identity.js';
import type { SaleBody } from '../ledger/entry.js';
import { formatRupees, subtractPaise } from '../money/paise.js';
import { rupeesInWords } from '../money/words.js';
import { printedDate, printedTime, type UnixMs } from '../time/time.js';
import type { PaperLine } from './paper.js';
import type { ReceiptState } from './receipt.js';
import { RECEIPT_WORDS } from './words.js';

/** Everything on the paper beside the code. The agent prints it; the hub can print the same again. */
export type ReceiptPaper = {
  readonly society: LocalName;
  readonly districtName: LocalName;
  readonly kiosk: string;
  readonly operator: string;
  readonly number: string;
  readonly code: string;
  readonly at: UnixMs;
  readonly service: LocalName;
  readonly department: LocalName;
  readonly sale: SaleBody;
  /** Name, office, period as the department stated them; a reprint from the ledger alone goes without. */
  readonly bill: Pick<Bill, 'name' | 'office' | 'period' | 'dueOn'> | undefined;
  /** How the person showed that they agree, and at which press, or after how many tries in vain for a witness; absent where the service does not ask. */
  readonly agreed?: { readonly by: 'finger' | 'aadhaar' | 'witness'; readonly press: number } | undefined;
  readonly state: ReceiptState;
  readonly qr: string;
  /** Number of this copy when it is not the original. */
  readonly duplicate: number | undefined;
};

/** A citizen's receipt in one language, with the fixed English beside the Hindi where an auditor needs it. R55, R57. */
export function receiptLines(paper: ReceiptPaper, language: Language): readonly PaperLine[] {
  const w = RECEIPT_WORDS[language];
  const { sale } = paper;
  const sum = (value: SaleBody['totalPaise']): string => formatRupees(value);
  const pair = (left: string, right: string, weight: 'normal' | 'bold' | 'large' = 'normal'): PaperLine => ({ kind: 'pair', left, right, weight });
  const text = (t: string, align: 'left' | 'centre' = 'left', weight: 'normal' | 'bold' | 'large' = 'normal'): PaperLine => ({
    kind: 'text',
    text: t,
    align,
    weight,
  });
  const duplicate = duplicateMark(paper.duplicate, language);
  const who: readonly PaperLine[] =
    paper.bill === undefined
      ? []
      : [
          pair(w.name, paper.bill.name),
          pair(w.office, paper.bill.office),
          pair(w.period, paper.bill.period),
          pair(w.due, printedDate(paper.bill.dueOn)),
        ];
  return [
    ...duplicate,
    text(paper.society[language], 'centre', 'bold'),
    text(w.title, 'centre', 'large'),
    { kind: 'rule' },
    pair(w.number, paper.number),
    pair(w.time, printedTime(paper.at)),
    pair(w.counter, `${paper.kiosk} / ${paper.operator.replace(paper.kiosk, '')}`),
    pair(w.transaction, ''),
    // In two halves, so that narrow paper breaks it in the middle.
    text(sale.transaction.replace(/^(.{13})/u, '$1 ')),
    { kind: 'rule' },
    text(paper.service[language], 'left', 'bold'),
    text(paper.department[language]),
    pair(w.consumer, sale.consumer, 'bold'),
    pair(w.bill, sale.billNumber),
    ...who,
    { kind: 'rule' },
    pair(sale.part ? w.partAmount : sale.late ? w.lateAmount : w.billAmount, sum(sale.billPaise)),
    pair(w.fee, sum(sale.citizenFeePaise)),
    pair(w.total, `₹ ${sum(sale.totalPaise)}`, 'large'),
    text(rupeesInWords(sale.totalPaise, language)),
    ...(paper.agreed === undefined ? [] : [pair(w.agreed, w[`agreed-${paper.agreed.by}`].replace('{count}', String(paper.agreed.press)))]),
    pair(w.cash, sum(sale.tender.receivedPaise)),
    pair(w.change, sum(subtractPaise(sale.tender.receivedPaise, sale.totalPaise))),
    { kind: 'rule' },
    ...stateLines(paper.state, language),
    { kind: 'qr', text: paper.qr },
    pair(w.code, paper.code.replace(/^(.{4})/u, '$1 '), 'bold'),
    pair(w.salt, Buffer.from(sale.salt).toString('hex')),
    text(w.check, 'centre'),
    ...duplicate,
    { kind: 'feed', lines: 3 },
  ];
}

function stateLines(state: ReceiptState, language: Language): readonly PaperLine[] {
  const w = RECEIPT_WORDS[language];
  if (state.kind === 'posted') {
    return [
      { kind: 'text', text: w.posted, align: 'left', weight: 'bold' },
      { kind: 'pair', left: w.reference, right: state.reference, weight: 'normal' },
    ];
  }
  return [
    { kind: 'text', text: w.received, align: 'left', weight: 'bold' },
    { kind: 'pair', left: w.postBy, right: printedTime(state.postBy), weight: 'normal' },
  ];
}

/** No paper stands twice without the word: in the paper's language, and in English for whoever checks. */
function duplicateMark(copy: number | undefined, language: Language): readonly PaperLine[] {
  const line = (text: string): PaperLine => ({ kind: 'text', text: `*** ${text} ***`, align: 'centre', weight: 'bold' });
  return copy === undefined ? [] : [line(`${RECEIPT_WORDS[language].duplicate} ${copy}`), line('DUPLICATE')];
}

export type RefusalSlip = Pick<ReceiptPaper, 'society' | 'kiosk' | 'operator' | 'number' | 'at' | 'service' | 'department' | 'sale' | 'duplicate'> & {
  readonly reason: string;
};

/** Handed over with the cash when the department refused: it says that nothing was paid. Not a receipt, so it carries no code. */
export function refusalLines(slip: RefusalSlip, language: Language): readonly PaperLine[] {
  const w = RECEIPT_WORDS[language];
  return [
    ...duplicateMark(slip.duplicate, language),
    { kind: 'text', text: slip.society[language], align: 'centre', weight: 'bold' },
    { kind: 'text', text: w.refusedTitle, align: 'centre', weight: 'large' },
    { kind: 'rule' },
    { kind: 'pair', left: w.number, right: slip.number, weight: 'normal' },
    { kind: 'pair', left: w.time, right: printedTime(slip.at), weight: 'normal' },
    { kind: 'text', text: slip.service[language], align: 'left', weight: 'bold' },
    { kind: 'text', text: slip.department[language], align: 'left', weight: 'normal' },
    { kind: 'pair', left: w.consumer, right: slip.sale.consumer, weight: 'normal' },
    { kind: 'pair', left: w.returned, right: `₹ ${formatRupees(slip.sale.totalPaise)}`, weight: 'large' },
    { kind: 'text', text: `${w.reason}: ${slip.reason}`, align: 'left', weight: 'normal' },
    { kind: 'text', text: w.notPaid, align: 'left', weight: 'bold' },
    { kind: 'feed', lines: 3 },
  ];
}
