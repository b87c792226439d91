import assert from 'node:assert/strict';
import { formatRupees, plainRupees, subtractPaise, paise } from '#protocol/money/paise.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid, received, type Figures } from '../../support/world-audit.js';
import { assertTold } from '../../support/world-texts.js';
import { eventually } from '../../support/world-value.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { inWorld, World } from '../../support/world.js';

describe('a bill that can not be paid as it stands', () => {
  let world: World;
  let kiosk: TestKiosk;
  let screen: CounterClient;
  let before_: Figures;
  before(async () => {
    world = await World.open();
    kiosk = world.kiosk();
    await kiosk.start();
    screen = await kiosk.openCounter();
  });
  beforeEach(async () => {
    before_ = await auditSettled(world);
  });
  after(() => world.close());

  const change = async (): Promise<Figures> => moved(before_, await auditSettled(world));
  const back = async (): Promise<void> => {
    screen.send({ do: 'back' });
    await screen.until('menu');
  };
  const typed = async (service: string, consumer: string): Promise<ReturnType<typeof screen.until<'capture'>>> => {
    screen.send({ do: 'choose-service', code: service });
    await screen.until('capture', ({ problem }) => problem === null);
    screen.send({ do: 'give-consumer', consumer });
    return screen.until('capture', ({ problem }) => problem !== null);
  };

  it('unknown consumer number', async () => {
    const body = await typed('101', '210199999999');
    assertTold(body.problem, 'consumer-unknown', 'none-taken');
    assert.equal(body.problem?.values?.['consumer'], '210199999999');
    await back();
    assert.deepEqual(await change(), {});
  });

  it('a number of the wrong form, or none, or a service that is not there', async () => {
    assertTold((await typed('101', '12')).problem, 'field-malformed', 'none-taken');
    await back();
    assertTold((await typed('101', '  ')).problem, 'field-missing', 'none-taken');
    await back();
    screen.send({ do: 'choose-service', code: '999' });
    assertTold((await screen.until('menu', ({ problem }) => problem !== null)).problem, 'service-unknown', 'none-taken');
    screen.send({ do: 'back' });
    await screen.until('menu', ({ problem }) => problem === null);
    assert.deepEqual(await change(), {});
  });

  it('paid already: the hub knows', async () => {
    const bill = world.nextBill('JVVNL');
    await kiosk.sell(screen, bill);
    await kiosk.next(screen);
    assertTold((await typed('101', bill.consumer)).problem, 'bill-paid-hub', 'safe');
    await back();
    assert.deepEqual(await change(), paid('JVVNL', bill.amountPaise));
  });

  it('paid already: only the department knows, since it was paid at its own window', async () => {
    const bill = world.nextBill('JVVNL');
    await world.department('JVVNL').payAtWindow(bill);
    assertTold((await typed('101', bill.consumer)).problem, 'bill-paid-hub', 'safe');
    await back();
  });
});

describe('a part, a late amount, too little cash', () => {
  let world: World;
  let kiosk: TestKiosk;
  let screen: CounterClient;
  let before_: Figures;
  before(async () => {
    world = await World.open();
    kiosk = world.kiosk();
    await kiosk.start();
    screen = await kiosk.openCounter();
  });
  beforeEach(async () => {
    before_ = await auditSettled(world);
  });
  after(() => world.close());
  const change = async (): Promise<Figures> => moved(before_, await auditSettled(world));

  it('a department that takes only the whole bill refuses a part, and the whole can still be paid', async () => {
    const bill = world.nextBill('JVVNL');
    const whole = await kiosk.toQuote(screen, bill);
    assert.equal(whole.quote.partAllowed, false);
    screen.send({ do: 'pay-part', amount: '100' });
    const body = await screen.until('quote', ({ problem }) => problem !== null);
    assertTold(body.problem, 'part-refused', 'none-taken');
    assert.equal(body.quote.totalPaise, bill.amountPaise);
    screen.send({ do: 'agree' });
    await screen.until('tender');
    screen.send({ do: 'take-cash', received: '' });
    await screen.until('handover');
    await kiosk.next(screen);
    assert.deepEqual(await change(), paid('JVVNL', bill.amountPaise));
  });

  it('a department that takes parts takes one, not too small and not too large, and then the rest', async () => {
    const bill = world.nextBill('PHED');
    const whole = await kiosk.toQuote(screen, bill);
    for (const [amount, code] of [
      ['99.99', 'part-too-small'],
      ['99999', 'more-than-bill'],
      ['some', 'amount-unreadable'],
    ] as const) {
      screen.send({ do: 'pay-part', amount });
      assertTold((await screen.until('quote', ({ problem }) => problem?.code === code)).problem, code, 'none-taken');
    }
    screen.send({ do: 'pay-part', amount: '150.50' });
    const part = await screen.until('quote', ({ quote }) => quote.totalPaise === 15_050n);
    assert.notEqual(part.quote.transaction, whole.quote.transaction, 'an id stands for one amount');
    screen.send({ do: 'agree' });
    await screen.until('tender');
    screen.send({ do: 'take-cash', received: '' });
    await screen.until('handover', ({ sale }) => sale.totalPaise === 15_050n);
    await kiosk.next(screen);
    assert.deepEqual(await change(), paid('PHED', 15_050n));
    const rest = await kiosk.toQuote(screen, bill);
    assert.equal(rest.quote.totalPaise, subtractPaise(bill.amountPaise, paise(15_050n)));
    screen.send({ do: 'back' });
    assertTold((await screen.until('menu')).problem, 'abandoned', 'none-taken');
  });

  it('after the due date the late amount is asked, and exactly that goes to the department', async () => {
    const bill = world.nextBill('JVVNL', 'late');
    const { quote } = await kiosk.toTender(screen, bill);
    assert.deepEqual([quote.late, quote.totalPaise, quote.citizenFeePaise], [true, bill.lateAmountPaise, 0n]);
    screen.send({ do: 'take-cash', received: '' });
    await screen.until('handover');
    await kiosk.next(screen);
    assert.deepEqual(await change(), paid('JVVNL', bill.lateAmountPaise));
  });

  it('cash that is short is asked for again, and the change is right', async () => {
    const bill = world.nextBill('BSNL');
    await kiosk.toTender(screen, bill);
    screen.send({ do: 'take-cash', received: plainRupees(paise(bill.amountPaise - 1n)) });
    const short = await screen.until('tender', ({ problem }) => problem !== null);
    assertTold(short.problem, 'cash-short', 'citizens');
    assert.equal(short.problem?.values?.['missing'], formatRupees(paise(1n)));
    screen.send({ do: 'take-cash', received: '1e3' });
    assertTold((await screen.until('tender', ({ problem }) => problem?.code === 'amount-unreadable')).problem, 'amount-unreadable', 'none-taken');
    screen.send({ do: 'take-cash', received: '1000' });
    const done = await screen.until('handover');
    assert.equal(done.sale.changePaise, 100_000n - bill.amountPaise);
    await kiosk.next(screen);
    assert.deepEqual(await change(), paid('BSNL', bill.amountPaise));
  });

  it('very much change is asked about once: a PIN typed into the wrong field is not cash', async () => {
    const bill = world.nextBill('BSNL');
    await kiosk.toTender(screen, bill);
    for (const received of ['482915', '482951']) {
      screen.send({ do: 'take-cash', received });
      const asked = await screen.until('tender', ({ problem }) => problem?.values?.['received'] === formatRupees(paise(BigInt(received) * 100n)));
      assertTold(asked.problem, 'cash-much', 'citizens');
    }
    screen.send({ do: 'take-cash', received: '482951' });
    assert.equal((await screen.until('handover')).sale.changePaise, 48_295_100n - bill.amountPaise);
    await kiosk.next(screen);
    assert.deepEqual(await change(), paid('BSNL', bill.amountPaise));
  });
});

describe('a bill paid at this counter while the link was away', () => {
  it('is known from the ledger, and found again after a restart', () =>
    inWorld({}, async (world) => {
      const kiosk = world.kiosk();
      await kiosk.start();
      let screen = await kiosk.openCounter();
      await eventually('the master files are here', () => kiosk.hasMasters());
      const before = await auditSettled(world);
      const bill = world.nextBill('BSNL');
      await world.stopHub();
      await screen.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
      const sold = await kiosk.sell(screen, bill);
      await kiosk.next(screen);
      const again = async (): Promise<void> => {
        screen.send({ do: 'choose-service', code: '103' });
        await screen.until('capture', ({ problem }) => problem === null);
        screen.send({ do: 'give-consumer', consumer: bill.consumer });
        const body = await screen.until('capture', ({ problem }) => problem !== null);
        assertTold(body.problem, 'bill-paid-here', 'safe');
        assert.equal(body.problem?.values?.['receipt'], sold.sale.receipt);
      };
      await again();
      await kiosk.stop();
      await kiosk.start();
      screen = await kiosk.openCounter('any');
      await again();
      await world.startHub();
      await screen.when(({ header }) => header.link.state === 'online' && header.unsent.count === 0, 'the link');
      assert.deepEqual(moved(before, await auditSettled(world)), received('BSNL', bill.amountPaise));
      assert.equal((await world.remit()).posted, 1);
      await kiosk.stop();
      await kiosk.start();
      assert.deepEqual(moved(before, await auditSettled(world)), paid('BSNL', bill.amountPaise));
    }));
});

describe('the scanner', () => {
  let world: World;
  let kiosk: TestKiosk;
  let screen: CounterClient;
  before(async () => {
    world = await World.open();
    kiosk = world.kiosk();
    await kiosk.start();
    screen = await kiosk.openCounter();
  });
  after(() => world.close());

  it('unreadable scan: garbled, and cut short in the middle', async () => {
    for (const order of ['garble', 'cut'] as const) {
      await kiosk.scanner.order({ do: order, text: 'JVVNL|210100000100|J26100000' });
      assertTold((await screen.until('menu', ({ problem }) => problem !== null)).problem, 'scan-unreadable', 'none-taken');
      screen.send({ do: 'back' });
      await screen.until('menu', ({ problem }) => problem === null);
    }
    assert.equal((await auditSettled(world))['sales'], 0n);
  });

  it('a code that no service knows', async () => {
    // The first may still pass for the rest of what was cut before; of two that are told, the second is a repetition.
    await kiosk.scanner.order({ do: 'scan', text: 'https://example.in/pay?upi=1', times: 2 });
    assertTold((await screen.until('menu', ({ problem }) => problem !== null)).problem, 'scan-unknown', 'none-taken');
  });

  it('a scan at the wrong moment changes nothing of what is open', async () => {
    const bill = world.nextBill('JVVNL');
    const other = world.nextBill('JVVNL');
    const before = await auditSettled(world);
    await kiosk.scanner.order({ do: 'scan', text: `JVVNL|${bill.consumer}|${bill.number}` });
    const quote = await screen.until('quote');
    await kiosk.scanner.order({ do: 'scan', text: `JVVNL|${other.consumer}|${other.number}` });
    const still = await screen.until('quote', ({ problem }) => problem !== null);
    assertTold(still.problem, 'scan-not-now', 'none-taken');
    assert.equal(still.quote.transaction, quote.quote.transaction);
    screen.send({ do: 'agree' });
    await screen.until('tender', ({ problem }) => problem === null);
    screen.send({ do: 'take-cash', received: '' });
    await screen.until('handover', ({ sale }) => sale.transaction === quote.quote.transaction);
    await kiosk.next(screen);
    assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
  });
});
