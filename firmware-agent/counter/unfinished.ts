import type { PoolPrinter } from '../devices/printer/pool.js';
import { roomFor } from '../ledger/ledger.js';
import type { UnfinishedPaper } from '../ledger/sales.js';
import type { Kiosk } from './kiosk.js';

/**
 * At start: part of a paper may hang out of its printer, and the rest of it stand in the buffer, since that one's own memory ended with the agent. It is
 * thrown away before anything else is printed, of that printer alone: the others stand at the top of their paper.
 */
export function clearUnfinished(kiosk: Kiosk): void {
  for (const printer of kiosk.printer.printers) {
    const paper = kiosk.sales.unfinishedOn(printer.name);
    if (paper !== undefined && !isCleared(kiosk, printer, paper) && reachedPaper(kiosk, printer, paper)) clearWhenWell(kiosk, printer, paper);
  }
}

/** On numbered forms a form feed too many costs a form: only when a form of this paper is accounted for, and nobody has said that it came out or was taken out. */
function reachedPaper(kiosk: Kiosk, { forms }: PoolPrinter, { transaction, copy }: UnfinishedPaper): boolean {
  return forms.kind === 'plain' || kiosk.stock.hasUnsure(transaction, copy);
}

const noteName = ({ name }: PoolPrinter): string => `cleared/${name}`;

/** A start after this one must not do it again. */
function isCleared({ ledger }: Kiosk, printer: PoolPrinter, { seq }: UnfinishedPaper): boolean {
  const noted = ledger.kept(noteName(printer));
  return noted !== undefined && Buffer.from(noted).toString() === String(seq);
}

function clearWhenWell({ ledger }: Kiosk, printer: PoolPrinter, { seq }: UnfinishedPaper): void {
  const { handle } = printer;
  // Not there yet, so it refuses, and remembers.
  void handle.clear();
  const stop = handle.onChange(({ state }) => {
    if (state !== 'ready' && state !== 'warning') return;
    stop();
    void handle.clear().then((cleared) => {
      if (cleared.ok && ledger.db.open) roomFor(() => ledger.keep(noteName(printer), Buffer.from(String(seq))));
    });
  });
}
