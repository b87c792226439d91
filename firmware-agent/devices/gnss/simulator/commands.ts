import type { Command } from 'commander';
import { printJson } from '#platform/console/command.js';
import { addressOf, cannotStart, CONTROL_HELP, ORDERS_HELP, placeOf, untilEnded } from '../../simulation/options.js';
import { startGnssSimulator } from './simulator.js';

/** `simulate gnss`. */
export function registerGnssSimulator(simulate: Command): void {
  simulate
    .command('gnss')
    .description('a satellite receiver on a TCP line (NMEA 0183), at Chandpole in Jaipur until it is carried away')
    .option('--listen <host:port>', 'where it listens; port 0 takes a free one', '127.0.0.1:0')
    .option('--control <place>', CONTROL_HELP)
    .addHelpText('after', ORDERS)
    .action(async (options: { listen: string; control?: string }) => {
      const control = options.control === undefined ? {} : { control: placeOf(options.control) };
      const running = await startGnssSimulator({ ...addressOf(options.listen), ...control }).catch(cannotStart);
      printJson({ ready: 'gnss', host: running.host, port: running.port, control: running.control });
      await untilEnded();
      await running.close();
    });
}

const ORDERS = `
${ORDERS_HELP}
  {"do":"place","latitude":26.9,"longitude":75.8}  {"do":"sky","satellites":5,"hdop":4}  {"do":"no-fix"}
  {"do":"garble"}  {"do":"noise"}  {"do":"silent"}  {"do":"unplug"}  {"do":"plug"}  {"do":"normal"}  {"do":"state"}`;
