import type { ScanEvent } from '../../ports.js';
import { SCAN_BYTES, scanOf, type Standing } from './framer.js';
import type { HidScanLayout } from './hid-layout.js';

const BRACKET = 0x5d;
const CR = 0x0d;
const LF = 0x0a;
const UNREADABLE: ScanEvent = { kind: 'unreadable' };

type Piece = { readonly aim: string | undefined; readonly shift: 0 | 1; readonly data: Uint8Array; readonly more: 'more' | 'last' };

/**
 * Joins the reports of HID POS scanners into codes. A code that lost a piece, is cut or over-long is told once as `unreadable`, and what is
 * left of it is passed over until its last report or until the line is quiet: the tail of a consumer number is somebody else's consumer number.
 * Reports carry no numbers, so a piece lost from the middle is seen only where the pieces around it do not fit.
 */
export class HidScanJoiner {
  private readonly layout: HidScanLayout;
  private waiting: { readonly aim: string | undefined; readonly shift: 0 | 1; data: number[] } | undefined;
  private broken: 'no' | 'yes' = 'no';

  constructor(layout: HidScanLayout) {
    this.layout = layout;
  }

  get standing(): Standing {
    if (this.broken === 'yes') return 'broken';
    return this.waiting === undefined ? 'between' : 'within';
  }

  read(report: Uint8Array): readonly ScanEvent[] {
    const { reportId } = this.layout;
    if (reportId !== 0 && report[0] !== reportId) return [];
    const piece = pieceOf(this.layout, reportId === 0 ? report : report.subarray(1), this.waiting?.shift);
    if (this.broken === 'yes') {
      if (piece?.more === 'last') this.broken = 'no';
      return [];
    }
    if (piece === undefined) return this.breakOff();
    const { waiting } = this;
    if (waiting !== undefined && piece.aim !== undefined && piece.aim !== waiting.aim) return this.breakOff(piece);
    const data = [...(waiting?.data ?? []), ...piece.data];
    if (data.length > SCAN_BYTES) return this.breakOff(piece);
    if (piece.more === 'more') {
      this.waiting = { aim: waiting?.aim ?? piece.aim, shift: waiting?.shift ?? piece.shift, data };
      return [];
    }
    this.waiting = undefined;
    return scanOf(withoutSuffix(data), waiting?.aim ?? piece.aim);
  }

  /** Nothing came for a while in the middle of a code: it is lost. */
  gap(): readonly ScanEvent[] {
    return this.waiting === undefined ? [] : this.breakOff();
  }

  /** Nothing came for so long that the next report is the first of a code. */
  quiet(): void {
    this.broken = 'no';
  }

  private breakOff(at?: Piece): readonly ScanEvent[] {
    this.waiting = undefined;
    this.broken = at?.more === 'last' ? 'no' : 'yes';
    return [UNREADABLE];
  }
}

/** None when the report is shorter than it says. */
function pieceOf(layout: HidScanLayout, report: Uint8Array, shiftSoFar: 0 | 1 | undefined): Piece | undefined {
  const { countAt, aimAt, dataAt, dataBytes, continued } = layout;
  // Without a count, the end of a cut report would pass for the end of its data.
  const least = Math.max(countAt === undefined ? dataAt + dataBytes : dataAt, (aimAt ?? 0) + 3);
  if (report.length < least) return undefined;
  const shift = shiftSoFar ?? shiftOf(report, aimAt);
  const begin = dataAt + shift;
  const room = Math.min(dataBytes, report.length - begin);
  const count = countAt === undefined ? filled(report, begin, room) : (report[countAt] ?? Number.POSITIVE_INFINITY);
  if (count > room || (continued !== undefined && continued.at >= report.length)) return undefined;
  return {
    aim: aimOf(report, aimAt === undefined ? undefined : aimAt + shift),
    shift,
    data: report.subarray(begin, begin + count),
    more: continued !== undefined && ((report[continued.at] ?? 0) & continued.mask) !== 0 ? 'more' : 'last',
  };
}

/** Some makers put the identifier, and the data with it, one byte further than their descriptor says. */
function shiftOf(report: Uint8Array, aimAt: number | undefined): 0 | 1 {
  return aimAt !== undefined && report[aimAt] !== BRACKET && report[aimAt + 1] === BRACKET ? 1 : 0;
}

function aimOf(report: Uint8Array, at: number | undefined): string | undefined {
  if (at === undefined || report[at] !== BRACKET) return undefined;
  const aim = String.fromCharCode(report[at + 1] ?? 0, report[at + 2] ?? 0);
  return /^[A-Za-z][0-9A-Za-z]$/u.test(aim) ? aim : undefined;
}

function filled(report: Uint8Array, begin: number, room: number): number {
  let count = Math.max(0, room);
  while (count > 0 && report[begin + count - 1] === 0) count -= 1;
  return count;
}

/** A suffix that was programmed for serial lines goes out here too. */
function withoutSuffix(data: readonly number[]): Uint8Array {
  let end = data.length;
  if (data[end - 1] === LF) end -= 1;
  if (data[end - 1] === CR) end -= 1;
  return Uint8Array.from(data.slice(0, end));
}
