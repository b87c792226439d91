import { z } from 'zod';
import type { Device, DeviceContext } from '../device.js';
import { byteTransportOf, commonFields, serialFields, tcpFields } from '../transport/config.js';
import { systemTimers, type Timers } from '../timers.js';
import { fingerReaderBench } from './bench.js';
import { ANY_ADDRESS } from './codec/frame.js';
import { FINGER_DELAYS, type FingerDelays } from './delays.js';
import { FingerReaderDriver } from './driver.js';
import { startFingerReader } from './handle.js';
import type { Secret } from './module.js';
import type { OpenModule } from './password-change.js';
import type { FingerReaderHandle } from './port.js';

const hex = (digits: number, what: string): z.ZodString =>
  z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`, 'iu'), `${what} has ${digits} hex digits`);

const fields = {
  ...commonFields,
  kind: z.literal('finger-reader'),
  /** Set in the module by the technician; without it anyone may exchange the module for another. */
  password: hex(8, 'a password').optional(),
  /** A change of the password that was begun and not seen to end: the module has this one or the other, and both are tried. */
  passwordPending: hex(8, 'a password').optional(),
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
  const handle = startFingerReader(transport, {
    ...secretIn(config),
    ...addressIn(config),
    ...systemIdIn(config),
    timers,
    log,
  });
  return { kind: 'finger-reader', name, where: transport.name, handle, bench: fingerReaderBench(handle) };
}

/** The passwords that a line of `devices.json` holds. */
export function secretIn({ password, passwordPending }: Pick<FingerReaderConfig, 'password' | 'passwordPending'>): Secret {
  const secret = { password: password === undefined ? 0 : Number.parseInt(password, 16) };
  return passwordPending === undefined ? secret : { ...secret, pending: Number.parseInt(passwordPending, 16) };
}

/** The same as it is written there; a module without a password has none in its line. */
export function writtenAs({ password, pending }: Readonly<Secret>): Readonly<Record<'password' | 'passwordPending', string | undefined>> {
  const digits = (value: number): string => value.toString(16).padStart(8, '0');
  return { password: password === 0 ? undefined : digits(password), passwordPending: pending === undefined ? undefined : digits(pending) };
}

function addressIn({ address }: FingerReaderConfig): { readonly address?: number } {
  return address === undefined ? {} : { address: Number.parseInt(address, 16) };
}

function systemIdIn({ systemId }: FingerReaderConfig): { readonly systemId?: number } {
  return systemId === undefined ? {} : { systemId: Number.parseInt(systemId, 16) };
}

/** Opens the module of a line once, for work on its password alone. */
export function moduleOpener(config: FingerReaderConfig, timers: Timers = systemTimers, delays: FingerDelays = FINGER_DELAYS): OpenModule {
  const transport = byteTransportOf(config, timers);
  const { address = ANY_ADDRESS } = addressIn(config);
  const { systemId } = systemIdIn(config);
  return async (secret) => {
    const line = await transport.open();
    return line.ok ? FingerReaderDriver.open(line.value, { address, identity: { secret, systemId }, delays, timers }) : line;
  };
}
