import { PNG } from 'pngjs';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { pictureOf } from '../picture/picture.js';

export type Seen = { readonly widthPx: number; readonly heightPx: number };

/**
 * Least spread (standard deviation of the luminance, 0 to 127) of a picture that shows something. A covered lens or a camera that gives black
 * frames stays under 2, its noise included; a face before a wall is above 20.
 */
const LEAST_SPREAD = 4;

/**
 * Judges a photograph by its two files, made from one frame: the JPEG that is kept must be whole, and its twin in PNG, which is decoded here,
 * must have the same size and show something.
 */
export function judgePhotograph(jpeg: Uint8Array, png: Uint8Array): Result<Seen, Failure<'camera-error'>> {
  const kept = pictureOf(jpeg);
  if (!kept.ok) return failure('camera-error', kept.error.detail);
  const { format, widthPx, heightPx } = kept.value;
  if (format !== 'jpeg') return failure('camera-error', `the picture is no JPEG but ${format}`);
  const twin = decoded(png);
  if (twin?.width !== widthPx || twin.height !== heightPx) return failure('camera-error', 'the picture can not be decoded');
  const { mean, spread } = light(twin);
  if (spread < LEAST_SPREAD) return failure('camera-error', mean < 32 ? 'the picture is black' : 'the picture has one colour only');
  return ok({ widthPx, heightPx });
}

function decoded(png: Uint8Array): PNG | undefined {
  // Its size first: a header that promises a huge picture is not given the room for it.
  const size = pictureOf(png);
  if (!size.ok || size.value.format !== 'png' || size.value.widthPx * size.value.heightPx > 40_000_000) return undefined;
  try {
    return PNG.sync.read(Buffer.from(png));
  } catch {
    return undefined;
  }
}

/** Over every fourth pixel of every fourth row, which is plenty. */
function light({ width, height, data }: PNG): { readonly mean: number; readonly spread: number } {
  let [count, sum, squares] = [0, 0, 0];
  for (let y = 0; y < height; y += 4) {
    for (let x = 0; x < width; x += 4) {
      const at = (y * width + x) * 4;
      // Luminance of ITU-R BT.601.
      const value = 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
      count += 1;
      sum += value;
      squares += value * value;
    }
  }
  const mean = sum / count;
  return { mean, spread: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}
