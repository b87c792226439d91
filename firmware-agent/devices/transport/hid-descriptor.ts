/** Longest report descriptor that Linux takes from a device (HID_MAX_DESCRIPTOR_SIZE). */
export const DESCRIPTOR_BYTES = 4_096;
/** More than any device here has; a descriptor that asks for more says nothing further. */
const MOST_FIELDS = 512;
const DEEPEST = 32;
const MOST_BITS = 65_536;

export type HidUsage = { readonly usagePage: number; readonly usage: number };

/** Some elements of a report that stand side by side and are of one size. */
export type HidField = {
  readonly report: 'input' | 'output' | 'feature';
  /** 0 when the device numbers no reports. */
  readonly reportId: number;
  /** From the first bit behind the report's number. */
  readonly offsetBits: number;
  readonly elementBits: number;
  readonly count: number;
  /** One for each element; the last one also for all that follow. Empty for padding. */
  readonly usages: readonly HidUsage[];
};

export type HidDescriptor = {
  /** What the device is: the usage of each top-level collection. */
  readonly tops: readonly HidUsage[];
  readonly fields: readonly HidField[];
  readonly numbering: 'numbered' | 'plain';
};

const MAIN = { input: 0x8, output: 0x9, collection: 0xa, feature: 0xb, end: 0xc } as const;
const GLOBAL = { usagePage: 0x0, reportSize: 0x7, reportId: 0x8, reportCount: 0x9, push: 0xa, pop: 0xb } as const;
const LOCAL = { usage: 0x0, usageMinimum: 0x1, usageMaximum: 0x2 } as const;
const LONG_ITEM = 0xfe;
const CONSTANT = 0x01;

type Globals = { readonly usagePage: number; readonly reportSize: number; readonly reportCount: number; readonly reportId: number };

/**
 * Reads a report descriptor (HID 1.11 §6.2.2): where each element lies in each report. Any bytes are read without an error, in bounded
 * time and memory; what stands behind a broken item is left out.
 */
export function readHidDescriptor(bytes: Uint8Array): HidDescriptor {
  const reader = new DescriptorReader();
  let at = 0;
  const end = Math.min(bytes.length, DESCRIPTOR_BYTES);
  while (at < end) {
    const prefix = bytes[at] ?? 0;
    if (prefix === LONG_ITEM) {
      at += 3 + (bytes[at + 1] ?? 0);
      continue;
    }
    const size = [0, 1, 2, 4][prefix & 3] ?? 0;
    if (at + 1 + size > end) break;
    let value = 0;
    for (let i = size; i > 0; i -= 1) value = value * 256 + (bytes[at + i] ?? 0);
    if (!reader.item((prefix >> 2) & 3, prefix >> 4, value, size)) break;
    at += 1 + size;
  }
  return reader.read();
}

/** Whether the device is of that kind at all. */
export function hasUsage({ tops }: HidDescriptor, wanted: HidUsage): boolean {
  return tops.some((top) => sameUsage(top, wanted));
}

export function sameUsage(one: HidUsage, other: HidUsage): boolean {
  return one.usagePage === other.usagePage && one.usage === other.usage;
}

/** The usage of one element of a field. */
export function usageOf(field: HidField, element: number): HidUsage | undefined {
  return field.usages[Math.min(element, field.usages.length - 1)];
}

class DescriptorReader {
  private globals: Globals = { usagePage: 0, reportSize: 0, reportCount: 0, reportId: 0 };
  private readonly stack: Globals[] = [];
  private usages: HidUsage[] = [];
  private minimum: HidUsage | undefined;
  private depth = 0;
  private numbering: 'numbered' | 'plain' = 'plain';
  private readonly tops: HidUsage[] = [];
  private readonly fields: HidField[] = [];
  private readonly filledBits = new Map<string, number>();

  read(): HidDescriptor {
    return { tops: this.tops, fields: this.fields, numbering: this.numbering };
  }

  /** False when the descriptor is broken or beyond every bound. */
  item(type: number, tag: number, value: number, size: number): boolean {
    if (type === 0) return this.main(tag, value);
    if (type === 1) return this.global(tag, value);
    if (type === 2) this.local(tag, value, size);
    return true;
  }

  private main(tag: number, value: number): boolean {
    const { usages } = this;
    this.usages = [];
    this.minimum = undefined;
    if (tag === MAIN.collection) {
      const [usage] = usages;
      if (this.depth === 0 && usage !== undefined && this.tops.length < MOST_FIELDS) this.tops.push(usage);
      this.depth += 1;
      return this.depth <= DEEPEST;
    }
    if (tag === MAIN.end) {
      this.depth -= 1;
      return this.depth >= 0;
    }
    const report = tag === MAIN.input ? 'input' : tag === MAIN.output ? 'output' : tag === MAIN.feature ? 'feature' : undefined;
    return report === undefined || this.field(report, (value & CONSTANT) === 0 ? usages : []);
  }

  private field(report: HidField['report'], usages: readonly HidUsage[]): boolean {
    const { reportId, reportSize: elementBits, reportCount: count } = this.globals;
    const place = `${report} ${reportId}`;
    const offsetBits = this.filledBits.get(place) ?? 0;
    if (elementBits * count + offsetBits > MOST_BITS || this.fields.length >= MOST_FIELDS) return false;
    this.filledBits.set(place, offsetBits + elementBits * count);
    this.fields.push({ report, reportId, offsetBits, elementBits, count, usages });
    return true;
  }

  private global(tag: number, value: number): boolean {
    if (tag === GLOBAL.usagePage) this.globals = { ...this.globals, usagePage: value };
    if (tag === GLOBAL.reportSize) this.globals = { ...this.globals, reportSize: value };
    if (tag === GLOBAL.reportCount) this.globals = { ...this.globals, reportCount: value };
    if (tag === GLOBAL.reportId) {
      this.globals = { ...this.globals, reportId: value };
      this.numbering = 'numbered';
    }
    if (tag === GLOBAL.push) this.stack.push(this.globals);
    if (tag === GLOBAL.pop) this.globals = this.stack.pop() ?? this.globals;
    return this.stack.length <= DEEPEST;
  }

  private local(tag: number, value: number, size: number): void {
    // A usage of four bytes brings its own page (HID 1.11 §6.2.2.8).
    const usage: HidUsage =
      size === 4 ? { usagePage: Math.floor(value / 65_536), usage: value % 65_536 } : { usagePage: this.globals.usagePage, usage: value };
    if (tag === LOCAL.usage) this.add(usage);
    if (tag === LOCAL.usageMinimum) this.minimum = usage;
    if (tag !== LOCAL.usageMaximum || this.minimum === undefined) return;
    for (let one = this.minimum.usage; one <= usage.usage && this.usages.length < MOST_FIELDS; one += 1) {
      this.add({ usagePage: this.minimum.usagePage, usage: one });
    }
    this.minimum = undefined;
  }

  private add(usage: HidUsage): void {
    if (this.usages.length < MOST_FIELDS) this.usages.push(usage);
  }
}
