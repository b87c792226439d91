import { PAPER_DOTS, type PaperWidth } from '#protocol/receipt/paper.js';
import { startControl, type ControlAnswer, type ControlPlace } from '../../simulation/control.js';
import type { Unsubscribe } from '../../ports.js';
import { Cable } from './cable.js';
import { printerOrder, type PrinterOrder } from './condition.js';
import { Outlet } from './outlet.js';
import { PaperFolder, type Paper } from './strip.js';
import { VirtualPrinter } from './virtual-printer.js';

export type PrinterSimulatorOptions = {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly width: PaperWidth;
  /** Made when absent; papers are 001.png, 002.png … */
  readonly paperFolder: string;
  readonly control?: ControlPlace;
};

export type PrinterSimulator = {
  readonly host: string;
  readonly port: number;
  readonly control: ControlPlace | undefined;
  readonly order: (order: PrinterOrder) => Promise<Record<string, unknown>>;
  readonly onPaper: (listener: (paper: Paper) => void) => Unsubscribe;
  readonly close: () => Promise<void>;
};

/** A receipt printer on a TCP port, true to the wire: what prints here was really sent, and it fails on order. */
export async function startPrinterSimulator(options: PrinterSimulatorOptions): Promise<PrinterSimulator> {
  const listeners = new Set<(paper: Paper) => void>();
  const printer = new VirtualPrinter(PAPER_DOTS[options.width], new PaperFolder(options.paperFolder), (bytes) => cable.say(bytes));
  const cable = new Cable(printer);
  printer.onPaper = (paper) => {
    for (const listener of listeners) listener(paper);
  };
  const outlet = new Outlet(cable, options.host);
  const port = await outlet.plug(options.port);
  const state = (): Record<string, unknown> => ({ ...printer.state(), line: outlet.isPlugged ? 'plugged' : 'unplugged' });

  const order = async (wanted: PrinterOrder): Promise<Record<string, unknown>> => {
    if (wanted.do === 'state') return state();
    if (wanted.do === 'unplug') {
      let done: Promise<void> | undefined;
      cable.after(wanted.afterBytes ?? 0, () => {
        if (wanted.power === 'off') printer.powerCycle();
        done = outlet.unplug();
      });
      await done;
    } else if (wanted.do === 'plug') await outlet.plug(port);
    else if (wanted.do === 'slow') cable.run({ kind: 'slow', bytesPerSecond: wanted.bytesPerSecond });
    else if (wanted.do === 'stall') cable.after(wanted.afterBytes ?? 0, () => cable.run({ kind: 'stalled' }));
    else {
      if (wanted.do === 'normal') {
        cable.run({ kind: 'full' });
        await outlet.plug(port);
      }
      printer.order(wanted);
    }
    return state();
  };
  const perform = async (wanted: PrinterOrder): Promise<ControlAnswer> => ({ ok: true, state: await order(wanted) });
  const control = options.control === undefined ? undefined : await startControl(options.control, printerOrder, perform);

  return {
    host: options.host,
    port,
    control: control?.place,
    order,
    onPaper(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      await control?.close();
      cable.stop();
      await outlet.unplug();
    },
  };
}
