import { z } from 'zod';
import type { Device, DeviceContext } from '../device.js';
import { commonFields } from '../transport/config.js';
import { tcpTransport } from '../transport/tcp.js';
import { upsBench, type UpsWire } from './bench.js';
import { LOW_MARKS, startUps, type UpsHandle } from './handle.js';

/** A UPS behind the daemon of Network UPS Tools, upsd. Its words are not encrypted: keep it on this machine. */
export const upsConfig = z.strictObject({
  ...commonFields,
  kind: z.literal('ups'),
  transport: z.literal('tcp').default('tcp'),
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(1).max(65_535).default(3_493),
  /** Its name in upsd's ups.conf; may be left out where there is one alone. */
  ups: z
    .string()
    .regex(/^[\w.-]{1,64}$/u)
    .optional(),
  login: z.strictObject({ username: z.string().regex(/^\S{1,64}$/u), password: z.string().regex(/^\S{1,128}$/u) }).optional(),
  /** Below either of these the counter closes; with the mains it opens a margin above both. */
  lowChargePercent: z.int().min(5).max(90).default(LOW_MARKS.chargePercent),
  lowRuntimeSeconds: z.int().min(60).max(7_200).default(LOW_MARKS.runtimeSeconds),
});
export type UpsConfig = z.infer<typeof upsConfig>;

export type UpsDevice = Device<'ups', UpsHandle>;

/** Watches a UPS. It need not be there: its handle says `absent` until it is. */
export function openUps(config: UpsConfig, { name, timers, log }: DeviceContext): UpsDevice {
  const transport = tcpTransport(config);
  const { ups, login, lowChargePercent, lowRuntimeSeconds } = config;
  const low = { chargePercent: lowChargePercent, runtimeSeconds: lowRuntimeSeconds };
  const wire: UpsWire = { host: config.host, login: login === undefined ? 'no' : 'yes' };
  const handle = startUps(transport, { ups, login, low, timers, log });
  return { kind: 'ups', name, where: `ups ${ups ?? ''}@${config.host}:${config.port}`.replace(' @', ' at '), handle, bench: upsBench(handle, wire) };
}
