import type { Command } from 'commander';
import { addressOf, listening, runSimulator, type Listening } from '../../simulation/run.js';
import { gnssOrder, startGnssSimulator } from './simulator.js';

/** `simulate gnss`. */
export function registerGnssSimulator(simulate: Command): void {
  const command = listening(simulate.command('gnss'), 'it').description(
    'a satellite receiver on a TCP line (NMEA 0183), at Chandpole in Jaipur until it is carried away',
  );
  runSimulator<Listening>(command, {
    orders: gnssOrder,
    async start({ listen }, control) {
      const running = await startGnssSimulator({ ...addressOf(listen), ...control });
      return { ready: { host: running.host, port: running.port, control: running.control }, close: running.close };
    },
  });
}
