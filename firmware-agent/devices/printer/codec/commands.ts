import escpos from 'escpos/commands.js';
import { assert, unreachable } from '#protocol/result/result.js';

/*
 * The bytes that we say to an ESC/POS printer. `escpos` gives the vocabulary only: its adapters do not open current serial ports,
 * `close` swallows write errors, nothing reads a status, and its own Printer pulls a picture reader and a USB library into the agent.
 */

const { DLE, EOT, ESC, GS, NUL } = escpos;
const ENQ = '\u0005';
const DC4 = '\u0014';

type Part = string | readonly number[];

export function bytes(...parts: readonly Part[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));
}

/** ESC @: modes as after power-on; drops what is still waiting to be printed of an unfinished line. */
export function initialise(): Uint8Array {
  return bytes(escpos.HARDWARE.HW_INIT, escpos.TEXT_FORMAT.TXT_ALIGN_LT);
}

/** GS a: the printer tells its state by itself, once now and then on each change of online, error and paper. */
export function tellChanges(): Uint8Array {
  return bytes(GS, 'a', [0x0e]);
}

/** The four questions of DLE EOT: printer, cause of offline, cause of error, paper. Answered at once, even offline. */
export const REALTIME_QUESTIONS = [1, 2, 3, 4] as const;
export type RealtimeQuestion = (typeof REALTIME_QUESTIONS)[number];

export function askRealtime(question: RealtimeQuestion): Uint8Array {
  return bytes(DLE, EOT, [question]);
}

/** GS r 1: answered when everything sent before it has been worked through, which is what makes it a confirmation. */
export function askPaper(): Uint8Array {
  return bytes(GS, 'r', [1]);
}

/** GS I: maker (42h) or model (43h) as text; queued like GS r, but its answer can not be taken for one. */
export function askName(which: 'maker' | 'model'): Uint8Array {
  return bytes(GS, 'I', [which === 'maker' ? 0x42 : 0x43]);
}

/** GS ( H function 48: the printer sends the four characters back when it has worked through everything before. Epson and few others. */
export function askProcess(id: string): Uint8Array {
  assert(/^[\x20-\x7e]{4}$/u.test(id), 'a process id is four printable characters');
  return bytes(GS, '(H', [6, 0, 0x30, 0x30], id);
}

/** DLE ENQ 2: leave a recoverable error, forgetting what was being printed. */
export function recoverCleared(): Uint8Array {
  return bytes(DLE, ENQ, [2]);
}

/** DLE DC4 8: throw away the receive and print buffers, at once. The seven bytes after the function number are its safety catch. */
export function clearBuffers(): Uint8Array {
  return bytes(DLE, DC4, [8, 1, 3, 0x14, 1, 6, 2, 8]);
}

/** More than the largest band: completes, as white dots or as nothing, whatever command was cut off in the middle. */
export function flushUnfinished(atMost: number): Uint8Array {
  return bytes(NUL.repeat(atMost));
}

/** Some paper is cut leaving one point, some is cut through, some printers have no knife and a bar to tear on. */
export type Cutter = 'none' | 'partial' | 'full';

/** Rows that bring the last line past the bar; 18 mm, as much as the way from head to knife. */
const TEAR_ROWS = 144;

/** GS V 65 or 66: feeds to the knife and cuts. Without a knife, ESC J feeds to the bar. */
export function cut(cutter: Cutter): Uint8Array {
  switch (cutter) {
    case 'partial':
      return bytes(escpos.PAPER.PAPER_CUT_B, [0]);
    case 'full':
      return bytes(escpos.PAPER.PAPER_CUT_A, [0]);
    case 'none':
      return bytes(ESC, 'J', [TEAR_ROWS]);
    default:
      return unreachable(cutter);
  }
}

const DRAWER_UNIT_MS = 2;

/** ESC p: a pulse on the drawer socket; on and off times are sent in units of 2 ms. */
export function kickDrawer(pin: 2 | 5, onMs = 120, offMs = 240): Uint8Array {
  const kick = pin === 2 ? escpos.CASH_DRAWER.CD_KICK_2 : escpos.CASH_DRAWER.CD_KICK_5;
  return bytes(kick, [onMs / DRAWER_UNIT_MS, offMs / DRAWER_UNIT_MS]);
}

/** GS v 0 before `rows` rows of `bytesPerRow` bytes of dots. */
export function rasterHeader(bytesPerRow: number, rows: number): Uint8Array {
  return bytes(escpos.GSV0_FORMAT.GSV0_NORMAL, [bytesPerRow & 0xff, bytesPerRow >> 8, rows & 0xff, rows >> 8]);
}
