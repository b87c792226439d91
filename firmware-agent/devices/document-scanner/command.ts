import type { PictureFormat } from '../picture/picture.js';
import type { ScanMode, ScanSource } from './face.js';

/** How the pages of one device are scanned. */
export type ScanSettings = {
  readonly format: PictureFormat;
  readonly mode: ScanMode;
  readonly resolutionDpi: number;
  readonly pageWidthMm: number;
  readonly pageHeightMm: number;
  /** The device's own word for where the page lies, given as `--source`; undefined for devices that have one place only. */
  readonly source: string | undefined;
  /** Further options of this device, as `scanimage -A` lists them. */
  readonly extra: readonly string[];
};

/** The names that SANE's standard gives to the modes (SANE standard 1.06, §4.5.5 "well-known options"). */
const MODE_NAMES = { lineart: 'Lineart', gray: 'Gray', colour: 'Color' } as const;

/** Enough for any application with its annexes, and a bound for a feeder that never says it is empty. */
export const MOST_PAGES = 50;

export const LIST_WORDS = ['--formatted-device-list=%d|%v|%m|%t%n'] as const;

/** Opens the device, sets nothing, scans nothing. */
export function openWords(device: string): readonly string[] {
  return [`--device-name=${device}`, '--dont-scan'];
}

/** Files are named p0001, p0002 … in the working folder, and each is named on standard output when it is whole. */
export function scanWords(device: string, from: ScanSource, pages: number, settings: ScanSettings): readonly string[] {
  const { format, mode, resolutionDpi, pageWidthMm, pageHeightMm, source, extra } = settings;
  return [
    `--device-name=${device}`,
    ...(source === undefined ? [] : [`--source=${source}`]),
    `--mode=${MODE_NAMES[mode]}`,
    `--resolution=${resolutionDpi}`,
    '-l',
    '0',
    '-t',
    '0',
    '-x',
    String(pageWidthMm),
    '-y',
    String(pageHeightMm),
    `--format=${format}`,
    `--batch=p%04d.${format}`,
    `--batch-count=${from === 'flatbed' ? 1 : pages}`,
    '--batch-print',
    '--progress',
    ...extra,
  ];
}
