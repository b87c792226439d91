import type { Pins } from '../../escp/grid.js';
import { atPort, type PortOptions, type PrinterAtPort } from '../at-a-port.js';
import { Cable } from '../cable.js';
import { PaperFolder } from '../strip.js';
import { dotMatrixOrder, VirtualDotMatrix, type DotMatrixBodyOrder } from './dot-matrix.js';

export type DotMatrixSimulatorOptions = PortOptions & {
  readonly pins: Pins;
  /** Width of the paper in tenths of an inch. */
  readonly columns: number;
  /** Made when absent; forms are 001.png, 002.png … */
  readonly paperFolder: string;
};

export type DotMatrixSimulator = PrinterAtPort<DotMatrixBodyOrder>;

/** A dot-matrix printer on a TCP port. It never says a word: out of paper or off line, it only stops taking bytes. */
export function startDotMatrixSimulator({ pins, columns, paperFolder, ...port }: DotMatrixSimulatorOptions): Promise<DotMatrixSimulator> {
  const printer = new VirtualDotMatrix(pins, columns, new PaperFolder(paperFolder));
  const cable = new Cable(printer);
  printer.onBusy = (state) => cable.hold(state);
  return atPort(printer, cable, dotMatrixOrder, port);
}
