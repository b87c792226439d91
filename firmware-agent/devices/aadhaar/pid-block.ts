import { inspect } from 'node:util';

const REDACTED = '[encrypted PID block]';

/**
 * The encrypted answer of a registered device (session key, HMAC, data), byte for byte as it came. Only UIDAI can open it; here it is handed on
 * once to the authentication server and forgotten. It shows itself nowhere: not as text, as JSON, nor in a log or a crash report's inspection.
 */
export class PidBlock {
  #bytes: Uint8Array | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The bytes, once. Whoever takes them overwrites them after sending. */
  consume(): Uint8Array | undefined {
    const bytes = this.#bytes;
    this.#bytes = undefined;
    return bytes;
  }

  /** Overwrites and forgets what was not taken. */
  discard(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
