import type { Unsubscribe } from '../../../ports.js';
import { startControl, type ControlAnswer, type ControlPlace } from '../../../simulation/control.js';
import type { Pins } from '../../escp/grid.js';
import { Cable } from '../cable.js';
import { Outlet } from '../outlet.js';
import { PaperFolder, type Paper } from '../strip.js';
import { dotMatrixOrder, VirtualDotMatrix, type DotMatrixOrder } from './dot-matrix.js';

export type DotMatrixSimulatorOptions = {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly pins: Pins;
  readonly columns: number;
  /** Made when absent; forms are 001.png, 002.png … */
  readonly paperFolder: string;
  readonly control?: ControlPlace;
};

export type DotMatrixSimulator = {
  readonly host: string;
  readonly port: number;
  readonly control: ControlPlace | undefined;
  readonly order: (order: DotMatrixOrder) => Promise<Readonly<Record<string, unknown>>>;
  readonly onPaper: (listener: (paper: Paper) => void) => Unsubscribe;
  readonly close: () => Promise<void>;
};

/** A dot-matrix printer on a TCP port. It never says a word: out of paper or off line, it only stops taking bytes. */
export async function startDotMatrixSimulator(options: DotMatrixSimulatorOptions): Promise<DotMatrixSimulator> {
  const listeners = new Set<(paper: Paper) => void>();
  const printer = new VirtualDotMatrix(options.pins, options.columns, new PaperFolder(options.paperFolder));
  const cable = new Cable(printer);
  printer.onPaper = (paper) => {
    for (const listener of listeners) listener(paper);
  };
  printer.onBusy = (state) => cable.hold(state);
  const outlet = new Outlet(cable, options.host);
  const port = await outlet.plug(options.port);

  const unplug = async (afterBytes: number, power: 'on' | 'off'): Promise<void> => {
    let done: Promise<void> | undefined;
    cable.after(afterBytes, () => {
      if (power === 'off') printer.powerCycle();
      done = outlet.unplug();
    });
    await done;
  };
  const order = async (wanted: DotMatrixOrder): Promise<Readonly<Record<string, unknown>>> => {
    if (wanted.do === 'unplug') await unplug(wanted.afterBytes ?? 0, wanted.power ?? 'on');
    else if (wanted.do === 'plug') await outlet.plug(port);
    else if (wanted.do === 'slow') cable.run({ kind: 'slow', bytesPerSecond: wanted.bytesPerSecond });
    else if (wanted.do === 'stall') cable.after(wanted.afterBytes ?? 0, () => cable.run({ kind: 'stalled' }));
    else if (wanted.do !== 'state') {
      if (wanted.do === 'normal') {
        cable.run({ kind: 'full' });
        await outlet.plug(port);
      }
      printer.order(wanted);
    }
    return { ...printer.state(), line: outlet.isPlugged ? 'plugged' : 'unplugged' };
  };
  const perform = async (wanted: DotMatrixOrder): Promise<ControlAnswer> => ({ ok: true, state: await order(wanted) });
  const control = options.control === undefined ? undefined : await startControl(options.control, dotMatrixOrder, perform);
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
