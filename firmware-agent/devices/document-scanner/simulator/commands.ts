import type { Command } from 'commander';
import { runSimulator } from '../../simulation/run.js';
import { documentScannerOrder, startDocumentScannerSimulator } from './simulator.js';

/** `simulate document-scanner`. */
export function registerDocumentScannerSimulator(simulate: Command): void {
  runSimulator(simulate.command('document-scanner').description('a scanner behind a stand-in for scanimage'), {
    orders: documentScannerOrder,
    async start(_options, { control }) {
      const running = await startDocumentScannerSimulator(control);
      return { ready: { program: running.program, device: running.device, control: running.control }, close: running.close };
    },
  });
}
