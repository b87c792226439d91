import type { Command } from 'commander';
import { runSimulator } from '../../simulation/run.js';
import { startDocumentScannerSimulator } from './simulator.js';

const ORDERS = `
Orders on the control socket, one JSON object a line; each is answered by {"ok":true,"state":{…}} or {"ok":false,"error":"…"}:
  {"do":"load","sheets":5}  {"do":"jam"}  {"do":"jam","afterPages":2}  {"do":"cover-open"}  {"do":"cover-close"}
  {"do":"busy"}  {"do":"refuse-access"}  {"do":"error"}  {"do":"slow","stepMs":500}  {"do":"hang"}  {"do":"hang-after-jam"}
  {"do":"truncate"}  {"do":"garbage"}  {"do":"coarse"}  {"do":"unplug"}  {"do":"plug"}  {"do":"normal"}  {"do":"state"}`;

export function registerDocumentScannerSimulator(simulate: Command): void {
  runSimulator(
    simulate.command('document-scanner').description('a scanner behind a stand-in for scanimage').addHelpText('after', ORDERS),
    async (control) => {
      const running = await startDocumentScannerSimulator(control);
      return {
        ready: { ready: 'document-scanner', program: running.program, device: running.device, control: running.control },
        close: running.close,
      };
    },
  );
}
