import { mkdirSync } from 'node:fs';
import type { Command } from 'commander';
import { addressOf, listening, runSimulator, type Listening } from '../../simulation/run.js';
import { pagePrinterOrder } from './orders.js';
import { startPagePrinterSimulator } from './simulator.js';

type Options = Listening & { readonly paperFolder?: string };

/** `simulate page-printer`. */
export function registerPagePrinterSimulator(simulate: Command): void {
  const command = listening(simulate.command('page-printer'), 'it')
    .description('an A4 printer that speaks IPP over HTTP and keeps what it prints as PDF')
    .option('--paper-folder <folder>', 'where each job that was printed is kept as a PDF');
  runSimulator<Options>(command, {
    orders: pagePrinterOrder,
    async start({ listen, paperFolder }, control) {
      if (paperFolder !== undefined) mkdirSync(paperFolder, { recursive: true });
      const folder = paperFolder === undefined ? {} : { folder: paperFolder };
      const running = await startPagePrinterSimulator({ ...addressOf(listen), ...folder, ...control });
      return { ready: { host: running.host, port: running.port, control: running.control, url: running.url }, close: running.close };
    },
  });
}
