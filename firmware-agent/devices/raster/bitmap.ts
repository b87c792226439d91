import { assert } from '#protocol/result/result.js';

/** One bit a dot: rows of whole bytes, most significant bit at the left, 1 = black. What a thermal head burns. */
export type Bitmap = { readonly widthDots: number; readonly heightDots: number; readonly bytesPerRow: number; readonly data: Uint8Array };

export function blankBitmap(widthDots: number, heightDots: number): Bitmap {
  assert(Number.isInteger(widthDots) && widthDots >= 0 && Number.isInteger(heightDots) && heightDots >= 0, 'a bitmap has whole dots');
  const bytesPerRow = Math.ceil(widthDots / 8);
  return { widthDots, heightDots, bytesPerRow, data: new Uint8Array(bytesPerRow * heightDots) };
}

export function isBlack(bitmap: Bitmap, x: number, y: number): boolean {
  return ((bitmap.data[y * bitmap.bytesPerRow + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0;
}

/** Blackens the dots of `source` on `target` with its upper left corner at (x, y); what falls outside is clipped. */
export function stamp(target: Bitmap, source: Bitmap, x: number, y: number): void {
  const shift = ((x % 8) + 8) % 8;
  const firstByte = Math.floor(x / 8);
  for (let row = Math.max(0, -y); row < source.heightDots && y + row < target.heightDots; row += 1) {
    const from = row * source.bytesPerRow;
    const to = (y + row) * target.bytesPerRow;
    for (let column = 0; column < source.bytesPerRow; column += 1) {
      const dots = source.data[from + column] ?? 0;
      if (dots === 0) continue;
      orByte(target, to, firstByte + column, dots >> shift);
      if (shift > 0) orByte(target, to, firstByte + column + 1, (dots << (8 - shift)) & 0xff);
    }
  }
}

function orByte(target: Bitmap, rowStart: number, column: number, dots: number): void {
  if (column < 0 || column >= target.bytesPerRow || dots === 0) return;
  const beyond = target.widthDots - column * 8;
  const kept = beyond >= 8 ? dots : dots & (0xff << (8 - beyond));
  target.data[rowStart + column] = (target.data[rowStart + column] ?? 0) | kept;
}

/** Blackens a rectangle; what falls outside is clipped. */
export function blacken(target: Bitmap, x: number, y: number, widthDots: number, heightDots: number): void {
  const endX = Math.min(target.widthDots, x + widthDots);
  const endY = Math.min(target.heightDots, y + heightDots);
  for (let row = Math.max(0, y); row < endY; row += 1) {
    for (let column = Math.max(0, x); column < endX; column += 1) {
      const at = row * target.bytesPerRow + (column >> 3);
      target.data[at] = (target.data[at] ?? 0) | (0x80 >> (column & 7));
    }
  }
}

/** Rows `from` (included) to `to` (excluded), sharing the dots of the source. */
export function rowsOf(bitmap: Bitmap, from: number, to: number): Bitmap {
  const { bytesPerRow, widthDots, data } = bitmap;
  return { widthDots, heightDots: to - from, bytesPerRow, data: data.subarray(from * bytesPerRow, to * bytesPerRow) };
}

/** The bitmaps one under the other, each at the left edge, on paper `widthDots` wide. */
export function stack(parts: readonly Bitmap[], widthDots: number): Bitmap {
  const whole = blankBitmap(
    widthDots,
    parts.reduce((height, part) => height + part.heightDots, 0),
  );
  let y = 0;
  for (const part of parts) {
    stamp(whole, part, 0, y);
    y += part.heightDots;
  }
  return whole;
}
