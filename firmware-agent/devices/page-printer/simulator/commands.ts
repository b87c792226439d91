import { mkdirSync } from 'node:fs';
import type { Command } from 'commander';
import { printJson } from '#platform/console/command.js';
import { addressOf, cannotStart, CONTROL_HELP, ORDERS_HELP, placeOf, untilEnded } from '../../simulation/options.js';
import { startPagePrinterSimulator } from './simulator.js';

type Options = { readonly listen: string; readonly paperFolder?: string; readonly control?: string };

/** `simulate page-printer`. */
export function registerPagePrinterSimulator(simulate: Command): void {
  simulate
    .command('page-printer')
    .description('an A4 printer that speaks IPP over HTTP and keeps what it prints as PDF')
    .option('--listen <host:port>', 'where it listens; port 0 takes a free one', '127.0.0.1:0')
    .option('--paper-folder <folder>', 'where each job that was printed is kept as a PDF')
    .option('--control <place>', CONTROL_HELP)
    .addHelpText('after', ORDERS)
    .action(async ({ listen, paperFolder, control }: Options) => {
      if (paperFolder !== undefined) mkdirSync(paperFolder, { recursive: true });
      const running = await startPagePrinterSimulator({
        ...addressOf(listen),
        ...(paperFolder === undefined ? {} : { folder: paperFolder }),
        ...(control === undefined ? {} : { control: placeOf(control) }),
      }).catch(cannotStart);
      printJson({ ready: 'page-printer', host: running.host, port: running.port, control: running.control, url: running.url });
      await untilEnded();
      await running.close();
    });
}

const ORDERS = `
${ORDERS_HELP}
  {"do":"media-empty"}  {"do":"jam"}  {"do":"cover"}  {"do":"ink-low"}  {"do":"stuck"}  {"do":"dead"}  {"do":"refuse"}  {"do":"abort"}  {"do":"forget"}
  {"do":"drop","when":"sending"}    when: sending answering printing
  {"do":"garbage"}  {"do":"slow","delayMs":3000}  {"do":"unplug"}  {"do":"plug"}  {"do":"normal"}  {"do":"state"}`;
