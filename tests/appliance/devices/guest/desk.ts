import { z } from 'zod';
import { systemTimers, within } from '../../../../firmware-agent/devices/timers.js';
import { characterDeviceTransport } from '../../../../firmware-agent/devices/transport/character-device.js';
import { DESK_PORT, type DeskOrder, type MachineDevice } from '../desk-order.js';

const ANSWER_LIMIT_MS = 30_000;

const answer = z.union([z.object({ ok: z.literal(true) }), z.object({ ok: z.literal(false), error: z.string() })]);

/** The suites' side of the harness: what only somebody outside the machine can do. Every call rejects when it was not done. */
export type Desk = {
  readonly plug: (device: MachineDevice) => Promise<void>;
  readonly unplug: (device: MachineDevice) => Promise<void>;
  /** Bytes out of whatever hangs on the serial adapter. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** One at a time: the port has one user. */
export async function openDesk(): Promise<Desk> {
  const opened = await characterDeviceTransport(`/dev/virtio-ports/${DESK_PORT}`, systemTimers).open();
  if (!opened.ok) throw new Error(opened.error.detail);
  const port = opened.value;
  const waiting: ((line: string) => void)[] = [];
  let unread = '';
  port.onBytes((bytes) => {
    const lines = (unread + Buffer.from(bytes).toString('utf8')).split('\n');
    unread = lines.pop() ?? '';
    for (const line of lines) waiting.shift()?.(line);
  });
  const order = async (wanted: DeskOrder): Promise<void> => {
    const answered = new Promise<string>((resolve) => waiting.push(resolve));
    await port.write(Buffer.from(`${JSON.stringify(wanted)}\n`));
    const line = await within(systemTimers, ANSWER_LIMIT_MS, answered);
    const said = answer.parse(line === 'late' ? { ok: false, error: `no answer within ${ANSWER_LIMIT_MS} ms` } : JSON.parse(line));
    if (!said.ok) throw new Error(`${JSON.stringify(wanted)}: ${said.error}`);
  };
  return {
    plug: (device) => order({ do: 'plug', device }),
    unplug: (device) => order({ do: 'unplug', device }),
    send: (bytes) => order({ do: 'send', hex: Buffer.from(bytes).toString('hex') }),
    close: () => port.close(),
  };
}
