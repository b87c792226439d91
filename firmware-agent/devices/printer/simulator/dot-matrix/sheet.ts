import { blankBitmap, type Bitmap } from '../../../raster/bitmap.js';
import type { Pins } from '../../escp/grid.js';
import { ACROSS_AN_INCH, DOWN_AN_INCH } from './carriage.js';

/** Dots an inch of the picture of a sheet. */
export const PICTURE_DPI = 360;

/** A pin makes a round dot, larger than the distance to the next: 0.20 mm on 24 pins, 0.29 mm on 9. */
const PIN_RADIUS: Readonly<Record<Pins, number>> = { 24: ((0.2 / 25.4) * PICTURE_DPI) / 2, 9: ((0.29 / 25.4) * PICTURE_DPI) / 2 };
/** White left and right of the columns, and under the last dot. */
const MARGIN = PICTURE_DPI / 4;

/** One form with what the pins struck on it. */
export class Sheet {
  private readonly pins: Pins;
  private readonly widthDots: number;
  private dots: (readonly [number, number])[] = [];

  constructor(pins: Pins, columns: number) {
    this.pins = pins;
    this.widthDots = (columns / 10) * PICTURE_DPI + 2 * MARGIN;
  }

  get isBlank(): boolean {
    return this.dots.length === 0;
  }

  strike(x: number, y: number): void {
    this.dots.push([x, y]);
  }

  /** Takes the form out as a picture, cut under its last dot. */
  take(): Bitmap {
    const radius = PIN_RADIUS[this.pins];
    const lowest = this.dots.reduce((low, [, y]) => Math.max(low, y), 0);
    const height = Math.ceil((lowest * PICTURE_DPI) / DOWN_AN_INCH) + 2 * MARGIN;
    const picture = blankBitmap(Math.ceil(this.widthDots), height);
    const across = PICTURE_DPI / ACROSS_AN_INCH;
    const down = PICTURE_DPI / DOWN_AN_INCH;
    for (const [x, y] of this.dots) disc(picture, MARGIN + x * across, MARGIN + y * down, radius);
    this.dots = [];
    return picture;
  }
}

function disc(picture: Bitmap, x: number, y: number, radius: number): void {
  for (let row = Math.max(0, Math.ceil(y - radius)); row <= y + radius && row < picture.heightDots; row += 1) {
    const half = Math.sqrt(radius * radius - (row - y) * (row - y));
    for (let column = Math.max(0, Math.ceil(x - half)); column <= x + half && column < picture.widthDots; column += 1) {
      const at = row * picture.bytesPerRow + (column >> 3);
      picture.data[at] = (picture.data[at] ?? 0) | (0x80 >> (column & 7));
    }
  }
}
