import { z } from 'zod';

/** Kinds of device that a counter can have (R106, R113). */
export const DEVICE_KINDS = [
  'printer',
  'scanner',
  'finger-reader',
  'security-key',
  'aadhaar',
  'document-scanner',
  'camera',
  'page-printer',
  'ups',
  'gnss',
  'speaker',
] as const;
export const deviceKind = z.enum(DEVICE_KINDS);
export type DeviceKind = z.infer<typeof deviceKind>;

/** `warning`: works, and needs someone soon. `trouble`: is there, and does not work. `absent`: not connected, or without power. */
export const deviceState = z.enum(['ready', 'warning', 'trouble', 'absent']);
export type DeviceState = z.infer<typeof deviceState>;

/** What can be wrong with a device, by a stable code; the screen has a text for each (see `problem.ts`). */
export const DEVICE_PROBLEM_CODES = [
  // The port of any of them
  'device-busy',
  'device-denied',
  // The receipt printer
  'paper-out',
  'cover-open',
  'printer-absent',
  'printer-error',
  'printer-hot',
  'cutter-error',
  'printer-silent',
  'printer-near-end',
  'stock-low',
  'stock-out',
  'stock-first',
  'stock-wrong',
  // The code scanner
  'scanner-absent',
  'scanner-keyboard',
  'scanner-error',
  // The fingerprint reader
  'finger-reader-absent',
  'finger-reader-silent',
  'finger-reader-locked',
  'finger-reader-error',
  'finger-none',
  'finger-unclear',
  'finger-no-match',
  'finger-not-enrolled',
  'finger-library-full',
  // The operator's security key
  'key-absent',
  'key-error',
  'key-unknown',
  /** Its signature counter went back: a copy of it is in use (XFS: potentialFraud). */
  'key-copied',
  'key-no-finger',
  'key-not-touched',
  'key-denied',
  'key-blocked',
  // Aadhaar capture by a registered device
  'aadhaar-absent',
  'aadhaar-not-ready',
  'aadhaar-busy',
  'aadhaar-not-captured',
  'aadhaar-poor',
  'aadhaar-too-large',
  'aadhaar-error',
  // The document scanner
  'document-scanner-absent',
  'document-scanner-busy',
  'document-scanner-jam',
  'document-scanner-cover',
  'document-scanner-empty',
  'document-scanner-error',
  // The camera
  'camera-absent',
  'camera-busy',
  'camera-error',
  // The page printer
  'page-printer-absent',
  'page-printer-paper',
  'page-printer-jam',
  'page-printer-cover',
  'page-printer-toner-low',
  'page-printer-toner-out',
  'page-printer-stuck',
  'page-printer-error',
  // The UPS
  'ups-absent',
  'ups-on-battery',
  'ups-low',
  'ups-recharging',
  'ups-battery-worn',
  'ups-overload',
  // The place
  'gnss-absent',
  'gnss-no-fix',
  'outside-place',
  // The speaker
  'speaker-absent',
  'speaker-error',
] as const;
export type DeviceProblemCode = (typeof DEVICE_PROBLEM_CODES)[number];
