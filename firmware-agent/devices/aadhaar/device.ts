import { z } from 'zod';
import type { Device, DeviceContext } from '../device.js';
import { commonFields } from '../transport/config.js';
import { certificateSha256 } from '../transport/pinned-tls.js';
import { aadhaarBench } from './bench.js';
import type { RdHost } from './client.js';
import { placeOf, startAadhaar, type AadhaarHandle } from './handle.js';

const LOOPBACK = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|localhost)$/u;

/**
 * A UIDAI registered device behind its maker's RD service. Without encryption only on this machine; a box beside it must show the one
 * certificate whose SHA-256 stands here.
 */
export const aadhaarConfig = z
  .strictObject({
    ...commonFields,
    kind: z.literal('aadhaar'),
    scheme: z.enum(['http', 'https']).default('http'),
    host: z.string().min(1).default('127.0.0.1'),
    firstPort: z.int().min(1).max(65_535).default(11_100),
    lastPort: z.int().min(1).max(65_535).default(11_120),
    certificateSha256: certificateSha256.optional(),
    /** P production, PP pre-production, S staging: what the department's agreement says. */
    environment: z.enum(['P', 'PP', 'S']).default('P'),
    fingers: z.int().min(1).max(10).default(1),
    fingerType: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(2),
    format: z.enum(['xml', 'protobuf']).default('xml'),
    /** Base64 SHA-256 for eKYC through a wrapper; empty for authentication. */
    wadh: z
      .string()
      .regex(/^(?:[A-Za-z0-9+/]{43}=)?$/u, 'base64 of 32 bytes')
      .default(''),
    retryBelow: z.int().min(0).max(100).default(45),
    refuseBelow: z.int().min(0).max(100).default(25),
    tries: z.int().min(1).max(5).default(3),
  })
  .refine((c) => c.scheme === 'https' || LOOPBACK.test(c.host), 'http only on this machine: use https with certificateSha256')
  .refine((c) => (c.scheme === 'https') === (c.certificateSha256 !== undefined), 'certificateSha256 belongs to https, and https needs it')
  .refine((c) => c.firstPort <= c.lastPort && c.lastPort - c.firstPort < 100, 'firstPort to lastPort are up to 100 ports')
  .refine((c) => c.refuseBelow <= c.retryBelow, 'refuseBelow is not above retryBelow');
export type AadhaarConfig = z.infer<typeof aadhaarConfig>;

export type AadhaarDevice = Device<'aadhaar', AadhaarHandle>;

/** Looks for an RD service. It need not be there: its handle says `absent` until it is. */
export function openAadhaar(config: AadhaarConfig, { name, timers, log }: DeviceContext): AadhaarDevice {
  const { environment, fingers, fingerType, wadh, firstPort, lastPort, retryBelow, refuseBelow, tries } = config;
  const where: RdHost =
    config.certificateSha256 === undefined
      ? { scheme: 'http', host: config.host }
      : { scheme: 'https', host: config.host, certificateSha256: config.certificateSha256 };
  const range = { firstPort, lastPort };
  const capture = { environment, fingers, fingerType, wadh, format: config.format === 'xml' ? 0 : 1 } as const;
  const handle = startAadhaar({ where, range, capture, quality: { retryBelow, refuseBelow, tries }, timers, log });
  return { kind: 'aadhaar', name, where: placeOf(where, range), handle, bench: aadhaarBench(handle) };
}
