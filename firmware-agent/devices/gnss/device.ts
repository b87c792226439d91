import { z } from 'zod';
import type { Device, DeviceContext } from '../device.js';
import { byteTransportOf, commonFields, serialFields, tcpFields } from '../transport/config.js';
import { gnssBench } from './bench.js';
import { startGnss } from './handle.js';
import type { GnssHandle } from './port.js';

const fields = { ...commonFields, kind: z.literal('gnss') };

/** A satellite receiver that speaks NMEA 0183; 9600 baud as most leave the factory. */
export const gnssConfig = z.discriminatedUnion('transport', [
  z.strictObject({ ...fields, ...tcpFields }),
  z.strictObject({ ...fields, ...serialFields, baudRate: serialFields.baudRate.unwrap().default(9_600) }),
]);
export type GnssConfig = z.infer<typeof gnssConfig>;

export type GnssDevice = Device<'gnss', GnssHandle>;

/** Listens to a receiver. It need not be there: its handle says `absent` until it is. */
export function openGnss(config: GnssConfig, { name, timers, log }: DeviceContext): GnssDevice {
  const transport = byteTransportOf(config, timers);
  const handle = startGnss(transport, { timers, log });
  return { kind: 'gnss', name, where: transport.name, handle, bench: gnssBench(handle, timers) };
}
