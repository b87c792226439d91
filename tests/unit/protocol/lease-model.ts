import { draw, takeLease, type HeldGrant } from '#protocol/grant/draw.js';
import type { Lease } from '#protocol/grant/grant.js';
import { newGrantId } from '#protocol/identity/ids.js';
import { kioskCode, type GrantId } from '#protocol/identity/identity.js';
import { addPaise, minPaise, paise, subtractPaise, ZERO, type Paise } from '#protocol/money/paise.js';
import { sha256 } from '#protocol/signing/keys.js';
import { DISTRICT, chance, transactionOf } from './samples.js';

/** A hub as simple as the books allow, and kiosks that decide with the product's own `takeLease` and `draw`. Time is in ticks. */
export const LEASE_TICKS = 40;

export type Place = { readonly seq: number; readonly hash: Uint8Array<ArrayBuffer> };
export type Sale = {
  readonly kiosk: number;
  readonly seq: number;
  readonly lease: GrantId;
  readonly amount: Paise;
  readonly prev: string;
  readonly hash: string;
};
export type Close = {
  readonly kiosk: number;
  readonly lease: GrantId;
  readonly base: string;
  readonly from: number;
  readonly to: number;
  readonly head: string;
};
type OpenLease = { lease: Lease; posted: Paise; state: 'open' | 'closed' | 'in-doubt' | 'expired'; kiosk: number };
type Unfunded = { readonly kiosk: number; readonly lease: GrantId; readonly why: 'no-lease' | 'late' | 'over'; readonly amount: Paise };

/** Mistakes a hub could make; each must be caught. */
export type HubMistake =
  | 'opens-a-second-lease'
  | 'does-not-cap'
  | 'closes-with-gaps'
  | 'closes-by-numbers'
  | 'all-or-nothing'
  | 'knows-by-amount'
  | 'releases-on-expiry'
  | 'loses-the-rest';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const unhex = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'hex'));
export const kioskName = (n: number) => kioskCode.parse(`kiosk-${n}`);
const genesis = (kiosk: number): string => hex(sha256(Buffer.from(`genesis ${kiosk}`)));

export class ModelHub {
  readonly leases: OpenLease[] = [];
  readonly wallet: Paise[] = [];
  readonly reserved: Paise[] = [];
  readonly receivable: Paise[] = [];
  payable: Paise = ZERO;
  toppedUp: Paise = ZERO;
  readonly unfunded: Unfunded[] = [];
  readonly forked = new Set<number>();
  readonly #known = new Map<string, Sale>();
  readonly #places = new Map<string, string>();
  readonly #heads = new Map<number, Place>();
  readonly #mistake: HubMistake | undefined;
  #number = 0;

  constructor(kiosks: number, mistake?: HubMistake) {
    this.#mistake = mistake;
    for (let k = 0; k < kiosks; k++) for (const book of [this.wallet, this.reserved, this.receivable]) book.push(ZERO);
  }

  topUp(kiosk: number, amount: Paise): void {
    this.#move(this.wallet, kiosk, amount);
    this.toppedUp = addPaise(this.toppedUp, amount);
  }

  openOf(kiosk: number): readonly OpenLease[] {
    return this.leases.filter((l) => l.kiosk === kiosk && l.state === 'open');
  }

  /** A lease, or the raise of the open one; reserve taken before it is signed. Undefined when there is no money or the kiosk forked. */
  issue(kiosk: number, want: Paise, now: number): Lease | undefined {
    const free = subtractPaise(this.wallet[kiosk] ?? ZERO, this.reserved[kiosk] ?? ZERO);
    const amount = minPaise(want, free);
    if (amount <= 0n || this.forked.has(kiosk)) return undefined;
    this.#move(this.reserved, kiosk, amount);
    this.#number += 1;
    const times = { number: this.#number, issuedAt: now, notAfter: now + LEASE_TICKS };
    const open = this.#mistake === 'opens-a-second-lease' ? undefined : this.openOf(kiosk)[0];
    if (open !== undefined) {
      open.lease = { ...open.lease, ...times, limitPaise: addPaise(open.lease.limitPaise, amount) };
      return open.lease;
    }
    const base = this.#heads.get(kiosk) ?? { seq: 0, hash: unhex(genesis(kiosk)) };
    const id = newGrantId(this.#number, chance(`lease ${this.#number}`, 10));
    const owner = { district: DISTRICT, kiosk: kioskName(kiosk), epoch: 1 };
    const lease: Lease = { v: 1, kind: 'lease', id, ...owner, ...times, limitPaise: amount, salePaiseMax: paise(10n ** 9n), salesMax: 10 ** 6, base };
    this.leases.push({ lease, posted: ZERO, state: 'open', kiosk });
    return lease;
  }

  /** Posts a sale once, by its hash: from its lease as far as that goes, the rest against the kiosk. The department gets the whole. */
  receive(sale: Sale): void {
    const id = this.#mistake === 'knows-by-amount' ? `${sale.kiosk}/${sale.amount}` : sale.hash;
    if (this.#known.has(id)) return;
    this.#known.set(id, sale);
    const place = `${sale.kiosk}/${sale.seq}`;
    if (this.#places.has(place)) this.forked.add(sale.kiosk);
    else this.#places.set(place, sale.hash);
    this.#advance(sale.kiosk);
    const held = this.leases.find((l) => l.lease.id === sale.lease && l.kiosk === sale.kiosk);
    const why = held === undefined ? 'no-lease' : held.state !== 'open' ? 'late' : 'over';
    const room = held === undefined || held.state !== 'open' ? ZERO : subtractPaise(held.lease.limitPaise, held.posted);
    const funded = this.#funded(sale.amount, room, why);
    if (held !== undefined && funded > 0n) {
      held.posted = addPaise(held.posted, funded);
      this.#move(this.reserved, sale.kiosk, paise(-funded));
      this.#move(this.wallet, sale.kiosk, paise(-funded));
    }
    const rest = subtractPaise(sale.amount, funded);
    if (rest > 0n) {
      if (this.#mistake !== 'loses-the-rest') this.#move(this.receivable, sale.kiosk, rest);
      this.unfunded.push({ kiosk: sale.kiosk, lease: sale.lease, why, amount: rest });
    }
    this.payable = addPaise(this.payable, this.#mistake === 'loses-the-rest' ? funded : sale.amount);
  }

  #funded(amount: Paise, room: Paise, why: Unfunded['why']): Paise {
    if (amount <= room) return amount;
    if (this.#mistake === 'does-not-cap' && why === 'over') return amount;
    return this.#mistake === 'all-or-nothing' ? ZERO : room;
  }

  /** The newest entry up to which the chain is whole: a new lease starts from it. */
  #advance(kiosk: number): void {
    let head = this.#heads.get(kiosk) ?? { seq: 0, hash: unhex(genesis(kiosk)) };
    for (;;) {
      const next = this.#known.get(this.#places.get(`${kiosk}/${head.seq + 1}`) ?? '');
      if (next === undefined || next.prev !== hex(head.hash)) break;
      head = { seq: next.seq, hash: unhex(next.hash) };
    }
    this.#heads.set(kiosk, head);
  }

  /** Gives the rest back, once every entry of the chain from head to base is here. */
  close(close: Close): 'closed' | 'gap' | 'nothing' {
    const held = this.leases.find((l) => l.lease.id === close.lease && l.state === 'open');
    if (held === undefined) return 'nothing';
    if (!this.#holdsAll(close)) return 'gap';
    this.#release(held, 'closed');
    return 'closed';
  }

  #holdsAll(close: Close): boolean {
    if (this.#mistake === 'closes-with-gaps') return true;
    if (this.#mistake === 'closes-by-numbers') {
      for (let seq = close.from; seq <= close.to; seq++) if (!this.#places.has(`${close.kiosk}/${seq}`)) return false;
      return true;
    }
    for (let at = close.head; at !== close.base;) {
      const sale = this.#known.get(at);
      if (sale === undefined) return false;
      at = sale.prev;
    }
    return true;
  }

  /** Two people release a lost device's reserve: the risk is theirs from then on. */
  releaseInDoubt(kiosk: number): void {
    const open = this.openOf(kiosk)[0];
    if (open !== undefined) this.#release(open, 'in-doubt');
  }

  tick(now: number): void {
    if (this.#mistake !== 'releases-on-expiry') return;
    for (const l of this.leases) if (l.state === 'open' && now > l.lease.notAfter) this.#release(l, 'expired');
  }

  #release(held: OpenLease, state: OpenLease['state']): void {
    this.#move(this.reserved, held.kiosk, paise(held.posted - held.lease.limitPaise));
    held.state = state;
  }

  #move(book: Paise[], kiosk: number, amount: Paise): void {
    book[kiosk] = addPaise(book[kiosk] ?? ZERO, amount);
  }
}

/** The kiosk's two decisions, so that a test can put a mistaken one in their place. */
export type KioskRules = { readonly takeLease: typeof takeLease; readonly draw: typeof draw };
export const PRODUCT_RULES: KioskRules = { takeLease, draw };

export class ModelKiosk {
  held: HeldGrant<Lease> | undefined;
  readonly log: Sale[] = [];
  lastNumber = 0;
  /** Entries that a copied disk brought with it. */
  #inherited = 0;
  readonly #kiosk: number;
  readonly #salt: string;
  readonly #rules: KioskRules;
  #clock = 0;
  #sold = 0;

  constructor(kiosk: number, salt: string, rules: KioskRules) {
    this.#kiosk = kiosk;
    this.#salt = salt;
    this.#rules = rules;
  }

  /** The same disk in another machine: same key, same books, own future. */
  copy(salt: string): ModelKiosk {
    const twin = new ModelKiosk(this.#kiosk, salt, this.#rules);
    twin.held = this.held;
    twin.lastNumber = this.lastNumber;
    twin.#clock = this.#clock;
    twin.log.push(...this.log);
    twin.#inherited = twin.log.length;
    return twin;
  }

  ownSales(): readonly Sale[] {
    return this.log.slice(this.#inherited);
  }

  #head(): string {
    return this.log.at(-1)?.hash ?? genesis(this.#kiosk);
  }

  offer(lease: Lease): boolean {
    const inChain = (base: Lease['base']): boolean => hex(base.hash) === (this.log[base.seq - 1]?.hash ?? genesis(this.#kiosk));
    const taken = this.#rules.takeLease(this.held, lease, { district: DISTRICT, kiosk: kioskName(this.#kiosk), epoch: 1 }, this.lastNumber, inChain);
    if (!taken.ok) return false;
    this.held = taken.value;
    this.lastNumber = lease.number;
    return true;
  }

  /** Draw and entry are one commit: a kill before it leaves neither. */
  sell(amount: Paise, wallClock: number, kill: 'before-commit' | 'never'): Sale | undefined {
    this.#clock = Math.max(this.#clock, wallClock);
    if (this.held === undefined) return undefined;
    this.#sold += 1;
    const drawn = this.#rules.draw(this.held, { transaction: transactionOf(this.#sold), totalPaise: amount }, this.#clock, 'down');
    if (!drawn.ok || kill === 'before-commit') return undefined;
    this.held = { ...drawn.value, grant: this.held.grant };
    const facts = { kiosk: this.#kiosk, seq: this.log.length + 1, lease: this.held.grant.id, amount, prev: this.#head() };
    const hash = hex(sha256(Buffer.from(`${facts.kiosk}|${facts.seq}|${facts.lease}|${amount}|${facts.prev}|${this.#salt}`)));
    const sale = { ...facts, hash };
    this.log.push(sale);
    return sale;
  }

  close(): Close | undefined {
    if (this.held === undefined) return undefined;
    this.held = { ...this.held, closed: true };
    const { id, base } = this.held.grant;
    return { kiosk: this.#kiosk, lease: id, base: hex(base.hash), from: base.seq + 1, to: this.log.length, head: this.#head() };
  }
}
