import type { Problem } from '#protocol/counter/problem.js';
import type { Language, OperatorLogin, TransactionId } from '#protocol/identity/identity.js';
import { refusalLines, receiptLines } from '#protocol/receipt/layout.js';
import type { PaperLine } from '#protocol/receipt/paper.js';
import { receiptFacts, receiptNumber, receiptText, typedCode, type ReceiptState } from '#protocol/receipt/receipt.js';
import { assert, err, ok, type Failure, type Result } from '#protocol/result/result.js';
import { departmentName, findService } from '#protocol/rulebook/rulebook.js';
import type { PrintOutcome } from '../devices/ports.js';
import type { PoolPrinter } from '../devices/printer/pool.js';
import type { AppendError } from '../ledger/ledger.js';
import type { SaleRow, Sales } from '../ledger/sales.js';
import type { KioskIdentity } from '../station/identity.js';
import { formsFor, useForms } from './forms.js';
import { appendProblem, problem, type Kiosk } from './kiosk.js';

/** How one attempt to print ended. */
export type PaperResult =
  | { readonly kind: 'printed' }
  /** Nothing came out: the same copy may be tried again by itself when the printer is well. */
  | { readonly kind: 'not-started'; readonly problem: Problem }
  /** Something may have come out: only the operator's eyes can tell, and any further copy says DUPLICATE. */
  | { readonly kind: 'unknown'; readonly problem: Problem };

/**
 * The receipt's number and the text of its QR code, from the chain alone.
 * @param shows the state it states: the present one, or the one on a paper that is out already
 */
export function receiptOf(
  identity: KioskIdentity,
  sales: Sales,
  row: SaleRow,
  shows: 'received' | 'posted' = row.outcome === 'posted' ? 'posted' : 'received',
): { readonly number: string; readonly code: string; readonly qr: string; readonly state: ReceiptState } {
  const { body, hash } = sales.signedSale(row, identity.certificate.key);
  const state: ReceiptState =
    shows === 'posted' && row.reference !== null ? { kind: 'posted', reference: row.reference } : { kind: 'received', postBy: body.postBy };
  const facts = receiptFacts(body, { seq: row.seq, hash }, row.at, state);
  return {
    number: receiptNumber(identity.bundle.kiosk, identity.certificate.epoch, row.seq),
    code: typedCode(hash),
    state,
    qr: receiptText(identity.key, identity.certificate, identity.bundle.receiptPrefix, facts),
  };
}

/** What goes on paper for a sale: its receipt, or the slip of a refused one. */
export function paperLines(
  kiosk: Pick<Kiosk, 'identity' | 'sales' | 'ruleBook'>,
  row: SaleRow,
  language: Language,
  copy: number,
  shows?: 'received' | 'posted',
): readonly PaperLine[] {
  const book = kiosk.ruleBook();
  const service = findService(book, row.service);
  const department = departmentName(book, row.department);
  assert(service !== undefined && department !== undefined, 'the rule book keeps every service it ever sold');
  const { body } = kiosk.sales.signedSale(row, kiosk.identity.certificate.key);
  const common = {
    society: book.society,
    kiosk: kiosk.identity.bundle.kiosk,
    operator: row.operator ?? '',
    at: row.at,
    service: service.name,
    department: department.name,
    sale: body,
    duplicate: copy === 1 ? undefined : copy,
  };
  const receipt = receiptOf(kiosk.identity, kiosk.sales, row, shows);
  const { given, presses, inVain } = kiosk.sales.presence(row.transaction);
  const agreed = given === null ? undefined : { by: given, press: given === 'witness' ? inVain : presses };
  if (row.outcome === 'refused' || row.outcome === 'returned')
    return refusalLines({ ...common, number: receipt.number, reason: row.reason ?? '' }, language);
  return receiptLines(
    {
      ...common,
      districtName: book.districtName,
      number: receipt.number,
      code: receipt.code,
      bill: kiosk.sales.billSeen(row.transaction),
      agreed,
      state: receipt.state,
      qr: receipt.qr,
    },
    language,
  );
}

function printerProblem(kiosk: Kiosk, printer: PoolPrinter): Problem | undefined {
  const report = kiosk.printer.reportOf(printer);
  return report.state === 'trouble' || report.state === 'absent' ? (report.problem ?? problem('printer-error')) : undefined;
}

/** The sale is saved already: the text must not send its cash back. */
function savedProblem(error: Failure<AppendError>): Problem {
  return error.code === 'disk-full' ? problem('disk-full-saved') : appendProblem(error);
}

/** Prints a sale's receipt (or the slip of a refused one). Start and end are entries of their own, so a crash in between is told for what it is. */
export async function printPaper(kiosk: Kiosk, transaction: TransactionId, language: Language, operator: OperatorLogin | null): Promise<PaperResult> {
  const row = kiosk.sales.find(transaction);
  assert(row?.state === 'sold', 'only a sale has a receipt');
  const printer = kiosk.printer.pick();
  const trouble = printerProblem(kiosk, printer);
  if (trouble !== undefined) return { kind: 'not-started', problem: trouble };
  const copy = kiosk.sales.copies(transaction) + 1;
  const lines = paperLines(kiosk, row, language, copy);
  const forms = formsFor(kiosk, printer, printer.forms.kind === 'plain' ? 0 : printer.forms.sheetsOf(lines));
  if (!forms.ok) return { kind: 'not-started', problem: forms.error };
  const isSlip = row.outcome === 'refused' || row.outcome === 'returned';
  const marked = isSlip ? 'slip' : copy === 1 ? 'original' : 'duplicate';
  const shows = isSlip ? 'returned' : row.outcome === 'posted' ? 'posted' : 'received';
  const begun = kiosk.ledger.append({ kind: 'print-started', transaction, copy, marked, shows, printer: printer.name }, operator, kiosk.clock.now());
  if (!begun.ok) return { kind: 'not-started', problem: savedProblem(begun.error) };
  const used = useForms(kiosk, printer.name, forms.value, { transaction, copy, operator });
  const done: PrintOutcome = used.ok
    ? await printer.handle.print(lines)
    : { outcome: 'not-started', cause: 'printer-error', detail: 'no room to note the form' };
  const cause = done.outcome === 'printed' ? '' : done.cause;
  const noted = kiosk.ledger.append(
    { kind: 'print-ended', transaction, copy, outcome: done.outcome, cause, by: 'printer' },
    operator,
    kiosk.clock.now(),
  );
  if (!used.ok) return { kind: 'not-started', problem: problem('disk-full-saved') };
  // In the chain this paper is still open, and the next start will call it unknown: nobody here may say more than the chain can keep.
  if (!noted.ok)
    return done.outcome === 'not-started'
      ? { kind: done.outcome, problem: savedProblem(noted.error) }
      : { kind: 'unknown', problem: unnoted(noted.error) };
  if (done.outcome === 'printed') return { kind: 'printed' };
  return { kind: done.outcome, problem: done.outcome === 'unknown' ? problem('print-unknown', { cause: done.cause }) : problem(done.cause) };
}

/** The operator saw the paper come out whole. An error when that could not be written down: then it stays as unknown as it was. */
export function sawItPrinted(kiosk: Kiosk, transaction: TransactionId, operator: OperatorLogin): Result<void, Problem> {
  const copy = kiosk.sales.copies(transaction);
  if (copy === 0) return ok(undefined);
  const noted = kiosk.ledger.append(
    { kind: 'print-ended', transaction, copy, outcome: 'printed', cause: '', by: 'operator' },
    operator,
    kiosk.clock.now(),
  );
  return noted.ok ? ok(undefined) : err(unnoted(noted.error));
}

function unnoted({ code }: Failure<AppendError>): Problem {
  return problem('print-unknown', { cause: code });
}

/** Why what became of a paper could not be written down, when that is why nobody can say it. */
export function whyUnnoted(told: Problem | null): Problem | undefined {
  const cause = told?.code === 'print-unknown' ? told.values?.['cause'] : undefined;
  return cause === 'disk-full' || cause === 'clock-set-back' || cause === 'ledger-broken' ? problem(cause) : undefined;
}
