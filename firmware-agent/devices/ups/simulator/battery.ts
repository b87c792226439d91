/** A battery that runs down by the clock while the mains are away, and is filled again while they are there. */
export class Battery {
  private readonly nowMs: () => number;
  private charge = 100;
  private sinceMs: number;
  private mainsNow: 'on' | 'off' = 'on';
  private perMinute = 5;

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
    this.sinceMs = nowMs();
  }

  get mains(): 'on' | 'off' {
    return this.mainsNow;
  }

  get chargePercent(): number {
    const minutes = (this.nowMs() - this.sinceMs) / 60_000;
    return Math.min(100, Math.max(0, this.charge + (this.mainsNow === 'on' ? 1 : -this.perMinute) * minutes));
  }

  /** What the UPS would tell: from full charge it would last 100 / perMinute minutes. */
  get runtimeSeconds(): number {
    return Math.floor((this.chargePercent / this.perMinute) * 60);
  }

  state(): { readonly mains: 'on' | 'off'; readonly chargePercent: number; readonly runtimeSeconds: number } {
    return { mains: this.mainsNow, chargePercent: this.chargePercent, runtimeSeconds: this.runtimeSeconds };
  }

  set(change: { readonly mains?: 'on' | 'off'; readonly chargePercent?: number; readonly drainPerMinute?: number }): void {
    this.charge = change.chargePercent ?? this.chargePercent;
    this.sinceMs = this.nowMs();
    this.mainsNow = change.mains ?? this.mainsNow;
    this.perMinute = change.drainPerMinute ?? this.perMinute;
  }
}
