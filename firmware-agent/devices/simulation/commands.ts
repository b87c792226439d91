import type { Command } from 'commander';
import { CommandFailure, printJson } from '#platform/console/command.js';
import type { PaperWidth } from '#protocol/receipt/paper.js';
import { addressOf, cannotStart, CONTROL_HELP, placeOf, untilEnded } from './options.js';
import { startPrinterSimulator } from '../printer/simulator/simulator.js';
import { startScannerSimulator } from '../scanner/simulator/simulator.js';
import { registerAadhaarSimulator } from '../aadhaar/simulator/commands.js';
import { registerUpsSimulator } from '../ups/simulator/commands.js';

/** Adds `simulate printer`, `simulate scanner` and the others: devices of their own process, which speak real bytes and fail on order. */
export function registerSimulators(parent: Command): void {
  const simulate = parent.command('simulate').description('virtual devices that speak the real wire protocol and fail on order');
  registerPrinter(simulate);
  registerScanner(simulate);
  registerAadhaarSimulator(simulate);
  registerUpsSimulator(simulate);
}

function registerPrinter(simulate: Command): void {
  simulate
    .command('printer')
    .description('an ESC/POS receipt printer on a TCP port; papers come out as PNG files')
    .requiredOption('--paper-folder <folder>', 'where papers go: 001.png, 002.png …')
    .option('--listen <host:port>', 'where the printer listens; port 0 takes a free one', '127.0.0.1:0')
    .option('--control <place>', CONTROL_HELP)
    .option('--width <width>', '58mm or 80mm', '58mm')
    .addHelpText('after', PRINTER_ORDERS)
    .action(async (options: { paperFolder: string; listen: string; control?: string; width: string }) => {
      const { host, port } = addressOf(options.listen);
      const control = options.control === undefined ? undefined : placeOf(options.control);
      const running = await startPrinterSimulator({
        host,
        port,
        width: widthOf(options.width),
        paperFolder: options.paperFolder,
        ...(control === undefined ? {} : { control }),
      }).catch(cannotStart);
      printJson({ ready: 'printer', host: running.host, port: running.port, control: running.control, paperFolder: options.paperFolder });
      await untilEnded();
      await running.close();
    });
}

function registerScanner(simulate: Command): void {
  simulate
    .command('scanner')
    .description('a barcode scanner on a TCP line')
    .option('--listen <host:port>', 'wait here for the reader; port 0 takes a free one')
    .option('--dial <host:port>', 'call the reader there instead')
    .option('--control <place>', CONTROL_HELP)
    .addHelpText('after', SCANNER_ORDERS)
    .action(async (options: { listen?: string; dial?: string; control?: string }) => {
      if (options.listen !== undefined && options.dial !== undefined) throw new CommandFailure('choose --listen or --dial, not both');
      const way = options.dial === undefined ? 'serve' : 'dial';
      const { host, port } = addressOf(options.dial ?? options.listen ?? '127.0.0.1:0');
      const control = options.control === undefined ? undefined : placeOf(options.control);
      const running = await startScannerSimulator({ way, host, port }, control).catch(cannotStart);
      printJson({ ready: 'scanner', host: running.host, port: running.port, control: running.control });
      await untilEnded();
      await running.close();
    });
}

const PRINTER_ORDERS = `
Orders on the control socket, one JSON object a line; each is answered by {"ok":true,"state":{…}} or {"ok":false,"error":"…"}:
  {"do":"paper-out"}  {"do":"paper-out","afterRows":400}  {"do":"near-end"}  {"do":"refill"}
  {"do":"cover-open"}  {"do":"cover-close"}  {"do":"cutter-error"}  {"do":"cutter-error","at":"next-cut"}  {"do":"cutter-fix"}
  {"do":"error","recovery":"unrecoverable"}  {"do":"error-fix"}
  {"do":"unplug"}  {"do":"unplug","afterBytes":9000,"power":"off"}  {"do":"plug"}
  {"do":"slow","bytesPerSecond":2000}  {"do":"stall"}  {"do":"garble"}  {"do":"silent"}  {"do":"never-confirm"}
  {"do":"habit","habit":"no-names"}  {"do":"normal"}  {"do":"state"}`;

const SCANNER_ORDERS = `
Orders on the control socket, one JSON object a line; each is answered by {"ok":true,"state":{…}} or {"ok":false,"error":"…"}:
  {"do":"scan","text":"210012345678"}  {"do":"scan","text":"…","aim":"C1","times":3}  {"do":"cut","text":"…"}  {"do":"garble","text":"…"}
  {"do":"suffix","suffix":"crlf"}  {"do":"unplug"}  {"do":"plug"}  {"do":"state"}`;

function widthOf(text: string): PaperWidth {
  if (text === '58mm' || text === '80mm') return text;
  throw new CommandFailure(`"${text}" is no paper width: 58mm or 80mm`);
}
