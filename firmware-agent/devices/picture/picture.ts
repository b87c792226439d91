import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';

export type PictureFormat = 'png' | 'jpeg' | 'tiff' | 'pnm';
export type Picture = { readonly format: PictureFormat; readonly widthPx: number; readonly heightPx: number };

type Read = Result<Picture, Failure<'not-a-picture' | 'cut-short'>>;

/**
 * Format, size, and whether the end is there: enough to refuse what a broken device or a full disk left behind, without decoding a pixel.
 * Any bytes in, in one pass (PNG: ISO/IEC 15948; JPEG: ITU-T T.81; TIFF 6.0; PNM: netpbm's binary P4 to P6).
 */
export function pictureOf(bytes: Uint8Array): Read {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return png(view);
    if (startsWith(bytes, [0xff, 0xd8, 0xff])) return jpeg(view);
    if (startsWith(bytes, [0x49, 0x49, 0x2a, 0x00])) return tiff(view, true);
    if (startsWith(bytes, [0x4d, 0x4d, 0x00, 0x2a])) return tiff(view, false);
    if (bytes[0] === 0x50 && (bytes[1] ?? 0) >= 0x34 && (bytes[1] ?? 0) <= 0x36) return pnm(bytes);
  } catch (error) {
    // The view ends before a field does.
    if (error instanceof RangeError) return failure('cut-short', 'the file ends in the middle');
    throw error;
  }
  return failure('not-a-picture', 'the file is no PNG, JPEG, TIFF or PNM');
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

function sized(format: PictureFormat, widthPx: number, heightPx: number): Read {
  if (widthPx < 1 || heightPx < 1) return failure('not-a-picture', 'the picture has no size');
  return ok({ format, widthPx, heightPx });
}

/** Chunk by chunk to IEND. */
function png(view: DataView): Read {
  let offset = 8;
  let data = 0;
  for (;;) {
    const length = view.getUint32(offset);
    const type = view.getUint32(offset + 4);
    if (offset === 8 && type !== 0x49484452) return failure('not-a-picture', 'the PNG has no header');
    view.getUint32(offset + 8 + length);
    if (type === 0x49444154) data += length;
    if (type === 0x49454e44) return data === 0 ? failure('cut-short', 'the PNG has no data') : sized('png', view.getUint32(16), view.getUint32(20));
    offset += 12 + length;
  }
}

/** Segment by segment to the first scan; the end is the end of image marker, behind which some writers pad with zeros. */
function jpeg(view: DataView): Read {
  let offset = 2;
  let size: readonly [number, number] | undefined;
  for (;;) {
    if (view.getUint8(offset) !== 0xff) return failure('not-a-picture', 'a segment of the JPEG does not begin with a marker');
    const marker = view.getUint8(offset + 1);
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    const length = view.getUint16(offset + 2);
    if (length < 2) return failure('not-a-picture', 'a segment of the JPEG has no length');
    // Start of frame, C0 to CF without C4, C8 and CC (tables).
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) size = [view.getUint16(offset + 7), view.getUint16(offset + 5)];
    offset += 2 + length;
    if (marker === 0xda) break;
  }
  let end = view.byteLength;
  while (end > offset && view.getUint8(end - 1) === 0) end -= 1;
  if (end - 2 <= offset || view.getUint16(end - 2) !== 0xffd9) return failure('cut-short', 'the JPEG has no end');
  return size === undefined ? failure('not-a-picture', 'the JPEG has no frame') : sized('jpeg', size[0], size[1]);
}

/** The first directory: width, height, and every strip within the file. */
function tiff(view: DataView, little: boolean): Read {
  const directory = view.getUint32(4, little);
  const entries = view.getUint16(directory, little);
  const field = (tag: number): { readonly count: number; readonly read: (i: number) => number } | undefined => {
    for (let i = 0; i < entries; i += 1) {
      const at = directory + 2 + i * 12;
      if (view.getUint16(at, little) !== tag) continue;
      const isShort = view.getUint16(at + 2, little) === 3;
      const count = view.getUint32(at + 4, little);
      const place = count * (isShort ? 2 : 4) <= 4 ? at + 8 : view.getUint32(at + 8, little);
      return { count, read: (n) => (isShort ? view.getUint16(place + n * 2, little) : view.getUint32(place + n * 4, little)) };
    }
    return undefined;
  };
  const starts = field(273);
  const lengths = field(279);
  if (starts === undefined || lengths === undefined || starts.count < 1) return failure('cut-short', 'the TIFF has no data');
  for (let i = 0; i < starts.count; i += 1) {
    if (starts.read(i) + lengths.read(i) > view.byteLength) return failure('cut-short', 'a strip of the TIFF is not in the file');
  }
  return sized('tiff', field(256)?.read(0) ?? 0, field(257)?.read(0) ?? 0);
}

/** `P4` (1 bit), `P5` (grey) or `P6` (colour), then width, height and, but for P4, the largest value, and exactly that many bytes. */
function pnm(bytes: Uint8Array): Read {
  const head = Buffer.from(bytes.subarray(0, 512)).toString('latin1');
  const [whole, kind, width, height, top] = /^P([456])(?:\s+|#[^\n]*\n)+(\d{1,6})\s+(\d{1,6})(?:\s+(\d{1,5}))?\s/u.exec(head) ?? [];
  if (whole === undefined) return failure('not-a-picture', 'the PNM has no header');
  const plain = kind === '4' ? /^P4(?:\s+|#[^\n]*\n)+\d{1,6}\s+\d{1,6}\s/u.exec(head)?.[0] : whole;
  const [across, down] = [Number(width), Number(height)];
  const perSample = Number(top ?? 255) > 255 ? 2 : 1;
  const row = kind === '4' ? Math.ceil(across / 8) : across * (kind === '6' ? 3 : 1) * perSample;
  if (bytes.length < (plain ?? whole).length + row * down) return failure('cut-short', 'the PNM ends in the middle');
  return sized('pnm', across, down);
}
