import { systemTimers } from '../../../firmware-agent/devices/timers.js';
import { characterDeviceTransport } from '../../../firmware-agent/devices/transport/character-device.js';
import { serialTransport } from '../../../firmware-agent/devices/transport/serial.js';
import { printerContract } from './printer-contract.js';
import { HAS_SOCAT, ptyTo } from './pty.js';

if (HAS_SOCAT) {
  printerContract(
    'a serial line',
    async ({ host, port }) => {
      const { path, end } = await ptyTo(host, port);
      return { transport: serialTransport({ path, baudRate: 115_200, flow: 'none' }), end };
    },
    'ends',
  );
  printerContract(
    'a character device',
    async ({ host, port }) => {
      const { path, end } = await ptyTo(host, port);
      return { transport: characterDeviceTransport(path, systemTimers), end };
    },
    'ends',
  );
} else {
  describe('printer over a serial line and a character device', () => {
    it.skip('needs socat (Debian package socat), which is not installed here');
  });
}
