import type { DepartmentCode } from '#protocol/identity/identity.js';
import type { Outcome } from '#protocol/wire/frames.js';
import { remainingOf } from '#protocol/grant/draw.js';
import type { Paise } from '#protocol/money/paise.js';
import { HOUR_MS } from '#protocol/time/time.js';
import { openRuleBook, type RuleBook } from '#protocol/rulebook/rulebook.js';
import type { Kiosk } from '../counter/kiosk.js';

const ASK_MS = 10_000;
/** Parts of a master file asked for at one welcome before the link is given back to others. */
const PARTS_MAX = 400;

const RULE_BOOK = 'rule-book';

/** Keeps the counter ready for the next loss of the link: lease, master files, rule book, and the outcomes still owed. Runs after each welcome. */
export class Caretaker {
  readonly #kiosk: Kiosk;
  readonly #outcome: (outcome: Outcome) => void;
  #busy = false;
  /** What was left of the lease when it was last taken; sales since then are counted against it. */
  #fullPaise: Paise | undefined;

  constructor(kiosk: Kiosk, outcome: (outcome: Outcome) => void) {
    this.#kiosk = kiosk;
    this.#outcome = outcome;
  }

  /** Never rejects: whatever the hub does not answer is asked again after the next welcome. */
  async afterWelcome(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await this.#askOutcomes();
      await this.keepLease();
      for (const department of this.#kiosk.ruleBook().departments) await this.#keepMaster(department.code);
    } finally {
      this.#busy = false;
    }
  }

  async #askOutcomes(): Promise<void> {
    const transactions = [...this.#kiosk.sales.awaitingOutcome(200)];
    if (transactions.length === 0) return;
    const asked = await this.#kiosk.link.ask({ ask: 'outcomes', transactions }, ASK_MS);
    if (asked.ok && asked.value.answer === 'outcomes') for (const one of asked.value.outcomes) this.#outcome(one);
  }

  /** Everything was acknowledged: the hub has posted what the lease paid for, so it can be raised. */
  acknowledged(): void {
    const { ledger } = this.#kiosk;
    if (this.#busy || ledger.acked?.count !== ledger.tip.seq) return;
    this.#busy = true;
    void this.keepLease().finally(() => {
      this.#busy = false;
    });
  }

  /** Has the lease raised when there is none, when a quarter of it is gone, or when it runs out within half a day. Never rejects. */
  async keepLease(): Promise<void> {
    const { grants, clock, link, ledger } = this.#kiosk;
    const held = grants.lease();
    const full = this.#fullPaise;
    const low = held === undefined || held.closed || full === undefined || remainingOf(held) * 4n < full * 3n;
    const ending = held !== undefined && held.grant.notAfter - clock.now() < 12 * HOUR_MS;
    if (!link.isUp || ledger.health.state === 'broken' || (!low && !ending)) return;
    const asked = await link.ask({ ask: 'lease' }, ASK_MS);
    if (!asked.ok || asked.value.answer !== 'lease') return;
    const taken = grants.takeLease(asked.value.grant, clock.now(), null);
    if (taken.ok) this.#fullPaise = remainingOf(taken.value);
  }

  async #keepMaster(department: DepartmentCode): Promise<void> {
    const { masters, link, clock } = this.#kiosk;
    const have = masters.version(department);
    let from = 0;
    for (let part = 0; part < PARTS_MAX; part++) {
      const asked = await link.ask({ ask: 'master', department, have, from }, ASK_MS);
      if (!asked.ok || asked.value.answer !== 'master') return;
      const { version, bills, done } = asked.value;
      if (version === have || version === 0) return;
      masters.storePart(department, version, bills);
      from += bills.length;
      if (done) return masters.finish(department, version, clock.now());
      if (bills.length === 0) return;
    }
  }
}

/** Takes a newer rule book that the district signed; an older one, or one for another district, is left alone. */
export function takeRuleBook(kiosk: Pick<Kiosk, 'identity' | 'ledger'>, held: RuleBook, bytes: Uint8Array): RuleBook {
  const read = openRuleBook(kiosk.identity.districtKey, bytes);
  if (!read.ok || read.value.district !== held.district || read.value.version <= held.version) return held;
  kiosk.ledger.keep(RULE_BOOK, bytes);
  kiosk.ledger.ruleBookVersion = read.value.version;
  return read.value;
}

/** The rule book in force here: the newest taken from the hub, else the one of the bundle. Throws when neither is the district's: the folder is damaged. */
export function heldRuleBook(kiosk: Pick<Kiosk, 'identity' | 'ledger'>): RuleBook {
  const read = openRuleBook(kiosk.identity.districtKey, kiosk.ledger.kept(RULE_BOOK) ?? kiosk.identity.bundle.ruleBook);
  if (!read.ok) throw new Error(`rule book: ${read.error.detail}`);
  return read.value;
}
