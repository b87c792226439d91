import { z } from 'zod';
import { departmentCode, districtCode, epoch, grantId, kioskCode, operatorLogin, serviceCode, transactionId } from '../identity/identity.js';
import { presenceOutcome } from '../presence/presence.js';
import { mode, payer } from '../rulebook/rulebook.js';
import { failure, ok, type Failure, type Result } from '../result/result.js';
import { cborBytes, cborHash, cborPaise, cborSum, encodeCbor, readCbor, unixMs } from '../signing/cbor.js';
import { openCose, signCose } from '../signing/cose.js';
import { formPrinter, formSerial, serialRange } from './form-serial.js';
import { sha256, type SigningKey, type VerifyKey } from '../signing/keys.js';

const text = (length: number) => z.string().max(length);
export const position = z.strictObject({ seq: z.int().min(0), hash: cborHash });
/** A place in a kiosk's chain: the entry's number and the hash of its payload. Before the first entry: 0 and the certificate's hash. */
export type Position = z.infer<typeof position>;

/** What a sale moves and what the receipt states. Sums in paise; `totalPaise` = `billPaise` + `citizenFeePaise`. */
const saleBody = z.strictObject({
  kind: z.literal('sale'),
  transaction: transactionId,
  service: serviceCode,
  department: departmentCode,
  consumer: text(24),
  billNumber: text(24),
  billPaise: cborSum,
  citizenFeePaise: cborSum,
  departmentFeePaise: cborSum,
  totalPaise: cborSum,
  payer,
  late: z.boolean(),
  part: z.boolean(),
  mode,
  grant: z.strictObject({ id: grantId, number: z.int(), kind: z.enum(['hold', 'lease']) }),
  tender: z.strictObject({ kind: z.literal('cash'), receivedPaise: cborSum }),
  /** Hides the consumer number in the receipt's QR code; printed on the paper as text. */
  salt: cborBytes(8),
  /** The receipt's promise: by then the department has the money. */
  postBy: unixMs,
});

/** Everything a kiosk writes into its chain. A kind is never changed once released: a new kind is added. */
export const entryBody = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('started'), software: text(40), clean: z.boolean() }),
  z.strictObject({ kind: z.literal('operator-on'), checked: z.enum(['hub', 'verifier', 'hub-key', 'verifier-key']) }),
  z.strictObject({ kind: z.literal('operator-off') }),
  z.strictObject({ kind: z.literal('till-opened'), floatPaise: cborSum }),
  z.strictObject({ kind: z.literal('till-closed'), expectedPaise: cborPaise, countedPaise: cborSum, sales: z.int(), salesPaise: cborSum }),
  /** A transaction id on disk before anything moves. Ends in `sale` or `abandoned`. */
  z.strictObject({
    kind: z.literal('quoted'),
    transaction: transactionId,
    service: serviceCode,
    department: departmentCode,
    consumer: text(24),
    billNumber: text(24),
    totalPaise: cborSum,
    mode,
  }),
  z.strictObject({ kind: z.literal('abandoned'), transaction: transactionId, reason: z.enum(['operator', 'not-secured', 'restart', 'replaced']) }),
  /**
   * One asking for a finger for one transaction, whatever came of it, written before anybody is told (R46). `attempt` counts the askings of a transaction
   * from 1; `bound` is `presenceHash` of what the person agrees to; `block` the SHA-256 of an encrypted Aadhaar block, which is not kept itself. `witness`: who stood in after presses in vain.
   */
  z.strictObject({
    kind: z.literal('presence'),
    transaction: transactionId,
    attempt: z.int().min(1),
    by: z.enum(['finger', 'aadhaar', 'witness']),
    bound: cborHash,
    outcome: presenceOutcome,
    block: cborHash.nullable(),
    witness: text(60),
  }),
  saleBody,
  /** The department's answer as the hub told it. */
  z.strictObject({ kind: z.literal('confirmed'), transaction: transactionId, reference: text(40), at: unixMs }),
  /** `citizen-gone`: a receipt was already printed, so the refund goes by the hub. */
  z.strictObject({ kind: z.literal('refused'), transaction: transactionId, reason: text(120), cash: z.enum(['to-return', 'citizen-gone']) }),
  /** After `refused`: the cash went back over the counter. */
  z.strictObject({ kind: z.literal('returned'), transaction: transactionId, totalPaise: cborSum }),
  /** One attempt to put a receipt or slip on paper. `copy` 1 is the original; every later one, and every one after a byte was sent unconfirmed, is a duplicate. */
  z.strictObject({
    kind: z.literal('print-started'),
    transaction: transactionId,
    copy: z.int().min(1),
    marked: z.enum(['original', 'duplicate', 'slip']),
    /** Which state the paper states, so that its code can be told again exactly: money received, also posted, or given back. */
    shows: z.enum(['received', 'posted', 'returned']),
    /** Where part of it may hang or wait, should nobody learn how it ended. */
    printer: formPrinter,
  }),
  z.strictObject({
    kind: z.literal('print-ended'),
    transaction: transactionId,
    copy: z.int().min(1),
    outcome: z.enum(['printed', 'not-started', 'unknown']),
    cause: text(60),
    by: z.enum(['printer', 'operator', 'restart']),
  }),
  z.strictObject({ kind: z.literal('lease-taken'), id: grantId, number: z.int(), limitPaise: cborSum, notAfter: unixMs }),
  /** Ends a lease: the hub gives the rest back once it holds every entry from `base` to `head`. */
  z.strictObject({ kind: z.literal('lease-closed'), id: grantId, base: position, head: position, drawnPaise: cborSum }),
  /** A pack of pre-printed forms was put into a printer (R106). Loaded again: forms of which nobody knew what became were found unused. */
  z.strictObject({ kind: z.literal('stock-loaded'), printer: formPrinter, first: formSerial, last: formSerial }),
  /** Before the first byte of a print: the form it goes on. What became of the print, by `print-ended`, became of the form. */
  z.strictObject({ kind: z.literal('form-used'), printer: formPrinter, serial: formSerial, transaction: transactionId, copy: z.int().min(1) }),
  /** Torn, misprinted or taken out; never used again. */
  z.strictObject({ kind: z.literal('forms-spoilt'), printer: formPrinter, first: formSerial, last: formSerial }),
]);
export type EntryBody = z.infer<typeof entryBody>;
export type EntryKind = EntryBody['kind'];
export type SaleBody = z.infer<typeof saleBody>;

export const entry = z.strictObject({
  v: z.literal(1),
  district: districtCode,
  kiosk: kioskCode,
  epoch,
  seq: z.int().min(1),
  /** Hash of the previous entry's payload; of the kiosk's certificate for the first. */
  prev: cborHash,
  /** Never falls along the chain, whatever the wall clock does. */
  at: unixMs,
  operator: operatorLogin.nullable(),
  /** Version of the rule book in force; 0 before one is held. */
  ruleBook: z.int().min(0),
  body: entryBody,
});
export type Entry = z.infer<typeof entry>;

/** An entry with the exact bytes that were signed. */
export type SignedEntry = { readonly entry: Entry; readonly bytes: Uint8Array<ArrayBuffer>; readonly hash: Uint8Array<ArrayBuffer> };

export function signEntry(key: SigningKey, facts: Entry): SignedEntry {
  const payload = encodeCbor(facts);
  return { entry: facts, bytes: signCose(key, 'jharokha/entry/1', payload), hash: sha256(payload) };
}

export type EntryError = 'not-cose' | 'bad-signature' | 'not-cbor' | 'wrong-shape';

/** Checks signature, deterministic form and shape. The bytes given are kept as they are. */
export function openEntry(key: VerifyKey, bytes: Uint8Array): Result<SignedEntry, Failure<EntryError>> {
  const payload = openCose(key, 'jharokha/entry/1', bytes);
  if (!payload.ok) return payload;
  const read = readCbor(entry, payload.value);
  if (!read.ok) return read;
  if (read.value.body.kind === 'sale' && read.value.body.totalPaise !== read.value.body.billPaise + read.value.body.citizenFeePaise) {
    return failure('wrong-shape', 'body.totalPaise: is not bill plus citizen fee');
  }
  if (
    (read.value.body.kind === 'stock-loaded' || read.value.body.kind === 'forms-spoilt') &&
    !serialRange(read.value.body.first, read.value.body.last).ok
  ) {
    return failure('wrong-shape', 'body.last: does not end a pack that begins with first');
  }
  return ok({ entry: read.value, bytes: Uint8Array.from(bytes), hash: sha256(payload.value) });
}
