import { join } from 'node:path';
import { ok, unreachable, type Result } from '#protocol/result/result.js';
import { startControl, type ControlServer } from '../../../../firmware-agent/devices/simulation/control.js';
import { DESK_PORT, deskOrder, type DeskOrder, type MachineDevice } from '../desk-order.js';
import { openInlet, type Inlet } from './inlet.js';
import type { Qmp } from './qmp.js';

type Done = Result<void, string>;

const NOT_PLUGGED: Done = { ok: false, error: 'the serial adapter is not plugged in' };
const SERIAL_NUMBER = 'JHAROKHA-1';

/** Where the guest's orders come in, from the moment on that there is a machine to obey them on. */
export function startDesk(folder: string, desk: Promise<Desk>): Promise<ControlServer & { readonly path: string }> {
  const path = join(folder, DESK_PORT);
  const obey = async (order: DeskOrder): Promise<Done> => (await desk).obey(order);
  const served = startControl({ path }, deskOrder, async (order) => {
    const done = await obey(order);
    return done.ok ? { ok: true, state: {} } : done;
  });
  return served.then((server) => ({ ...server, path }));
}

/** Obeys the suites: the hand that plugs and unplugs, and the device at the end of the serial cable. */
export class Desk {
  private readonly folder: string;
  private readonly qmp: Qmp;
  private cables = 0;
  private serial: Inlet | undefined;
  /** How mocha ended, once the guest has told. */
  status: number | undefined;

  constructor(folder: string, qmp: Qmp) {
    this.folder = folder;
    this.qmp = qmp;
  }

  obey(order: DeskOrder): Promise<Done> {
    switch (order.do) {
      case 'plug':
        return order.device === 'serial-adapter' ? this.plugSerial() : this.plug(order.device, { driver: 'usb-kbd' });
      case 'unplug':
        return this.unplug(order.device);
      case 'send':
        return this.send(Buffer.from(order.hex, 'hex'));
      case 'ended':
        this.status = order.status;
        return Promise.resolve(ok(undefined));
      default:
        return unreachable(order);
    }
  }

  close(): void {
    this.serial?.close();
    this.serial = undefined;
  }

  private plug(id: MachineDevice, made: Readonly<Record<string, string>>): Promise<Done> {
    return this.qmp.execute('device_add', { ...made, id, bus: 'usb.0' });
  }

  /** A new line each time: QEMU gives the old one free some time after the device is gone, and what it still held would be read as new. */
  private async plugSerial(): Promise<Done> {
    this.close();
    this.cables += 1;
    const chardev = `serial-${this.cables}`;
    const inlet = await openInlet(join(this.folder, chardev));
    this.serial = inlet;
    const backend = { type: 'socket', data: { addr: { type: 'unix', data: { path: inlet.path } }, server: false } };
    const dialled = await this.qmp.execute('chardev-add', { id: chardev, backend });
    if (!dialled.ok) return dialled;
    await inlet.socket();
    return this.plug('serial-adapter', { driver: 'usb-serial', chardev, serial: SERIAL_NUMBER });
  }

  private async unplug(id: MachineDevice): Promise<Done> {
    const removed = await this.qmp.execute('device_del', { id });
    if (removed.ok && id === 'serial-adapter') this.close();
    return removed;
  }

  private async send(bytes: Uint8Array): Promise<Done> {
    if (this.serial === undefined) return NOT_PLUGGED;
    const socket = await this.serial.socket();
    return socket.write(bytes) || socket.writable ? ok(undefined) : NOT_PLUGGED;
  }
}
