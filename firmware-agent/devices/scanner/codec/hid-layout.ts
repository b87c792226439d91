import { readHidDescriptor, usageOf, type HidField, type HidUsage } from '../../transport/hid-descriptor.js';

/** Top-level usage of a scanner (HID Point of Sale Usage Tables 1.02: bar code scanner page). */
export const HID_SCANNER: HidUsage = { usagePage: 0x8c, usage: 0x02 };

const PAGE = 0x8c;
const USAGE = { preventRead: 0x5f, initiateRead: 0x60, errorBeep: 0x85, goodBeep: 0x86, aim: 0xfb, data: 0xfe, continued: 0xff } as const;
const BYTE_COUNT: HidUsage = { usagePage: 0x01, usage: 0x3b };

/** Places in a report, in bytes from behind its number. */
export type HidScanLayout = {
  /** 0 when reports are not numbered. */
  readonly reportId: number;
  /** Left out by scanners that fill up with NULs instead. */
  readonly countAt: number | undefined;
  /** The first of three: `]`, code letter, modifier. */
  readonly aimAt: number | undefined;
  readonly dataAt: number;
  readonly dataBytes: number;
  /** Says that the next report goes on with this code. */
  readonly continued: HidBit | undefined;
  readonly trigger: HidTriggerLayout | undefined;
};

export type HidBit = { readonly at: number; readonly mask: number };
/** The output report that gives orders. A bit left out is one that the scanner does not have. */
export type HidTriggerLayout = {
  readonly reportId: number;
  readonly bytes: number;
  readonly preventRead?: HidBit;
  readonly initiateRead?: HidBit;
  readonly errorBeep?: HidBit;
  readonly goodBeep?: HidBit;
};

/** What Honeywell and most others send; taken when the descriptor can not be read, or does not say where the data are. */
export const USUAL_LAYOUT: HidScanLayout = {
  reportId: 0x02,
  countAt: 0,
  aimAt: 1,
  dataAt: 4,
  dataBytes: 56,
  continued: { at: 62, mask: 0xff },
  trigger: {
    reportId: 0x04,
    bytes: 1,
    preventRead: { at: 0, mask: 0x02 },
    initiateRead: { at: 0, mask: 0x04 },
    errorBeep: { at: 0, mask: 0x20 },
    goodBeep: { at: 0, mask: 0x40 },
  },
};

/** Where a scanner's own descriptor puts things. None when it names no whole bytes of decoded data. */
export function hidScanLayout(descriptor: Uint8Array): HidScanLayout | undefined {
  const { fields } = readHidDescriptor(descriptor);
  const data = fields.find((field) => field.report === 'input' && isScanner(field, 0, USAGE.data));
  if (data === undefined || data.elementBits !== 8 || data.offsetBits % 8 !== 0 || data.count === 0) return undefined;
  const beside = fields.filter((field) => field.report === 'input' && field.reportId === data.reportId);
  return {
    reportId: data.reportId,
    countAt: byteOf(beside, BYTE_COUNT),
    aimAt: byteOf(beside, { usagePage: PAGE, usage: USAGE.aim }),
    dataAt: data.offsetBits / 8,
    dataBytes: data.count,
    continued: bitOf(beside, USAGE.continued),
    trigger: triggerOf(fields),
  };
}

function triggerOf(fields: readonly HidField[]): HidTriggerLayout | undefined {
  const outputs = fields.filter(({ report }) => report === 'output');
  const first = outputs.find(
    (field) =>
      bitOf([field], USAGE.goodBeep) !== undefined ||
      bitOf([field], USAGE.errorBeep) !== undefined ||
      bitOf([field], USAGE.initiateRead) !== undefined,
  );
  if (first === undefined) return undefined;
  const own = outputs.filter(({ reportId }) => reportId === first.reportId);
  const bits = Math.max(...own.map(({ offsetBits, elementBits, count }) => offsetBits + elementBits * count));
  const [preventRead, initiateRead, errorBeep, goodBeep] = [USAGE.preventRead, USAGE.initiateRead, USAGE.errorBeep, USAGE.goodBeep].map((usage) =>
    bitOf(own, usage),
  );
  return {
    reportId: first.reportId,
    bytes: Math.ceil(bits / 8),
    ...(preventRead === undefined ? {} : { preventRead }),
    ...(initiateRead === undefined ? {} : { initiateRead }),
    ...(errorBeep === undefined ? {} : { errorBeep }),
    ...(goodBeep === undefined ? {} : { goodBeep }),
  };
}

function isScanner(field: HidField, element: number, usage: number): boolean {
  const found = usageOf(field, element);
  return found?.usagePage === PAGE && found.usage === usage;
}

/** The first bit of the first element of a usage. */
function placeOf(fields: readonly HidField[], { usagePage, usage }: HidUsage): { readonly bit: number; readonly bits: number } | undefined {
  for (const { usages, count, offsetBits, elementBits } of fields) {
    const element = usages.findIndex((one) => one.usagePage === usagePage && one.usage === usage);
    if (element >= 0 && element < count) return { bit: offsetBits + element * elementBits, bits: elementBits };
  }
  return undefined;
}

function byteOf(fields: readonly HidField[], usage: HidUsage): number | undefined {
  const place = placeOf(fields, usage);
  return place !== undefined && place.bits === 8 && place.bit % 8 === 0 ? place.bit / 8 : undefined;
}

/** Lowest bit first (HID 1.11 §8.4). An element of a whole byte is set when any of its bits is. */
function bitOf(fields: readonly HidField[], usage: number): HidBit | undefined {
  const place = placeOf(fields, { usagePage: PAGE, usage });
  if (place === undefined) return undefined;
  const shift = place.bit % 8;
  return { at: Math.floor(place.bit / 8), mask: (2 ** Math.min(place.bits, 8 - shift) - 1) * 2 ** shift };
}
