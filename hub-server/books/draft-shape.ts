import { transactionId } from '#protocol/identity/identity.js';
import { isBusinessDate } from '#protocol/time/time.js';
import { JOURNAL_KEY_LENGTH_MAX, JOURNAL_KEY_PATTERN, TRANSFERS_PER_JOURNAL_MAX, type JournalDraft, type TransferDraft } from './journal.js';

const REF_PATTERN = /^[^\p{Cc}]{1,120}$/u;
/** The largest sum a signed 64-bit column holds. */
export const SUM_MAX = 9_223_372_036_854_775_807n;

export type ShapeFault = { readonly detail: string; readonly leg?: number };

/** What is wrong with a draft on its face, before the books are looked at; undefined when nothing is. Never burns a key. */
export function draftFault(draft: JournalDraft): ShapeFault | undefined {
  if (draft.key.length > JOURNAL_KEY_LENGTH_MAX || !JOURNAL_KEY_PATTERN.test(draft.key)) return { detail: `"${draft.key}" is not a journal key` };
  if (!isBusinessDate(draft.businessDate)) return { detail: `"${draft.businessDate}" is not a day` };
  if (!Number.isSafeInteger(draft.at) || draft.at < 0) return { detail: `${draft.at} is not a time in milliseconds` };
  for (const ref of Object.values(draft.refs)) {
    if (ref !== undefined && !REF_PATTERN.test(ref)) return { detail: `"${ref}" is not a reference` };
  }
  if (draft.reverses === draft.key) return { detail: 'a journal can not reverse itself' };
  if (draft.transfers.length === 0) return { detail: 'a journal has at least one transfer' };
  if (draft.transfers.length > TRANSFERS_PER_JOURNAL_MAX) return { detail: `${draft.transfers.length} transfers are too many for one journal` };
  const ids = new Set<string>();
  for (const [i, transfer] of draft.transfers.entries()) {
    const detail = transferFault(transfer, ids);
    if (detail !== undefined) return { detail, leg: i + 1 };
  }
  return undefined;
}

function transferFault(transfer: TransferDraft, ids: Set<string>): string | undefined {
  if (transfer.item !== undefined && !REF_PATTERN.test(transfer.item)) return `"${transfer.item}" is not an item`;
  if (transfer.kind !== 'void-pending' && transfer.amountPaise > SUM_MAX) return `${transfer.amountPaise} paise do not fit 64 bits`;
  if (transfer.id === undefined) return undefined;
  if (!transactionId.safeParse(transfer.id).success) return `"${transfer.id}" is not a transfer id`;
  if (ids.has(transfer.id)) return `two transfers have the id ${transfer.id}`;
  ids.add(transfer.id);
  return undefined;
}
