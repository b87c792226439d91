import { hash } from 'node:crypto';
import type { JournalDraft, JournalRefs, PostedJournal, PostedTransfer, TransferDraft } from './journal.js';
import { derivedTransferId } from './journal.js';
import type { DifferentField } from './post-result.js';

/** Bytes that say what a journal asks for, not when: JSON arrays in a fixed order, sums as decimal text, absent as null. Hashed with SHA-256. */
export function contentOf(draft: JournalDraft): Uint8Array {
  const { refs } = draft;
  const what = [
    draft.kind,
    [refs.transaction, refs.grant, refs.entry, refs.batch, refs.reference],
    draft.reverses,
    draft.transfers.map((t) => transferContent(t)),
  ];
  return hash('sha256', JSON.stringify(what), 'buffer');
}

function transferContent(t: TransferDraft): readonly (string | null | undefined)[] {
  const amount = t.kind === 'void-pending' ? undefined : t.amountPaise.toString();
  const paths = t.kind === 'posted' || t.kind === 'pending' ? [t.debit, t.credit] : [t.pendingId];
  const shortfall = t.kind === 'posted' && t.shortfall !== undefined ? (t.shortfall.kind === 'drop' ? 'drop' : t.shortfall.debit) : undefined;
  return [t.kind, t.id, t.item, amount, shortfall, ...paths];
}

/** Names the first field in which a draft differs from the journal that holds its key; undefined when they ask for the same. */
export function differenceOf(draft: JournalDraft, stored: PostedJournal): { readonly field: DifferentField; readonly leg?: number } | undefined {
  if (Buffer.compare(contentOf(draft), stored.content) === 0) return undefined;
  if (draft.kind !== stored.kind) return { field: 'kind' };
  if (refsDiffer(draft.refs, stored.refs)) return { field: 'refs' };
  if (draft.reverses !== stored.reverses) return { field: 'reverses' };
  for (const [i, transfer] of draft.transfers.entries()) {
    const leg = i + 1;
    const parts = stored.transfers.filter((t) => t.leg === leg);
    const field = legDifference(transfer, parts, derivedTransferId(draft.key, leg));
    if (field !== undefined) return { field, leg };
  }
  if (stored.transfers.some((t) => t.leg > draft.transfers.length)) return { field: 'transfers' };
  // The sums that moved do not tell what was to happen on a shortfall that did not come, so this is what is left.
  return { field: 'shortfall' };
}

function refsDiffer(a: JournalRefs, b: JournalRefs): boolean {
  return a.transaction !== b.transaction || a.grant !== b.grant || a.entry !== b.entry || a.batch !== b.batch || a.reference !== b.reference;
}

function legDifference(draft: TransferDraft, parts: readonly PostedTransfer[], derivedId: string): DifferentField | undefined {
  const first = parts[0];
  const mayVanish = draft.kind === 'posted' && draft.shortfall?.kind === 'drop';
  if (first === undefined) return mayVanish ? undefined : 'transfers';
  if (draft.kind !== first.kind) return 'transfer-kind';
  const id = draft.id ?? derivedId;
  if (first.id !== id && first.id !== `${id}/rest`) return 'transfer-id';
  if (draft.item !== first.item) return 'item';
  const moved = parts.reduce((sum, t) => sum + t.amountPaise, 0n);
  switch (draft.kind) {
    case 'posted': {
      const named = parts.find((t) => t.part === 'named');
      if (named !== undefined && named.debit !== draft.debit) return 'debit';
      if (first.credit !== draft.credit) return 'credit';
      return moved === draft.amountPaise || (mayVanish && moved < draft.amountPaise) ? undefined : 'amount';
    }
    case 'pending':
      if (first.debit !== draft.debit) return 'debit';
      if (first.credit !== draft.credit) return 'credit';
      return moved === draft.amountPaise ? undefined : 'amount';
    case 'post-pending':
      if (first.pendingId !== draft.pendingId) return 'pending-id';
      return moved === draft.amountPaise ? undefined : 'amount';
    case 'void-pending':
      return first.pendingId === draft.pendingId ? undefined : 'pending-id';
  }
}
