import jsQR from 'jsqr';
import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import type { Language, LocalName } from '#protocol/identity/identity.js';
import { PAPER_DOTS, type PaperLine } from '#protocol/receipt/paper.js';
import { verifyReceipt, type CheckedReceipt } from '#protocol/receipt/receipt.js';
import { RECEIPT_WORDS } from '#protocol/receipt/words.js';
import type { VerifyKey } from '#protocol/signing/keys.js';
import { paperBitmap } from '../../firmware-agent/devices/raster/paper.js';

/** One receipt or slip, or the beginning of one, as it stands on a paper that left the printer. */
export type Found = {
  readonly file: string;
  /** Receipt number as printed; undefined when the paper ends above it. */
  readonly number: string | undefined;
  readonly kind: 'receipt' | 'slip' | 'unknown';
  readonly mark: 'none' | 'duplicate';
  /** The code, read by another program's decoder and verified with the district's key alone; undefined when it is not whole on the paper. */
  readonly code: CheckedReceipt | undefined;
};

const WIDTH = '58mm';
const LANGUAGES: readonly Language[] = ['en', 'hi'];
/** Rows at the head of a receipt in which its title and number stand. */
const HEAD_ROWS = 420;

type Rows = readonly string[];

/** A line of paper as rows of dots, without the white above and under it. */
function rowsOfLines(lines: readonly PaperLine[]): Rows {
  const { data, heightDots, bytesPerRow } = paperBitmap(lines, WIDTH);
  const rows = Array.from({ length: heightDots }, (_, y) => Buffer.from(data.subarray(y * bytesPerRow, (y + 1) * bytesPerRow)).toString('latin1'));
  const inked = (row: string): boolean => /[^\0]/u.test(row);
  return rows.slice(rows.findIndex(inked), rows.findLastIndex(inked) + 1);
}

function rowsOfPicture(png: PNG): Rows {
  return Array.from({ length: png.height }, (_, y) => {
    const row = Buffer.alloc(png.width / 8);
    for (let x = 0; x < png.width; x += 1) {
      if ((png.data[(y * png.width + x) * 4] ?? 255) < 128) row[x >> 3] = (row[x >> 3] ?? 0) | (0x80 >> (x & 7));
    }
    return row.toString('latin1');
  });
}

function standsAt(rows: Rows, wanted: Rows, y: number): boolean {
  return y >= 0 && wanted.every((row, i) => rows[y + i] === row);
}

function placesOf(rows: Rows, wanted: Rows, from: number, to: number): readonly number[] {
  const places: number[] = [];
  for (let y = from; y < to; y += 1) if (standsAt(rows, wanted, y)) places.push(y);
  return places;
}

const bold = (text: string): PaperLine => ({ kind: 'text', text, align: 'centre', weight: 'bold' });
const large = (text: string): PaperLine => ({ kind: 'text', text, align: 'centre', weight: 'large' });

/**
 * Reads papers by their dots, knowing nothing of the ledger or of what was sent: looks for the lines that head a receipt, for the word DUPLICATE right
 * above them, for the printed number, and decodes the code.
 */
export class PaperReader {
  readonly #heads: readonly { readonly plain: Rows; readonly marked: Rows }[];
  readonly #titles: readonly { readonly kind: 'receipt' | 'slip'; readonly rows: Rows }[];
  readonly #numbers: readonly { readonly number: string; readonly rows: Rows }[];
  readonly #district: VerifyKey;

  /** @param numbers every receipt number that can stand on a paper */
  constructor(society: LocalName, numbers: readonly string[], district: VerifyKey) {
    this.#district = district;
    this.#heads = LANGUAGES.map((l) => ({
      plain: rowsOfLines([bold(society[l])]),
      marked: rowsOfLines([bold('*** DUPLICATE ***'), bold(society[l])]),
    }));
    this.#titles = LANGUAGES.flatMap((l) => [
      { kind: 'receipt' as const, rows: rowsOfLines([large(RECEIPT_WORDS[l].title)]) },
      { kind: 'slip' as const, rows: rowsOfLines([large(RECEIPT_WORDS[l].refusedTitle)]) },
    ]);
    this.#numbers = LANGUAGES.flatMap((l) =>
      numbers.map((number) => ({ number, rows: rowsOfLines([{ kind: 'pair', left: RECEIPT_WORDS[l].number, right: number, weight: 'normal' }]) })),
    );
  }

  read(folder: string, file: string): readonly Found[] {
    const png = PNG.sync.read(readFileSync(`${folder}/${file}`));
    if (png.width !== PAPER_DOTS[WIDTH]) throw new Error(`${file} is ${png.width} dots wide`);
    const rows = rowsOfPicture(png);
    const heads = this.#headsOf(rows);
    return heads.map(({ y, mark }, i) => {
      const end = heads[i + 1]?.y ?? rows.length;
      const head = Math.min(end, y + HEAD_ROWS);
      return {
        file,
        mark,
        number: this.#numbers.find((n) => placesOf(rows, n.rows, y, head).length > 0)?.number,
        kind: this.#titles.find((t) => placesOf(rows, t.rows, y, head).length > 0)?.kind ?? 'unknown',
        code: this.#codeOf(png, y, end),
      };
    });
  }

  #headsOf(rows: Rows): readonly { readonly y: number; readonly mark: Found['mark'] }[] {
    return this.#heads
      .flatMap(({ plain, marked }) =>
        placesOf(rows, plain, 0, rows.length).map((y) => {
          const isMarked = standsAt(rows, marked, y + plain.length - marked.length);
          return { y, mark: isMarked ? ('duplicate' as const) : ('none' as const) };
        }),
      )
      .toSorted((a, b) => a.y - b.y);
  }

  #codeOf(png: PNG, from: number, to: number): CheckedReceipt | undefined {
    const bytes = new Uint8ClampedArray(png.data.subarray(from * png.width * 4, to * png.width * 4));
    const read = jsQR.default(bytes, png.width, to - from, { inversionAttempts: 'dontInvert' });
    // On dots that are no code it sometimes sees an empty one.
    if (read === null || read.data === '') return undefined;
    const checked = verifyReceipt(this.#district, read.data);
    if (!checked.ok) throw new Error(`a printed code does not verify: ${checked.error.detail}`);
    return checked.value;
  }
}
