import { z } from 'zod';

const finger = z.string().min(1).max(60);
const byte = z.int().min(0).max(0xff);
const hex = z.string().regex(/^(?:[0-9a-f]{2})+$/iu, 'bytes in hex');

/** What another process or a test may do with the virtual module. One JSON object a line on its control socket. */
export const fingerOrder = z.discriminatedUnion('do', [
  /** A finger on the glass. `captured`: it is lifted as soon as one image was taken; otherwise it stays until `lift`. */
  z
    .strictObject({
      do: z.literal('press'),
      finger,
      quality: z.enum(['good', 'messy', 'few-features', 'image-failed']).optional(),
      until: z.enum(['lifted', 'captured']).optional(),
    })
    .describe('a finger is laid on the glass'),
  z.strictObject({ do: z.literal('lift') }).describe('the finger leaves the glass'),
  /** Answers with a turned bit, or cut in the middle; all of them, or so many. */
  z.strictObject({ do: z.literal('garble'), answers: z.int().positive().optional() }).describe('its answers come with a wrong checksum'),
  z.strictObject({ do: z.literal('cut'), answers: z.int().positive().optional() }).describe('its answers end in the middle'),
  /** One data packet of the next template comes garbled, or not at all. */
  z.strictObject({ do: z.literal('spoil-data'), how: z.enum(['garbled', 'lost']) }).describe('what a template upload brings is damaged or lost'),
  /** Bytes in front of the next answer, as an earlier program may have left them on the line. */
  z.strictObject({ do: z.literal('stale'), bytes: hex }).describe('bytes of an older answer come first'),
  z.strictObject({ do: z.literal('slow'), delayMs: z.int().positive().max(60_000) }).describe('takes so long for each answer'),
  /** Hears nothing and says nothing. */
  z.strictObject({ do: z.literal('silent') }).describe('does not answer'),
  /** The next command of that number is done and not answered, or neither done nor answered. */
  z.strictObject({ do: z.literal('lose-answer'), opcode: byte }).describe('does what is asked once and never says so'),
  z.strictObject({ do: z.literal('lose-command'), opcode: byte }).describe('does not hear one command'),
  z.strictObject({ do: z.literal('flash-error') }).describe('can not write its memory'),
  z.strictObject({ do: z.literal('enrol-mismatch') }).describe('the presses of an enrolment do not agree'),
  /** The module has another password than it had. */
  z.strictObject({ do: z.literal('password'), password: z.string().regex(/^[0-9a-f]{8}$/iu) }).describe('somebody sets another password'),
  /** Its power is gone for a moment while the line stands. */
  z.strictObject({ do: z.literal('restart') }).describe('its power blinks'),
  /** Another module in its place: other system id, no fingers. */
  z.strictObject({ do: z.literal('exchange') }).describe('another module stands in its place'),
  z.strictObject({ do: z.literal('unplug') }).describe('the cable is pulled'),
  z.strictObject({ do: z.literal('plug') }).describe('the cable is put back'),
  /** Every fault is mended, the line plugged in, the glass free. Password and fingers stay. */
  z.strictObject({ do: z.literal('normal') }).describe('every fault is mended'),
  z.strictObject({ do: z.literal('state') }).describe('how it stands'),
]);
export type FingerOrder = z.infer<typeof fingerOrder>;
export type Quality = NonNullable<Extract<FingerOrder, { do: 'press' }>['quality']>;
