import { z } from 'zod';

/**
 * In what makes differ:
 * - `no-names`, `no-clear`, `no-changes`, `no-process-id`: does not know GS I, the clearing of its buffers, GS a, GS ( H;
 * - `cover-is-error`: a lid opened while it prints is a recoverable error (a memory switch of Epson);
 * - `paper-by-sensor`: the end of the paper stands in DLE EOT 4 alone; `paper-by-stop`: in DLE EOT 1 and 2 alone;
 * - `early-paper`: answers GS r when it comes in, not when what stands before it is printed;
 * - `prints-on-air`: without paper it goes on as if it had some.
 */
const HABITS = [
  'no-names',
  'no-clear',
  'no-changes',
  'no-process-id',
  'cover-is-error',
  'paper-by-sensor',
  'paper-by-stop',
  'early-paper',
  'prints-on-air',
] as const;
export type Habit = (typeof HABITS)[number];

/** What another process or a test may do to the virtual printer. One JSON object a line on its control socket. */
export const printerOrder = z.discriminatedUnion('do', [
  z
    .strictObject({ do: z.literal('paper-out'), afterRows: z.int().nonnegative().optional() })
    .describe('the roll ends: now, or after so many more rows of dots'),
  z.strictObject({ do: z.literal('near-end') }).describe('the roll is nearly used up'),
  z.strictObject({ do: z.literal('refill') }).describe('a new roll: the old paper is torn off, and what waits in the buffer goes on'),
  z.strictObject({ do: z.literal('tear') }).describe('somebody tears off what hangs out'),
  z.strictObject({ do: z.literal('cover-open') }).describe('the lid is opened'),
  z.strictObject({ do: z.literal('cover-close') }).describe('the lid is closed'),
  z.strictObject({ do: z.literal('cutter-error'), at: z.enum(['now', 'next-cut']).optional() }).describe('the knife jams: now, or at the next cut'),
  z
    .strictObject({ do: z.literal('cutter-fix') })
    .describe('the knife is freed; the error stays until the host ends it (DLE ENQ) or the power is cut'),
  z
    .strictObject({
      do: z.literal('error'),
      recovery: z.enum(['recoverable', 'unrecoverable', 'by-itself']),
      afterRows: z.int().nonnegative().optional(),
    })
    .describe('a fault of another kind, now, or after so many more rows of dots; by-itself: the head is too warm, and goes on when it has cooled'),
  z
    .strictObject({ do: z.literal('error-fix') })
    .describe('its cause is gone: by-itself is over at once, recoverable when the host ends it (DLE ENQ), unrecoverable when the power is cut'),
  z
    .strictObject({ do: z.literal('unplug'), afterBytes: z.int().nonnegative().optional(), power: z.enum(['on', 'off']).optional() })
    .describe('the cable is pulled: now, or after so many more bytes; without power its buffer is lost too'),
  z.strictObject({ do: z.literal('plug') }).describe('the cable is put back'),
  z.strictObject({ do: z.literal('slow'), bytesPerSecond: z.int().positive() }).describe('reads no faster than this'),
  z
    .strictObject({ do: z.literal('stall'), afterBytes: z.int().nonnegative().optional() })
    .describe('reads nothing any more: now, or after so many more bytes'),
  z.strictObject({ do: z.literal('garble') }).describe('every answer comes with its bits turned over'),
  z.strictObject({ do: z.literal('silent') }).describe('prints, and answers nothing'),
  z.strictObject({ do: z.literal('never-confirm') }).describe('prints, answers the real-time questions, and never confirms'),
  z.strictObject({ do: z.literal('late'), afterMs: z.int().nonnegative() }).describe('every answer comes so much later'),
  z.strictObject({ do: z.literal('habit'), habit: z.enum(HABITS) }).describe('a habit of other makes'),
  z
    .strictObject({ do: z.literal('normal') })
    .describe('every fault is mended: paper, lid, knife, cable, speed, answers, and the power cut where only that helps; habits stay'),
  z.strictObject({ do: z.literal('state') }).describe('how it stands'),
]);
export type PrinterOrder = z.infer<typeof printerOrder>;
/** Orders for the printer itself, not for its line. */
export type BodyOrder = Exclude<PrinterOrder, { do: 'unplug' | 'plug' | 'slow' | 'stall' | 'late' | 'state' }>;

/** The physical state, as sensors would see it. */
export type Condition = {
  paper: 'present' | 'near-end' | 'out';
  cover: 'closed' | 'open';
  /** `freed`: nothing holds it any more, and the printer does not believe that before it is told to try. */
  cutter: 'works' | 'jams-next' | 'jammed' | 'freed';
  /** `…-mended`: its cause is gone, and the printer stays in it until it is told to leave it, or until its power is cut. */
  error: 'none' | 'by-itself' | 'recoverable' | 'recoverable-mended' | 'unrecoverable' | 'unrecoverable-mended';
  answers: 'true' | 'garbled' | 'none' | 'unconfirmed';
  /** Rows of dots until the roll ends; undefined for a long roll. */
  rowsLeft: number | undefined;
  /** What befalls it after so many more rows. */
  awaits: { readonly error: 'recoverable' | 'unrecoverable' | 'by-itself'; rows: number } | undefined;
};

export function soundCondition(): Condition {
  return { paper: 'present', cover: 'closed', cutter: 'works', error: 'none', answers: 'true', rowsLeft: undefined, awaits: undefined };
}

export function isOnline({ paper, cover, cutter, error }: Condition): boolean {
  return paper !== 'out' && cover === 'closed' && !isStuck(cutter) && error === 'none';
}

function isStuck(cutter: Condition['cutter']): boolean {
  return cutter === 'jammed' || cutter === 'freed';
}

/** The only errors that DLE ENQ is heard in. */
export function isRecoverable({ cutter, error }: Condition): boolean {
  return isStuck(cutter) || error === 'recoverable' || error === 'recoverable-mended';
}

export function freeCutter(condition: Condition): void {
  condition.cutter = isStuck(condition.cutter) ? 'freed' : 'works';
}

export function mendCause(condition: Condition): void {
  if (condition.error === 'by-itself') condition.error = 'none';
  if (condition.error === 'recoverable' || condition.error === 'unrecoverable') condition.error = `${condition.error}-mended`;
}

/** DLE ENQ: it tries again. Whatever still has its cause comes back at once, and so does all of it under an open lid. */
export function leaveError(condition: Condition): void {
  if (condition.cover === 'open') return;
  if (condition.cutter === 'freed') condition.cutter = 'works';
  if (condition.error === 'recoverable-mended') condition.error = 'none';
}

/** Power off and on ends every error whose cause is gone. */
export function forgetErrors(condition: Condition): void {
  if (condition.cutter === 'freed') condition.cutter = 'works';
  if (condition.error.endsWith('-mended')) condition.error = 'none';
}

/** The answer byte to DLE EOT n. */
export function realtimeBits(condition: Condition, n: number, habits: ReadonlySet<Habit>): number {
  const paperOut = condition.paper === 'out';
  const toldAsStop = habits.has('paper-by-sensor') ? { ...condition, paper: 'present' as const } : condition;
  switch (n) {
    case 1:
      return 0x12 | (isOnline(toldAsStop) ? 0 : 0x08);
    case 2: {
      const anyError = isStuck(condition.cutter) || condition.error !== 'none';
      return 0x12 | (condition.cover === 'open' ? 0x04 : 0) | (toldAsStop.paper === 'out' ? 0x20 : 0) | (anyError ? 0x40 : 0);
    }
    case 3:
      return 0x12 | errorBits(condition);
    default:
      if (paperOut) return habits.has('paper-by-stop') ? 0x12 : 0x7e;
      return 0x12 | (condition.paper === 'near-end' ? 0x0c : 0);
  }
}

const ERROR_BITS = {
  none: 0,
  'by-itself': 0x40,
  recoverable: 0x04,
  'recoverable-mended': 0x04,
  unrecoverable: 0x20,
  'unrecoverable-mended': 0x20,
} as const satisfies Readonly<Record<Condition['error'], number>>;

function errorBits({ cutter, error }: Condition): number {
  return ERROR_BITS[error] | (isStuck(cutter) ? 0x08 : 0);
}

/** The four bytes of automatic status. */
export function changeBits(condition: Condition): readonly number[] {
  const first = 0x10 | (isOnline(condition) ? 0 : 0x08) | (condition.cover === 'open' ? 0x20 : 0);
  return [first, errorBits(condition), paperBits(condition), 0];
}

/** Paper sensors as GS r 1 and automatic status tell them. */
export function paperBits({ paper }: Condition): number {
  return paper === 'out' ? 0x0f : paper === 'near-end' ? 0x03 : 0;
}
