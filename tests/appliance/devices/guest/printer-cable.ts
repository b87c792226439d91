import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { characterDeviceTransport } from '../../../../firmware-agent/devices/transport/character-device.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import type { Connection } from '../../../../firmware-agent/devices/transport/transport.js';
import { eventually } from './eventually.js';
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
  let ends: readonly Connection[] = [];
  let wanted: 'in' | 'out' = 'in';

  const pull = async (): Promise<void> => {
    wanted = 'out';
    await drop();
  };
  const drop = async (): Promise<void> => {
    const open = ends;
    ends = [];
    // The cable first: what the kernel still holds is lost with it, as on a real one.
    gadget.unplug();
    for (const end of open) await end.close();
  };
  const attach = async (): Promise<boolean> => {
    const simulator = await tcp.open();
    if (!simulator.ok) return false;
    const [node] = gadget.plug().filter((path) => path.includes('g_printer'));
    if (node === undefined) throw new Error('the printer gadget has no node');
    // It opens once the host has taken the device up.
    const device = await eventually(`the device's own end ${node}`, async () => {
      const opened = await characterDeviceTransport(node, systemTimers).open();
      return opened.ok ? opened.value : undefined;
    });
    ends = [device, simulator.value];
    carry(device, simulator.value);
    carry(simulator.value, device);
    simulator.value.onClose(() => {
      if (wanted === 'out' || !ends.includes(simulator.value)) return;
      void drop().then(again);
    });
    return true;
  };
  const again = (): void => {
    if (wanted === 'out') return;
    void attach().then((attached) => (attached ? undefined : setTimeout(again, TRY_AGAIN_MS)));
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

/** Bytes in their order: the next write begins when the one before has ended. */
function carry(from: Connection, to: Connection): void {
  let last: Promise<unknown> = Promise.resolve();
  from.onBytes((bytes) => {
    last = last.then(() => to.write(bytes));
  });
}
