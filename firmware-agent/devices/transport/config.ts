import { z } from 'zod';
import { unreachable } from '#protocol/result/result.js';
import type { Timers } from '../timers.js';
import { characterDeviceTransport } from './character-device.js';
import { serialTransport } from './serial.js';
import { tcpTransport } from './tcp.js';
import type { Transport } from './transport.js';

/** Fields of the byte transports in `devices.json`, for the kinds to put into their own configuration. */
export const tcpFields = { transport: z.literal('tcp'), host: z.string().min(1), port: z.int().min(1).max(65_535) };
export const serialFields = {
  transport: z.literal('serial'),
  /** Better /dev/serial/by-id/…: ttyUSB numbers change with each plugging. */
  path: z.string().startsWith('/'),
  baudRate: z.int().min(1_200).max(4_000_000).default(115_200),
  flow: z.enum(['none', 'hardware', 'xon-xoff']).default('none'),
};
export const characterDeviceFields = { transport: z.literal('character-device'), path: z.string().startsWith('/dev/') };

const byteTransport = z.discriminatedUnion('transport', [z.object(tcpFields), z.object(serialFields), z.object(characterDeviceFields)]);
export type ByteTransportConfig = z.infer<typeof byteTransport>;

export function byteTransportOf(config: ByteTransportConfig, timers: Timers): Transport {
  switch (config.transport) {
    case 'tcp':
      return tcpTransport(config);
    case 'serial':
      return serialTransport(config);
    case 'character-device':
      return characterDeviceTransport(config.path, timers);
    default:
      return unreachable(config);
  }
}

/** Fields that every device of every kind may have. */
export const commonFields = {
  /** Tells several of a kind apart on the screen; the kind itself, with a number from the second on, when left out. */
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,23}$/u, 'a name has up to 24 of a-z, 0-9 and -')
    .optional(),
};
