import { kioskCode, type GrantId, type KioskCode } from '#protocol/identity/identity.js';
import { tipAtStart, type Tip } from '#protocol/ledger/chain.js';
import { signEntry, type EntryBody } from '#protocol/ledger/entry.js';
import type { SigningKey } from '#protocol/signing/keys.js';
import type { Certificate } from '#protocol/signing/certificate.js';
import { saleEntries } from './entries.js';
import { BENCH_DISTRICT, BENCH_OPERATOR } from './identity.js';

/** Which entries a kiosk sends: whole sales (quote, sale, print begun and ended), or sale entries alone, the dearest of them. */
export type Mix = 'whole-sales' | 'sales-only';

/** A kiosk's chain, signed ahead of time so that signing is not measured with what the hub does. */
export class Chain {
  readonly kiosk: KioskCode;
  readonly certificate: Certificate;
  readonly #key: SigningKey;
  readonly #grant: GrantId;
  readonly #mix: Mix;
  #tip: Tip;
  #sales: number;

  /** @param first number of its first bill: chains of one run must not pay the same bills */
  constructor(of: { readonly key: SigningKey; readonly certificate: Certificate }, grant: GrantId, mix: Mix, first: number) {
    this.kiosk = kioskCode.parse(of.certificate.subject);
    this.certificate = of.certificate;
    this.#key = of.key;
    this.#grant = grant;
    this.#mix = mix;
    this.#tip = tipAtStart(of.certificate);
    this.#sales = first;
  }

  /** The number that the next entry will have. */
  get next(): number {
    return this.#tip.seq + 1;
  }

  sign(count: number): readonly Uint8Array[] {
    const signed: Uint8Array[] = [];
    while (signed.length < count) for (const body of this.#nextSale()) signed.push(this.#sign(body));
    return signed;
  }

  #nextSale(): readonly EntryBody[] {
    this.#sales += 1;
    const { quoted, sale, printStarted, printEnded } = saleEntries(this.#sales, Date.now(), this.#grant);
    return this.#mix === 'sales-only' ? [sale] : [quoted, sale, printStarted, printEnded];
  }

  #sign(body: EntryBody): Uint8Array {
    const at = Math.max(Date.now(), this.#tip.at);
    const seq = this.#tip.seq + 1;
    const { bytes, hash } = signEntry(this.#key, {
      v: 1,
      district: BENCH_DISTRICT,
      kiosk: this.kiosk,
      epoch: 1,
      seq,
      prev: this.#tip.hash,
      at,
      operator: BENCH_OPERATOR,
      ruleBook: 1,
      body,
    });
    this.#tip = { seq, hash, at };
    return bytes;
  }
}
