import type { Bill } from '#protocol/bill/bill.js';
import { BenchDistrict } from '../counter/district.js';
import { ReceiptFloor } from '../counter/floor.js';
import { PrinterSink } from '../counter/printer-sink.js';
import { RawAppend } from '../measure/disk.js';
import { halfAndTail, type Measured, type Round } from '../report/figure.js';
import { SIZES, type Plan } from '../report/plan.js';
import type { CounterClient } from '../../support/counter-client.js';
import type { TestKiosk } from '../../support/world-kiosk.js';

const ROUNDS = 5;

/** One counter that sells bill after bill, and the line of its printer. */
class Seller {
  readonly #kiosk: TestKiosk;
  readonly #screen: CounterClient;
  readonly #sink: PrinterSink;
  readonly #floor: ReceiptFloor;
  #bytes = 60_000;

  constructor(kiosk: TestKiosk, screen: CounterClient, sink: PrinterSink, floor: ReceiptFloor) {
    this.#kiosk = kiosk;
    this.#screen = screen;
    this.#sink = sink;
    this.#floor = floor;
  }

  /** Milliseconds from the command that carries the cash to the last byte of the receipt at the printer. */
  async sell(bill: Bill): Promise<number> {
    const { quote } = await this.#kiosk.toTender(this.#screen, bill);
    const begun = performance.now();
    this.#screen.send({ do: 'take-cash', received: '' });
    const { lastByteAt, bytes } = await this.#sink.job();
    this.#bytes = bytes;
    await this.#screen.until('handover', ({ sale }) => sale.transaction === quote.transaction);
    await this.#kiosk.next(this.#screen);
    return lastByteAt - begun;
  }

  async round(bills: readonly Bill[]): Promise<Round> {
    const samples: number[] = [];
    const baseline: number[] = [];
    for (const bill of bills) {
      baseline.push(await this.#floor.once(this.#bytes));
      samples.push(await this.sell(bill));
    }
    return { samples, baseline };
  }
}

async function roundsOf(seller: Seller, district: BenchDistrict, sales: number): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    rounds.push(await seller.round(Array.from({ length: Math.ceil(sales / ROUNDS) }, () => district.nextBill())));
  }
  return rounds;
}

/** Enter to last printer byte: a Hindi receipt on 58 mm paper, once with hub and department on this machine, once with the link cut. */
export async function measureReceipt(plan: Plan): Promise<Measured> {
  const { warm, delayed, online } = SIZES.receipt[plan];
  const district = await BenchDistrict.open(['d35k1111'], 2 * warm + delayed + online + 2 * ROUNDS);
  const kiosk = district.world.kiosk();
  const sink = await PrinterSink.open();
  const raw = new RawAppend(district.world.root);
  const floor = await ReceiptFloor.open(raw);
  try {
    await district.startAgent(kiosk, sink.port);
    const screen = await kiosk.openCounter();
    screen.send({ do: 'set-language', language: 'hi' });
    await district.ready(kiosk);
    const seller = new Seller(kiosk, screen, sink, floor);
    for (let i = 0; i < warm; i += 1) await seller.sell(district.nextBill());
    const linked = await roundsOf(seller, district, online);
    await district.stopHub();
    await screen.when(({ header }) => header.link.state === 'offline', 'the loss of the link');
    for (let i = 0; i < warm; i += 1) await seller.sell(district.nextBill());
    const cut = await roundsOf(seller, district, delayed);
    screen.close();
    const baseline = 'two flushes and the bytes on a local line';
    return {
      figures: [
        ...halfAndTail({ bench: 'receipt', name: 'Enter to last printer byte, delayed mode, Hindi', unit: 'ms' }, baseline, cut, {
          p99: { on: 'value', is: 'at-most', limit: 80 },
        }),
        ...halfAndTail({ bench: 'receipt', name: 'the same online, hub and department on this machine', unit: 'ms' }, baseline, linked),
      ],
      skipped: [],
    };
  } finally {
    await floor.close();
    raw.close();
    await district.close();
    await sink.close();
  }
}
