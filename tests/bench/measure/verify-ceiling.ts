import { Worker } from 'node:worker_threads';
import { signBytes, signingKey, verifyBytes, verifyKey } from '#protocol/signing/keys.js';
import { random } from '../counter/entries.js';

/** Bytes that are signed for a typical sale entry: its COSE structure. */
const MESSAGE_BYTES = 640;

/** How fast this machine checks Ed25519 signatures and does nothing else: the hub can never take entries faster, as long as it checks each. */
export class VerifyCeiling {
  readonly #key = signingKey(random(32));
  readonly #public = verifyKey(this.#key.publicKey);
  readonly #message = random(MESSAGE_BYTES);
  readonly #signature = signBytes(this.#key, this.#message);

  /** Signatures a second on one core. */
  oneCore(count: number): number {
    const begun = performance.now();
    for (let i = 0; i < count; i += 1) if (!verifyBytes(this.#public, this.#message, this.#signature)) throw new Error('a good signature verifies');
    return (count * 1_000) / (performance.now() - begun);
  }

  /** Signatures a second on two cores at once: each checks the same number, and the slower one counts. */
  async twoCores(count: number): Promise<number> {
    const rates = await Promise.all([this.#worker(count), this.#worker(count)]);
    return 2 * Math.min(...rates);
  }

  #worker(count: number): Promise<number> {
    const { publicKey } = this.#key;
    const workerData = { publicKey, message: this.#message, signature: this.#signature, count };
    const worker = new Worker(new URL('./verify-worker.js', import.meta.url), { workerData });
    return new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  }
}
