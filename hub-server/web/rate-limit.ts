import { MINUTE_MS, type UnixMs } from '#protocol/time/time.js';

export type RateLimitOptions = { readonly perMinute: number; readonly now: () => UnixMs; readonly addressesMax?: number };

type Bucket = { tokens: number; at: UnixMs };

/** A bucket of tokens for each address, filled evenly over a minute. Holds a bounded number of addresses: the longest idle is forgotten. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #now: () => UnixMs;
  readonly #addressesMax: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: RateLimitOptions) {
    this.#perMinute = options.perMinute;
    this.#now = options.now;
    this.#addressesMax = options.addressesMax ?? 10_000;
  }

  /** Takes one request from an address: 0 when it may go on, otherwise the whole seconds until it may. */
  take(address: string): number {
    const now = this.#now();
    const key = neighbourhood(address);
    const bucket = this.#buckets.get(key) ?? { tokens: this.#perMinute, at: now };
    // A clock set back fills nothing and takes nothing away.
    const passedMs = Math.max(0, now - bucket.at);
    const tokens = Math.min(this.#perMinute, bucket.tokens + (passedMs * this.#perMinute) / MINUTE_MS);
    const allowed = tokens >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at: now });
    this.#forget();
    return allowed ? 0 : Math.max(1, Math.ceil(((1 - tokens) * MINUTE_MS) / this.#perMinute / 1000));
  }

  #forget(): void {
    if (this.#buckets.size <= this.#addressesMax) return;
    const oldest = this.#buckets.keys().next();
    if (oldest.done !== true) this.#buckets.delete(oldest.value);
  }
}

/** An IPv6 subscriber has a whole /64: its addresses count as one. */
function neighbourhood(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  return [...front, ...Array.from({ length: missing }, () => '0'), ...back].slice(0, 4).join(':');
}
