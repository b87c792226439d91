import { englishDeviceProblems } from '../counter/english-device-problems.js';
import { hindiDeviceProblems } from '../counter/hindi-device-problems.js';
import { DEVICE_PROBLEM_CODES, type DeviceProblemCode } from '../counter/device.js';
import type { Problem } from '../counter/problem.js';
import { fill } from '../counter/problem-text.js';
import type { Language } from '../identity/identity.js';
import type { SubjectKind } from './messages.js';

const ENGLISH = {
  title: 'BENCH SHEET',
  unsigned: 'NOT SIGNED: this machine is not enrolled',
  signed: 'Signed by the kiosk',
  kiosk: 'Kiosk',
  time: 'Date, time',
  software: 'Software',
  pass: 'PASS',
  partial: 'PARTIAL',
  'partial-note': 'Some checks were not done.',
  partly: 'ok in part',
  fail: 'FAIL',
  nothing: 'NOTHING TESTED',
  'not-done': 'not done',
  code: 'Sheet code',
} as const;
export type SheetWord = keyof typeof ENGLISH;

const HINDI: Readonly<Record<SheetWord, string>> = {
  title: 'जाँच पत्र',
  unsigned: 'हस्ताक्षर नहीं: मशीन पंजीकृत नहीं है',
  signed: 'कियोस्क के हस्ताक्षर सहित',
  kiosk: 'कियोस्क',
  time: 'दिनांक, समय',
  software: 'सॉफ़्टवेयर',
  pass: 'ठीक',
  partial: 'अधूरी जाँच',
  'partial-note': 'कुछ जाँचें नहीं हुईं।',
  partly: 'कुछ ठीक',
  fail: 'खराबी',
  nothing: 'कुछ जाँचा नहीं गया',
  'not-done': 'नहीं किया',
  code: 'पत्र कोड',
};

export const SHEET_WORDS: Readonly<Record<Language, Readonly<Record<SheetWord, string>>>> = { en: ENGLISH, hi: HINDI };

/** What each kind of device is called. */
export const KIND_WORDS: Readonly<Record<Language, Readonly<Record<SubjectKind, string>>>> = {
  en: {
    printer: 'Receipt printer',
    scanner: 'Code scanner',
    'finger-reader': 'Fingerprint reader',
    'security-key': 'Security key',
    aadhaar: 'Aadhaar device',
    'document-scanner': 'Document scanner',
    camera: 'Camera',
    'page-printer': 'Page printer',
    ups: 'UPS',
    gnss: 'Place (GNSS)',
    speaker: 'Speaker',
    station: 'This machine',
  },
  hi: {
    printer: 'रसीद प्रिंटर',
    scanner: 'कोड स्कैनर',
    'finger-reader': 'अंगुली-छाप यंत्र',
    'security-key': 'सुरक्षा कुंजी',
    aadhaar: 'आधार यंत्र',
    'document-scanner': 'दस्तावेज़ स्कैनर',
    camera: 'कैमरा',
    'page-printer': 'पेज प्रिंटर',
    ups: 'यू.पी.एस.',
    gnss: 'स्थान (GNSS)',
    speaker: 'स्पीकर',
    station: 'यह मशीन',
  },
};

function isDeviceProblem(code: string): code is DeviceProblemCode {
  return DEVICE_PROBLEM_CODES.some((one) => one === code);
}

/** What happened to a device, in the screen's own words; undefined for what is no device's trouble. */
export function deviceTrouble({ code, values = {} }: Problem, language: Language): string | undefined {
  if (!isDeviceProblem(code)) return undefined;
  return fill((language === 'hi' ? hindiDeviceProblems : englishDeviceProblems)[code].title, values);
}

/** What to do about a device's trouble, in the screen's own words. */
export function deviceTodo({ code, values = {} }: Problem, language: Language): string | undefined {
  if (!isDeviceProblem(code)) return undefined;
  return fill((language === 'hi' ? hindiDeviceProblems : englishDeviceProblems)[code].todo, values);
}
