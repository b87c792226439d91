import { z } from 'zod';
import { consumerDigest } from '../identity/ids.js';
import { departmentCode, serviceCode, type KioskCode } from '../identity/identity.js';
import type { Position, SaleBody } from '../ledger/entry.js';
import { failure, ok, type Failure, type Result } from '../result/result.js';
import { cborBytes, cborSum, decodeCbor, encodeCbor, readCbor, unixSeconds } from '../signing/cbor.js';
import { certifiedAt, readCertificate, type Certificate } from '../signing/certificate.js';
import { base32, crockford, parseBase32 } from '../signing/base32.js';
import { openCose, signCose } from '../signing/cose.js';
import type { SigningKey, VerifyKey } from '../signing/keys.js';
import type { UnixMs } from '../time/time.js';

/** What the citizen can prove: received at the counter, or also posted to the department with its reference. */
export type ReceiptState = { readonly kind: 'received'; readonly postBy: UnixMs } | { readonly kind: 'posted'; readonly reference: string };

/**
 * The facts in a receipt's QR code. No personal data in clear: the consumer number is a salted digest (the salt is printed beside it as text).
 * Kiosk, district and epoch come from the certificate that travels in the same code.
 */
export type ReceiptFacts = {
  readonly seq: number;
  /** First 16 bytes of the sale entry's hash: ties the paper to the ledger. */
  readonly entryHash: Uint8Array<ArrayBuffer>;
  /** Whole seconds. */
  readonly at: UnixMs;
  readonly service: string;
  readonly department: string;
  readonly totalPaise: SaleBody['totalPaise'];
  readonly citizenFeePaise: SaleBody['citizenFeePaise'];
  readonly consumerDigest: Uint8Array<ArrayBuffer>;
  readonly state: ReceiptState;
};

// An array, not a map: 528 characters is all that a version 14-M code holds. The last item is seconds (received) or the reference (posted).
const factsShape = z.tuple([
  z.literal(1),
  z.int().min(1),
  cborBytes(16),
  unixSeconds,
  serviceCode,
  departmentCode,
  cborSum,
  cborSum,
  cborBytes(16),
  z.union([unixSeconds, z.string().min(1).max(40)]),
]);

/** `D35K1111-1-000007`: kiosk, epoch and place in the chain. */
export function receiptNumber(kiosk: KioskCode | string, epoch: number, seq: number): string {
  return `${kiosk.toUpperCase()}-${epoch}-${seq.toString().padStart(6, '0')}`;
}

/** Eight characters of Crockford base32: the first 40 bits of the sale entry's hash. A look-up, not a proof. */
export function typedCode(entryHash: Uint8Array): string {
  return crockford(entryHash.subarray(0, 5));
}

export function receiptFacts(sale: SaleBody, place: Position, at: UnixMs, state: ReceiptState): ReceiptFacts {
  return {
    seq: place.seq,
    entryHash: Uint8Array.from(place.hash.subarray(0, 16)),
    at: Math.floor(at / 1000) * 1000,
    service: sale.service,
    department: sale.department,
    totalPaise: sale.totalPaise,
    citizenFeePaise: sale.citizenFeePaise,
    consumerDigest: Uint8Array.from(consumerDigest(sale.salt, sale.consumer)),
    state,
  };
}

/** Where a receipt is checked in a browser. Upper case, so that the whole text stays in a QR code's alphanumeric mode. */
export function receiptPrefix(hubHost: string): string {
  return `HTTPS://${hubHost.toUpperCase()}/R/`;
}

/**
 * The text of the receipt's QR code: the prefix and Base32 of the pair [receipt, certificate], both COSE_Sign1. The receipt's signature also binds the
 * prefix, so a code that leads to another place does not verify.
 */
export function receiptText(key: SigningKey, certificate: Certificate, prefix: string, facts: ReceiptFacts): string {
  const last = facts.state.kind === 'received' ? Math.floor(facts.state.postBy / 1000) : facts.state.reference;
  const payload = encodeCbor([
    1,
    facts.seq,
    facts.entryHash,
    Math.floor(facts.at / 1000),
    facts.service,
    facts.department,
    facts.totalPaise,
    facts.citizenFeePaise,
    facts.consumerDigest,
    last,
  ]);
  return prefix + base32(encodeCbor([signCose(key, 'jharokha/receipt/1', payload, ` ${prefix}`), certificate.bytes]));
}

export type CheckedReceipt = ReceiptFacts & { readonly certificate: Certificate; readonly number: string; readonly code: string };
export type ReceiptError = 'not-a-receipt' | 'bad-certificate' | 'bad-signature' | 'outside-certificate';

// No `u` flag: with it, case folding would also take letters outside ASCII (a long s for S).
const TEXT_PATTERN = /^(HTTPS:\/\/[A-Z0-9.:-]{1,80}\/R\/)([A-Z2-7]{40,1200})$/i;

/** Checks a receipt with nothing but its text and the district's public key. Case does not matter, since browsers change it. */
export function verifyReceipt(district: VerifyKey, text: string): Result<CheckedReceipt, Failure<ReceiptError>> {
  const match = TEXT_PATTERN.exec(text.trim());
  const prefix = match?.[1]?.toUpperCase();
  if (match === null || prefix === undefined) return failure('not-a-receipt', "the text is not a receipt's code (HTTPS://…/R/…)");
  const bytes = parseBase32((match[2] ?? '').toUpperCase());
  if (!bytes.ok) return failure('not-a-receipt', bytes.error.detail);
  const decoded = decodeCbor(bytes.value);
  const pair = z.tuple([z.instanceof(Uint8Array), z.instanceof(Uint8Array)]).safeParse(decoded.ok ? decoded.value : undefined);
  if (!pair.success) return failure('not-a-receipt', 'the code does not hold a receipt and a certificate');
  const certificate = readCertificate(district, pair.data[1], 'kiosk');
  if (!certificate.ok) return certificate;
  const payload = openCose(certificate.value.key, 'jharokha/receipt/1', pair.data[0], ` ${prefix}`);
  if (!payload.ok) return failure('bad-signature', payload.error.detail);
  const read = readCbor(factsShape, payload.value);
  if (!read.ok) return failure('not-a-receipt', read.error.detail);
  const facts = factsFrom(read.value);
  if (!certifiedAt(certificate.value, facts.at)) return failure('outside-certificate', 'the kiosk was not certified when the receipt was made');
  const { subject, epoch } = certificate.value;
  return ok({ ...facts, certificate: certificate.value, number: receiptNumber(subject, epoch, facts.seq), code: typedCode(facts.entryHash) });
}

function factsFrom(read: z.infer<typeof factsShape>): ReceiptFacts {
  const [, seq, entryHash, at, service, department, totalPaise, citizenFeePaise, digest, last] = read;
  const state: ReceiptState = typeof last === 'string' ? { kind: 'posted', reference: last } : { kind: 'received', postBy: last * 1000 };
  return { seq, entryHash, at: at * 1000, service, department, totalPaise, citizenFeePaise, consumerDigest: digest, state };
}
