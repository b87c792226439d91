import { create } from 'qrcode';
import { blacken, blankBitmap, stamp, type Bitmap } from '../../raster/bitmap.js';
import type { Command } from './interpreter.js';
import { enlarged } from './typesetter.js';

type Raster = Extract<Command, { do: 'raster' }>;

const CORRECTION = { 0x30: 'L', 0x31: 'M', 0x32: 'Q', 0x33: 'H' } as const;

/** Pictures that commands describe: raster, stored graphics and QR codes with the settings that came before them. */
export class Pictures {
  private qrText = Buffer.alloc(0);
  private qrModule = 3;
  private qrCorrection: 'L' | 'M' | 'Q' | 'H' = 'L';
  private stored: Bitmap | undefined;

  white(widthDots: number, rows: number): Bitmap {
    return blankBitmap(widthDots, rows);
  }

  /** GS v 0; modes 1 and 2 double the width and the height. */
  raster({ bytesPerRow, rows, data, mode }: Raster): Bitmap {
    const bitmap = { widthDots: bytesPerRow * 8, heightDots: rows, bytesPerRow, data };
    return enlarged(bitmap, (mode & 1) + 1, ((mode >> 1) & 1) + 1);
  }

  /** The picture at its place on a row as wide as the head. */
  shifted(picture: Bitmap, x: number, widthDots: number): Bitmap {
    const row = blankBitmap(widthDots, picture.heightDots);
    stamp(row, picture, x, 0);
    return row;
  }

  /** GS ( L: function 112 stores a raster picture, functions 2 and 50 print it. */
  graphics(data: Uint8Array): Bitmap | undefined {
    const [, fn = 0, , across = 1, down = 1, , xLow = 0, xHigh = 0, yLow = 0, yHigh = 0] = data;
    if (fn === 112) {
      const widthDots = xLow + xHigh * 256;
      const plain = { widthDots, heightDots: yLow + yHigh * 256, bytesPerRow: Math.ceil(widthDots / 8), data: data.subarray(10) };
      this.stored = enlarged(plain, across, down);
    }
    return fn === 2 || fn === 50 ? this.stored : undefined;
  }

  /** GS ( k with cn 49: functions 67 module size, 69 correction, 80 store, 81 print. */
  qr(data: Uint8Array): Bitmap | undefined {
    const [kind, fn, n = 0] = data;
    if (kind !== 0x31) return undefined;
    if (fn === 67) this.qrModule = Math.min(16, Math.max(1, n));
    if (fn === 69 && n >= 0x30 && n <= 0x33) this.qrCorrection = CORRECTION[n as keyof typeof CORRECTION];
    if (fn === 80) this.qrText = Buffer.from(data.subarray(3));
    return fn === 81 && this.qrText.length > 0 ? this.drawQr() : undefined;
  }

  private drawQr(): Bitmap {
    const { modules } = create([{ data: this.qrText, mode: 'byte' }], { errorCorrectionLevel: this.qrCorrection });
    const bitmap = blankBitmap(modules.size * this.qrModule, modules.size * this.qrModule);
    for (let y = 0; y < modules.size; y += 1) {
      for (let x = 0; x < modules.size; x += 1) {
        if (modules.get(y, x) !== 0) blacken(bitmap, x * this.qrModule, y * this.qrModule, this.qrModule, this.qrModule);
      }
    }
    return bitmap;
  }
}
