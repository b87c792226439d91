import { z } from 'zod';

/** What another process or a test may do to the virtual printer. One JSON object a line on its control socket. */
export const printerOrder = z.discriminatedUnion('do', [
  /** The roll ends: now, or after so many more rows of dots. */
  z.strictObject({ do: z.literal('paper-out'), afterRows: z.int().nonnegative().optional() }),
  z.strictObject({ do: z.literal('near-end') }),
  /** A new roll: what was printed on the old one is torn off, and what waits in the buffer goes on. */
  z.strictObject({ do: z.literal('refill') }),
  /** Somebody tears off what hangs out. */
  z.strictObject({ do: z.literal('tear') }),
  z.strictObject({ do: z.literal('cover-open') }),
  z.strictObject({ do: z.literal('cover-close') }),
  /** The knife jams: now, or at the next cut. */
  z.strictObject({ do: z.literal('cutter-error'), at: z.enum(['now', 'next-cut']).optional() }),
  z.strictObject({ do: z.literal('cutter-fix') }),
  z.strictObject({ do: z.literal('error'), recovery: z.enum(['recoverable', 'unrecoverable', 'by-itself']) }),
  z.strictObject({ do: z.literal('error-fix') }),
  /** The cable is pulled: now, or when so many more bytes have come. `power: off` also empties its buffer. */
  z.strictObject({ do: z.literal('unplug'), afterBytes: z.int().nonnegative().optional(), power: z.enum(['on', 'off']).optional() }),
  z.strictObject({ do: z.literal('plug') }),
  z.strictObject({ do: z.literal('slow'), bytesPerSecond: z.int().positive() }),
  /** Reads nothing any more: now, or when so many more bytes have come. */
  z.strictObject({ do: z.literal('stall'), afterBytes: z.int().nonnegative().optional() }),
  /** Every answer is sent with its bits turned over. */
  z.strictObject({ do: z.literal('garble') }),
  z.strictObject({ do: z.literal('silent') }),
  /** Prints, answers the real-time questions, and never confirms. */
  z.strictObject({ do: z.literal('never-confirm') }),
  /** Habits of other makes. */
  z.strictObject({ do: z.literal('habit'), habit: z.enum(['no-names', 'no-clear', 'no-changes', 'no-process-id']) }),
  /** Every fault is mended: paper, cover, knife, cable, speed, answers. Habits stay. */
  z.strictObject({ do: z.literal('normal') }),
  z.strictObject({ do: z.literal('state') }),
]);
export type PrinterOrder = z.infer<typeof printerOrder>;
export type Habit = Extract<PrinterOrder, { do: 'habit' }>['habit'];

/** The physical state, as sensors would see it. */
export type Condition = {
  paper: 'present' | 'near-end' | 'out';
  cover: 'closed' | 'open';
  cutter: 'works' | 'jams-next' | 'jammed';
  error: 'none' | 'recoverable' | 'unrecoverable' | 'by-itself';
  answers: 'true' | 'garbled' | 'none' | 'unconfirmed';
  /** Rows of dots until the roll ends; undefined for a long roll. */
  rowsLeft: number | undefined;
};

export function soundCondition(): Condition {
  return { paper: 'present', cover: 'closed', cutter: 'works', error: 'none', answers: 'true', rowsLeft: undefined };
}

export function isOnline({ paper, cover, cutter, error }: Condition): boolean {
  return paper !== 'out' && cover === 'closed' && cutter !== 'jammed' && error === 'none';
}

/** The answer byte to DLE EOT n. */
export function realtimeBits(condition: Condition, n: number): number {
  const offline = isOnline(condition) ? 0 : 0x08;
  const coverOpen = condition.cover === 'open' ? 0x04 : 0;
  const paperOut = condition.paper === 'out';
  const anyError = condition.cutter === 'jammed' || condition.error !== 'none' ? 0x40 : 0;
  switch (n) {
    case 1:
      return 0x12 | offline;
    case 2:
      return 0x12 | coverOpen | (paperOut ? 0x20 : 0) | anyError;
    case 3:
      return 0x12 | errorBits(condition);
    default:
      return 0x12 | (paperOut ? 0x6c : condition.paper === 'near-end' ? 0x0c : 0);
  }
}

function errorBits({ cutter, error }: Condition): number {
  const cause = { none: 0, recoverable: 0x04, unrecoverable: 0x20, 'by-itself': 0x40 }[error];
  return cause | (cutter === 'jammed' ? 0x08 : 0);
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
