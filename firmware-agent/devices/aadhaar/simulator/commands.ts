import { Option, type Command } from 'commander';
import { printJson } from '#platform/console/command.js';
import { addressOf, cannotStart, CONTROL_HELP, ORDERS_HELP, placeOf, untilEnded } from '../../simulation/options.js';
import { MAKERS, type Maker } from './answers.js';
import { RD_FAULTS } from './service.js';
import { startRdSimulator } from './simulator.js';

/** `simulate aadhaar`. */
export function registerAadhaarSimulator(simulate: Command): void {
  simulate
    .command('aadhaar')
    .description('a registered device behind its RD service on a loopback port')
    .option('--listen <host:port>', 'where the service listens; port 0 takes a free one', '127.0.0.1:0')
    .option('--control <place>', CONTROL_HELP)
    .addOption(new Option('--maker <maker>', 'whose habits it has').choices(MAKERS).default('plain'))
    .addHelpText('after', ORDERS)
    .action(async (options: { listen: string; control?: string; maker: Maker }) => {
      const { host, port } = addressOf(options.listen);
      const control = options.control === undefined ? undefined : placeOf(options.control);
      const plan = { maker: options.maker, modality: 'finger', port } as const;
      const running = await startRdSimulator(host, [plan], control).catch(cannotStart);
      printJson({ ready: 'aadhaar', host: running.host, port: running.ports[0], control: running.control });
      await untilEnded();
      await running.close();
    });
}

const ORDERS = `
${ORDERS_HELP}
  {"do":"finger"}  {"do":"finger","quality":30,"times":2}  {"do":"status","status":"NOTREADY"}  {"do":"code","code":-1509,"times":2}
  {"do":"fault","fault":"truncate"}    faults: ${RD_FAULTS.join(' ')}
  {"do":"unplug"}  {"do":"plug"}  {"do":"normal"}  {"do":"state"}`;
