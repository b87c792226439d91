import { createInterface } from 'node:readline';
import { z } from 'zod';
import { deviceConfig, openDevice } from '../../../firmware-agent/devices/devices.js';

/**
 * The product's own scanner in a process of its own, for a bed of mock devices: its configuration as the argument; its states and scans as
 * JSON lines on stdout; orders (`good`, `bad`, `off`, `on`, `status`, `close`) on stdin.
 */
const config = deviceConfig.parse(JSON.parse(process.argv[2] ?? ''));
const device = openDevice(config);
if (device.kind !== 'scanner') throw new Error('not a scanner');
const { handle } = device;

function tell(fact: object): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}

handle.onChange((report) => tell({ report }));
handle.onScan((event) => tell({ event }));
tell({ report: handle.state() });

const order = z.enum(['good', 'bad', 'off', 'on', 'status', 'close']);
for await (const line of createInterface({ input: process.stdin })) {
  const wanted = order.parse(line);
  if (wanted === 'good' || wanted === 'bad') tell({ outcome: await handle.beep?.(wanted) });
  if (wanted === 'on' || wanted === 'off') tell({ outcome: await handle.reading?.(wanted) });
  if (wanted === 'status') tell({ bench: await device.bench[0]?.run(() => undefined, AbortSignal.timeout(1_000)) });
  if (wanted === 'close') break;
}
await handle.close();
tell({ closed: device.where });
