import type { Socket } from 'node:net';
import { z } from 'zod';
import { unreachable } from '#protocol/result/result.js';
import { startControl, type ControlAnswer, type ControlPlace } from '../../simulation/control.js';
import { Door } from '../../simulation/door.js';
import { LineCutter } from '../../transport/lines.js';
import { LINE_BYTES } from '../codec.js';
import { Battery } from './battery.js';
import { Upsd, type UpsdFault } from './upsd.js';

const FLAGS = ['RB', 'OVER', 'FSD', 'CAL', 'BYPASS', 'WAIT'] as const;

/** What another process or a test may do with the virtual UPS. One JSON object a line on its control socket. */
export const upsOrder = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('mains'), mains: z.enum(['on', 'off']) }).describe('the mains power goes or comes back'),
  /** Sets the charge; `drainPerMinute` is what the load takes of it from now on. */
  z
    .strictObject({
      do: z.literal('battery'),
      chargePercent: z.number().min(0).max(100).optional(),
      drainPerMinute: z.number().min(0.1).max(6_000).optional(),
    })
    .describe('how full the battery is, and how fast it empties'),
  z.strictObject({ do: z.literal('flag'), flag: z.enum(FLAGS), set: z.enum(['on', 'off']) }).describe('a word of its status is set'),
  /** upsd stands, and its driver has lost the UPS. */
  z.strictObject({ do: z.literal('stale') }).describe('its driver is silent: old data'),
  /** upsd takes commands and says nothing. */
  z.strictObject({ do: z.literal('silent') }).describe('does not answer'),
  /** Lists break off in the middle. */
  z.strictObject({ do: z.literal('half') }).describe('an answer ends in the middle'),
  z.strictObject({ do: z.literal('garble') }).describe('answers with nonsense'),
  z.strictObject({ do: z.literal('unplug') }).describe('upsd can not be reached'),
  z.strictObject({ do: z.literal('plug') }).describe('upsd can be reached again'),
  z.strictObject({ do: z.literal('normal') }).describe('every fault is mended, mains on'),
  z.strictObject({ do: z.literal('state') }).describe('how it stands'),
]);
export type UpsOrder = z.infer<typeof upsOrder>;

export type UpsSimulator = {
  readonly host: string;
  readonly port: number;
  readonly control: ControlPlace | undefined;
  readonly order: (order: UpsOrder) => Promise<ControlAnswer>;
  readonly close: () => Promise<void>;
};

export type UpsSimulatorOptions = {
  readonly host: string;
  readonly port: number;
  readonly control?: ControlPlace;
  /** UPSes served beside `counter`, which only exist. */
  readonly others?: readonly string[];
  readonly nowMs?: () => number;
};

/** upsd and a UPS in one: speaks RFC 9271 on a TCP port, and fails on order. Its UPS is `counter`; the log-in is `counter` with the password `counter`. */
export async function startUpsSimulator(options: UpsSimulatorOptions): Promise<UpsSimulator> {
  const battery = new Battery(options.nowMs ?? (() => performance.now()));
  const flags = new Set<string>();
  let fault: UpsdFault = 'none';
  const upsd = new Upsd({ battery, flags, fault: () => fault, others: options.others ?? [] });
  const door = new Door(options.host, options.port, (socket) => serve(socket, upsd));
  await door.plug();

  const order = async (wanted: UpsOrder): Promise<ControlAnswer> => {
    switch (wanted.do) {
      case 'mains':
        battery.set({ mains: wanted.mains });
        break;
      case 'battery': {
        const { chargePercent, drainPerMinute } = wanted;
        battery.set({ ...(chargePercent === undefined ? {} : { chargePercent }), ...(drainPerMinute === undefined ? {} : { drainPerMinute }) });
        break;
      }
      case 'flag':
        if (wanted.set === 'on') flags.add(wanted.flag);
        else flags.delete(wanted.flag);
        break;
      case 'stale':
      case 'silent':
      case 'half':
      case 'garble':
        fault = wanted.do;
        break;
      case 'unplug':
        await door.unplug();
        break;
      case 'plug':
        await door.plug();
        break;
      case 'normal':
        fault = 'none';
        flags.clear();
        battery.set({ mains: 'on', chargePercent: 100, drainPerMinute: 5 });
        await door.plug();
        break;
      case 'state':
        break;
      default:
        return unreachable(wanted);
    }
    return { ok: true, state: { line: door.standing, ...battery.state(), flags: [...flags], fault, logins: upsd.logins } };
  };
  const control = options.control === undefined ? undefined : await startControl(options.control, upsOrder, order);
  return {
    host: door.host,
    port: door.port,
    control: control?.place,
    order,
    async close() {
      await control?.close();
      await door.unplug();
    },
  };
}

function serve(socket: Socket, upsd: Upsd): void {
  const cutter = new LineCutter(LINE_BYTES);
  const session = upsd.session();
  socket.on('data', (chunk: Buffer) => {
    for (const line of cutter.read(chunk)) {
      const answer = session.answer(line ?? '');
      if (answer.text !== '') socket.write(answer.text);
      if (answer.line === 'closing') socket.end();
    }
  });
  socket.on('close', () => session.end());
}
