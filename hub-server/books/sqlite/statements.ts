import { asNumber, type Sqlite } from '#platform/sqlite/open.js';
import { paise, type Paise } from '#protocol/money/paise.js';
import { assert } from '#protocol/result/result.js';
import type { Account, AccountCode, Side } from '../account.js';
import type { Statement, StatementCursor, StatementLine, StatementQuery } from '../books.js';
import type { JournalKind } from '../journal.js';
import { refsOf, transferIdOf, type RefsRow } from './rows.js';

export const STATEMENT_LINES_MAX = 10_000;

type LineRow = RefsRow & {
  readonly number: bigint;
  readonly leg: bigint;
  readonly part: bigint;
  readonly id: string | null;
  readonly item: string | null;
  readonly key: string;
  readonly kind: string;
  readonly business_date: string;
  readonly at: bigint;
  readonly side: string;
  readonly counter: string;
  readonly amount: bigint;
  readonly balance: bigint;
};

type LineQuery = {
  readonly district: string;
  readonly account: string;
  readonly number: bigint;
  readonly leg: number;
  readonly part: number;
  readonly from: string;
  readonly to: string;
  readonly limit: number;
};

/**
 * Both arms walk their own index in the order of posting, so a page costs its length and not the length of the history before `after`. The index
 * is named because the planner, without statistics, prefers the primary key and would read every transfer of the district.
 */
const arm = (side: Side): string => `
  SELECT t.journal AS number, t.leg, t.part, t.id, t.item, j.key, j.kind, j.business_date, j.at, '${side}' AS side,
    t.${side === 'debit' ? 'credit' : 'debit'} AS counter, t.amount, t.${side}_balance AS balance,
    j.transaction_id, j.grant_id, j.entry_hash, j.batch, j.reference
  FROM transfer t INDEXED BY transfer_${side} JOIN journal j ON j.district = t.district AND j.number = t.journal
  WHERE t.district = @district AND t.${side} = @account AND (t.journal, t.leg, t.part) > (@number, @leg, @part)
    AND t.kind IN ('posted', 'post-pending') AND j.business_date BETWEEN @from AND @to`;

export const STATEMENT_SQL = `${arm('debit')} UNION ALL ${arm('credit')} ORDER BY 1, 2, 3 LIMIT @limit`;

export type StatementReader = (account: Account, query: StatementQuery) => Statement;

export function statementReader(db: Sqlite, district: string): StatementReader {
  const lines = db.prepare<[LineQuery], LineRow>(STATEMENT_SQL);
  return (account, query) => {
    assert(Number.isSafeInteger(query.limit) && query.limit >= 1 && query.limit <= STATEMENT_LINES_MAX, `1 to ${STATEMENT_LINES_MAX} lines`);
    const { number, leg, part } = query.after ?? { number: 0n, leg: 0, part: 0 };
    // One more than asked for: only then is it known that there is a next page.
    const rows = lines.all({
      district,
      account: account.code,
      number,
      leg,
      part,
      from: query.from ?? '0000-00-00',
      to: query.to ?? '9999-12-31',
      limit: query.limit + 1,
    });
    const shown = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? shown.at(-1) : undefined;
    return { account, openingPaise: openingOf(account, shown[0]), lines: shown.map(lineOf), next: last && cursorOf(last) };
  };
}

function openingOf(account: Account, first: LineRow | undefined): Paise | undefined {
  if (first === undefined) return undefined;
  return paise(first.side === account.normal ? first.balance - first.amount : first.balance + first.amount);
}

function cursorOf(row: LineRow): StatementCursor {
  return { number: row.number, leg: asNumber(row.leg), part: asNumber(row.part) };
}

function lineOf(row: LineRow): StatementLine {
  return {
    number: row.number,
    leg: asNumber(row.leg),
    transferId: transferIdOf(row.key, row),
    key: row.key,
    kind: row.kind as JournalKind,
    businessDate: row.business_date,
    at: asNumber(row.at),
    refs: refsOf(row),
    ...(row.item === null ? {} : { item: row.item }),
    side: row.side as Side,
    counterAccount: row.counter as AccountCode,
    amountPaise: paise(row.amount),
    balancePaise: paise(row.balance),
  };
}
