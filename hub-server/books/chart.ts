import type { DepartmentCode, GrantId, KioskCode } from '#protocol/identity/identity.js';
import { assert } from '#protocol/result/result.js';
import { ACCOUNT_CODE_LENGTH_MAX, type AccountCode, type AccountSpec, type Guard, type Side } from './account.js';

/**
 * One row of the chart of accounts of a district society. `path` names the account; `{…}` stands for the kiosk, department, grant or batch
 * that it is kept for. `standing` accounts always appear in a trial balance; those kept for one `event` appear while they hold money.
 */
export type ChartRow = {
  readonly code: string;
  readonly path: string;
  readonly normal: Side;
  readonly guard: Guard;
  readonly life: 'standing' | 'event';
};

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

/** A row made ready: what stands before and after its holder, and what its accounts look like. */
type Shape = {
  readonly row: ChartRow;
  readonly head: string;
  readonly tail: string;
  readonly kept: 'once' | 'for someone';
  readonly pattern: RegExp;
};

function shapeOf(row: ChartRow): Shape {
  const text = `${row.code}:${row.path}`;
  const [head = text, tail = ''] = text.split(/\{\w+\}/u);
  const kept = head === text ? 'once' : 'for someone';
  const pattern = new RegExp(`^${head}${kept === 'once' ? '' : `[A-Za-z0-9][A-Za-z0-9.-]*${tail}`}$`, 'u');
  return { row, head, tail, kept, pattern };
}

const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>(Object.values(CHART).map((row) => [row.code, shapeOf(row)]));

/** The account of one chart row. `holder` fills `{…}` and is given exactly where the row has one. Throws on a holder no code can carry. */
export function chartAccount(name: ChartName, holder?: string): AccountSpec {
  const { code, normal, guard } = CHART[name];
  const shape = SHAPES.get(code);
  assert(shape !== undefined, `${code} is in the chart`);
  assert((shape.kept === 'once') === (holder === undefined), `${code} is kept ${shape.kept}`);
  const text = holder === undefined ? shape.head : `${shape.head}${holder}${shape.tail}`;
  assert(text.length <= ACCOUNT_CODE_LENGTH_MAX && shape.pattern.test(text), `"${holder ?? ''}" makes an account code of ${code}`);
  return { code: text as AccountCode, normal, guard };
}

/** The chart's row for an account, or undefined when no row has that number and path. */
export function chartRowOf(code: AccountCode): ChartRow | undefined {
  const shape = SHAPES.get(code.slice(0, 4));
  return shape?.pattern.test(code) === true ? shape.row : undefined;
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
