import { Option, type Command } from 'commander';
import { addressOf, listening, runSimulator, type Listening } from '../../simulation/run.js';
import { MAKERS, type Maker } from './answers.js';
import { rdOrder, startRdSimulator } from './simulator.js';

/** `simulate aadhaar`. */
export function registerAadhaarSimulator(simulate: Command): void {
  const command = listening(simulate.command('aadhaar'), 'the service')
    .description('a registered device behind its RD service on a loopback port')
    .addOption(new Option('--maker <maker>', 'whose habits it has').choices(MAKERS).default('plain'));
  runSimulator<Listening & { readonly maker: Maker }>(command, {
    orders: rdOrder,
    async start({ listen, maker }, { control }) {
      const { host, port } = addressOf(listen);
      const running = await startRdSimulator(host, [{ maker, modality: 'finger', port }], control);
      return { ready: { host: running.host, port: running.ports[0], control: running.control }, close: running.close };
    },
  });
}
