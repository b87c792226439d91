import { PNG } from 'pngjs';

/** A grey picture of squares, 8 by 8 pixels each: what the simulators of scanner and camera see. */
export type Mosaic = {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Shade of the square in that column and row: 0 black to 255 white. */
  readonly shade: (column: number, row: number) => number;
};

const SQUARE_PX = 8;

export function mosaicPng({ widthPx, heightPx, shade }: Mosaic): Buffer {
  const png = new PNG({ width: widthPx, height: heightPx, colorType: 0 });
  for (let y = 0; y < heightPx; y += 1) {
    for (let x = 0; x < widthPx; x += 1) {
      const at = (y * widthPx + x) * 4;
      png.data.fill(shade(x >> 3, y >> 3), at, at + 3);
      png.data[at + 3] = 255;
    }
  }
  return PNG.sync.write(png, { colorType: 0 });
}

/** Binary PNM (P5). */
export function mosaicPnm({ widthPx, heightPx, shade }: Mosaic): Buffer {
  const head = Buffer.from(`P5\n${widthPx} ${heightPx}\n255\n`, 'latin1');
  const pixels = Buffer.alloc(widthPx * heightPx);
  for (let y = 0; y < heightPx; y += 1) for (let x = 0; x < widthPx; x += 1) pixels[y * widthPx + x] = shade(x >> 3, y >> 3);
  return Buffer.concat([head, pixels]);
}

/** TIFF 6.0, little-endian, one uncompressed grey strip. */
export function mosaicTiff(mosaic: Mosaic): Buffer {
  const pixels = mosaicPnm(mosaic).subarray(-mosaic.widthPx * mosaic.heightPx);
  const entries: readonly (readonly [tag: number, type: 3 | 4, value: number])[] = [
    [256, 4, mosaic.widthPx],
    [257, 4, mosaic.heightPx],
    [258, 3, 8],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 8],
    [277, 3, 1],
    [278, 4, mosaic.heightPx],
    [279, 4, pixels.length],
  ];
  const head = Buffer.alloc(8);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(8 + pixels.length, 4);
  const directory = Buffer.alloc(2 + entries.length * 12 + 4);
  directory.writeUInt16LE(entries.length, 0);
  for (const [i, [tag, type, value]] of entries.entries()) {
    const at = 2 + i * 12;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(1, at + 4);
    directory.writeUInt32LE(value, at + 8);
  }
  return Buffer.concat([head, pixels, directory]);
}

/** Bits per category of a DC difference, in order of category (ITU-T T.81, table K.3). */
const DC_COUNTS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0] as const;

/**
 * Baseline JPEG (ITU-T T.81) whose squares are its blocks: each has a mean and no detail, so that a true JPEG needs no cosine transform.
 * The quantiser is 8 throughout, which makes the DC coefficient the shade itself, less 128.
 */
export function mosaicJpeg({ widthPx, heightPx, shade }: Mosaic): Buffer {
  const words = (...values: readonly number[]): number[] => values.flatMap((value) => [value >> 8, value & 0xff]);
  const segment = (marker: number, ...content: readonly number[]): number[] => [0xff, marker, ...words(content.length + 2), ...content];
  const head = [
    0xff,
    0xd8,
    ...segment(0xe0, ...Buffer.from('JFIF\0', 'latin1'), 1, 1, 0, ...words(1, 1), 0, 0),
    ...segment(0xdb, 0, ...Array.from({ length: 64 }, () => 8)),
    ...segment(0xc0, 8, ...words(heightPx, widthPx), 1, 1, 0x11, 0),
    ...segment(0xc4, 0x00, ...DC_COUNTS, ...Array.from({ length: 12 }, (_, i) => i)),
    // One AC symbol only, "end of block", coded as a single 0.
    ...segment(0xc4, 0x10, 1, ...Array.from({ length: 15 }, () => 0), 0),
    ...segment(0xda, 1, 1, 0x00, 0, 63, 0),
  ];
  const bits = new BitWriter();
  const codes = dcCodes();
  let before = 0;
  for (let row = 0; row < Math.ceil(heightPx / SQUARE_PX); row += 1) {
    for (let column = 0; column < Math.ceil(widthPx / SQUARE_PX); column += 1) {
      const mean = shade(column, row) - 128;
      const difference = mean - before;
      before = mean;
      const category = difference === 0 ? 0 : 32 - Math.clz32(Math.abs(difference));
      const [code, length] = codes[category] ?? [0, 2];
      bits.put(code, length);
      bits.put(difference < 0 ? difference + (1 << category) - 1 : difference, category);
      bits.put(0, 1);
    }
  }
  return Buffer.concat([Buffer.from(head), bits.end(), Buffer.from([0xff, 0xd9])]);
}

/** Code and length of each category, counted up as the standard tells (annex C). */
function dcCodes(): readonly (readonly [code: number, length: number])[] {
  const codes: [number, number][] = [];
  let code = 0;
  for (const [i, count] of DC_COUNTS.entries()) {
    for (let n = 0; n < count; n += 1) codes.push([code++, i + 1]);
    code <<= 1;
  }
  return codes;
}

class BitWriter {
  private readonly bytes: number[] = [];
  private held = 0;
  private count = 0;

  put(value: number, length: number): void {
    for (let bit = length - 1; bit >= 0; bit -= 1) {
      this.held = (this.held << 1) | ((value >> bit) & 1);
      this.count += 1;
      if (this.count < 8) continue;
      this.bytes.push(this.held);
      // A data byte FF is followed by a zero, so that it is no marker.
      if (this.held === 0xff) this.bytes.push(0);
      this.held = 0;
      this.count = 0;
    }
  }

  end(): Buffer {
    while (this.count > 0) this.put(1, 1);
    return Buffer.from(this.bytes);
  }
}
