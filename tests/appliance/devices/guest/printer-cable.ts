import { pause, systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import type { Connection } from '../../../../firmware-agent/devices/transport/transport.js';
import { eventually } from './eventually.js';
import { PrinterEnd } from './printer-end.js';
import { UsbGadget, type Socket } from './usb-gadget.js';

const TRY_AGAIN_MS = 20;
let made = 0;

export type PrinterCable = {
  /** Serial number that the USB device shows. */
  readonly serial: string;
  /** Pulls the cable and leaves it out. */
  readonly pull: () => Promise<void>;
  readonly push: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * A USB cable with the product's virtual printer at its end: a printer gadget whose bytes are carried to and from the simulator's port. When the
 * simulator is unplugged, the cable is; when it is plugged in again, so is the cable.
 */
export async function printerCable({ host, port }: { readonly host: string; readonly port: number }, socket: Socket = 0): Promise<PrinterCable> {
  made += 1;
  const serial = `JHAROKHA-P${made}`;
  const gadget = new UsbGadget(
    { vendor: 0x04b8, product: 0x0e15, maker: 'Jharokha', name: 'Virtual printer', serial },
    { name: `printer.${made}`, settings: { pnp_string: 'MFG:JHAROKHA;MDL:VIRTUAL-80;CLS:PRINTER;CMD:ESC/POS;' } },
    socket,
  );
  const tcp = tcpTransport({ host, port });
  let ends: { readonly device: PrinterEnd; readonly simulator: Connection } | undefined;
  let wanted: 'in' | 'out' = 'in';
  let healing: Promise<void> = Promise.resolve();

  const pull = async (): Promise<void> => {
    wanted = 'out';
    await healing;
    await drop();
  };
  const drop = async (): Promise<void> => {
    const open = ends;
    ends = undefined;
    // The cable first: what the kernel still holds is lost with it, as on a real one.
    gadget.unplug();
    open?.device.close();
    await open?.simulator.close();
  };
  const attach = async (): Promise<boolean> => {
    const opened = await tcp.open();
    if (!opened.ok) return false;
    const simulator = opened.value;
    const [node] = gadget.plug().filter((path) => path.includes('g_printer'));
    if (node === undefined) throw new Error('the printer gadget has no node');
    const device = await eventually(`the host to take up ${node}`, () => deviceEnd(node, simulator));
    simulator.onBytes((bytes) => device.say(bytes));
    ends = { device, simulator };
    simulator.onClose(() => {
      if (wanted === 'in') healing = heal();
    });
    return true;
  };
  const heal = async (): Promise<void> => {
    await drop();
    while (wanted === 'in' && !(await attach())) await pause(systemTimers, TRY_AGAIN_MS);
  };
  if (!(await attach())) throw new Error(`no simulator at ${host}:${port}`);
  return {
    serial,
    pull,
    async push() {
      wanted = 'in';
      if (!(await attach())) throw new Error(`no simulator at ${host}:${port}`);
    },
    async close() {
      await pull();
      gadget.remove();
    },
  };
}

/** It opens once the host has taken the device up. */
function deviceEnd(node: string, simulator: Connection): PrinterEnd | undefined {
  try {
    return new PrinterEnd(node, (bytes) => void simulator.write(bytes));
  } catch {
    return undefined;
  }
}
