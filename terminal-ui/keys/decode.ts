import { StringDecoder } from 'node:string_decoder';
import { named, typed, type Key, type KeyName } from './key.js';

/** `ESC [ … letter`, and `ESC O letter` of cursor keys in application mode. */
const BY_LETTER: Readonly<Record<string, KeyName>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
  Z: 'back-tab',
};

/** `ESC [ number ~`. */
const BY_NUMBER: Readonly<Record<string, KeyName>> = {
  1: 'home',
  3: 'delete',
  4: 'end',
  5: 'page-up',
  6: 'page-down',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};

/** `ESC [ [ letter`: function keys of the Linux console. */
const BY_CONSOLE_LETTER: Readonly<Record<string, KeyName>> = { A: 'f1', B: 'f2', C: 'f3', D: 'f4', E: 'f5' };

/** `ESC O p` to `ESC O y`: the keypad in application mode (DECKPAM, VT100) types its digits, so Num Lock does not matter. */
const KEYPAD_TEXT: Readonly<Record<string, string>> = {
  p: '0',
  q: '1',
  r: '2',
  s: '3',
  t: '4',
  u: '5',
  v: '6',
  w: '7',
  x: '8',
  y: '9',
  n: '.',
  l: ',',
  m: '-',
  k: '+',
  j: '*',
  o: '/',
};

const BY_BYTE: Readonly<Record<string, KeyName>> = { '\r': 'enter', '\n': 'enter', '\t': 'tab', '\x7f': 'backspace', '\b': 'backspace' };

const SEQUENCE = /^\x1b(?:\[\[(?<console>[A-E])|\[(?<params>[\d;:<=>?]*)[ -/]*(?<final>[@-~])|O(?<modifier>\d?)(?<shift3>[A-Za-z]))/u;
const UNFINISHED = /^\x1b(?:\[\[?|\[[\d;:<=>?]*[ -/]*|O\d?)?$/u;

type Step = { readonly keys: readonly Key[]; readonly length: number };

function namedOrNothing(name: KeyName | undefined): readonly Key[] {
  return name === undefined ? [] : [named(name)];
}

function readSequence(text: string): Step | undefined {
  const match = SEQUENCE.exec(text);
  if (match?.groups === undefined) return undefined;
  const { console: consoleLetter, params, final, shift3 } = match.groups;
  const length = match[0].length;
  if (consoleLetter !== undefined) return { keys: namedOrNothing(BY_CONSOLE_LETTER[consoleLetter]), length };
  if (shift3 !== undefined) {
    const text3 = KEYPAD_TEXT[shift3];
    if (text3 !== undefined) return { keys: [typed(text3)], length };
    return { keys: namedOrNothing(shift3 === 'M' ? 'enter' : BY_LETTER[shift3]), length };
  }
  // `ESC [ row ; column R` is a cursor report that came late, not F3.
  if (final === 'R' && params !== '') return { keys: [], length };
  const first = (params ?? '').split(';')[0] ?? '';
  return { keys: namedOrNothing(final === '~' ? BY_NUMBER[first] : BY_LETTER[final ?? '']), length };
}

function readOne(text: string): Step {
  const head = String.fromCodePoint(text.codePointAt(0) ?? 0);
  if (head === '\x1b') return readSequence(text) ?? { keys: [named('escape')], length: 1 };
  const name = BY_BYTE[head];
  if (name !== undefined) return { keys: [named(name)], length: head.length };
  // Ctrl-C, Ctrl-Z and their like do nothing: on an appliance there is no shell to fall back to.
  if (/^\p{Cc}$/u.test(head)) return { keys: [], length: head.length };
  return { keys: [typed(head)], length: head.length };
}

/**
 * Turns what a terminal sends into keys. Feed it whatever arrives; a sequence or a letter cut in two is kept until its rest comes.
 * A lone ESC may be the key or the start of a sequence: call `flush` a few milliseconds later to settle it.
 */
export class KeyDecoder {
  readonly #utf8 = new StringDecoder('utf8');
  #held = '';

  /** True while something waits for its rest. */
  get waiting(): boolean {
    return this.#held !== '';
  }

  feed(bytes: Uint8Array): readonly Key[] {
    const keys: Key[] = [];
    let text = this.#held + this.#utf8.write(Buffer.from(bytes));
    this.#held = '';
    while (text !== '') {
      if (UNFINISHED.test(text)) {
        this.#held = text;
        break;
      }
      const step = readOne(text);
      keys.push(...step.keys);
      text = text.slice(step.length);
    }
    return keys;
  }

  /** Nothing more came: a held ESC was the Escape key; a torn sequence is dropped. */
  flush(): readonly Key[] {
    const held = this.#held;
    this.#held = '';
    return held === '\x1b' ? [named('escape')] : [];
  }
}
