import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bill } from '#protocol/bill/bill.js';
import { districtCode, type TransactionId } from '#protocol/identity/identity.js';
import { paise } from '#protocol/money/paise.js';
import type { PresenceWay } from '#protocol/presence/presence.js';
import type { Mode } from '#protocol/rulebook/rulebook.js';
import { businessDate } from '#protocol/time/time.js';
import { topup } from '../../hub-server/books/journals.js';
import { SqliteBooks } from '../../hub-server/books/sqlite/sqlite-books.js';
import type { Hub } from '../../hub-server/hub.js';
import { addLsp } from '../../hub-server/kiosks/enrolment/lsp.js';
import { addSlot, type Place } from '../../hub-server/kiosks/enrolment/slot.js';
import { FIRST_LEASE_POLICY, setLeasePolicy, type LeasePolicy } from '../../hub-server/kiosks/link/lease-policy.js';
import { bookOutcome } from '../../hub-server/kiosks/link/refunds.js';
import { startHub, type RunningHub } from '../../hub-server/main.js';
import { DEFAULT_RULE_BOOK_DRAFT } from '../../hub-server/operations/default-rule-book.js';
import { createHub, openHub } from '../../hub-server/operations/hub-folder.js';
import { newestRuleBook } from '../../hub-server/operations/rule-books.js';
import { addOperator } from '../../hub-server/people/operators.js';
import { registeredConnectors } from '../../hub-server/services/connector.js';
import { findPosting, type PostingRecord } from '../../hub-server/services/postings.js';
import { remit, type RemitReport } from '../../hub-server/services/remit.js';
import { openDepartments, type TestDepartment } from './world-departments.js';
import type { DepartmentName } from './world-bills.js';
import { TestKiosk } from './world-kiosk.js';
import { eventually, valueOf } from './world-value.js';
import { Wire } from './world-wire.js';

export const KIOSK = 'd35k1111';
export const OTHER_KIOSK = 'd35k2222';
export const PIN = '482915';
export const TOPUP_PAISE = paise(6_000_000n);

export type WorldOptions = {
  /** Paise put into each kiosk's wallet; Rs 60,000 unless told. */
  readonly topUpPaise?: bigint;
  readonly lease?: Partial<LeasePolicy>;
  readonly profileModes?: readonly Mode[];
  /** Whether bills are imported at the hub as master files. */
  readonly master?: 'imported' | 'absent';
  readonly kiosks?: readonly string[];
  /** Every service asks for the person's presence in this way. */
  readonly presence?: PresenceWay;
  /** What every service takes as a consumer number; each its own unless told. */
  readonly consumerPattern?: string;
  /** The approved place of every kiosk; none unless told. */
  readonly place?: Place;
};

/** A whole district in this process and one temporary folder: hub, departments, enrolled kiosks with their devices. Real sockets, files and bytes. */
export class World {
  readonly root = mkdtempSync(join(tmpdir(), 'jharokha-world-'));
  readonly #kiosks = new Map<string, TestKiosk>();
  #departments: ReadonlyMap<DepartmentName, TestDepartment> = new Map();
  #running: RunningHub | undefined;
  #admin: Hub | undefined;

  /** Comes up with the hub serving and every kiosk enrolled; no agent runs yet. */
  static async open(options: WorldOptions = {}): Promise<World> {
    const world = new World();
    try {
      await world.#build(options);
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  get hubDir(): string {
    return join(this.root, 'hub');
  }

  /** The administrator's own opening of the hub's folder, as every hub command has it. */
  get hub(): Hub {
    if (this.#admin === undefined) throw new Error('there is no hub yet');
    return this.#admin;
  }

  get books(): SqliteBooks {
    return new SqliteBooks(this.hub.db, this.hub.district);
  }

  get kiosks(): readonly TestKiosk[] {
    return [...this.#kiosks.values()];
  }

  kiosk(code: string = KIOSK): TestKiosk {
    const found = this.#kiosks.get(code);
    if (found === undefined) throw new Error(`no kiosk ${code}`);
    return found;
  }

  department(code: DepartmentName): TestDepartment {
    const found = this.#departments.get(code);
    if (found === undefined) throw new Error(`no department ${code}`);
    return found;
  }

  get departments(): readonly TestDepartment[] {
    return [...this.#departments.values()];
  }

  nextBill(department: DepartmentName, when: 'in-time' | 'late' = 'in-time'): Bill {
    return this.department(department).nextBill(when);
  }

  async startHub(): Promise<void> {
    const listen = { host: '127.0.0.1', port: 0 };
    this.#running = valueOf(await startHub({ dir: this.hubDir, listen, logFile: join(this.root, 'hub.log') }));
    for (const kiosk of this.kiosks) kiosk.wire.mend(this.#running.port);
  }

  /** As if its machine was switched off: links end and nobody answers. */
  async stopHub(): Promise<void> {
    for (const kiosk of this.kiosks) kiosk.wire.cut();
    await this.#running?.stop();
    this.#running = undefined;
  }

  get hubPort(): number {
    if (this.#running === undefined) throw new Error('the hub is down');
    return this.#running.port;
  }

  /** `hub remit`. */
  remit(): Promise<RemitReport> {
    return remit(this.hub, { connectors: registeredConnectors(this.hub), book: bookOutcome(this.hub, this.books) });
  }

  topUp(kiosk: TestKiosk, amountPaise: bigint, reference: string): void {
    const at = this.hub.now();
    const when = { businessDate: businessDate(at), at };
    this.books.postJournal(topup({ reference, kiosk: kiosk.code, amountPaise: paise(amountPaise), when }));
  }

  posting(transaction: TransactionId): PostingRecord | undefined {
    return findPosting(this.hub, transaction);
  }

  /** Waits until the hub knows what became of a sale. */
  async posted(transaction: TransactionId, state: PostingRecord['state']): Promise<PostingRecord> {
    await eventually(`${transaction} is ${state}`, () => this.posting(transaction)?.state === state);
    const found = this.posting(transaction);
    if (found === undefined) throw new Error('it was there a moment ago');
    return found;
  }

  /** What the hub told its operators. */
  alarms(): readonly string[] {
    const lines = readFileSync(join(this.root, 'hub.log'), 'utf8').trim().split('\n');
    const read = lines.map((line) => JSON.parse(line) as { readonly msg?: string; readonly kiosk?: string; readonly what?: string });
    return read.filter((line) => line.msg === 'alarm').map((line) => `${line.kiosk}: ${line.what}`);
  }

  /** Fails when the hub logged a defect: something threw that should not. */
  defects(): readonly string[] {
    const lines = readFileSync(join(this.root, 'hub.log'), 'utf8').trim().split('\n');
    return lines.filter((line) => line.includes('"msg":"defect"'));
  }

  async close(): Promise<void> {
    for (const kiosk of this.kiosks) await kiosk.close();
    await this.#running?.stop();
    for (const department of this.departments) await department.stop();
    this.#admin?.db.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  async #build(options: WorldOptions): Promise<void> {
    const codes = options.kiosks ?? [KIOSK];
    const wires = await Promise.all(codes.map(() => new Wire().open()));
    await this.#makeHub(options, wires[0]?.port ?? 0);
    this.#departments = await openDepartments(this.root);
    for (const department of this.departments) await department.register(this.hub, options.master ?? 'imported');
    for (const [i, code] of codes.entries()) {
      const wire = wires[i];
      if (wire === undefined) throw new Error('a wire for each kiosk');
      this.#kiosks.set(code, await TestKiosk.make({ hub: this.hub, root: this.root, wire, grammar: newestRuleBook(this.hub).book.grammar }, code));
      valueOf(await addOperator(this.hub, { login: `${code}co01`, name: 'Test operator', pin: PIN }));
      const amount = options.topUpPaise ?? TOPUP_PAISE;
      if (amount > 0n) this.topUp(this.kiosk(code), amount, `TEST-${code}`);
    }
    await this.startHub();
    for (const kiosk of this.kiosks) await kiosk.enrol(this.hub);
  }

  async #makeHub(options: WorldOptions, port: number): Promise<void> {
    const services = DEFAULT_RULE_BOOK_DRAFT.services.map((service) => ({
      ...service,
      ...(options.presence === undefined ? {} : { presence: options.presence }),
      ...(options.consumerPattern === undefined ? {} : { fields: service.fields.map((field) => ({ ...field, pattern: options.consumerPattern })) }),
    }));
    const draft = { ...DEFAULT_RULE_BOOK_DRAFT, services, profileModes: options.profileModes ?? DEFAULT_RULE_BOOK_DRAFT.profileModes };
    const made = await createHub(this.hubDir, {
      district: districtCode.parse('lgd:102'),
      districtName: { en: 'Jaipur', hi: 'जयपुर' },
      society: { en: 'Jaipur e-Mitra Society', hi: 'जयपुर ई-मित्र सोसायटी' },
      name: 'jaipur-1',
      address: `127.0.0.1:${port}`,
      ruleBook: JSON.stringify(draft),
    });
    valueOf(made);
    this.#admin = valueOf(openHub(this.hubDir));
    valueOf(addLsp(this.hub, { code: 'AKSH', name: { en: 'Aksh Optifibre', hi: 'अक्ष ऑप्टिफाइबर' } }));
    const grammar = newestRuleBook(this.hub).book.grammar;
    const slot = { lsp: 'AKSH', site: { en: 'Sanganer', hi: 'सांगानेर' }, place: options.place };
    for (const code of options.kiosks ?? [KIOSK]) valueOf(addSlot(this.hub, grammar, { ...slot, code }));
    if (options.lease !== undefined) setLeasePolicy(this.hub, '', { ...FIRST_LEASE_POLICY, ...options.lease });
  }
}

/** Does something in a world of its own, which is taken down however it ends. */
export async function inWorld(options: WorldOptions, act: (world: World) => Promise<void>): Promise<void> {
  const world = await World.open(options);
  try {
    await act(world);
  } finally {
    await world.close();
  }
}
