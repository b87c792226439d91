import { asNumber, type Sqlite } from '#platform/sqlite/open.js';
import { addPaise, paise, type Paise } from '#protocol/money/paise.js';

/** The open cash drawer as the chain tells it; sums in paise. */
export type TillState = {
  readonly floatPaise: Paise;
  readonly takingsPaise: Paise;
  readonly expectedPaise: Paise;
  readonly sales: number;
  readonly salesPaise: Paise;
};

type Row = { float: bigint; takings: bigint; sales: bigint; sales_sum: bigint };

/** Undefined while the till is closed. */
export function openTill(db: Sqlite): TillState | undefined {
  const row = db.prepare<[], Row>('SELECT float, takings, sales, sales_sum FROM till WHERE closed = 0').get();
  if (row === undefined) return undefined;
  const floatPaise = paise(row.float);
  const takingsPaise = paise(row.takings);
  return {
    floatPaise,
    takingsPaise,
    expectedPaise: addPaise(floatPaise, takingsPaise),
    sales: asNumber(row.sales),
    salesPaise: paise(row.sales_sum),
  };
}
