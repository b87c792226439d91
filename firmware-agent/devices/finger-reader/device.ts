import { z } from 'zod';
import type { Device, DeviceContext } from '../device.js';
import { byteTransportOf, commonFields, serialFields, tcpFields } from '../transport/config.js';
import { fingerReaderBench } from './bench.js';
import { startFingerReader } from './handle.js';
import type { FingerReaderHandle } from './port.js';

const hex = (digits: number, what: string): z.ZodString =>
  z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`, 'iu'), `${what} has ${digits} hex digits`);

const fields = {
  ...commonFields,
  kind: z.literal('finger-reader'),
  /** Set in the module by the technician; without it anyone may exchange the module for another. */
  password: hex(8, 'a password').optional(),
  /** ffffffff when left out. */
  address: hex(8, 'an address').optional(),
  /** As `info` told it at installation; another one is refused. */
  systemId: hex(4, 'a system id').optional(),
};

/** The modules know 9600 times 1 to 12. */
const baudRate = z
  .int()
  .refine((rate) => rate % 9_600 === 0 && rate >= 9_600 && rate <= 115_200, 'a fingerprint module has 9600 to 115200 baud in steps of 9600')
  .default(57_600);

export const fingerReaderConfig = z.discriminatedUnion('transport', [
  z.strictObject({ ...fields, ...tcpFields }),
  z.strictObject({ ...fields, ...serialFields, baudRate }),
]);
export type FingerReaderConfig = z.infer<typeof fingerReaderConfig>;

export type FingerReaderDevice = Device<'finger-reader', FingerReaderHandle>;

/** Opens a fingerprint module. It need not be there: its handle says `absent` until it is. */
export function openFingerReader(config: FingerReaderConfig, { name, timers, log }: DeviceContext): FingerReaderDevice {
  const transport = byteTransportOf(config, timers);
  const { password, address, systemId } = config;
  const handle = startFingerReader(transport, {
    ...(password === undefined ? {} : { password: Number.parseInt(password, 16) }),
    ...(address === undefined ? {} : { address: Number.parseInt(address, 16) }),
    ...(systemId === undefined ? {} : { systemId: Number.parseInt(systemId, 16) }),
    timers,
    log,
  });
  return { kind: 'finger-reader', name, where: transport.name, handle, bench: fingerReaderBench(handle) };
}
