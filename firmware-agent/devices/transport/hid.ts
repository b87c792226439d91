import type { Failure, Result } from '#protocol/result/result.js';
import type { Unsubscribe } from '../ports.js';
import type { OpenFault } from './transport.js';
import type { HidUsage } from './hid-descriptor.js';

/**
 * Reports of an open HID device, one at a time and whole. The first byte is the report's number, both ways; 0 where the device numbers none
 * (an input report then comes without it, as hidraw gives it).
 */
export type HidConnection = {
  /** The device's report descriptor (HID 1.11 §6.2.2), where the way to it can tell. */
  readonly descriptor: Uint8Array | undefined;
  /** One output report. Ends when the kernel has taken it, or when the device is gone. Never rejects. */
  readonly write: (report: Uint8Array) => Promise<Result<void, Failure<'lost'>>>;
  readonly onReport: (listener: (report: Uint8Array) => void) => Unsubscribe;
  /** Told once, why it ended. */
  readonly onClose: (listener: (why: string) => void) => Unsubscribe;
  readonly close: () => Promise<void>;
};

export type HidFault = Failure<OpenFault['code'] | 'keyboard'>;

/** Where a HID device is looked for. `keyboard`: the device is there and types like a keyboard, which is refused. */
export type HidTransport = {
  readonly name: string;
  /** `givenUp` as with a byte transport. */
  readonly open: (givenUp?: AbortSignal) => Promise<Result<HidConnection, HidFault>>;
};

/** A keyboard as its top-level collection names itself (HID usage tables: page 1, usage 6). */
export const KEYBOARD: HidUsage = { usagePage: 0x01, usage: 0x06 };
