import { InvalidArgumentError, Option, type Command } from 'commander';
import type { PaperWidth } from '#protocol/receipt/paper.js';
import { addressOf, listening, runSimulator, type Listening } from '../../simulation/run.js';
import type { Pins } from '../escp/grid.js';
import { printerOrder } from './condition.js';
import { dotMatrixOrder } from './dot-matrix/dot-matrix.js';
import { startDotMatrixSimulator } from './dot-matrix/simulator.js';
import { startPrinterSimulator } from './simulator.js';

type Options = Listening & {
  readonly paperFolder: string;
  readonly language: 'escpos' | 'escp';
  readonly width: PaperWidth;
  readonly pins: Pins;
  readonly columns: number;
};

/** `simulate printer`: thermal or dot-matrix. */
export function registerPrinterSimulator(simulate: Command): void {
  const command = listening(simulate.command('printer'), 'the printer')
    .description('a receipt printer on a TCP port, thermal or dot-matrix; papers come out as PNG files')
    .requiredOption('--paper-folder <folder>', 'where papers go: 001.png, 002.png …')
    .addOption(new Option('--language <language>', 'thermal (ESC/POS), or dot-matrix (ESC/P)').choices(['escpos', 'escp']).default('escpos'))
    .addOption(new Option('--width <width>', 'escpos: of the paper').choices(['58mm', '80mm']).default('58mm'))
    .option('--pins <pins>', 'escp: 9 or 24', pinsOf, 24)
    .option('--columns <columns>', 'escp: columns at 10 an inch, 40 to 136', columnsOf, 80);
  runSimulator<Options>(command, {
    orders: { '': printerOrder, ' with --language escp': dotMatrixOrder },
    async start({ listen, paperFolder, language, width, pins, columns }, control) {
      const common = { ...addressOf(listen), paperFolder, ...control };
      const running =
        language === 'escp' ? await startDotMatrixSimulator({ ...common, pins, columns }) : await startPrinterSimulator({ ...common, width });
      return { ready: { host: running.host, port: running.port, control: running.control, paperFolder }, close: running.close };
    },
  });
}

function pinsOf(text: string): Pins {
  if (text === '9') return 9;
  if (text === '24') return 24;
  throw new InvalidArgumentError('9 or 24');
}

function columnsOf(text: string): number {
  const columns = Number(text);
  if (Number.isInteger(columns) && columns >= 40 && columns <= 136) return columns;
  throw new InvalidArgumentError('40 to 136');
}
