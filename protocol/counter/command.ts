import { z } from 'zod';
import { language } from '../identity/identity.js';

const typed = z.string().max(200);

/** What the operator may ask. Text is as typed: the agent reads and refuses it. A command that does not fit the screen is answered by a notice, never a fault. */
export const counterCommand = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('log-in'), login: typed, pin: typed }),
  /** By the operator's security key instead of the PIN. */
  z.strictObject({ do: z.literal('log-in-by-key'), login: typed }),
  z.strictObject({ do: z.literal('log-out') }),
  z.strictObject({ do: z.literal('set-language'), language }),
  z.strictObject({ do: z.literal('open-till'), float: typed }),
  z.strictObject({ do: z.literal('choose-service'), code: typed }),
  z.strictObject({ do: z.literal('give-consumer'), consumer: typed }),
  /** Asks for the quote of a part of the bill; empty means the whole. */
  z.strictObject({ do: z.literal('pay-part'), amount: typed }),
  /** The citizen agrees with the quote: on to the cash. */
  z.strictObject({ do: z.literal('agree') }),
  /** Reads the amount to the citizen once more, where there is a speaker. */
  z.strictObject({ do: z.literal('say-amount') }),
  /** Somebody stands in for a finger that can not be read: name and number of a photo card. */
  z.strictObject({ do: z.literal('take-witness'), witness: typed }),
  /** Cash received; empty means exactly the total. */
  z.strictObject({ do: z.literal('take-cash'), received: typed }),
  /** One step back; never loses money. */
  z.strictObject({ do: z.literal('back') }),
  /** The screen's safe default: next citizen, cash given back, closed till seen. */
  z.strictObject({ do: z.literal('confirm') }),
  z.strictObject({ do: z.literal('print-now') }),
  z.strictObject({ do: z.literal('print-later') }),
  z.strictObject({ do: z.literal('it-printed') }),
  z.strictObject({ do: z.literal('show-receipts') }),
  z.strictObject({ do: z.literal('reprint'), receipt: typed }),
  /** A paper of that receipt, of which nobody was certain, came out whole after all. */
  z.strictObject({ do: z.literal('paper-seen'), receipt: typed }),
  z.strictObject({ do: z.literal('show-queue') }),
  z.strictObject({ do: z.literal('try-link-now') }),
  z.strictObject({ do: z.literal('show-stock') }),
  /** Pre-printed forms from the first number to the last; an empty last means one form. */
  z.strictObject({ do: z.literal('load-forms'), first: typed, last: typed }),
  z.strictObject({ do: z.literal('spoil-forms'), first: typed, last: typed }),
  z.strictObject({ do: z.literal('start-closing') }),
  z.strictObject({ do: z.literal('close-till'), counted: typed }),
]);
export type CounterCommand = z.infer<typeof counterCommand>;
