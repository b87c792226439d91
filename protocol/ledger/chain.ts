import { ok, type Failure, type Result } from '../result/result.js';
import { certifiedAt, type Certificate } from '../signing/certificate.js';
import { equalBytes, sha256 } from '../signing/keys.js';
import { openEntry, type Position, type SignedEntry } from './entry.js';

/** Where a chain of one (kiosk, epoch) begins: no entries, and the hash of the kiosk's certificate. */
export function chainStart(certificate: Certificate): Position {
  return { seq: 0, hash: sha256(certificate.bytes) };
}

export type ChainError = 'bad-entry' | 'other-kiosk' | 'wrong-seq' | 'wrong-prev' | 'time-falls' | 'outside-certificate';
export type ChainFault = Failure<ChainError> & { readonly seq: number };

/** The newest verified entry's place and time, from which the next one must follow. */
export type Tip = Position & { readonly at: number };

export function tipAtStart(certificate: Certificate): Tip {
  return { ...chainStart(certificate), at: certificate.notBefore };
}

/** Checks that `bytes` is the one entry that follows `tip`: signature, owner, number, previous hash, time, certificate. */
export function followChain(
  certificate: Certificate,
  tip: Tip,
  bytes: Uint8Array,
): Result<{ readonly tip: Tip; readonly signed: SignedEntry }, ChainFault> {
  const seq = tip.seq + 1;
  const fault = (code: ChainError, detail: string): Result<never, ChainFault> => ({ ok: false, error: { code, detail, seq } });
  const opened = openEntry(certificate.key, bytes);
  if (!opened.ok) return fault('bad-entry', opened.error.detail);
  const { entry, hash } = opened.value;
  if (entry.kiosk !== certificate.subject || entry.epoch !== certificate.epoch || entry.district !== certificate.district) {
    return fault('other-kiosk', `the entry names ${entry.district} ${entry.kiosk} epoch ${entry.epoch}`);
  }
  if (entry.seq !== seq) return fault('wrong-seq', `entry ${entry.seq} stands where ${seq} is expected`);
  if (!equalBytes(entry.prev, tip.hash)) return fault('wrong-prev', 'the previous hash is not that of the entry before');
  if (entry.at < tip.at) return fault('time-falls', 'the entry is older than the one before');
  if (!certifiedAt(certificate, entry.at)) return fault('outside-certificate', "the entry was made outside the certificate's time");
  return ok({ tip: { seq, hash, at: entry.at }, signed: opened.value });
}
