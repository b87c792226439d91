import type { Problem } from '#protocol/counter/problem.js';
import type { StockView } from '#protocol/counter/view.js';
import type { OperatorLogin, TransactionId } from '#protocol/identity/identity.js';
import { err, ok, type Result } from '#protocol/result/result.js';
import type { Overlay, PoolPrinter } from '../devices/printer/pool.js';
import type { Stock } from '../ledger/stock.js';
import { appendProblem, problem, type Kiosk } from './kiosk.js';

/*
 * Pre-printed, numbered forms (R106). Each is accounted for in the chain: loaded, then used for one print, or spoilt. What became of a used one is what
 * became of its print.
 */

/** A printer whose forms run out is no better than one without paper. */
export function stockOverlay(stock: Stock): Overlay {
  return ({ name, forms }, report) => {
    if (forms.kind === 'plain' || report.state === 'trouble' || report.state === 'absent') return report;
    const left = stock.left(name);
    if (left === 0) return { state: 'trouble', problem: problem('stock-out') };
    return left > forms.lowAt ? report : { state: 'warning', problem: problem('stock-low', { left: String(left) }) };
  };
}

/** The forms that a print of so many sheets will go on; none on plain paper. Fails when too few are left. */
export function formsFor(kiosk: Kiosk, { name, forms }: PoolPrinter, sheets: number): Result<readonly string[], Problem> {
  if (forms.kind === 'plain') return ok([]);
  const next = kiosk.stock.next(name, sheets);
  return next.length === sheets ? ok(next) : err(problem('stock-out'));
}

/** Writes down, before the first byte goes out, which forms a print goes on. */
export function useForms(
  kiosk: Kiosk,
  printer: string,
  serials: readonly string[],
  print: { readonly transaction: TransactionId; readonly copy: number; readonly operator: OperatorLogin | null },
): Result<void, Problem> {
  const { transaction, copy, operator } = print;
  for (const serial of serials) {
    const written = kiosk.ledger.append({ kind: 'form-used', printer, serial, transaction, copy }, operator, kiosk.clock.now());
    if (!written.ok) return err(appendProblem(written.error));
  }
  return ok(undefined);
}

/** The printer whose forms are counted; a kiosk has at most one. */
function formPrinter(kiosk: Kiosk): PoolPrinter | undefined {
  return kiosk.printer.printers.find(({ forms }) => forms.kind === 'pre-printed');
}

const SERIALS_SHOWN = 6;

export function stockView(kiosk: Kiosk): StockView | null {
  const printer = formPrinter(kiosk);
  if (printer === undefined) return null;
  const { name } = printer;
  return {
    printer: name,
    ...kiosk.stock.counts(name),
    next: kiosk.stock.next(name, 1)[0] ?? null,
    unsureSerials: [...kiosk.stock.unsure(name, SERIALS_SHOWN)],
  };
}

export type FormsTyped = { readonly do: 'load-forms' | 'spoil-forms'; readonly first: string; readonly last: string };

/** Takes what the operator typed about forms into the chain; an empty last number means one form. */
export function noteForms(kiosk: Kiosk, typed: FormsTyped, operator: OperatorLogin): Result<void, Problem> {
  const printer = formPrinter(kiosk)?.name;
  if (printer === undefined) return err(problem('stock-wrong'));
  const first = typed.first.trim().toUpperCase();
  const last = typed.last.trim() === '' ? first : typed.last.trim().toUpperCase();
  const fits = typed.do === 'load-forms' ? kiosk.stock.canLoad(printer, first, last) : kiosk.stock.canSpoil(printer, first, last);
  if (!fits.ok) return err(problem('stock-wrong', fits.error.code === 'used' ? { serial: fits.error.detail } : {}));
  const kind = typed.do === 'load-forms' ? 'stock-loaded' : 'forms-spoilt';
  const written = kiosk.ledger.append({ kind, printer, first, last }, operator, kiosk.clock.now());
  return written.ok ? ok(undefined) : err(appendProblem(written.error));
}
