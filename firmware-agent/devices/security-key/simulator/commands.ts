import type { Command } from 'commander';
import { addressOf, listening, runSimulator, type Listening } from '../../simulation/run.js';
import { keyOrder, startKeySimulator } from './simulator.js';

/** `simulate security-key`. */
export function registerSecurityKeySimulator(simulate: Command): void {
  const command = listening(simulate.command('security-key'), 'the key').description(
    'a FIDO2 key with a fingerprint sensor, its HID reports over TCP',
  );
  runSimulator<Listening>(command, {
    orders: keyOrder,
    async start({ listen }, { control }) {
      const running = await startKeySimulator(addressOf(listen), control);
      return { ready: { host: running.host, port: running.port, control: running.control }, close: running.close };
    },
  });
}
