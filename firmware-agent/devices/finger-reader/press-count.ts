/** Things that were asked for lately; older ones are forgotten, and would be counted from 1 again. */
const REMEMBERED = 256;

/** Counts presses by what they are bound to. */
export class PressCount {
  private readonly counts = new Map<string, number>();

  /** The number of the next press. */
  next(boundTo: Uint8Array): number {
    return (this.counts.get(keyOf(boundTo)) ?? 0) + 1;
  }

  add(boundTo: Uint8Array): void {
    const key = keyOf(boundTo);
    const count = this.next(boundTo);
    this.counts.delete(key);
    this.counts.set(key, count);
    const [oldest] = this.counts.keys();
    if (this.counts.size > REMEMBERED && oldest !== undefined) this.counts.delete(oldest);
  }
}

function keyOf(boundTo: Uint8Array): string {
  return Buffer.from(boundTo).toString('hex');
}
