import type { TransactionId } from '#protocol/identity/identity.js';
import { equalBytes } from '#protocol/signing/keys.js';
import type { PidBlock } from '../devices/aadhaar/pid-block.js';

/**
 * The one encrypted capture that waits for the money it agrees to, in memory alone. It is given out once, and only for the transaction and
 * sum that its person saw; a newer one, or the end of its transaction, overwrites it.
 */
export class Captures {
  #waiting: { readonly transaction: TransactionId; readonly bound: Uint8Array; readonly block: PidBlock } | undefined;

  keep(transaction: TransactionId, bound: Uint8Array, block: PidBlock): void {
    this.#waiting?.block.discard();
    this.#waiting = { transaction, bound, block };
  }

  /** Whoever takes the bytes overwrites them after sending. */
  take(transaction: TransactionId, bound: Uint8Array): Uint8Array | undefined {
    const waiting = this.#waiting;
    if (waiting === undefined || waiting.transaction !== transaction || !equalBytes(waiting.bound, bound)) return undefined;
    this.#waiting = undefined;
    return waiting.block.consume();
  }

  /** Its transaction has ended, or goes on without it. */
  forget(transaction: TransactionId): void {
    if (this.#waiting?.transaction !== transaction) return;
    this.#waiting.block.discard();
    this.#waiting = undefined;
  }
}
