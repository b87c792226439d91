import { Option, type Command } from 'commander';
import { CommandFailure } from '#platform/console/command.js';
import { addressOf, runSimulator } from '../../simulation/run.js';
import { SCANNER_STYLES, scannerOrder, startScannerSimulator, type SimulatedStyle } from './simulator.js';

type Options = { readonly listen?: string; readonly dial?: string; readonly style: SimulatedStyle };

/** `simulate scanner`. */
export function registerScannerSimulator(simulate: Command): void {
  const command = simulate
    .command('scanner')
    .description('a barcode scanner on a TCP line')
    .option('--listen <host:port>', 'wait here for the reader; port 0 takes a free one')
    .option('--dial <host:port>', 'call the reader there instead')
    .addOption(new Option('--style <style>', 'how it speaks; HID reports go over a hid-socket').choices(SCANNER_STYLES).default('plain'));
  runSimulator<Options>(command, {
    orders: scannerOrder,
    async start({ listen, dial, style }, { control }) {
      if (listen !== undefined && dial !== undefined) throw new CommandFailure('choose --listen or --dial, not both');
      const way = dial === undefined ? 'serve' : 'dial';
      const running = await startScannerSimulator({ way, ...addressOf(dial ?? listen ?? '127.0.0.1:0'), style }, control);
      return { ready: { style, host: running.host, port: running.port, control: running.control }, close: running.close };
    },
  });
}
