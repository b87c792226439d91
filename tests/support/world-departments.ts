import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Bill } from '#protocol/bill/bill.js';
import { newTransactionId } from '#protocol/identity/ids.js';
import type { Hub } from '../../hub-server/hub.js';
import { importBills } from '../../hub-server/services/bill-import.js';
import { startDepartmentServer, type DepartmentServer } from '../../hub-server/services/department-server.js';
import { putDepartment } from '../../hub-server/services/departments.js';
import { billFile, DEPARTMENTS, testBills, type DepartmentName } from './world-bills.js';
import { valueOf } from './world-value.js';

type Facts = (typeof DEPARTMENTS)[number];

/** One department's computer: a real HTTP server in this process whose payments outlive its stops. */
export class TestDepartment {
  readonly facts: Facts;
  readonly bills: readonly Bill[];
  readonly #statePath: string;
  #server: DepartmentServer | undefined;
  #port = 0;
  #given = { even: 0, odd: 1 };

  constructor(facts: Facts, root: string) {
    this.facts = facts;
    this.bills = testBills(facts);
    this.#statePath = join(root, `${facts.code}.sqlite`);
  }

  get server(): DepartmentServer {
    if (this.#server === undefined) throw new Error(`${this.facts.code} is switched off`);
    return this.#server;
  }

  async start(): Promise<void> {
    const { code, part } = this.facts;
    const statePath = this.#statePath;
    const now = (): number => Date.now();
    const where = { host: '127.0.0.1', port: this.#port };
    this.#server = await startDepartmentServer({ ...where, department: code, bills: this.bills, token: tokenOf(code), part, statePath, now });
    this.#port = Number.parseInt(new URL(this.#server.url).port, 10);
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  /** Somebody pays the whole bill at the department's own window: what counters send for it later is refused. */
  async payAtWindow(bill: Bill): Promise<void> {
    const facts = {
      requestId: newTransactionId(Date.now(), randomBytes(10)),
      service: bill.service,
      consumer: bill.consumer,
      billNumber: bill.number,
    };
    const body = JSON.stringify({ ...facts, amountPaise: bill.amountPaise.toString(), paidAt: new Date().toISOString(), counter: 'own-window' });
    const headers = { authorization: `Bearer ${tokenOf(this.facts.code)}`, 'content-type': 'application/json' };
    const done = await fetch(`${this.server.url}/payments`, { method: 'POST', headers, body });
    assert.match(await done.text(), /"status":"confirmed"/u);
  }

  /** A bill that no other test of this world has had, in time or past its due date. */
  nextBill(when: 'in-time' | 'late'): Bill {
    const n = when === 'late' ? this.#given.odd : this.#given.even;
    if (when === 'late') this.#given.odd += 2;
    else this.#given.even += 2;
    const found = this.bills[n];
    if (found === undefined) throw new Error(`no unused bill of ${this.facts.code} is left`);
    return found;
  }

  /** Puts it into the hub's register, with its bills where they are imported. */
  async register(hub: Hub, master: 'imported' | 'absent'): Promise<void> {
    const { code, service, en, hi } = this.facts;
    valueOf(putDepartment(hub, { code, en, hi, baseUrl: this.server.url, token: tokenOf(code) }));
    if (master === 'imported') valueOf(await importBills(hub, { department: code, service }, billFile(this.bills)));
  }
}

function tokenOf(code: DepartmentName): string {
  return `test-token-${code}`;
}

export async function openDepartments(root: string): Promise<ReadonlyMap<DepartmentName, TestDepartment>> {
  const all = new Map<DepartmentName, TestDepartment>();
  for (const facts of DEPARTMENTS) {
    const department = new TestDepartment(facts, root);
    await department.start();
    all.set(facts.code, department);
  }
  return all;
}
