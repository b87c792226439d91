export type UnsentPlan = {
  /** Ends when the line has taken the bytes, or has failed. */
  readonly write: (bytes: Uint8Array) => Promise<unknown>;
  /** Packets that wait behind the one that is being written. */
  readonly most: number;
  /** The oldest was dropped, for the first time since all was taken. */
  readonly stuck: () => void;
  /** All that waited is taken, after something was dropped. */
  readonly flowing: () => void;
};

/** Small packets on their way to a device that may take none: one at a time, a few in waiting, and of more than that the oldest is dropped. */
export class Unsent {
  private readonly plan: UnsentPlan;
  private readonly waiting: Uint8Array[] = [];
  private writing: 'no' | 'yes' = 'no';
  private dropped: 'no' | 'yes' = 'no';

  constructor(plan: UnsentPlan) {
    this.plan = plan;
  }

  say(packet: Uint8Array): void {
    this.waiting.push(packet);
    if (this.writing === 'no') return void this.pump();
    if (this.waiting.length <= this.plan.most) return;
    this.waiting.shift();
    if (this.dropped === 'yes') return;
    this.dropped = 'yes';
    this.plan.stuck();
  }

  private async pump(): Promise<void> {
    this.writing = 'yes';
    for (let packet = this.waiting.shift(); packet !== undefined; packet = this.waiting.shift()) await this.plan.write(packet);
    this.writing = 'no';
    if (this.dropped === 'no') return;
    this.dropped = 'no';
    this.plan.flowing();
  }
}
