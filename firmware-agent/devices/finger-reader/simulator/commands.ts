import { Option, type Command } from 'commander';
import { addressOf, listening, runSimulator, type Listening } from '../../simulation/run.js';
import { MODEL_NAMES, type ModelName } from './models.js';
import { fingerOrder } from './orders.js';
import { startFingerSimulator } from './simulator.js';

/** `simulate finger-reader`. */
export function registerFingerReaderSimulator(simulate: Command): void {
  const command = listening(simulate.command('finger-reader'), 'the module')
    .description('a serial fingerprint module on a TCP port, as behind a serial server')
    .addOption(new Option('--model <model>', 'which module').choices(MODEL_NAMES).default('r307'));
  runSimulator<Listening & { readonly model: ModelName }>(command, {
    orders: fingerOrder,
    async start({ listen, model }, control) {
      const running = await startFingerSimulator({ ...addressOf(listen), model, ...control });
      return { ready: { host: running.host, port: running.port, control: running.control, model }, close: running.close };
    },
  });
}
