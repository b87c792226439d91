import { z } from 'zod';

/** What a simulated department can be told to do, as the body of `POST /control`. */
export const behaviour = z.object({
  do: z.enum([
    /** Forgets all that was told, and answers as it should. */
    'behave',
    /** Refuses the payment, or says that the capture is another person's, with `reason`. */
    'refuse',
    /** Books the payment and keeps its answer until `release`, or for ever. */
    'stall',
    /** Keeps the request until `release`, and books it only then. */
    'stall-unbooked',
    /** Sends the whole HTTP answer twice over the same connection. */
    'answer-twice',
    /** Books the payment, then cuts the connection. */
    'lose-answer',
    /** Cuts the connection and books nothing. */
    'drop',
    /** Answers with status 500 and books nothing. */
    'fail',
    /** Books the payment and answers with something that is not JSON. */
    'garbage',
    /** Books the payment and answers for another request. */
    'wrong-request',
    /** Of a batch books the first `first` payments; the rest are answered `not-done`. */
    'partial',
    /** Answers all that was stalled. */
    'release',
  ]),
  /** Which requests it holds for. */
  on: z.enum(['payments', 'lookups', 'bills', 'presence']).default('payments'),
  times: z.int().min(1).max(1_000_000).default(1),
  reason: z.string().min(1).max(120).default('refused by the department'),
  first: z.int().min(0).default(0),
});
export type Behaviour = z.infer<typeof behaviour>;
export type BehaviourInput = z.input<typeof behaviour>;
export type Door = Behaviour['on'];

/** What was told, in order; each is used up as often as it says. */
export class Orders {
  #waiting: { readonly order: Behaviour; left: number }[] = [];

  give(order: Behaviour): void {
    this.#waiting.push({ order, left: order.times });
  }

  forget(): void {
    this.#waiting = [];
  }

  /** The order for the next request at a door; undefined: answer as it should. */
  next(door: Door): Behaviour | undefined {
    const found = this.#waiting.find((w) => w.order.on === door);
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left === 0) this.#waiting = this.#waiting.filter((w) => w !== found);
    return found.order;
  }

  waiting(): readonly { readonly do: string; readonly on: Door; readonly left: number }[] {
    return this.#waiting.map(({ order, left }) => ({ do: order.do, on: order.on, left }));
  }
}
