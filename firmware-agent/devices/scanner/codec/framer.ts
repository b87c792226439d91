import type { ScanEvent } from '../../ports.js';

/** Longer than the densest QR codes in use (a signed identity QR is 3 to 6 thousand digits). */
export const SCAN_BYTES = 8_192;

const CR = 0x0d;
const LF = 0x0a;

/** `]` and two characters in front of the data: code letter and modifier (ISO/IEC 15424), such as `]C1`, `]Q3`, `]d2`. */
const AIM = /^\](?<aim>[A-Za-z][0-9A-Za-z])/u;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** Where a reader of codes stands. `broken`: in what is left of a code that was given up. */
export type Standing = 'between' | 'within' | 'broken';

/**
 * Cuts a scanner's bytes into scans. Each ends with CR, LF or both; empty ones are dropped. Control bytes such as GS (1D) are data. Any
 * bytes are read without an error and in bounded memory. What is cut short, over-long or not UTF-8 becomes `unreadable`, once, and what is
 * left of it is passed over until it ends or the line is quiet: half a consumer number is somebody else's consumer number.
 */
export class ScanFramer {
  private waiting: number[] = [];
  private overlong: 'no' | 'yes' = 'no';
  private broken: 'no' | 'yes' = 'no';

  get standing(): Standing {
    if (this.broken === 'yes') return 'broken';
    return this.waiting.length > 0 || this.overlong === 'yes' ? 'within' : 'between';
  }

  read(chunk: Uint8Array): readonly ScanEvent[] {
    const events: ScanEvent[] = [];
    for (const byte of chunk) {
      if (byte === CR || byte === LF) events.push(...this.finish());
      else if (this.broken === 'yes') continue;
      else if (this.waiting.length < SCAN_BYTES) this.waiting.push(byte);
      else this.overlong = 'yes';
    }
    return events;
  }

  /** Nothing came for a while in the middle of a scan: what came is dropped, and said. */
  gap(): readonly ScanEvent[] {
    if (this.standing !== 'within') return [];
    this.passOver();
    return [{ kind: 'unreadable' }];
  }

  /** What comes is the rest of something that is known to be lost. */
  passOver(): void {
    this.waiting = [];
    this.overlong = 'no';
    this.broken = 'yes';
  }

  /** Nothing came for so long that the next is the beginning of a code. */
  quiet(): void {
    this.broken = 'no';
  }

  private finish(): readonly ScanEvent[] {
    const { waiting, overlong } = this;
    this.waiting = [];
    this.overlong = 'no';
    this.broken = 'no';
    if (overlong === 'yes') return [{ kind: 'unreadable' }];
    return waiting.length === 0 ? [] : scanOf(Uint8Array.from(waiting));
  }
}

/**
 * One code's bytes as an event; none for an empty one. `told`: the identifier that the scanner gave beside the data. One in front of the data counts
 * only where none was told, or one of the same symbology: otherwise it is part of the code.
 */
export function scanOf(bytes: Uint8Array, told?: string): readonly ScanEvent[] {
  const text = textOf(bytes);
  if (text === undefined) return [{ kind: 'unreadable' }];
  const inFront = AIM.exec(text)?.groups?.['aim'];
  const found = told === undefined || inFront?.[0] === told[0] ? inFront : undefined;
  const data = found === undefined ? text : text.slice(found.length + 1);
  const aim = found ?? told;
  if (data === '') return [];
  return [aim === undefined ? { kind: 'scan', text: data } : { kind: 'scan', text: data, aim }];
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Lets a code through once while it is held before the window: a finger on the trigger reads the same bill ten times a second. The window
 * starts anew with each reading, so it ends only after the code was away for that long.
 */
export class RepeatFilter {
  private readonly windowMs: number;
  private last: { readonly key: string; readonly atMs: number } | undefined;

  constructor(windowMs: number) {
    this.windowMs = windowMs;
  }

  /** True for a scan that should be told. Unreadable ones always are. */
  passes(event: ScanEvent, nowMs: number): boolean {
    if (event.kind === 'unreadable') return true;
    const key = `${event.aim ?? ''} ${event.text}`;
    const repeated = this.last?.key === key && nowMs - this.last.atMs < this.windowMs;
    this.last = { key, atMs: nowMs };
    return !repeated;
  }
}
