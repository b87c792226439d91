import { z } from 'zod';

const text = z.string().min(1).max(20_000);

/** What another process or a test may do with the virtual scanner. One JSON object a line on its control socket. */
export const scannerOrder = z.discriminatedUnion('do', [
  /** A code before the window. `aim` is its symbology identifier, such as `C1`; `times` is a finger that stays on the trigger. */
  z
    .strictObject({ do: z.literal('scan'), text, aim: z.string().length(2).optional(), times: z.int().min(1).max(100).optional() })
    .describe('a code before the window'),
  /** The first half of a code, and then nothing. */
  z.strictObject({ do: z.literal('cut'), text: z.string().min(2) }).describe('the first half of a code comes, and then nothing'),
  /** A code with bytes in it that are no text. */
  z.strictObject({ do: z.literal('garble'), text }).describe('a code with bytes that are no text'),
  /** What the codes end with, from now on (plain, Honeywell and Newland). */
  z.strictObject({ do: z.literal('suffix'), suffix: z.enum(['cr', 'lf', 'crlf']) }).describe('what the codes end with from now on'),
  /** A code whose last piece never comes (HID POS, SSI). */
  z
    .strictObject({ do: z.literal('lose-continuation'), text: z.string().min(300) })
    .describe('the last piece of a long code never comes (HID POS, SSI)'),
  /** A code whose packet has a wrong checksum, the first `times` times that it is sent (SSI). */
  z
    .strictObject({ do: z.literal('wrong-checksum'), text, times: z.int().min(1).max(20).optional() })
    .describe('a code comes with a wrong checksum (SSI)'),
  /** A code whose acknowledgement is lost on the way: the packet comes again (SSI). */
  z.strictObject({ do: z.literal('retransmit'), text }).describe('a code comes twice, as after a lost answer (SSI)'),
  /** Bytes of nothing on the line (all but HID POS). */
  z.strictObject({ do: z.literal('noise'), hex: z.string().regex(/^(?:[0-9a-f]{2}){1,2000}$/u) }).describe('bytes of nothing on the line'),
  /** Answers no order, from now on. */
  z.strictObject({ do: z.literal('silent') }).describe('answers no order from now on'),
  /** Refuses every order, from now on. `resend`: says that it could not read it. */
  z.strictObject({ do: z.literal('refuse'), cause: z.enum(['denied', 'resend']).optional() }).describe('refuses every order from now on'),
  /** The next reply is cut in the middle, or waits until the next code and stands in front of it (Honeywell, Newland). */
  z.strictObject({ do: z.literal('reply'), next: z.enum(['cut', 'late']) }).describe('its next reply is cut or comes late'),
  /** Which model it is from now on; a scanner that is given another interface drops off the bus and comes back (HID POS). */
  z
    .strictObject({
      do: z.literal('model'),
      model: z.enum(['usual', 'shifted', 'no-descriptor', 'flag-first', 'unnumbered', 'no-orders', 'keyboard']),
    })
    .describe('which model it is from now on (HID POS)'),
  z.strictObject({ do: z.literal('unplug') }).describe('the cable is pulled'),
  z.strictObject({ do: z.literal('plug') }).describe('the cable is put back'),
  /** Mends every fault; the line and the model stay. */
  z.strictObject({ do: z.literal('normal') }).describe('every fault is mended'),
  z.strictObject({ do: z.literal('state') }).describe('how it stands'),
]);
export type ScannerOrder = z.infer<typeof scannerOrder>;
/** Orders for what is behind the plug. */
export type BodyOrder = Exclude<ScannerOrder, { do: 'unplug' | 'plug' | 'state' }>;

export const SCANNER_STYLES = ['plain', 'hid-pos', 'ssi', 'honeywell', 'newland'] as const;
export type SimulatedStyle = (typeof SCANNER_STYLES)[number];
