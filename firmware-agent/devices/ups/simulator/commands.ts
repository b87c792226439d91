import type { Command } from 'commander';
import { addressOf, listening, runSimulator, type Listening } from '../../simulation/run.js';
import { upsOrder, startUpsSimulator } from './simulator.js';

/** `simulate ups`. */
export function registerUpsSimulator(simulate: Command): void {
  const command = listening(simulate.command('ups'), 'upsd').description(
    'a UPS behind upsd (Network UPS Tools) on a TCP port; its battery runs down while the mains are off',
  );
  runSimulator<Listening>(command, {
    orders: upsOrder,
    async start({ listen }, control) {
      const running = await startUpsSimulator({ ...addressOf(listen), ...control });
      return { ready: { host: running.host, port: running.port, control: running.control, ups: 'counter' }, close: running.close };
    },
  });
}
