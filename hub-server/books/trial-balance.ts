import { ZERO, addPaise, paise, plainRupees, type Paise } from '#protocol/money/paise.js';
import type { Account, AccountCode, Counters } from './account.js';
import type { Books } from './books.js';

/** One account's net posted balance, in the column where it falls; the other is zero. Pending sums are told apart and are not in the totals. */
export type TrialBalanceRow = {
  readonly code: AccountCode;
  readonly debitPaise: Paise;
  readonly creditPaise: Paise;
  readonly debitsPendingPaise: Paise;
  readonly creditsPendingPaise: Paise;
};

export type TrialBalance = {
  readonly rows: readonly TrialBalanceRow[];
  readonly debitPaise: Paise;
  readonly creditPaise: Paise;
  readonly balanced: 'balanced' | 'not-balanced';
};

/** Sorted by account code. Empty accounts that were kept for one event (reserves, batches in flight) are left out. */
export function trialBalanceOf(accounts: readonly Account[]): TrialBalance {
  const rows = accounts.map((account): TrialBalanceRow => {
    const net = account.debitsPosted - account.creditsPosted;
    return {
      code: account.code,
      debitPaise: paise(net > 0n ? net : 0n),
      creditPaise: paise(net < 0n ? -net : 0n),
      debitsPendingPaise: account.debitsPending,
      creditsPendingPaise: account.creditsPending,
    };
  });
  const debitPaise = addPaise(...rows.map((row) => row.debitPaise));
  const creditPaise = addPaise(...rows.map((row) => row.creditPaise));
  return { rows: rows.toSorted(byCode), debitPaise, creditPaise, balanced: debitPaise === creditPaise ? 'balanced' : 'not-balanced' };
}

export async function trialBalance(books: Books): Promise<TrialBalance> {
  return trialBalanceOf(await books.liveAccounts());
}

function byCode(a: TrialBalanceRow, b: TrialBalanceRow): number {
  return a.code < b.code ? -1 : a.code > b.code ? 1 : 0;
}

/** As text of three columns, amounts as plain rupees. */
export function trialBalanceText(tb: TrialBalance): string {
  const cell = (sum: Paise): string => (sum === 0n ? '' : plainRupees(sum));
  const body = tb.rows.map((row) => [row.code, cell(row.debitPaise), cell(row.creditPaise)] as const);
  const total = ['total', plainRupees(tb.debitPaise), plainRupees(tb.creditPaise)] as const;
  const lines = [['account', 'debit', 'credit'] as const, ...body, total];
  const wide = (column: 0 | 1 | 2): number => Math.max(...lines.map((line) => line[column].length));
  const [code, debit, credit] = [wide(0), wide(1), wide(2)];
  return lines.map((line) => `${line[0].padEnd(code)}  ${line[1].padStart(debit)}  ${line[2].padStart(credit)}\n`).join('');
}

/** All four counters over all accounts: L1 says that each pair is equal. */
export function totalsOf(accounts: readonly Counters[]): Counters {
  const sum = (pick: (account: Counters) => Paise): Paise => paise(accounts.reduce((total, account) => total + pick(account), ZERO as bigint));
  return {
    debitsPending: sum((a) => a.debitsPending),
    debitsPosted: sum((a) => a.debitsPosted),
    creditsPending: sum((a) => a.creditsPending),
    creditsPosted: sum((a) => a.creditsPosted),
  };
}
