import type { Command } from 'commander';
import { CommandFailure, printJson } from '#platform/console/command.js';
import type { PaperWidth } from '#protocol/receipt/paper.js';
import { addressOf, cannotStart, CONTROL_HELP, placeOf, untilEnded } from '../../simulation/options.js';
import type { Pins } from '../escp/grid.js';
import { startDotMatrixSimulator } from './dot-matrix/simulator.js';
import { startPrinterSimulator } from './simulator.js';

/** `simulate printer`: thermal or dot-matrix, with orders on a control socket. */
export function registerPrinterSimulator(simulate: Command): void {
  simulate
    .command('printer')
    .description('a receipt printer on a TCP port, thermal or dot-matrix; papers come out as PNG files')
    .requiredOption('--paper-folder <folder>', 'where papers go: 001.png, 002.png …')
    .option('--listen <host:port>', 'where the printer listens; port 0 takes a free one', '127.0.0.1:0')
    .option('--control <place>', CONTROL_HELP)
    .option('--language <language>', 'escpos, or escp for a dot-matrix printer', 'escpos')
    .option('--width <width>', 'escpos: 58mm or 80mm', '58mm')
    .option('--pins <pins>', 'escp: 9 or 24', '24')
    .option('--columns <columns>', 'escp: columns at 10 an inch', '80')
    .addHelpText('after', PRINTER_ORDERS)
    .action(async (options: PrinterCliOptions) => {
      const { host, port } = addressOf(options.listen);
      const control = options.control === undefined ? undefined : placeOf(options.control);
      const common = { host, port, paperFolder: options.paperFolder, ...(control === undefined ? {} : { control }) };
      const starting = isEscp(options.language)
        ? startDotMatrixSimulator({ ...common, pins: pinsOf(options.pins), columns: columnsOf(options.columns) })
        : startPrinterSimulator({ ...common, width: widthOf(options.width) });
      const running = await starting.catch(cannotStart);
      printJson({ ready: 'printer', host: running.host, port: running.port, control: running.control, paperFolder: options.paperFolder });
      await untilEnded();
      await running.close();
    });
}

type PrinterCliOptions = {
  paperFolder: string;
  listen: string;
  control?: string;
  language: string;
  width: string;
  pins: string;
  columns: string;
};

function isEscp(language: string): boolean {
  if (language !== 'escpos' && language !== 'escp') throw new CommandFailure(`"${language}" is no printer language: escpos or escp`);
  return language === 'escp';
}

function pinsOf(text: string): Pins {
  if (text === '9') return 9;
  if (text === '24') return 24;
  throw new CommandFailure(`"${text}" is no number of pins: 9 or 24`);
}

function columnsOf(text: string): number {
  const columns = Number(text);
  if (Number.isInteger(columns) && columns >= 40 && columns <= 136) return columns;
  throw new CommandFailure(`"${text}" is no number of columns: 40 to 136`);
}

const PRINTER_ORDERS = `
Orders on the control socket, one JSON object a line; each is answered by {"ok":true,"state":{…}} or {"ok":false,"error":"…"}:
  {"do":"paper-out"}  {"do":"paper-out","afterRows":400}  {"do":"near-end"}  {"do":"refill"}
  {"do":"cover-open"}  {"do":"cover-close"}  {"do":"cutter-error"}  {"do":"cutter-error","at":"next-cut"}  {"do":"cutter-fix"}
  {"do":"error","recovery":"unrecoverable"}  {"do":"error-fix"}
  {"do":"unplug"}  {"do":"unplug","afterBytes":9000,"power":"off"}  {"do":"plug"}
  {"do":"slow","bytesPerSecond":2000}  {"do":"stall"}  {"do":"garble"}  {"do":"silent"}  {"do":"never-confirm"}
  {"do":"habit","habit":"no-names"}  {"do":"tear"}  {"do":"normal"}  {"do":"state"}
Orders with --language escp:
  {"do":"paper-out"}  {"do":"paper-out","afterLines":12}  {"do":"refill"}  {"do":"off-line"}  {"do":"on-line"}
  {"do":"unplug"}  {"do":"plug"}  {"do":"slow","bytesPerSecond":2000}  {"do":"stall"}  {"do":"normal"}  {"do":"state"}`;

function widthOf(text: string): PaperWidth {
  if (text === '58mm' || text === '80mm') return text;
  throw new CommandFailure(`"${text}" is no paper width: 58mm or 80mm`);
}
