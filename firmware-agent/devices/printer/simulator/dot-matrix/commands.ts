/** What the virtual dot-matrix printer understands of ESC/P, one command at a time. */
export type DotCommand =
  | { readonly do: 'text'; readonly bytes: Uint8Array }
  | { readonly do: 'carriage-return' }
  | { readonly do: 'line-feed' }
  | { readonly do: 'form-feed' }
  | { readonly do: 'initialise' }
  | { readonly do: 'cancel-line' }
  /** In the vertical units of the printer; negative for backwards. */
  | { readonly do: 'feed'; readonly units: number }
  | { readonly do: 'spacing'; readonly of: 'eighth' | 'seven-72nds' | 'sixth' | { readonly units: number } | { readonly coarse: number } }
  | { readonly do: 'bold' | 'strike-twice' | 'wide' | 'condensed'; readonly to: 'on' | 'off' }
  | { readonly do: 'pitch'; readonly cellsAnInch: 10 | 12 | 15 }
  | { readonly do: 'form'; readonly length: { readonly lines: number } | { readonly inches: number } }
  | { readonly do: 'left-margin'; readonly cells: number }
  /** Sixtieths of an inch from the left margin. */
  | { readonly do: 'position'; readonly sixtieths: number }
  | { readonly do: 'picture'; readonly mode: number; readonly columns: number; readonly data: Uint8Array }
  /** Known, and without effect on this paper: character sets, quality, direction of the carriage, the perforation. */
  | { readonly do: 'nothing' }
  | { readonly do: 'unknown'; readonly bytes: readonly number[] };

type Read = { readonly command: DotCommand; readonly length: number } | 'more';

const ESC = 0x1b;
const NOTHING: DotCommand = { do: 'nothing' };

/** Modes of ESC *: dots an inch across, and whether 8 or 24 pins strike. Modes 2, 3 and 40 never strike two neighbours. */
export const PICTURE_MODES: Readonly<Record<number, { readonly dotsAcrossAnInch: number; readonly pins: 8 | 24 }>> = {
  0: { dotsAcrossAnInch: 60, pins: 8 },
  1: { dotsAcrossAnInch: 120, pins: 8 },
  2: { dotsAcrossAnInch: 120, pins: 8 },
  3: { dotsAcrossAnInch: 240, pins: 8 },
  4: { dotsAcrossAnInch: 80, pins: 8 },
  5: { dotsAcrossAnInch: 72, pins: 8 },
  6: { dotsAcrossAnInch: 90, pins: 8 },
  7: { dotsAcrossAnInch: 144, pins: 8 },
  32: { dotsAcrossAnInch: 60, pins: 24 },
  33: { dotsAcrossAnInch: 120, pins: 24 },
  38: { dotsAcrossAnInch: 90, pins: 24 },
  39: { dotsAcrossAnInch: 180, pins: 24 },
  40: { dotsAcrossAnInch: 360, pins: 24 },
};

/** The next command of the buffer; `more` while it is incomplete. Any bytes are read without a fault. */
export function readDotCommand(bytes: Uint8Array): Read {
  const first = bytes[0];
  if (first === undefined) return 'more';
  if (first === ESC) return readEscape(bytes);
  if (first < 0x20 || first === 0x7f) return { command: controlOf(first), length: 1 };
  let length = 1;
  while (length < bytes.length && (bytes[length] ?? 0) >= 0x20 && bytes[length] !== 0x7f) length += 1;
  return { command: { do: 'text', bytes: Uint8Array.from(bytes.subarray(0, length)) }, length };
}

function controlOf(byte: number): DotCommand {
  switch (byte) {
    case 0x0a:
      return { do: 'line-feed' };
    case 0x0c:
      return { do: 'form-feed' };
    case 0x0d:
      return { do: 'carriage-return' };
    case 0x0e:
      return { do: 'wide', to: 'on' };
    case 0x14:
      return { do: 'wide', to: 'off' };
    case 0x0f:
      return { do: 'condensed', to: 'on' };
    case 0x12:
      return { do: 'condensed', to: 'off' };
    case 0x18:
      return { do: 'cancel-line' };
    default:
      return NOTHING;
  }
}

const switched = (n: number): 'on' | 'off' => (n % 48 === 0 ? 'off' : 'on');

/** ESC commands without an argument. */
const ALONE: Readonly<Record<string, DotCommand>> = {
  '@': { do: 'initialise' },
  '0': { do: 'spacing', of: 'eighth' },
  '1': { do: 'spacing', of: 'seven-72nds' },
  '2': { do: 'spacing', of: 'sixth' },
  E: { do: 'bold', to: 'on' },
  F: { do: 'bold', to: 'off' },
  G: { do: 'strike-twice', to: 'on' },
  H: { do: 'strike-twice', to: 'off' },
  P: { do: 'pitch', cellsAnInch: 10 },
  M: { do: 'pitch', cellsAnInch: 12 },
  g: { do: 'pitch', cellsAnInch: 15 },
  '\x0e': { do: 'wide', to: 'on' },
  '\x0f': { do: 'condensed', to: 'on' },
  O: NOTHING,
  T: NOTHING,
  '4': NOTHING,
  '5': NOTHING,
  '6': NOTHING,
  '7': NOTHING,
  '8': NOTHING,
  '9': NOTHING,
  '<': NOTHING,
  '=': NOTHING,
  '>': NOTHING,
  '#': NOTHING,
};

/** ESC commands with one argument. */
const WITH_ONE: Readonly<Record<string, (n: number) => DotCommand>> = {
  J: (n) => ({ do: 'feed', units: n }),
  j: (n) => ({ do: 'feed', units: -n }),
  '3': (n) => ({ do: 'spacing', of: { units: n } }),
  A: (n) => ({ do: 'spacing', of: { coarse: n } }),
  W: (n) => ({ do: 'wide', to: switched(n) }),
  l: (n) => ({ do: 'left-margin', cells: n }),
  ...Object.fromEntries([...'NRUxtQ-SwkpraisI!\x19/'].map((letter) => [letter, () => NOTHING])),
};

/** The old names of modes 0 to 3. */
const OLD_PICTURES: Readonly<Record<string, number>> = { K: 0, L: 1, Y: 2, Z: 3 };

function readEscape(bytes: Uint8Array): Read {
  if (bytes.length < 2) return 'more';
  const letter = String.fromCharCode(bytes[1] ?? 0);
  const alone = ALONE[letter];
  if (alone !== undefined) return { command: alone, length: 2 };
  const one = WITH_ONE[letter];
  if (one !== undefined) return bytes.length < 3 ? 'more' : { command: one(bytes[2] ?? 0), length: 3 };
  const old = OLD_PICTURES[letter];
  if (old !== undefined) return readPicture(bytes, old, 2);
  switch (letter) {
    case '*':
      return bytes.length < 3 ? 'more' : readPicture(bytes, bytes[2] ?? 0, 3);
    case 'C':
      return readForm(bytes);
    case '$':
      return bytes.length < 4 ? 'more' : { command: { do: 'position', sixtieths: wordAt(bytes, 2) }, length: 4 };
    case '\\':
      return bytes.length < 4 ? 'more' : { command: NOTHING, length: 4 };
    case '(':
      return readParameters(bytes);
    case 'D':
    case 'B':
      return readTabs(bytes);
    default:
      return { command: { do: 'unknown', bytes: [...bytes.subarray(0, 2)] }, length: 2 };
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 256;
}

/** `at`: where the number of columns stands. An unknown mode can not be measured, so only its head is passed over. */
function readPicture(bytes: Uint8Array, mode: number, at: number): Read {
  const of = PICTURE_MODES[mode];
  if (of === undefined) return { command: { do: 'unknown', bytes: [...bytes.subarray(0, at)] }, length: at };
  if (bytes.length < at + 2) return 'more';
  const columns = wordAt(bytes, at);
  const length = at + 2 + columns * (of.pins / 8);
  return bytes.length < length
    ? 'more'
    : { command: { do: 'picture', mode, columns, data: Uint8Array.from(bytes.subarray(at + 2, length)) }, length };
}

function readForm(bytes: Uint8Array): Read {
  const n = bytes[2];
  if (n === undefined) return 'more';
  if (n > 0) return { command: { do: 'form', length: { lines: n } }, length: 3 };
  const inches = bytes[3];
  return inches === undefined ? 'more' : { command: { do: 'form', length: { inches } }, length: 4 };
}

function readParameters(bytes: Uint8Array): Read {
  if (bytes.length < 5) return 'more';
  const length = 5 + wordAt(bytes, 3);
  return bytes.length < length ? 'more' : { command: NOTHING, length };
}

/** Tab stops end with a NUL; there are at most 32. */
function readTabs(bytes: Uint8Array): Read {
  const end = bytes.indexOf(0, 2);
  if (end >= 0 && end <= 34) return { command: NOTHING, length: end + 1 };
  return bytes.length > 34 ? { command: { do: 'unknown', bytes: [...bytes.subarray(0, 2)] }, length: 2 } : 'more';
}
