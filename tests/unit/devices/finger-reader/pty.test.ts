import { serialTransport } from '../../../../firmware-agent/devices/transport/serial.js';
import { HAS_SOCAT, ptyTo } from '../pty.js';
import { fingerContract } from './contract.js';

if (HAS_SOCAT) {
  fingerContract(
    'a serial line',
    async ({ host, port }) => {
      const { path, end } = await ptyTo(host, port);
      return { transport: serialTransport({ path, baudRate: 57_600, flow: 'none' }), end };
    },
    'ends',
  );
} else {
  describe('fingerprint reader over a serial line', () => {
    it.skip('needs socat (Debian package socat), which is not installed here');
  });
}
