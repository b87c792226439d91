import type { Socket } from 'node:net';
import type { Result } from '#protocol/result/result.js';
import { unreachable } from '#protocol/result/result.js';
import { startControl, type ControlAnswer, type ControlServer } from '../../../../firmware-agent/devices/control.js';
import { deskOrder, type DeskOrder, type MachineDevice } from '../desk-order.js';
import type { Qmp } from './qmp.js';

/** What QEMU is told to make of each device. */
const MAKE: Readonly<Record<MachineDevice, Readonly<Record<string, string>>>> = {
  'serial-adapter': { driver: 'usb-serial', chardev: 'serial', serial: 'JHAROKHA-1' },
  keyboard: { driver: 'usb-kbd' },
};

export type DeskTools = { readonly qmp: Qmp; readonly serial: Socket; readonly onEnded: (status: number) => void };

/** Obeys the suites: the hand that plugs and unplugs, and the device at the end of the serial cable. */
export async function startDesk(path: string, tools: () => Promise<DeskTools>): Promise<ControlServer> {
  const plugged = new Set<MachineDevice>();
  return startControl({ path }, deskOrder, async (order) => answerOf(await obey(order, await tools(), plugged), plugged));
}

async function obey(order: DeskOrder, { qmp, serial, onEnded }: DeskTools, plugged: Set<MachineDevice>): Promise<Result<void, string>> {
  switch (order.do) {
    case 'plug': {
      const added = await qmp.execute('device_add', { ...MAKE[order.device], id: order.device, bus: 'usb.0' });
      if (added.ok) plugged.add(order.device);
      return added;
    }
    case 'unplug': {
      const removed = await qmp.execute('device_del', { id: order.device });
      if (removed.ok) plugged.delete(order.device);
      return removed;
    }
    case 'send':
      // Kept by the socket until the adapter comes back, it would be read as new.
      if (!plugged.has('serial-adapter')) return { ok: false, error: 'the serial adapter is not plugged in' };
      serial.write(Buffer.from(order.hex, 'hex'));
      return { ok: true, value: undefined };
    case 'ended':
      onEnded(order.status);
      return { ok: true, value: undefined };
    default:
      return unreachable(order);
  }
}

function answerOf(done: Result<void, string>, plugged: ReadonlySet<MachineDevice>): ControlAnswer {
  return done.ok ? { ok: true, state: { plugged: [...plugged] } } : done;
}
