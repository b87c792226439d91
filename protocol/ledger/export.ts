import { decodeFirst } from 'cborg';
import { z } from 'zod';
import { ok, type Result } from '../result/result.js';
import { encodeCbor } from '../signing/cbor.js';
import { certifiedAt, readCertificate, type Certificate } from '../signing/certificate.js';
import { equalBytes, type VerifyKey } from '../signing/keys.js';
import { followChain, tipAtStart, type Tip } from './chain.js';
import type { SignedEntry } from './entry.js';
import { openHead } from './head.js';

/** The file `*.cborseq` (docs/formats/ledger-export.md): a CBOR sequence (RFC 8742) of pairs [name, bytes], in this order. */
export const EXPORT_ITEMS = ['jharokha-ledger', 'kiosk-certificate', 'entry', 'kiosk-head', 'hub-certificate', 'hub-head'] as const;
export type ExportItem = (typeof EXPORT_ITEMS)[number];

const FORMAT = Uint8Array.of(1);

export type ExportParts = {
  readonly kioskCertificate: Uint8Array;
  readonly entries: Iterable<Uint8Array>;
  readonly kioskHead: Uint8Array;
  readonly hubCertificate: Uint8Array;
  /** Older acknowledgements by rising count, as many as are kept: with them a rewritten tail is told to the entry, not only to the newest head. */
  readonly earlierHubHeads?: Iterable<Uint8Array>;
  /** The hub's newest acknowledgement; absent before the first one. */
  readonly hubHead: Uint8Array | undefined;
};

/** Yields the file in pieces, so a long ledger is never held in memory. */
export function* writeExport(parts: ExportParts): Generator<Uint8Array> {
  const item = (name: ExportItem, bytes: Uint8Array): Uint8Array => encodeCbor([name, bytes]);
  yield item('jharokha-ledger', FORMAT);
  yield item('kiosk-certificate', parts.kioskCertificate);
  for (const bytes of parts.entries) yield item('entry', bytes);
  yield item('kiosk-head', parts.kioskHead);
  yield item('hub-certificate', parts.hubCertificate);
  for (const bytes of parts.earlierHubHeads ?? []) yield item('hub-head', bytes);
  if (parts.hubHead !== undefined) yield item('hub-head', parts.hubHead);
}

/** Where a file stops being true: the number of the first bad or missing entry, or the part that is not an entry. */
export type ExportFault = { readonly where: { readonly entry: number } | { readonly part: ExportItem | 'file' }; readonly detail: string };
export type ExportVerdict = { readonly certificate: Certificate; readonly count: number; readonly countersigned: number; readonly tip: Tip };

const pair = z.tuple([z.enum(EXPORT_ITEMS), z.instanceof(Uint8Array)]);
type Pair = z.infer<typeof pair>;

/** Reads the pairs one by one; stops with a fault at the first that is not in its one right form. */
function* readPairs(file: Uint8Array): Generator<Result<Pair, ExportFault>> {
  let rest = file;
  while (rest.length > 0) {
    const read = readPair(rest);
    yield read.ok ? ok(read.value.pair) : read;
    if (!read.ok) return;
    rest = read.value.rest;
  }
}

function readPair(bytes: Uint8Array): Result<{ readonly pair: Pair; readonly rest: Uint8Array }, ExportFault> {
  const bad = (detail: string): Result<never, ExportFault> => ({ ok: false, error: { where: { part: 'file' }, detail } });
  try {
    const first: readonly [unknown, Uint8Array] = decodeFirst(bytes, { strict: true, rejectDuplicateMapKeys: true, allowIndefinite: false });
    const [value, rest] = first;
    const checked = pair.safeParse(value);
    if (!checked.success) return bad('an item is not a known name with its bytes');
    const exact = encodeCbor([checked.data[0], checked.data[1]]);
    if (!equalBytes(exact, bytes.subarray(0, bytes.length - rest.length))) return bad('an item is not in deterministic form');
    return ok({ pair: checked.data, rest });
  } catch {
    return bad('the file is cut or is not a CBOR sequence');
  }
}

/**
 * Verifies an exported chain with nothing but the district's public key: certificates, every entry in its place, and both heads.
 * An entry that the hub has not countersigned is a fault, since only the kiosk's own key would vouch for it.
 * @param seen called with every good entry in order
 * @param tail `allow` accepts entries after the hub's newest countersignature (the kiosk has not reached the hub since)
 */
export function verifyExport(
  district: VerifyKey,
  file: Uint8Array,
  seen: (signed: SignedEntry) => void = () => undefined,
  tail: 'refuse' | 'allow' = 'refuse',
): Result<ExportVerdict, ExportFault> {
  const check = new ExportCheck(district, seen, tail);
  for (const read of readPairs(file)) {
    if (!read.ok) return check.placed(read.error);
    const fault = check.take(read.value[0], read.value[1]);
    if (fault !== undefined) return { ok: false, error: fault };
  }
  return check.end();
}

class ExportCheck {
  readonly #district: VerifyKey;
  readonly #seen: (signed: SignedEntry) => void;
  readonly #tail: 'refuse' | 'allow';
  #last: ExportItem | undefined;
  #kiosk: Certificate | undefined;
  #hub: Certificate | undefined;
  #tip: Tip | undefined;
  #countersigned: number | undefined;
  /** Hashes by number: the hub's head may cover fewer entries than stand here. */
  readonly #hashes: Uint8Array[] = [];

  constructor(district: VerifyKey, seen: (signed: SignedEntry) => void, tail: 'refuse' | 'allow') {
    this.#district = district;
    this.#seen = seen;
    this.#tail = tail;
  }

  /** Damage met while entries were being read is told by the number of the entry that should have come. */
  placed(fault: ExportFault): Result<never, ExportFault> {
    const inEntries = this.#last === 'kiosk-certificate' || this.#last === 'entry';
    return { ok: false, error: inEntries ? { ...fault, where: { entry: this.#hashes.length + 1 } } : fault };
  }

  take(name: ExportItem, bytes: Uint8Array): ExportFault | undefined {
    if (!this.#inOrder(name)) return { where: { part: name }, detail: `${name} may not follow ${this.#last ?? 'the beginning of the file'}` };
    this.#last = name;
    switch (name) {
      case 'jharokha-ledger':
        return equalBytes(bytes, FORMAT) ? undefined : { where: { part: name }, detail: 'the file has a format number that is not known here' };
      case 'kiosk-certificate':
        return this.#takeCertificate('kiosk', bytes);
      case 'entry':
        return this.#takeEntry(bytes);
      case 'kiosk-head':
        return this.#takeHead('kiosk', bytes);
      case 'hub-certificate':
        return this.#takeCertificate('hub', bytes);
      case 'hub-head':
        return this.#takeHead('hub', bytes);
    }
  }

  #inOrder(name: ExportItem): boolean {
    const at = this.#last === undefined ? -1 : EXPORT_ITEMS.indexOf(this.#last);
    const next = EXPORT_ITEMS.indexOf(name);
    const skipsEntries = this.#last === 'kiosk-certificate' && name === 'kiosk-head';
    const repeats = name === this.#last && (name === 'entry' || name === 'hub-head');
    return next === at + 1 || repeats || skipsEntries;
  }

  #takeCertificate(role: 'kiosk' | 'hub', bytes: Uint8Array): ExportFault | undefined {
    const part: ExportItem = role === 'kiosk' ? 'kiosk-certificate' : 'hub-certificate';
    const read = readCertificate(this.#district, bytes, role);
    if (!read.ok) return { where: { part }, detail: read.error.detail };
    if (role === 'kiosk') {
      this.#kiosk = read.value;
      this.#tip = tipAtStart(read.value);
    } else {
      if (read.value.district !== this.#kiosk?.district) return { where: { part }, detail: 'the hub is of another district' };
      this.#hub = read.value;
    }
    return undefined;
  }

  #takeEntry(bytes: Uint8Array): ExportFault | undefined {
    if (this.#kiosk === undefined || this.#tip === undefined) return { where: { part: 'entry' }, detail: 'an entry before the certificate' };
    const next = followChain(this.#kiosk, this.#tip, bytes);
    if (!next.ok) return { where: { entry: next.error.seq }, detail: next.error.detail };
    this.#tip = next.value.tip;
    this.#hashes.push(next.value.tip.hash);
    this.#seen(next.value.signed);
    return undefined;
  }

  #takeHead(by: 'kiosk' | 'hub', bytes: Uint8Array): ExportFault | undefined {
    const part: ExportItem = by === 'kiosk' ? 'kiosk-head' : 'hub-head';
    const certificate = by === 'kiosk' ? this.#kiosk : this.#hub;
    if (certificate === undefined || this.#kiosk === undefined || this.#tip === undefined)
      return { where: { part }, detail: 'a head before its certificate' };
    const read = openHead(certificate.key, by, bytes);
    if (!read.ok) return { where: { part }, detail: read.error.detail };
    const h = read.value;
    if (h.kiosk !== this.#kiosk.subject || h.epoch !== this.#kiosk.epoch || h.district !== this.#kiosk.district || !certifiedAt(certificate, h.at)) {
      return { where: { part }, detail: "the head is of another kiosk or outside its certificate's time" };
    }
    if (h.count > this.#hashes.length)
      return {
        where: { entry: this.#hashes.length + 1 },
        detail: `missing: the ${by} signed for ${h.count} entries and the file has ${this.#hashes.length}`,
      };
    const hash = h.count === 0 ? tipAtStart(this.#kiosk).hash : this.#hashes[h.count - 1];
    if (by === 'hub' && this.#countersigned !== undefined && h.count <= this.#countersigned)
      return { where: { part }, detail: "the hub's heads do not rise" };
    if (hash === undefined || !equalBytes(hash, h.hash)) return this.#anotherSigned(by, h.count);
    if (by === 'kiosk' && h.count !== this.#hashes.length)
      return { where: { entry: h.count + 1 }, detail: "an entry stands after the kiosk's own head" };
    if (by === 'hub') this.#countersigned = h.count;
    return undefined;
  }

  /** A head fits only when every entry up to it does; which one was rewritten is known as closely as the hub's heads stand. */
  #anotherSigned(by: 'kiosk' | 'hub', count: number): ExportFault {
    const proven = this.#countersigned ?? 0;
    const since = by === 'hub' && proven + 1 < count ? `; entries from ${proven + 1} on may have been rewritten with it` : '';
    return { where: count === 0 ? { part: `${by}-head` } : { entry: count }, detail: `the ${by} signed another entry in this place${since}` };
  }

  end(): Result<ExportVerdict, ExportFault> {
    const count = this.#hashes.length;
    if (this.#kiosk === undefined || this.#tip === undefined || (this.#last !== 'hub-head' && this.#last !== 'hub-certificate')) {
      return this.placed({ where: { part: 'file' }, detail: 'the file ends before its heads' });
    }
    const countersigned = this.#countersigned ?? 0;
    if (this.#tail === 'refuse' && this.#countersigned === undefined && count === 0)
      return { ok: false, error: { where: { part: 'hub-head' }, detail: 'the hub has countersigned nothing' } };
    if (this.#tail === 'refuse' && countersigned < count) {
      return {
        ok: false,
        error: { where: { entry: countersigned + 1 }, detail: `entries ${countersigned + 1} to ${count} are not countersigned by the hub` },
      };
    }
    return ok({ certificate: this.#kiosk, count, countersigned, tip: this.#tip });
  }
}
