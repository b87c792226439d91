import type { DepartmentCode, GrantId, KioskCode } from '#protocol/identity/identity.js';
import { assert } from '#protocol/result/result.js';
import { readAccountCode, type AccountCode, type AccountSpec, type Guard, type Side } from './account.js';

/**
 * One row of the chart of accounts of a district society. `path` names the account; `{…}` stands for the kiosk, department, grant or batch
 * that it is kept for. `standing` accounts always appear in a trial balance; those kept for one `event` appear while they hold money.
 */
export type ChartRow = { readonly code: string; readonly path: string; readonly normal: Side; readonly guard: Guard; readonly life: 'standing' | 'event' };

const asset = (code: string, path: string, guard: Guard = 'none'): ChartRow => ({ code, path, normal: 'debit', guard, life: 'standing' });
const liability = (code: string, path: string, guard: Guard = 'debits-must-not-exceed-credits'): ChartRow => ({
  code,
  path,
  normal: 'credit',
  guard,
  life: 'standing',
});

/** Every kind of account, opened when first used. The money flow behind them: R69, R72 and the society's books. */
export const CHART = {
  bankMain: asset('1010', 'bank:main'),
  bankEscrow: asset('1020', 'bank:escrow'),
  cashInTransit: asset('1030', 'cash-in-transit:{centre}', 'credits-must-not-exceed-debits'),
  instrumentsInHand: asset('1040', 'instruments-in-hand:{kiosk}', 'credits-must-not-exceed-debits'),
  instrumentsInClearing: asset('1050', 'instruments-in-clearing:{slip}', 'credits-must-not-exceed-debits'),
  gatewayReceivable: asset('1060', 'gateway-receivable:{gateway}'),
  cardReceivable: asset('1070', 'card-receivable:{acquirer}'),
  kioskReceivable: asset('1080', 'receivable:kiosk:{kiosk}'),
  consumerReceivable: asset('1085', 'receivable:consumer'),
  serviceChargeReceivable: asset('1090', 'receivable:{department}:service-charge'),
  refundReceivable: asset('1095', 'receivable:{department}:refund'),
  unknownDebits: asset('1099', 'bank-suspense:debits'),
  wallet: liability('2010', 'wallet:{kiosk}'),
  reserve: { ...liability('2015', 'reserve:{grant}'), life: 'event' },
  payable: liability('2020', 'payable:{department}'),
  payableUnrealised: liability('2021', 'payable:{department}:unrealised'),
  feePayableKiosk: liability('2030', 'fee-payable:kiosk:{kiosk}'),
  feePayableProvider: liability('2031', 'fee-payable:lsp:{lsp}'),
  feePayableSociety: liability('2032', 'fee-payable:society'),
  feeAccruedUnshared: liability('2035', 'fee-accrued-unshared'),
  gstOutput: liability('2040', 'gst-output', 'none'),
  tdsCommission: liability('2041', 'tds-194H', 'none'),
  securityDeposit: liability('2050', 'security-deposit:{party}'),
  citizenRefund: liability('2060', 'citizen-refund-payable'),
  disputesHeld: liability('2070', 'disputes-held:{case}'),
  unknownCredits: liability('2090', 'bank-suspense:credits', 'none'),
  settlementInFlight: { ...liability('2100', 'settlement-in-flight:{batch}'), life: 'event' },
  incomeSociety: liability('4010', 'income:society-share', 'none'),
  incomePenalties: liability('4020', 'income:penalties', 'none'),
  expenseGateway: asset('5010', 'expense:gateway'),
  expenseBank: asset('5020', 'expense:bank'),
  expenseWriteOff: asset('5030', 'expense:write-off'),
  expenseCompensation: asset('5040', 'expense:compensation'),
} as const satisfies Record<string, ChartRow>;

export type ChartName = keyof typeof CHART;

/** The account of one chart row. `holder` fills `{…}` and is given exactly where the row has one. Throws on a holder no code can carry. */
export function chartAccount(name: ChartName, holder?: string): AccountSpec {
  const row: ChartRow = CHART[name];
  assert(row.path.includes('{') === (holder !== undefined), `${row.code} ${row.path} is kept ${row.path.includes('{') ? 'for someone' : 'once'}`);
  const code = readAccountCode(`${row.code}:${holder === undefined ? row.path : row.path.replace(/\{\w+\}/u, holder)}`);
  assert(code.ok && chartRowOf(code.value) === row, `${row.code}:${row.path} for "${holder ?? ''}" makes an account code`);
  return { code: code.value, normal: row.normal, guard: row.guard };
}

const ROW_BY_CODE: ReadonlyMap<string, ChartRow> = new Map<string, ChartRow>(Object.values(CHART).map((row) => [row.code, row]));

const PATTERN_BY_CODE: ReadonlyMap<string, RegExp> = new Map(
  Object.values(CHART).map((row) => [row.code, new RegExp(`^${row.code}:${row.path.replace(/\{\w+\}/u, '[A-Za-z0-9][A-Za-z0-9.-]*')}$`, 'u')]),
);

/** The chart's row for an account, or undefined when no row has that number and path. */
export function chartRowOf(code: AccountCode): ChartRow | undefined {
  const number = code.slice(0, 4);
  return PATTERN_BY_CODE.get(number)?.test(code) === true ? ROW_BY_CODE.get(number) : undefined;
}

/** The four-digit numbers of accounts that are kept for one event and are left out of lists once they are empty. */
export const EVENT_ACCOUNT_NUMBERS: readonly string[] = Object.values(CHART)
  .filter((row) => row.life === 'event')
  .map((row) => row.code);

export const bankMain = (): AccountSpec => chartAccount('bankMain');
export const wallet = (kiosk: KioskCode): AccountSpec => chartAccount('wallet', kiosk);
export const reserve = (grant: GrantId): AccountSpec => chartAccount('reserve', grant);
export const payable = (department: DepartmentCode): AccountSpec => chartAccount('payable', department);
export const kioskReceivable = (kiosk: KioskCode): AccountSpec => chartAccount('kioskReceivable', kiosk);
export const serviceChargeReceivable = (department: DepartmentCode): AccountSpec => chartAccount('serviceChargeReceivable', department);
export const refundReceivable = (department: DepartmentCode): AccountSpec => chartAccount('refundReceivable', department);
export const feeAccruedUnshared = (): AccountSpec => chartAccount('feeAccruedUnshared');
export const citizenRefund = (): AccountSpec => chartAccount('citizenRefund');
export const settlementInFlight = (batch: string): AccountSpec => chartAccount('settlementInFlight', batch);
