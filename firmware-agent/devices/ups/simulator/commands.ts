import type { Command } from 'commander';
import { printJson } from '#platform/console/command.js';
import { addressOf, cannotStart, CONTROL_HELP, ORDERS_HELP, placeOf, untilEnded } from '../../simulation/options.js';
import { startUpsSimulator } from './simulator.js';

/** `simulate ups`. */
export function registerUpsSimulator(simulate: Command): void {
  simulate
    .command('ups')
    .description('a UPS behind upsd (Network UPS Tools) on a TCP port; its battery runs down while the mains are off')
    .option('--listen <host:port>', 'where upsd listens; port 0 takes a free one', '127.0.0.1:0')
    .option('--control <place>', CONTROL_HELP)
    .addHelpText('after', ORDERS)
    .action(async (options: { listen: string; control?: string }) => {
      const control = options.control === undefined ? {} : { control: placeOf(options.control) };
      const running = await startUpsSimulator({ ...addressOf(options.listen), ...control }).catch(cannotStart);
      printJson({ ready: 'ups', host: running.host, port: running.port, control: running.control, ups: 'counter' });
      await untilEnded();
      await running.close();
    });
}

const ORDERS = `
${ORDERS_HELP}
  {"do":"mains","mains":"off"}  {"do":"battery","chargePercent":60,"drainPerMinute":30}
  {"do":"flag","flag":"RB","set":"on"}    flags: RB OVER FSD CAL BYPASS WAIT
  {"do":"stale"}  {"do":"silent"}  {"do":"half"}  {"do":"garble"}  {"do":"unplug"}  {"do":"plug"}  {"do":"normal"}  {"do":"state"}`;
