import type { PaperLine } from '#protocol/receipt/paper.js';
import { failure, type Failure, type Result } from '#protocol/result/result.js';
import { Listeners, sameReport } from '../life/listeners.js';
import type { DeviceReport, Drawer, Forms, PrinterCause, PrinterHandle, PrintOutcome, Unsubscribe } from '../ports.js';

/** One printer of a kiosk, as the pool knows it. */
export type PoolPrinter = { readonly name: string; readonly forms: Forms; readonly drawer: Drawer; readonly handle: PrinterHandle };

/** What the counter knows of a printer beside what it says itself, such as that no form is left: makes its report worse, or leaves it. */
export type Overlay = (printer: PoolPrinter, report: DeviceReport) => DeviceReport;

export type AtLeastOne<T> = readonly [T, ...T[]];

/**
 * The receipt printers of a kiosk as one: a paper goes to the first that is well, in the order of `devices.json`. A paper once begun stays with its
 * printer, and so does what an unknown outcome leaves behind: each printer's own driver clears it before its next paper.
 */
export class PrinterPool implements PrinterHandle {
  readonly printers: AtLeastOne<PoolPrinter>;
  readonly #overlay: Overlay;
  readonly #changes = new Listeners<DeviceReport>();
  readonly #stops: readonly Unsubscribe[];
  #known: DeviceReport;

  constructor(printers: AtLeastOne<PoolPrinter>, overlay: Overlay = (_, report) => report) {
    this.printers = printers;
    this.#overlay = overlay;
    this.#known = this.state();
    this.#stops = printers.map(({ handle }) => handle.onChange(() => this.refresh()));
  }

  /** How one printer stands, what the counter knows of it included. */
  reportOf(printer: PoolPrinter): DeviceReport {
    return this.#overlay(printer, printer.handle.state());
  }

  whyAway(): string | undefined {
    return this.printers[0].handle.whyAway();
  }

  /** Where the next paper goes: the first that is well; when none is, the preferred one, whose trouble is then told. */
  pick(): PoolPrinter {
    return this.printers.find((printer) => isWell(this.reportOf(printer))) ?? this.printers[0];
  }

  /** As good as the best of them. */
  state(): DeviceReport {
    return this.reportOf(this.pick());
  }

  onChange(listener: (report: DeviceReport) => void): Unsubscribe {
    return this.#changes.add(listener);
  }

  nudge(): void {
    for (const { handle } of this.printers) handle.nudge();
  }

  /** Something changed that the printers do not know of, such as forms that were loaded. */
  refresh(): void {
    const now = this.state();
    if (sameReport(this.#known, now)) return;
    this.#known = now;
    this.#changes.tell(now);
  }

  print(lines: readonly PaperLine[]): Promise<PrintOutcome> {
    return this.pick().handle.print(lines);
  }

  get drawer(): Drawer {
    return this.#withDrawer() === undefined ? 'none' : 'here';
  }

  /** On the printer that it hangs on, whichever the papers go to. */
  async openDrawer(): Promise<Result<void, Failure<PrinterCause>>> {
    const printer = this.#withDrawer();
    return printer === undefined ? failure('printer-error', 'no printer has a drawer') : printer.handle.openDrawer();
  }

  #withDrawer(): PoolPrinter | undefined {
    return this.printers.find(({ drawer }) => drawer === 'here');
  }

  async clear(): Promise<Result<void, Failure<PrinterCause>>> {
    const all = await Promise.all(this.printers.map(({ handle }) => handle.clear()));
    return all.find((cleared) => !cleared.ok) ?? { ok: true, value: undefined };
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    await Promise.all(this.printers.map(({ handle }) => handle.close()));
  }
}

function isWell({ state }: DeviceReport): boolean {
  return state === 'ready' || state === 'warning';
}
