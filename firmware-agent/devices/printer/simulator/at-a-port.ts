import type { z } from 'zod';
import type { Unsubscribe } from '../../ports.js';
import { startControl, type ControlAnswer, type ControlPlace } from '../../simulation/control.js';
import type { Cable } from './cable.js';
import { Outlet } from './outlet.js';
import type { Paper } from './strip.js';

/** Orders for what is between host and printer, the same whatever the printer speaks. */
type LineOrder =
  | { readonly do: 'unplug'; readonly afterBytes?: number | undefined; readonly power?: 'on' | 'off' | undefined }
  | { readonly do: 'plug' }
  | { readonly do: 'slow'; readonly bytesPerSecond: number }
  | { readonly do: 'stall'; readonly afterBytes?: number | undefined }
  | { readonly do: 'late'; readonly afterMs: number }
  | { readonly do: 'state' };

/** The printer behind the plug. `normal` among its orders mends the line too. */
type Body<B> = {
  onPaper: (paper: Paper) => void;
  readonly powerCycle: () => void;
  readonly order: (order: B) => void;
  readonly state: () => Readonly<Record<string, unknown>>;
};

export type PortOptions = {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly control?: ControlPlace;
};

export type PrinterAtPort<B> = {
  readonly host: string;
  readonly port: number;
  readonly control: ControlPlace | undefined;
  readonly order: (order: LineOrder | B) => Promise<Readonly<Record<string, unknown>>>;
  readonly onPaper: (listener: (paper: Paper) => void) => Unsubscribe;
  readonly close: () => Promise<void>;
};

/** Stands a virtual printer at a TCP port, where it is unplugged, slowed and stalled, and takes orders. Rejects when the port or the control socket is taken. */
export async function atPort<B extends { readonly do: string }>(
  printer: Body<B>,
  cable: Cable,
  orders: z.ZodType<LineOrder | B>,
  { host, port: wantedPort, control: controlPlace }: PortOptions,
): Promise<PrinterAtPort<B>> {
  const listeners = new Set<(paper: Paper) => void>();
  printer.onPaper = (paper) => {
    for (const listener of listeners) listener(paper);
  };
  const outlet = new Outlet(cable, host);
  const port = await outlet.plug(wantedPort);

  const order = async (wanted: LineOrder | B): Promise<Readonly<Record<string, unknown>>> => {
    if (isLineOrder(wanted)) await onLine(wanted, () => printer.powerCycle(), cable, outlet, port);
    else {
      if (wanted.do === 'normal') {
        cable.run({ kind: 'full' });
        cable.late(0);
        await outlet.plug(port);
      }
      printer.order(wanted);
    }
    return { ...printer.state(), line: outlet.isPlugged ? 'plugged' : 'unplugged' };
  };
  const perform = async (wanted: LineOrder | B): Promise<ControlAnswer> => ({ ok: true, state: await order(wanted) });
  const control = controlPlace === undefined ? undefined : await startControl(controlPlace, orders, perform);
  return {
    host,
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

async function onLine(wanted: LineOrder, powerCycle: () => void, cable: Cable, outlet: Outlet, port: number): Promise<void> {
  switch (wanted.do) {
    case 'unplug': {
      let done: Promise<void> | undefined;
      cable.after(wanted.afterBytes ?? 0, () => {
        if (wanted.power === 'off') powerCycle();
        done = outlet.unplug();
      });
      return done;
    }
    case 'plug':
      return void (await outlet.plug(port));
    case 'slow':
      return cable.run({ kind: 'slow', bytesPerSecond: wanted.bytesPerSecond });
    case 'stall':
      return cable.after(wanted.afterBytes ?? 0, () => cable.run({ kind: 'stalled' }));
    case 'late':
      return cable.late(wanted.afterMs);
    case 'state':
      return;
  }
}

const LINE_ORDERS: ReadonlySet<string> = new Set(['unplug', 'plug', 'slow', 'stall', 'late', 'state'] satisfies readonly LineOrder['do'][]);

function isLineOrder(order: LineOrder | { readonly do: string }): order is LineOrder {
  return LINE_ORDERS.has(order.do);
}
