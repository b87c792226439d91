import type { DepartmentCode } from '#protocol/identity/identity.js';
import type { Outcome } from '#protocol/wire/frames.js';
import { remainingOf } from '#protocol/grant/draw.js';
import type { Paise } from '#protocol/money/paise.js';
import { HOUR_MS } from '#protocol/time/time.js';
import { openRuleBook, type RuleBook } from '#protocol/rulebook/rulebook.js';
import type { Kiosk } from '../counter/kiosk.js';
import { isDiskFull } from '../ledger/ledger.js';

const ASK_MS = 10_000;
/** Parts of a master file asked for at one welcome before the link is given back to others. */
const PARTS_MAX = 400;
/** Sales asked about in one question, and in all at one welcome. */
const OUTCOMES_AT_ONCE = 200;
const OUTCOMES_MAX = 20_000;

const RULE_BOOK = 'rule-book';

/** Keeps the counter ready for the next loss of the link: lease, master files, rule book, and the outcomes still owed. Runs after each welcome. */
export class Caretaker {
  readonly #kiosk: Kiosk;
  readonly #outcome: (outcome: Outcome) => void;
  #busy = false;
  /** A welcome came while there was something else to do: what follows a welcome is done after that. */
  #isDue = false;
  /** What was left of the lease when it was last taken; sales since then are counted against it. */
  #fullPaise: Paise | undefined;

  constructor(kiosk: Kiosk, outcome: (outcome: Outcome) => void) {
    this.#kiosk = kiosk;
    this.#outcome = outcome;
  }

  /** Never rejects: whatever the hub does not answer is asked again after the next welcome. */
  async afterWelcome(): Promise<void> {
    this.#isDue = true;
    if (this.#busy) return;
    this.#isDue = false;
    this.#busy = true;
    try {
      await this.#askOutcomes();
      await this.keepLease();
      for (const department of this.#kiosk.ruleBook().departments) await this.#keepMaster(department.code);
    } finally {
      this.#free();
    }
  }

  #free(): void {
    this.#busy = false;
    if (this.#isDue) void this.afterWelcome();
  }

  async #askOutcomes(): Promise<void> {
    const owed = this.#kiosk.sales.awaitingOutcome(OUTCOMES_MAX);
    for (let i = 0; i < owed.length; i += OUTCOMES_AT_ONCE) {
      const asked = await this.#kiosk.link.ask({ ask: 'outcomes', transactions: owed.slice(i, i + OUTCOMES_AT_ONCE) }, ASK_MS);
      if (!asked.ok) return;
      if (asked.value.answer === 'outcomes') for (const one of asked.value.outcomes) this.#outcome(one);
    }
  }

  /** Everything was acknowledged: the hub has posted what the lease paid for, so it can be raised. */
  acknowledged(): void {
    const { ledger } = this.#kiosk;
    if (this.#busy || ledger.acked?.count !== ledger.tip.seq) return;
    this.#busy = true;
    void this.keepLease().finally(() => this.#free());
  }

  /** Has the lease raised when there is none, when a quarter of its sum or of its sales is gone, or when it runs out within half a day. Never rejects. */
  async keepLease(): Promise<void> {
    const { grants, clock, link, ledger } = this.#kiosk;
    const held = grants.lease();
    const full = this.#fullPaise;
    const isCountLow = held !== undefined && held.sales * 4 >= held.grant.salesMax;
    const low = held === undefined || held.closed || full === undefined || remainingOf(held) * 4n < full * 3n || isCountLow;
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
    let coming: number | undefined;
    for (let part = 0; part < PARTS_MAX; part++) {
      const asked = await link.ask({ ask: 'master', department, have, from }, ASK_MS);
      if (!asked.ok || asked.value.answer !== 'master') return;
      const { version, bills, done } = asked.value;
      // An older one is what a hub has after its backup was put back: ours is better.
      if (version <= have) return;
      if (coming !== undefined && coming !== version) {
        // A newer file came to the hub meanwhile: the parts so far are of the one before.
        [coming, from] = [undefined, 0];
        continue;
      }
      coming = version;
      if (!hadRoom(() => masters.storePart(department, version, bills))) return;
      from += bills.length;
      if (done) return void hadRoom(() => masters.finish(department, version, clock.now()));
      if (bills.length === 0) return;
    }
  }
}

/** Writes what can be had again from the hub; on a full disk it is left for another day. */
function hadRoom(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (isDiskFull(error)) return false;
    throw error;
  }
}

/** Takes a newer rule book that the district signed; an older one, or one for another district, is left alone. */
export function takeRuleBook(kiosk: Pick<Kiosk, 'identity' | 'ledger'>, held: RuleBook, bytes: Uint8Array): RuleBook {
  const read = openRuleBook(kiosk.identity.districtKey, bytes);
  if (!read.ok || read.value.district !== held.district || read.value.version <= held.version) return held;
  hadRoom(() => kiosk.ledger.keep(RULE_BOOK, bytes));
  kiosk.ledger.ruleBookVersion = read.value.version;
  return read.value;
}

/** The rule book in force here: the newest taken from the hub, else the one of the bundle. Throws when neither is the district's: the folder is damaged. */
export function heldRuleBook(kiosk: Pick<Kiosk, 'identity' | 'ledger'>): RuleBook {
  const read = openRuleBook(kiosk.identity.districtKey, kiosk.ledger.kept(RULE_BOOK) ?? kiosk.identity.bundle.ruleBook);
  if (!read.ok) throw new Error(`rule book: ${read.error.detail}`);
  return read.value;
}
