import type { DepartmentCode, TransactionId } from '#protocol/identity/identity.js';
import type { Paise } from '#protocol/money/paise.js';
import { bankMain, payable, settlementInFlight } from './chart.js';
import type { JournalDraft } from './journal.js';
import { JOURNAL_KEYS, move, type When } from './journals.js';

/** One sale's money on its way to the department. */
export type RemitItem = { readonly transaction: TransactionId; readonly amountPaise: Paise };
type Outcome = { readonly batch: string; readonly department: DepartmentCode; readonly item: RemitItem; readonly when: When };

/**
 * DEPT_REMIT: the received ones leave for the department in one batch, one transfer a sale, each naming its transaction as `item`.
 * Dr 2020, Cr 2100:{batch}. The batch's account returns to zero when every item has its outcome.
 */
export function departmentRemit(r: {
  readonly batch: string;
  readonly department: DepartmentCode;
  readonly items: readonly RemitItem[];
  readonly when: When;
}): JournalDraft {
  const inFlight = settlementInFlight(r.batch);
  return {
    key: JOURNAL_KEYS.remit(r.batch),
    kind: 'DEPT_REMIT',
    ...r.when,
    refs: { batch: r.batch },
    opens: [inFlight],
    transfers: r.items.flatMap(({ transaction, amountPaise }) => move(payable(r.department), inFlight, amountPaise, { item: transaction })),
  };
}

/**
 * DEPT_CONFIRM: the department has posted one item and gave its reference, the receipt's second fact. Dr 2100:{batch}, Cr 1010.
 * Confirm and return of one item share one key, so an item has one outcome: the other one hears `exists-with-different-kind`.
 */
export function departmentConfirm(c: Outcome & { readonly reference: string }): JournalDraft {
  return {
    key: JOURNAL_KEYS.remitOutcome(c.batch, c.item.transaction),
    kind: 'DEPT_CONFIRM',
    ...c.when,
    refs: { batch: c.batch, transaction: c.item.transaction, reference: c.reference },
    opens: [bankMain()],
    transfers: move(settlementInFlight(c.batch), bankMain(), c.item.amountPaise, { item: c.item.transaction }),
  };
}

/** DEPT_RETURN: the department did not take one item. Dr 2100:{batch}, Cr 2020: it is owed again, and may go out in another batch. */
export function departmentReturn(r: Outcome & { readonly reference?: string }): JournalDraft {
  return {
    key: JOURNAL_KEYS.remitOutcome(r.batch, r.item.transaction),
    kind: 'DEPT_RETURN',
    ...r.when,
    refs: { batch: r.batch, transaction: r.item.transaction, ...(r.reference === undefined ? {} : { reference: r.reference }) },
    opens: [],
    transfers: move(settlementInFlight(r.batch), payable(r.department), r.item.amountPaise, { item: r.item.transaction }),
  };
}
