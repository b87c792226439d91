import { z } from 'zod';

const finger = z.string().min(1).max(60);
const byte = z.int().min(0).max(0xff);
const hex = z.string().regex(/^(?:[0-9a-f]{2})+$/iu, 'bytes in hex');

/** What another process or a test may do with the virtual module. One JSON object a line on its control socket. */
export const fingerOrder = z.discriminatedUnion('do', [
  /** A finger on the glass. `captured`: it is lifted as soon as one image was taken; otherwise it stays until `lift`. */
  z.strictObject({
    do: z.literal('press'),
    finger,
    quality: z.enum(['good', 'messy', 'few-features', 'image-failed']).optional(),
    until: z.enum(['lifted', 'captured']).optional(),
  }),
  z.strictObject({ do: z.literal('lift') }),
  /** Answers with a turned bit, or cut in the middle; all of them, or so many. */
  z.strictObject({ do: z.literal('garble'), answers: z.int().positive().optional() }),
  z.strictObject({ do: z.literal('cut'), answers: z.int().positive().optional() }),
  /** One data packet of the next template comes garbled, or not at all. */
  z.strictObject({ do: z.literal('spoil-data'), how: z.enum(['garbled', 'lost']) }),
  /** Bytes in front of the next answer, as an earlier program may have left them on the line. */
  z.strictObject({ do: z.literal('stale'), bytes: hex }),
  z.strictObject({ do: z.literal('slow'), delayMs: z.int().positive().max(60_000) }),
  /** Hears nothing and says nothing. */
  z.strictObject({ do: z.literal('silent') }),
  /** The next command of that number is done and not answered, or neither done nor answered. */
  z.strictObject({ do: z.literal('lose-answer'), opcode: byte }),
  z.strictObject({ do: z.literal('lose-command'), opcode: byte }),
  z.strictObject({ do: z.literal('flash-error') }),
  z.strictObject({ do: z.literal('enrol-mismatch') }),
  /** The module has another password than it had. */
  z.strictObject({ do: z.literal('password'), password: z.string().regex(/^[0-9a-f]{8}$/iu) }),
  /** Its power is gone for a moment while the line stands. */
  z.strictObject({ do: z.literal('restart') }),
  /** Another module in its place: other system id, no fingers. */
  z.strictObject({ do: z.literal('exchange') }),
  z.strictObject({ do: z.literal('unplug') }),
  z.strictObject({ do: z.literal('plug') }),
  /** Every fault is mended, the line plugged in, the glass free. Password and fingers stay. */
  z.strictObject({ do: z.literal('normal') }),
  z.strictObject({ do: z.literal('state') }),
]);
export type FingerOrder = z.infer<typeof fingerOrder>;
export type Quality = NonNullable<Extract<FingerOrder, { do: 'press' }>['quality']>;
