import type { DeviceReport, ScanEvent, ScannerHandle } from '../../../../firmware-agent/devices/ports.js';
import { until } from '../../../unit/devices/world.js';
import { eventually, inTime } from './eventually.js';

/** The scanner's events in their order, taken as they come. */
export class Scans {
  private readonly heard: ScanEvent[] = [];

  constructor(scanner: ScannerHandle) {
    scanner.onScan((event) => this.heard.push(event));
  }

  next(): Promise<ScanEvent> {
    return eventually('a scan', () => this.heard.shift());
  }

  /** What came and was not asked for. */
  rest(): readonly ScanEvent[] {
    return this.heard.splice(0);
  }
}

/** Until the device says so. Bounded. */
export function reaches(device: Parameters<typeof until>[0], state: DeviceReport['state']): Promise<DeviceReport> {
  return inTime(
    `state "${state}"`,
    until(device, (report) => report.state === state),
  );
}
