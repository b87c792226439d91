import { billCode } from '../../../hub-server/services/generate-bills.js';
import { PIN } from '../../support/world.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { openTerminal } from '../terminal/programs.js';
import { shows, type TimedScreen } from '../terminal/timed-screen.js';
import { BENCH_SERVICE } from './entries.js';
import { BenchDistrict } from './district.js';
import { PrinterSink } from './printer-sink.js';

const ENTER = '\r';
const MENU = 'SERVICE: type a code';

/** A counter with somebody at it: hub, department, agent and screen as processes, keys pressed on a pseudo-terminal, every one of them counted. */
export class AttendedCounter {
  readonly district: BenchDistrict;
  readonly kiosk: TestKiosk;
  readonly screen: TimedScreen;
  readonly agentPid: number;
  readonly #sink: PrinterSink;

  private constructor(district: BenchDistrict, screen: TimedScreen, agentPid: number, sink: PrinterSink) {
    this.district = district;
    this.kiosk = district.world.kiosk();
    this.screen = screen;
    this.agentPid = agentPid;
    this.#sink = sink;
  }

  /** Logged in, the till open, at the services. */
  static async open(bills: number): Promise<AttendedCounter> {
    const sink = await PrinterSink.open();
    const district = await BenchDistrict.open(['d35k1111'], bills);
    const kiosk = district.world.kiosk();
    const agentPid = await district.startAgent(kiosk, sink.port);
    const counter = new AttendedCounter(district, openTerminal(kiosk.socketPath), agentPid, sink);
    try {
      await counter.#logIn();
      return counter;
    } catch (error) {
      await counter.close();
      throw error;
    }
  }

  async #logIn(): Promise<void> {
    const { screen, kiosk } = this;
    await screen.wait(({ rows }) => /ONLINE\s+PRN ok\s+SCN ok/u.test(rows[0] ?? ''), 'link, printer and scanner');
    screen.type(`${kiosk.login}${ENTER}${PIN}${ENTER}`);
    await screen.wait(({ rows }) => rows.some((row) => /TILL/iu.test(row)), 'the till');
    screen.type(`500${ENTER}`);
    await screen.wait(shows(MENU), 'the services');
  }

  /** Serves one bill whose code is scanned; the keys it took. */
  async scanned(): Promise<number> {
    const bill = this.district.nextBill();
    const before = this.screen.keys;
    await this.kiosk.scanner.order({ do: 'scan', text: billCode(bill) });
    await this.#pay(bill.consumer);
    return this.screen.keys - before;
  }

  /** Serves one bill by typing service and consumer number; the keys it took beside the number. */
  async typed(): Promise<number> {
    const bill = this.district.nextBill();
    const before = this.screen.keys;
    this.screen.type(`${BENCH_SERVICE}${ENTER}`);
    await this.screen.wait(shows('K number'), 'the field');
    this.screen.type(`${bill.consumer}${ENTER}`);
    await this.#pay(bill.consumer);
    return this.screen.keys - before - bill.consumer.length;
  }

  /** Agree, take the exact cash, call the next citizen. */
  async #pay(consumer: string): Promise<void> {
    const { screen } = this;
    await screen.wait(({ rows }) => rows.some((row) => row.includes('Read the name')) && rows.some((row) => row.includes(consumer)), 'the quote');
    screen.type(ENTER);
    await screen.wait(shows('Cash received'), 'the cash');
    screen.type(ENTER);
    await screen.wait(shows('DONE: give change'), 'the hand-over');
    screen.type(ENTER);
    await screen.wait(shows(MENU), 'the services');
  }

  async close(): Promise<void> {
    await this.screen.close();
    await this.district.close();
    await this.#sink.close();
  }
}
