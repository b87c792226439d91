import { asNumber } from '#platform/sqlite/open.js';
import { paise, type Paise } from '#protocol/money/paise.js';
import type { Hub } from '../../hub.js';

/** How much a kiosk may take without the link, and for how long. `walletPercent` of wallet and open reserve together is the most that is lent. */
export type LeasePolicy = {
  readonly targetPaise: Paise;
  readonly walletPercent: bigint;
  readonly salePaiseMax: Paise;
  readonly salesMax: number;
  readonly lifeHours: number;
  readonly authority: string;
};

/** In force until the society lays down its own (money reference §5, sizes). */
export const FIRST_LEASE_POLICY: LeasePolicy = {
  targetPaise: paise(500_000n),
  walletPercent: 25n,
  salePaiseMax: paise(500_000n),
  salesMax: 200,
  lifeHours: 24,
  authority: 'initial setting of the software; no order of the society yet',
};

type Row = { target_paise: bigint; wallet_percent: bigint; sale_paise_max: bigint; sales_max: bigint; life_hours: bigint; authority: string };

/** The kiosk's own row, else the district's, else the first setting. */
export function leasePolicy(hub: Hub, kiosk: string): LeasePolicy {
  const row = hub.db
    .prepare<[string, string], Row>("SELECT * FROM lease_policy WHERE district = ? AND kiosk IN (?, '') ORDER BY kiosk DESC LIMIT 1")
    .get(hub.district, kiosk);
  if (row === undefined) return FIRST_LEASE_POLICY;
  return {
    targetPaise: paise(row.target_paise),
    walletPercent: row.wallet_percent,
    salePaiseMax: paise(row.sale_paise_max),
    salesMax: asNumber(row.sales_max),
    lifeHours: asNumber(row.life_hours),
    authority: row.authority,
  };
}

/** @param kiosk '' for the whole district */
export function setLeasePolicy(hub: Hub, kiosk: string, policy: LeasePolicy): void {
  hub.db
    .prepare('INSERT OR REPLACE INTO lease_policy VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run(
      hub.district,
      kiosk,
      policy.targetPaise,
      policy.walletPercent,
      policy.salePaiseMax,
      policy.salesMax,
      policy.lifeHours,
      policy.authority,
      hub.now(),
    );
}
