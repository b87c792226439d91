import { PAPER_DOTS, type PaperWidth } from '#protocol/receipt/paper.js';
import { atPort, type PortOptions, type PrinterAtPort } from './at-a-port.js';
import { Cable } from './cable.js';
import { printerOrder, type BodyOrder } from './condition.js';
import { PaperFolder } from './strip.js';
import { VirtualPrinter } from './virtual-printer.js';

export type PrinterSimulatorOptions = PortOptions & {
  readonly width: PaperWidth;
  /** Made when absent; papers are 001.png, 002.png … */
  readonly paperFolder: string;
};

export type PrinterSimulator = PrinterAtPort<BodyOrder>;

/** A receipt printer on a TCP port, true to the wire: what prints here was really sent, and it fails on order. */
export function startPrinterSimulator({ width, paperFolder, ...port }: PrinterSimulatorOptions): Promise<PrinterSimulator> {
  const printer = new VirtualPrinter(PAPER_DOTS[width], new PaperFolder(paperFolder), (bytes) => cable.say(bytes));
  const cable = new Cable(printer);
  return atPort(printer, cable, printerOrder, port);
}
