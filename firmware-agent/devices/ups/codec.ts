/** Longest line that upsd sends or takes, and the most lines of one list that are read: a UPS names about a hundred variables. */
export const LINE_BYTES = 1_024;
export const LIST_LINES = 1_000;

/** The words of a line by the quoting of RFC 9271: `"…"` holds blanks, a backslash takes the next character as it is. */
export function wordsOf(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quoted: 'no' | 'yes' = 'no';
  const letters = line[Symbol.iterator]();
  for (const letter of letters) {
    if (letter === '\\') {
      const next = letters.next();
      if (next.done === true) return undefined;
      word = (word ?? '') + next.value;
    } else if (letter === '"') {
      quoted = quoted === 'yes' ? 'no' : 'yes';
      word ??= '';
    } else if (quoted === 'no' && /\s/u.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + letter;
  }
  if (quoted === 'yes') return undefined;
  return word === undefined ? words : [...words, word];
}

export function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/gu, (letter) => `\\${letter}`)}"`;
}

/** The flags of `ups.status` (RFC 9271) that change what is done; others are passed over. */
export const STATUS_FLAGS = ['OL', 'OB', 'LB', 'RB', 'OVER', 'FSD', 'CAL', 'CHRG', 'DISCHRG', 'BYPASS', 'WAIT', 'OFF'] as const;
export type StatusFlag = (typeof STATUS_FLAGS)[number];

export function flagsOf(status: string): ReadonlySet<StatusFlag> {
  const words = status.split(/\s+/u);
  return new Set(STATUS_FLAGS.filter((flag) => words.includes(flag)));
}

/** A variable as a number within bounds; drivers also write `NA`, blanks and nonsense. */
export function numberOf(text: string | undefined, most: number): number | undefined {
  if (text === undefined || !/^\d{1,9}(?:\.\d{1,9})?$/u.test(text)) return undefined;
  const value = Number(text);
  return value <= most ? value : undefined;
}
