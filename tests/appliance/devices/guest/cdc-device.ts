import { serialTransport } from '../../../../firmware-agent/devices/transport/serial.js';
import type { Connection } from '../../../../firmware-agent/devices/transport/transport.js';
import { eventually } from './eventually.js';
import { UsbGadget } from './usb-gadget.js';

/** A device that is a serial line by itself (CDC-ACM), made in the guest; whoever has it writes what the device sends. */
export class CdcDevice {
  readonly path: string;
  private readonly gadget: UsbGadget;
  private far: Connection | undefined;

  constructor(serial: string) {
    this.path = `/dev/serial/by-id/usb-Jharokha_Scanner_${serial}-if00`;
    this.gadget = new UsbGadget(
      { vendor: 0x1eab, product: 0x1d06, maker: 'Jharokha', name: 'Scanner', serial },
      { name: `acm.${serial}`, settings: {} },
      1,
    );
  }

  readonly plug = async (): Promise<void> => {
    this.gadget.plug();
    // The far end's node stays while the function exists, plugged in or not.
    this.far = await eventually('the far end', async () => {
      const opened = await serialTransport({ path: '/dev/ttyGS0', baudRate: 9_600, flow: 'none' }).open();
      return opened.ok ? opened.value : undefined;
    });
  };

  readonly unplug = async (): Promise<void> => {
    this.gadget.unplug();
    await this.far?.close();
    this.far = undefined;
  };

  readonly send = async (bytes: Uint8Array): Promise<void> => {
    const sent = await this.far?.write(bytes);
    if (sent?.ok !== true) throw new Error('the scanner is not plugged in');
  };

  readonly end = async (): Promise<void> => {
    await this.unplug();
    this.gadget.remove();
  };
}
