/** What the virtual printer understands, one command at a time. Numbers are as they came, not yet judged. */
export type Command =
  | { readonly do: 'text'; readonly bytes: Uint8Array }
  | { readonly do: 'line-feed' }
  | { readonly do: 'initialise' }
  | { readonly do: 'align'; readonly n: number }
  | { readonly do: 'bold'; readonly n: number }
  | { readonly do: 'size'; readonly n: number }
  | { readonly do: 'mode'; readonly n: number }
  | { readonly do: 'line-spacing'; readonly dots: number | 'default' }
  | { readonly do: 'feed-dots'; readonly n: number }
  | { readonly do: 'feed-lines'; readonly n: number }
  | { readonly do: 'raster'; readonly mode: number; readonly bytesPerRow: number; readonly rows: number; readonly data: Uint8Array }
  | { readonly do: 'graphics'; readonly data: Uint8Array }
  | { readonly do: 'cut'; readonly feed: number }
  | { readonly do: 'drawer' }
  | { readonly do: 'tell-changes'; readonly n: number }
  | { readonly do: 'ask-status'; readonly n: number }
  | { readonly do: 'ask-name'; readonly n: number }
  | { readonly do: 'ask-process'; readonly data: Uint8Array }
  | { readonly do: 'qr'; readonly data: Uint8Array }
  /** Known, and without effect on this paper (code pages, margins …). */
  | { readonly do: 'nothing' }
  | { readonly do: 'unknown'; readonly bytes: readonly number[] };

const DLE = 0x10;
const ESC = 0x1b;
const FS = 0x1c;
const GS = 0x1d;
const LF = 0x0a;

type Read = { readonly command: Command; readonly length: number } | 'more';

/** The command bytes that wait in the printer's buffer. Bytes may come in any pieces; `next` answers `more` while the next one is incomplete. */
export class Interpreter {
  private waiting: Buffer = Buffer.alloc(0);

  get bufferedBytes(): number {
    return this.waiting.length;
  }

  push(chunk: Uint8Array): void {
    this.waiting = Buffer.concat([this.waiting, chunk]);
  }

  clear(): void {
    this.waiting = Buffer.alloc(0);
  }

  next(): Command | 'more' {
    const read = readCommand(this.waiting);
    if (read === 'more') return 'more';
    this.waiting = this.waiting.subarray(read.length);
    return read.command;
  }
}

function readCommand(bytes: Buffer): Read {
  const first = bytes[0];
  if (first === undefined) return 'more';
  if (first === ESC) return readEscape(bytes);
  if (first === GS) return readGroup(bytes);
  if (first === FS) return readFont(bytes);
  if (first === DLE) return readRealtime(bytes);
  if (first === LF) return { command: { do: 'line-feed' }, length: 1 };
  if (first < 0x20) return { command: { do: 'nothing' }, length: 1 };
  let length = 1;
  while (length < bytes.length && (bytes[length] ?? 0) >= 0x20) length += 1;
  return { command: { do: 'text', bytes: Uint8Array.from(bytes.subarray(0, length)) }, length };
}

/** A command of `length` bytes, once they are all there. */
function whole(bytes: Buffer, length: number, make: (bytes: Buffer) => Command): Read {
  return bytes.length < length ? 'more' : { command: make(bytes), length };
}

const nothing = (): Command => ({ do: 'nothing' });

/** ESC commands of one argument that leave this paper as it is: spacing, underline, strike, fonts, code pages, rotation … */
const QUIET_ESCAPES = new Set([...' %-5=GMRTUVrtu{'].map((letter) => letter.charCodeAt(0)));

function readEscape(bytes: Buffer): Read {
  if (bytes.length < 2) return 'more';
  const letter = String.fromCharCode(bytes[1] ?? 0);
  const n = bytes[2] ?? 0;
  switch (letter) {
    case '@':
      return whole(bytes, 2, () => ({ do: 'initialise' }));
    case '2':
      return whole(bytes, 2, () => ({ do: 'line-spacing', dots: 'default' }));
    case '3':
      return whole(bytes, 3, () => ({ do: 'line-spacing', dots: n }));
    case 'a':
      return whole(bytes, 3, () => ({ do: 'align', n }));
    case 'E':
      return whole(bytes, 3, () => ({ do: 'bold', n }));
    case '!':
      return whole(bytes, 3, () => ({ do: 'mode', n }));
    case 'J':
      return whole(bytes, 3, () => ({ do: 'feed-dots', n }));
    case 'd':
      return whole(bytes, 3, () => ({ do: 'feed-lines', n }));
    case 'i':
    case 'm':
      return whole(bytes, 2, () => ({ do: 'cut', feed: 0 }));
    case 'p':
      return whole(bytes, 5, () => ({ do: 'drawer' }));
    case '$':
    case '\\':
    case 'B':
    case 'c':
      return whole(bytes, 4, nothing);
    case '*':
      return readColumns(bytes);
    default:
      return QUIET_ESCAPES.has(bytes[1] ?? 0) ? whole(bytes, 3, nothing) : unknown(bytes, 2);
  }
}

/** ESC *: the old column picture. Taken off the wire whole; not drawn. */
function readColumns(bytes: Buffer): Read {
  if (bytes.length < 5) return 'more';
  const columns = (bytes[3] ?? 0) + (bytes[4] ?? 0) * 256;
  return whole(bytes, 5 + columns * ((bytes[2] ?? 0) >= 32 ? 3 : 1), nothing);
}

const QUIET_GROUPS_ONE = new Set([...'BEHTbfhwx/'].map((letter) => letter.charCodeAt(0)));
const QUIET_GROUPS_TWO = new Set([...'$LPW\\'].map((letter) => letter.charCodeAt(0)));

function readGroup(bytes: Buffer): Read {
  if (bytes.length < 2) return 'more';
  const letter = String.fromCharCode(bytes[1] ?? 0);
  const n = bytes[2] ?? 0;
  switch (letter) {
    case '!':
      return whole(bytes, 3, () => ({ do: 'size', n }));
    case 'a':
      return whole(bytes, 3, () => ({ do: 'tell-changes', n }));
    case 'r':
      return whole(bytes, 3, () => ({ do: 'ask-status', n }));
    case 'I':
      return whole(bytes, 3, () => ({ do: 'ask-name', n }));
    case 'V':
      return bytes.length < 3 ? 'more' : whole(bytes, n >= 65 ? 4 : 3, (all) => ({ do: 'cut', feed: n >= 65 ? (all[3] ?? 0) : 0 }));
    case 'v':
      return readRaster(bytes);
    case '(':
      return readParameters(bytes);
    case '8':
      return readLongGraphics(bytes);
    case 'k':
      return readBarcode(bytes);
    default:
      if (QUIET_GROUPS_ONE.has(bytes[1] ?? 0)) return whole(bytes, 3, nothing);
      return QUIET_GROUPS_TWO.has(bytes[1] ?? 0) ? whole(bytes, 4, nothing) : unknown(bytes, 2);
  }
}

function readRaster(bytes: Buffer): Read {
  if (bytes.length < 8) return 'more';
  const bytesPerRow = bytes.readUInt16LE(4);
  const rows = bytes.readUInt16LE(6);
  return whole(bytes, 8 + bytesPerRow * rows, (all) => ({
    do: 'raster',
    mode: (all[3] ?? 0) & 3,
    bytesPerRow,
    rows,
    data: Uint8Array.from(all.subarray(8, 8 + bytesPerRow * rows)),
  }));
}

/** GS ( x pL pH …: the length is always told, so an unknown one is passed over whole. */
function readParameters(bytes: Buffer): Read {
  if (bytes.length < 5) return 'more';
  const length = 5 + bytes.readUInt16LE(3);
  return whole(bytes, length, (all) => {
    const data = Uint8Array.from(all.subarray(5, length));
    const letter = String.fromCharCode(all[2] ?? 0);
    if (letter === 'k') return { do: 'qr', data };
    if (letter === 'L') return { do: 'graphics', data };
    return letter === 'H' && data[0] === 0x30 ? { do: 'ask-process', data } : { do: 'nothing' };
  });
}

/** GS 8 L: as GS ( L, with a length of four bytes. */
function readLongGraphics(bytes: Buffer): Read {
  if (bytes.length < 7) return 'more';
  const length = 7 + bytes.readUInt32LE(3);
  return whole(bytes, length, (all) => ({ do: 'graphics', data: Uint8Array.from(all.subarray(7, length)) }));
}

/** GS k: bar codes are taken off the wire and not drawn. */
function readBarcode(bytes: Buffer): Read {
  if (bytes.length < 4) return 'more';
  if ((bytes[2] ?? 0) >= 65) return whole(bytes, 4 + (bytes[3] ?? 0), nothing);
  const end = bytes.indexOf(0, 3);
  return end < 0 ? 'more' : whole(bytes, end + 1, nothing);
}

function readFont(bytes: Buffer): Read {
  if (bytes.length < 2) return 'more';
  const letter = String.fromCharCode(bytes[1] ?? 0);
  if (letter === '.' || letter === '&') return whole(bytes, 2, nothing);
  if (letter === 'S') return whole(bytes, 4, nothing);
  if (letter === '(') return bytes.length < 5 ? 'more' : whole(bytes, 5 + bytes.readUInt16LE(3), nothing);
  return '!-CW'.includes(letter) ? whole(bytes, 3, nothing) : unknown(bytes, 2);
}

/** The receiver has already obeyed these; in the buffer they are only passed over. */
function readRealtime(bytes: Buffer): Read {
  if (bytes.length < 3) return 'more';
  const [, second, third] = bytes;
  if (second === 0x04 || second === 0x05) return whole(bytes, 3, nothing);
  if (second !== 0x14) return unknown(bytes, 1);
  return whole(bytes, third === 8 ? 10 : third === 7 ? 4 : 5, nothing);
}

function unknown(bytes: Buffer, length: number): Read {
  return whole(bytes, length, (all) => ({ do: 'unknown', bytes: [...all.subarray(0, length)] }));
}
