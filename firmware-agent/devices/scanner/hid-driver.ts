import { failure, unreachable } from '#protocol/result/result.js';
import type { ScanEvent, ScannerOutcome, Unsubscribe } from '../ports.js';
import { within } from '../timers.js';
import type { HidConnection } from '../transport/hid.js';
import { hidScanLayout, USUAL_LAYOUT, type HidBit, type HidTriggerLayout } from './codec/hid-layout.js';
import { HidScanJoiner } from './codec/hid-scans.js';
import { GapClock, unfit, type DriverContext, type ScannerDriver, type ScannerOrder } from './driver.js';

/** A HID POS scanner: codes as input reports, orders as one output report, both where its report descriptor puts them. */
export class HidDriver implements ScannerDriver {
  private readonly connection: HidConnection;
  private readonly context: DriverContext;
  private readonly triggerLayout: HidTriggerLayout | undefined;

  constructor(connection: HidConnection, context: DriverContext) {
    const own = connection.descriptor === undefined ? undefined : hidScanLayout(connection.descriptor);
    const layout = own ?? USUAL_LAYOUT;
    const joiner = new HidScanJoiner(layout);
    this.connection = connection;
    this.context = context;
    this.triggerLayout = layout.trigger;
    context.memory.facts = { layout: own === undefined ? 'usual' : 'by descriptor', orders: layout.trigger === undefined ? 'none' : 'by report' };
    const tell = (events: readonly ScanEvent[]): void => events.forEach(context.tell);
    const clock = new GapClock(context, {
      standing: () => joiner.standing,
      lost() {
        tell(joiner.gap());
        return undefined;
      },
      quiet: () => joiner.quiet(),
    });
    connection.onReport((report) => {
      tell(joiner.read(report));
      clock.heard();
    });
    connection.onClose(() => clock.end());
    // The bits are levels: a scanner that was just plugged in reads, and must be told again when it shall not.
    if (context.memory.reading === 'off') void this.obey('reading-off');
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.connection.onClose(listener);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** HID has no answer to an output report: taken by the kernel is all that can be known. */
  async obey(order: ScannerOrder): Promise<ScannerOutcome> {
    const layout = this.triggerLayout;
    const { memory, timers, delays } = this.context;
    if (order === 'reading-on' || order === 'reading-off') memory.reading = order === 'reading-on' ? 'on' : 'off';
    const bit = layout === undefined ? undefined : bitOf(layout, order);
    if (layout === undefined || bit === undefined) return unfit(`this scanner has no report for ${order}`);
    const report = new Uint8Array(1 + layout.bytes);
    report[0] = layout.reportId;
    if (memory.reading === 'off') raise(report, layout.preventRead);
    if (order !== 'trigger-off' && order !== 'reading-on') raise(report, bit);
    const written = await within(timers, delays.writeMs, this.connection.write(report));
    if (written === 'late') {
      await this.connection.close();
      return failure('scanner-absent', `took no report for ${delays.writeMs} ms`);
    }
    return written.ok ? written : failure('scanner-absent', written.error.detail);
  }
}

function bitOf(layout: HidTriggerLayout, order: ScannerOrder): HidBit | undefined {
  switch (order) {
    case 'good-beep':
      return layout.goodBeep;
    case 'bad-beep':
      return layout.errorBeep;
    case 'trigger-on':
    case 'trigger-off':
      return layout.initiateRead;
    case 'reading-on':
    case 'reading-off':
      return layout.preventRead;
    default:
      return unreachable(order);
  }
}

function raise(report: Uint8Array, bit: HidBit | undefined): void {
  if (bit !== undefined) report.set([(report[1 + bit.at] ?? 0) | bit.mask], 1 + bit.at);
}
