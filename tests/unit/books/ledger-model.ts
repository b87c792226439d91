import type { AccountSpec } from '../../../hub-server/books/account.js';
import type { JournalDraft, TransferDraft } from '../../../hub-server/books/journal.js';

/** One thing that is true for ever: so much was debited and credited, for good or held. Balances are sums over all facts, each time anew. */
type Fact = {
  readonly id: string;
  readonly held: boolean;
  readonly debit: string;
  readonly credit: string;
  readonly amount: bigint;
  readonly resolves?: string;
};
type Refused = { readonly refused: string };

const TRANSIENT = ['account-not-found', 'pending-transfer-not-found', 'exceeds-credits', 'exceeds-debits', 'original-not-found'];

/**
 * What double entry with two phases means, written without counters, batches, SQL or any code of the engine: a list of facts and sums over it.
 * Slow on purpose. It knows well-formed drafts of accounts that are never closed.
 */
export class LedgerModel {
  facts: readonly Fact[] = [];
  readonly #accounts: ReadonlyMap<string, AccountSpec>;
  readonly #done = new Map<string, { readonly draft: string; readonly facts: readonly Fact[]; readonly reverses: string | undefined }>();
  readonly #burnt = new Set<string>();

  constructor(accounts: readonly AccountSpec[]) {
    this.#accounts = new Map(accounts.map((a) => [a.code, a]));
  }

  /** The answer without its field, and what it moved: `created`, `exists`, `exists-with-different`, or a refusal. */
  post(draft: JournalDraft): string {
    if (this.#burnt.has(draft.key)) return 'id-already-failed';
    const text = asText([draft.kind, draft.refs, draft.reverses, draft.transfers]);
    const done = this.#done.get(draft.key);
    if (done !== undefined) return done.draft === text ? 'exists' : 'exists-with-different';
    const before = this.facts;
    const refusal = this.#reversal(draft) ?? this.#legs(draft);
    if (refusal === undefined) {
      this.#done.set(draft.key, { draft: text, facts: this.facts.slice(before.length), reverses: draft.reverses });
      return 'created';
    }
    this.facts = before;
    if (TRANSIENT.includes(refusal)) this.#burnt.add(draft.key);
    return refusal;
  }

  /** Debits pending, debits posted, credits pending, credits posted. */
  counters(code: string): readonly bigint[] {
    return (['debit', 'credit'] as const).flatMap((side) => {
      const mine = this.facts.filter((f) => f[side] === code);
      return [sum(mine.filter((f) => f.held && !this.#resolved(f.id))), sum(mine.filter((f) => !f.held))];
    });
  }

  /** Every hold that was ever made, resolved or not. */
  holds(): readonly { readonly id: string; readonly amount: bigint }[] {
    return this.facts.filter((f) => f.held);
  }

  /** What a mirror of a posted journal must say, in its order. */
  mirror(key: string): readonly TransferDraft[] | undefined {
    const done = this.#done.get(key);
    if (done === undefined || done.facts.some((f) => f.held || f.amount === 0n)) return undefined;
    return done.facts.toReversed().map((f) => ({ kind: 'posted', debit: f.credit, credit: f.debit, amountPaise: f.amount }) as TransferDraft);
  }

  #resolved(id: string): boolean {
    return this.facts.some((f) => f.resolves === id);
  }

  #reversal(draft: JournalDraft): string | undefined {
    if (draft.reverses === undefined) return undefined;
    const original = this.#done.get(draft.reverses);
    if (original === undefined) return 'original-not-found';
    if (original.reverses !== undefined) return 'original-is-a-reversal';
    if ([...this.#done.values()].some((d) => d.reverses === draft.reverses)) return 'already-reversed';
    return asText(this.mirror(draft.reverses) ?? 'none') === asText(draft.transfers) ? undefined : 'reversal-not-a-mirror';
  }

  #legs(draft: JournalDraft): string | undefined {
    for (const [i, transfer] of draft.transfers.entries()) {
      const found = this.#leg(transfer, `${draft.key}/${i + 1}`);
      if ('refused' in found) return found.refused;
      for (const fact of found) {
        this.facts = [...this.facts, fact];
        if (fact.resolves !== undefined) continue;
        if (this.#over(fact.debit, 'debits-must-not-exceed-credits')) return 'exceeds-credits';
        if (this.#over(fact.credit, 'credits-must-not-exceed-debits')) return 'exceeds-debits';
      }
    }
    return undefined;
  }

  #leg(t: TransferDraft, id: string): readonly Fact[] | Refused {
    if (t.kind === 'post-pending' || t.kind === 'void-pending') return this.#resolution(t, id);
    const standIn = t.kind === 'posted' && t.shortfall?.kind === 'from' ? t.shortfall.debit : undefined;
    if (t.debit === t.credit || standIn === t.credit || standIn === t.debit) return { refused: 'accounts-must-differ' };
    if (![standIn ?? t.debit, t.credit].every((code) => this.#accounts.has(code))) return { refused: 'account-not-found' };
    const fact = (debit: string, amount: bigint, name = id): Fact => ({ id: name, held: t.kind === 'pending', debit, credit: t.credit, amount });
    if (t.kind === 'pending' || t.shortfall === undefined) return [fact(t.debit, t.amountPaise)];
    const [heldBack = 0n, spent = 0n, , earned = 0n] = this.counters(t.debit);
    const account = this.#accounts.get(t.debit);
    const free = account === undefined ? 0n : account.guard === 'debits-must-not-exceed-credits' ? earned - spent - heldBack : t.amountPaise;
    const given = free < t.amountPaise ? free : t.amountPaise;
    const parts = [fact(t.debit, given), ...(standIn === undefined ? [] : [fact(standIn, t.amountPaise - given, `${id}/rest`)])];
    return parts.filter((f) => f.amount > 0n);
  }

  #resolution(t: Extract<TransferDraft, { pendingId: string }>, id: string): readonly Fact[] | Refused {
    const held = this.facts.find((f) => f.id === t.pendingId && f.resolves === undefined);
    if (held === undefined)
      return { refused: this.facts.some((f) => f.id === t.pendingId) ? 'pending-transfer-not-pending' : 'pending-transfer-not-found' };
    if (!held.held) return { refused: 'pending-transfer-not-pending' };
    const amount = t.kind === 'post-pending' ? t.amountPaise : 0n;
    if (amount > held.amount) return { refused: 'exceeds-pending-amount' };
    const before = this.facts.find((f) => f.resolves === t.pendingId);
    if (before !== undefined) return { refused: before.amount > 0n ? 'already-posted' : 'already-voided' };
    return [{ id, held: false, debit: held.debit, credit: held.credit, amount, resolves: t.pendingId }];
  }

  #over(code: string, guard: string): boolean {
    if (this.#accounts.get(code)?.guard !== guard) return false;
    const [debitsHeld = 0n, debits = 0n, creditsHeld = 0n, credits = 0n] = this.counters(code);
    return guard === 'debits-must-not-exceed-credits' ? debitsHeld + debits > credits : creditsHeld + credits > debits;
  }
}

function sum(facts: readonly Fact[]): bigint {
  return facts.reduce((total, f) => total + f.amount, 0n);
}

function asText(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item));
}
