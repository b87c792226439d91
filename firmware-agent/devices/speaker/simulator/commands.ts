import type { Command } from 'commander';
import { ORDERS_HELP } from '../../simulation/options.js';
import { runSimulator } from '../../simulation/run.js';
import { startSpeakerSimulator } from './simulator.js';

const ORDERS = `
${ORDERS_HELP}
  {"do":"slow","eachMs":3000}  {"do":"fail"}  {"do":"hang"}  {"do":"normal"}  {"do":"state"}`;

/** `simulate speaker`. */
export function registerSpeakerSimulator(simulate: Command): void {
  runSimulator(
    simulate.command('speaker').description('a voice behind a stand-in for espeak-ng, which keeps what it says').addHelpText('after', ORDERS),
    async (control) => {
      const running = await startSpeakerSimulator(control);
      return { ready: { ready: 'speaker', program: running.program, control: running.control }, close: running.close };
    },
  );
}
