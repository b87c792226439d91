import { asNumber } from '#platform/sqlite/open.js';
import { transactionId, type TransactionId } from '#protocol/identity/identity.js';
import type { PostingState } from '#protocol/posting/posting.js';
import { MINUTE_MS, SECOND_MS, type UnixMs } from '#protocol/time/time.js';
import type { Outcome } from '#protocol/wire/frames.js';
import type { Hub } from '../hub.js';
import type { Connectors, PaymentAnswer } from './connector.js';
import { findPosting, paymentOf, postingState, type PostingRecord } from './postings.js';
import { noteAsked, noteTrouble, settle, type BookOutcome } from './settle.js';

/** Waiting times of the posting worker. */
export type PostingDelays = {
  /** After the first question that stayed unanswered; doubled each time. */
  readonly firstRetryMs: number;
  readonly retryMaxMs: number;
};
export const POSTING_DELAYS: PostingDelays = { firstRetryMs: 2 * SECOND_MS, retryMaxMs: 5 * MINUTE_MS };

/** Questions open at one department at a time: a slow one must not be buried, nor hold up the others. */
const OPEN_PER_DEPARTMENT_MAX = 8;

/** Calls back once, after `delayMs`; the answer takes the call back. */
export type Timer = (callback: () => void, delayMs: number) => () => void;

export const systemTimer: Timer = (callback, delayMs) => {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
};

export type PostingWorkerOptions = {
  readonly connectors: Connectors;
  /** Inside the transaction of the outcome. */
  readonly book: BookOutcome;
  /** After it is committed: may be told to the kiosk. */
  readonly onOutcome: (outcome: Outcome, of: PostingRecord) => void;
  /** Something threw that should not: the worker has stopped, and the process had better end. */
  readonly onDefect: (error: unknown) => void;
  readonly delays?: PostingDelays;
  readonly timer?: Timer;
};

export type PostingWorker = {
  /** There may be new sales to ask for. Cheap; call it after each commit. */
  readonly wake: () => void;
  /** Asks now if nobody does, and resolves with what is known when the answer comes or `deadlineMs` is over. Undefined: no such sale. */
  readonly postNow: (transaction: TransactionId, deadlineMs: number) => Promise<PostingState | undefined>;
  /** Breaks off what is open, without losing it: the table remembers. */
  readonly stop: () => Promise<void>;
};

/**
 * Asks departments about online sales, until each answer is known: one question in flight for a sale, always by its own request id.
 * All state is in the table, so a restart goes on where the last run stood.
 */
export function startPostingWorker(hub: Hub, options: PostingWorkerOptions): PostingWorker {
  const worker = new Worker(hub, options);
  worker.wake();
  return { wake: () => worker.wake(), postNow: (transaction, deadlineMs) => worker.postNow(transaction, deadlineMs), stop: () => worker.stop() };
}

type Waiting = { readonly transaction_id: string; readonly department: string; readonly next_try_at: bigint };

class Worker {
  readonly #hub: Hub;
  readonly #options: PostingWorkerOptions;
  readonly #delays: PostingDelays;
  readonly #timer: Timer;
  readonly #open = new Map<TransactionId, { readonly department: string; readonly done: Promise<void> }>();
  readonly #end = new AbortController();
  #cancelTimer: (() => void) | undefined;

  constructor(hub: Hub, options: PostingWorkerOptions) {
    this.#hub = hub;
    this.#options = options;
    this.#delays = options.delays ?? POSTING_DELAYS;
    this.#timer = options.timer ?? systemTimer;
  }

  wake(): void {
    if (this.#end.signal.aborted) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const now = this.#hub.now();
    let earliest: UnixMs | undefined;
    for (const row of this.#waiting()) {
      const transaction = transactionId.parse(row.transaction_id);
      const noted = asNumber(row.next_try_at);
      // Further away than any pause: the clock was set back since.
      const at = noted > now + this.#delays.retryMaxMs ? now : noted;
      if (this.#open.has(transaction)) continue;
      if (at > now) earliest = Math.min(earliest ?? at, at);
      // With the department's places all taken, the end of any question wakes us again.
      else if (this.#openAt(row.department) < OPEN_PER_DEPARTMENT_MAX) void this.#ask(transaction, row.department);
    }
    if (earliest !== undefined) this.#cancelTimer = this.#timer(() => this.wake(), earliest - now);
  }

  async postNow(transaction: TransactionId, deadlineMs: number): Promise<PostingState | undefined> {
    const found = findPosting(this.#hub, transaction);
    if (found === undefined) return undefined;
    if (found.state === 'asking' && !this.#end.signal.aborted) {
      const asked = this.#open.get(transaction)?.done ?? this.#ask(transaction, found.department);
      await this.#within(asked, deadlineMs);
    }
    const after = findPosting(this.#hub, transaction);
    return after && postingState(after);
  }

  async stop(): Promise<void> {
    this.#end.abort();
    this.#cancelTimer?.();
    await Promise.all([...this.#open.values()].map((one) => one.done));
  }

  #waiting(): readonly Waiting[] {
    return this.#hub.db
      .prepare<[string], Waiting>(
        "SELECT transaction_id, department, next_try_at FROM posting WHERE district = ? AND state = 'asking' ORDER BY next_try_at, transaction_id",
      )
      .all(this.#hub.district);
  }

  #openAt(department: string): number {
    return [...this.#open.values()].filter((one) => one.department === department).length;
  }

  #ask(transaction: TransactionId, department: string): Promise<void> {
    const done = this.#exchange(transaction)
      .catch((error: unknown) => {
        this.#end.abort();
        this.#options.onDefect(error);
      })
      .finally(() => {
        this.#open.delete(transaction);
        this.wake();
      });
    this.#open.set(transaction, { department, done });
    return done;
  }

  async #exchange(transaction: TransactionId): Promise<void> {
    // Let the caller's transaction, if there is one, be committed first.
    await Promise.resolve();
    const hub = this.#hub;
    const before = noteAsked(hub, transaction, 'asking');
    const found = findPosting(hub, transaction);
    if (before === undefined || found === undefined) return;
    const answer = await this.#answer(found, before);
    if (answer.kind === 'unknown') {
      noteTrouble(hub, transaction, `${answer.cause}: ${answer.detail}`, hub.now() + this.#pause(before));
      return;
    }
    const ended = settle(hub, transaction, answer, this.#options.book);
    if (ended !== undefined) this.#options.onOutcome({ transaction, state: postingState(ended) }, ended);
  }

  #answer(found: PostingRecord, askedBefore: number): Promise<PaymentAnswer> {
    const connector = this.#options.connectors(found.department);
    if (connector === undefined) {
      return Promise.resolve({ kind: 'unknown', cause: 'unreachable', detail: `department ${found.department} is not in the register` });
    }
    return connector.pay(paymentOf(found), askedBefore === 0 ? 'first' : 'again', this.#end.signal);
  }

  #pause(askedBefore: number): number {
    return Math.min(this.#delays.firstRetryMs * 2 ** Math.min(askedBefore, 30), this.#delays.retryMaxMs);
  }

  #within(done: Promise<void>, deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#timer(resolve, deadlineMs);
      void done.then(() => {
        cancel();
        resolve();
      });
    });
  }
}
