import { z } from 'zod';
import type { Device, DeviceContext } from '../device.js';
import { commonFields, hidFields, hidSocketFields, hidTransportOf } from '../transport/config.js';
import { keyChecks } from './bench.js';
import { startSecurityKey } from './handle.js';
import type { SecurityKeyHandle } from './port.js';

/** FIDO alliance's usage page, usage CTAPHID (CTAP 2.1 §11.2.8.1). */
export const FIDO_USAGE = { usagePage: 0xf1d0, usage: 0x01 } as const;

const fields = {
  ...commonFields,
  kind: z.literal('security-key'),
  /** True where the key stays in the kiosk: then its absence is shown as trouble. */
  required: z.boolean().default(false),
};

export const securityKeyConfig = z.discriminatedUnion('transport', [
  /** Without vendor and product: whichever key its owner plugs in. */
  z.strictObject({ ...fields, ...hidFields, vendorId: hidFields.vendorId.optional(), productId: hidFields.productId.optional() }),
  z.strictObject({ ...fields, ...hidSocketFields }),
]);
export type SecurityKeyConfig = z.infer<typeof securityKeyConfig>;

export type SecurityKeyDevice = Device<'security-key', SecurityKeyHandle>;

/** Opens a security key. It need not be there: it is looked for when it is used. */
export function openSecurityKey(config: SecurityKeyConfig, { name, timers, log }: DeviceContext): SecurityKeyDevice {
  const transport = hidTransportOf(config, FIDO_USAGE);
  const handle = startSecurityKey(transport, { presence: config.required ? 'always' : 'when-used', timers, log });
  return { kind: 'security-key', name, where: transport.name, handle, bench: keyChecks(handle) };
}
