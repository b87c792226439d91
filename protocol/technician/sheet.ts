import { z } from 'zod';
import { districtCode, epoch, kioskCode } from '../identity/identity.js';
import { typedCode } from '../receipt/receipt.js';
import { failure, ok, unreachable, type Failure, type Result } from '../result/result.js';
import { encodeCbor, readCbor, unixMs } from '../signing/cbor.js';
import { certifiedAt, readCertificate, type Certificate } from '../signing/certificate.js';
import { peekCose } from '../signing/cose.js';
import { sha256, type SigningKey, type VerifyKey } from '../signing/keys.js';
import { openRecord, signRecord } from '../signing/record.js';
import { benchResult } from './bench.js';
import { subjectKind } from './messages.js';

/** One thing that was tried, or left out (`not-done`). */
export const sheetRow = z.strictObject({
  device: z.string().max(40),
  kind: subjectKind,
  where: z.string().max(300),
  check: z.string().max(40),
  ...benchResult.shape,
});
export type SheetRow = z.infer<typeof sheetRow>;

/** What a bench sheet says. `kiosk` is null on a machine that is not enrolled: such a sheet is not signed. */
export const sheetFacts = z.strictObject({
  v: z.literal(1),
  kiosk: z.strictObject({ district: districtCode, code: kioskCode, epoch }).nullable(),
  software: z.string().max(40),
  begunAt: unixMs,
  at: unixMs,
  rows: z.array(sheetRow).min(1).max(400),
});
export type SheetFacts = z.infer<typeof sheetFacts>;

/** `partial`: what was done passed, and some checks of devices were not done. `nothing`: no device could be judged, and nothing is known to be wrong. */
export type SheetVerdict = 'pass' | 'partial' | 'fail' | 'nothing';

/** Derived, never stored, so that no sheet contradicts its own rows. */
export function verdictOf({ rows }: { readonly rows: readonly SheetRow[] }): SheetVerdict {
  if (rows.some(({ outcome }) => outcome === 'fail')) return 'fail';
  if (!rows.some(({ kind, outcome }) => kind !== 'station' && outcome === 'pass')) return 'nothing';
  return undoneOf({ rows }).length === 0 ? 'pass' : 'partial';
}

/** Checks of devices that were not done. The machine's own do not count: many a machine does not tell how it is fed, and a counter may sell without its hub. */
export function undoneOf({ rows }: { readonly rows: readonly SheetRow[] }): readonly SheetRow[] {
  return rows.filter(({ kind, outcome }) => kind !== 'station' && outcome === 'not-done');
}

const bytes = z.instanceof(Uint8Array).transform((b) => Uint8Array.from(b));
const sheetFile = z.discriminatedUnion('form', [
  z.strictObject({ form: z.literal('signed'), certificate: bytes, sheet: bytes }),
  z.strictObject({ form: z.literal('unsigned'), facts: bytes }),
]);

/** The file of a sheet that the kiosk signs; docs/formats/bench-sheet.md. */
export function signedSheet(key: SigningKey, certificate: Certificate, facts: SheetFacts): Uint8Array<ArrayBuffer> {
  return encodeCbor({ form: 'signed', certificate: certificate.bytes, sheet: signRecord(key, 'jharokha/bench-sheet/1', facts) });
}

/** The file of a sheet that nobody vouches for: the machine is not enrolled, or its identity is damaged. */
export function unsignedSheet(facts: SheetFacts): Uint8Array<ArrayBuffer> {
  return encodeCbor({ form: 'unsigned', facts: encodeCbor({ ...facts, kiosk: null }) });
}

export type OpenSheet = {
  readonly form: 'signed' | 'unsigned';
  readonly facts: SheetFacts;
  /** SHA-256 of the facts' exact bytes, which identifies the sheet. */
  readonly hash: Uint8Array<ArrayBuffer>;
  /** Its first 40 bits, to be read aloud and typed. */
  readonly code: string;
};

export type SheetError = 'not-a-sheet' | 'unsigned' | 'bad-certificate' | 'bad-signature' | 'other-kiosk' | 'outside-certificate';

/** Reads a sheet without believing it: no signature is checked. For whoever just made it. */
export function peekSheet(file: Uint8Array): Result<OpenSheet, Failure<'not-a-sheet'>> {
  const read = readCbor(sheetFile, file);
  if (!read.ok) return failure('not-a-sheet', read.error.detail);
  switch (read.value.form) {
    case 'unsigned':
      return opened('unsigned', read.value.facts);
    case 'signed': {
      const payload = peekCose(read.value.sheet);
      return payload.ok ? opened('signed', payload.value) : failure('not-a-sheet', payload.error.detail);
    }
    default:
      return unreachable(read.value);
  }
}

/** Checks a sheet with nothing but the district's public key: certificate, signature, and that both speak of the same kiosk. */
export function verifySheet(district: VerifyKey, file: Uint8Array): Result<OpenSheet, Failure<SheetError>> {
  const read = readCbor(sheetFile, file);
  if (!read.ok) return failure('not-a-sheet', read.error.detail);
  if (read.value.form === 'unsigned') return failure('unsigned', 'nobody signed this sheet: the machine was not enrolled');
  const certificate = readCertificate(district, read.value.certificate, 'kiosk');
  if (!certificate.ok) return certificate;
  const facts = openRecord(certificate.value.key, 'jharokha/bench-sheet/1', sheetFacts, read.value.sheet, 'bad-signature');
  if (!facts.ok) return facts;
  const { kiosk, at } = facts.value;
  const { district: of, subject, epoch: its } = certificate.value;
  if (kiosk?.district !== of || kiosk.code !== subject || kiosk.epoch !== its)
    return failure('other-kiosk', 'the sheet names another kiosk than its certificate');
  if (!certifiedAt(certificate.value, at)) return failure('outside-certificate', 'the kiosk was not certified when the sheet was made');
  return peekSheet(file);
}

function opened(form: OpenSheet['form'], payload: Uint8Array): Result<OpenSheet, Failure<'not-a-sheet'>> {
  const facts = readCbor(sheetFacts, payload);
  if (!facts.ok) return failure('not-a-sheet', facts.error.detail);
  const hash = sha256(payload);
  return ok({ form, facts: facts.value, hash, code: typedCode(hash) });
}
