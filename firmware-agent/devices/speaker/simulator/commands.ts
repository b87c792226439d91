import type { Command } from 'commander';
import { runSimulator } from '../../simulation/run.js';
import { speakerOrder, startSpeakerSimulator } from './simulator.js';

/** `simulate speaker`. */
export function registerSpeakerSimulator(simulate: Command): void {
  runSimulator(simulate.command('speaker').description('a voice behind a stand-in for espeak-ng, which keeps what it says'), {
    orders: speakerOrder,
    async start(_options, { control }) {
      const running = await startSpeakerSimulator(control);
      return { ready: { program: running.program, control: running.control }, close: running.close };
    },
  });
}
