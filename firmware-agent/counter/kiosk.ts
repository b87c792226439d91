import type { Problem, ProblemCode } from '#protocol/counter/problem.js';
import type { Failure } from '#protocol/result/result.js';
import type { RuleBook } from '#protocol/rulebook/rulebook.js';
import type { Devices } from '../devices/devices.js';
import type { PrinterPool } from '../devices/printer/pool.js';
import type { Grants } from '../ledger/grants.js';
import type { AppendError, Ledger } from '../ledger/ledger.js';
import type { Sales } from '../ledger/sales.js';
import type { Stock } from '../ledger/stock.js';
import type { HubLink } from '../link/link.js';
import type { Fingers } from '../services/fingers.js';
import type { Captures } from './captures.js';
import type { MasterFiles } from '../services/master-files.js';
import type { Operators } from '../services/operators.js';
import type { StationClock } from '../station/clock.js';
import type { KioskIdentity } from '../station/identity.js';

/** Everything that the counter's work is done with: made and wired in `main.ts`. */
export type Kiosk = {
  readonly identity: KioskIdentity;
  readonly ledger: Ledger;
  readonly sales: Sales;
  readonly grants: Grants;
  readonly masters: MasterFiles;
  readonly operators: Operators;
  readonly fingers: Fingers;
  /** An encrypted capture on its way to the hub. */
  readonly captures: Captures;
  readonly clock: StationClock;
  readonly link: HubLink;
  readonly devices: Devices;
  readonly printer: PrinterPool;
  readonly stock: Stock;
  readonly ruleBook: () => RuleBook;
  readonly random: (bytes: number) => Uint8Array<ArrayBuffer>;
};

/** Documented waits of the counter, milliseconds. Past each the work goes on without the answer. */
export const COUNTER_DELAYS = {
  /** A bill live from the department. */
  billMs: 6_000,
  /** A hold from the hub. */
  holdMs: 5_000,
  /** A capture handed on to the department: longer than the hub itself waits for it. */
  presenceMs: 7_000,
  /** The hub's acknowledgement and the department's answer, together. */
  outcomeMs: 8_000,
  /** A log-in at the hub. */
  logInMs: 5_000,
} as const;

export function problem(code: ProblemCode, values?: Readonly<Record<string, string>>): Problem {
  return values === undefined ? { code } : { code, values };
}

export function appendProblem(error: Failure<AppendError>): Problem {
  return problem(error.code, { detail: error.detail });
}
