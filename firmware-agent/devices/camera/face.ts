import type { Failure, Result } from '#protocol/result/result.js';
import type { DeviceFace } from '../ports.js';

/** The problem codes that a camera can give. */
export const CAMERA_CAUSES = ['camera-absent', 'camera-busy', 'camera-error'] as const;
export type CameraCause = (typeof CAMERA_CAUSES)[number];

export type Photograph = {
  /** Absolute path of a JPEG file, in the photograph's own private folder. */
  readonly file: string;
  readonly bytes: number;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Removes it; for the caller, as soon as it is used. */
  readonly discard: () => void;
};

export type PhotographFailure = Failure<CameraCause | 'cancelled'>;

export type CameraHandle = DeviceFace & {
  /** One picture, decoded and found to show something. After a failure nothing is kept. */
  readonly photograph: (request?: { readonly signal?: AbortSignal }) => Promise<Result<Photograph, PhotographFailure>>;
};
