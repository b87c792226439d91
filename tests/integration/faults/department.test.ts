import assert from 'node:assert/strict';
import type { Bill } from '#protocol/bill/bill.js';
import { formatRupees } from '#protocol/money/paise.js';
import type { Body, CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid, received, type Figures } from '../../support/world-audit.js';
import type { TestDepartment } from '../../support/world-departments.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { isDuplicate, papersOf } from '../../support/world-paper.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { assertTold } from '../../support/world-texts.js';
import { eventually } from '../../support/world-value.js';
import { inWorld, type World, type WorldOptions } from '../../support/world.js';

type Counter = {
  readonly world: World;
  readonly kiosk: TestKiosk;
  readonly screen: CounterClient;
  readonly before: Figures;
  readonly bill: Bill;
  readonly department: TestDepartment;
};

function atCounter(act: (counter: Counter) => Promise<void>, options: WorldOptions = {}): Promise<void> {
  return inWorld(options, async (world) => {
    const kiosk = world.kiosk();
    await kiosk.start();
    const screen = await kiosk.openCounter();
    if (options.profileModes === undefined) await eventually('the master files are here', () => kiosk.hasMasters());
    const department = world.department('JVVNL');
    await act({ world, kiosk, screen, department, before: await auditSettled(world), bill: world.nextBill('JVVNL') });
  });
}

const change = async ({ world, before }: Counter): Promise<Figures> => moved(before, await auditSettled(world));

async function knows(kiosk: TestKiosk, kind: 'confirmed' | 'refused'): Promise<void> {
  await eventually(`the counter was told: ${kind}`, () => kiosk.entries().some(({ body }) => body.kind === kind));
}

async function pay({ kiosk, screen, bill }: Counter): Promise<void> {
  await kiosk.toTender(screen, bill);
  screen.send({ do: 'take-cash', received: '' });
}

/** The sale ends well although the department did not answer as it should. */
async function paidAllTheSame(counter: Counter): Promise<Body<'handover'>> {
  await pay(counter);
  const done = await counter.screen.until('handover');
  await counter.world.posted(done.sale.transaction, 'posted');
  await knows(counter.kiosk, 'confirmed');
  assert.deepEqual(await change(counter), paid('JVVNL', counter.bill.amountPaise));
  return done;
}

describe('faults of a department', () => {
  sideBySide({
    'the department does not answer as it should': {
      'it goes down between the quote and the payment: asked until it is back, and booked once': () =>
        atCounter(async (counter) => {
          const { department, kiosk, screen, world } = counter;
          await kiosk.toTender(screen, counter.bill);
          await department.stop();
          screen.send({ do: 'take-cash', received: '' });
          const done = await screen.until('handover');
          assertTold(done.problem, 'department-unknown', 'safe');
          await department.start();
          await world.posted(done.sale.transaction, 'posted');
          await knows(kiosk, 'confirmed');
          assert.deepEqual(await change(counter), paid('JVVNL', counter.bill.amountPaise));
        }),

      'it cuts the line, then answers with nonsense, then for another request: booked once': () =>
        atCounter(async (counter) => {
          counter.department.server.order({ do: 'drop' });
          counter.department.server.order({ do: 'garbage' });
          await paidAllTheSame(counter);
        }),

      'it refuses after the receipt was given: the citizen is owed the money by the society': () =>
        atCounter(async (counter) => {
          const { department, screen, kiosk, world, bill } = counter;
          department.server.order({ do: 'stall-unbooked' });
          await pay(counter);
          const { sale } = await screen.until('handover');
          await department.payAtWindow(bill);
          department.server.order({ do: 'release' });
          await knows(kiosk, 'refused');
          await world.posted(sale.transaction, 'refund-due');
          assertTold((await screen.until('handover', ({ problem }) => problem?.code === 'refused-late')).problem, 'refused-late', 'safe');
          const { amountPaise } = bill;
          assert.deepEqual(await change(counter), { sales: 1n, funds: -amountPaise, cash: amountPaise, refunds: amountPaise });
          await kiosk.next(screen);
          screen.send({ do: 'show-receipts' });
          assert.equal((await screen.until('receipts')).rows[0]?.state, 'refused');
          assert.ok(!(await papersOf(kiosk)).some(isDuplicate));
        }),

      'it stalls: the receipt says received, and the second fact follows': () =>
        atCounter(async (counter) => {
          const { department, screen, kiosk } = counter;
          department.server.order({ do: 'stall' });
          await pay(counter);
          const waiting = await screen.until('working', ({ waitsFor }) => waitsFor === 'department');
          assert.equal(waiting.sale.steps[0]?.state, 'done', 'what is certain is shown while it waits');
          const done = await screen.until('handover');
          assertTold(done.problem, 'department-unknown', 'safe');
          assert.equal(done.sale.steps[1]?.state, 'later');
          department.server.order({ do: 'release' });
          await knows(kiosk, 'confirmed');
          await screen.until('handover', ({ sale }) => sale.steps[1]?.state === 'done');
          assert.deepEqual(await change(counter), paid('JVVNL', counter.bill.amountPaise));
          const shown = kiosk.entries().flatMap(({ body }) => (body.kind === 'print-started' ? [body.shows] : []));
          assert.deepEqual(shown, ['received']);
        }),

      'it refuses while the printer is out of paper: the cash goes back, and no receipt is ever printed': () =>
        atCounter(async (counter) => {
          const { kiosk, screen, department, bill } = counter;
          department.server.order({ do: 'stall-unbooked' });
          await pay(counter);
          await department.server.holding(1);
          await kiosk.printer.order({ do: 'paper-out' });
          await screen.until('print-trouble');
          const { transaction } = (await screen.until('print-trouble')).sale;
          await department.payAtWindow(bill);
          department.server.order({ do: 'release' });
          await knows(kiosk, 'refused');
          await kiosk.printer.order({ do: 'refill' });
          const body = await screen.until('refused');
          assert.equal(body.sale.transaction, transaction);
          screen.send({ do: 'confirm' });
          await screen.until('menu', ({ problem }) => problem?.code === 'refund-done');
          assert.deepEqual(await change(counter), { sales: 1n });
          assert.deepEqual(
            kiosk.entries().flatMap(({ body: b }) => (b.kind === 'print-started' ? [b.marked] : [])),
            ['slip'],
          );
        }),

      'it answers twice: the second answer is nobody’s': () =>
        atCounter(async (counter) => {
          counter.department.server.order({ do: 'answer-twice' });
          await paidAllTheSame(counter);
          const next = { ...counter, bill: counter.world.nextBill('JVVNL') };
          await counter.kiosk.next(counter.screen);
          await counter.kiosk.sell(counter.screen, next.bill);
          assert.deepEqual(await change(next), { ...paid('JVVNL', counter.bill.amountPaise + next.bill.amountPaise), sales: 2n });
        }),

      'it loses its answer: looked up under the same number, and booked once [INV-19]': () =>
        atCounter(async (counter) => {
          counter.department.server.order({ do: 'lose-answer' });
          await paidAllTheSame(counter);
          assert.equal(counter.department.server.ledger()[0]?.asked, 1);
        }),

      'it fails with status 500: asked again, and booked once': () =>
        atCounter(async (counter) => {
          counter.department.server.order({ do: 'fail' });
          await paidAllTheSame(counter);
        }),

      'it is down at the fetch: the kept list serves, and the batch posts it when it is back': () =>
        atCounter(async (counter) => {
          const { department, kiosk, screen, world, bill } = counter;
          await department.stop();
          const { quote } = await kiosk.toTender(screen, bill);
          assert.equal(quote.mode, 'semi-offline-delayed');
          screen.send({ do: 'take-cash', received: '' });
          await screen.until('handover');
          await kiosk.settled();
          assert.deepEqual(await world.remit().then(({ posted, left }) => ({ posted, left })), { posted: 0, left: 1 });
          await department.start();
          assert.deepEqual(await change(counter), received('JVVNL', bill.amountPaise));
          assert.equal((await world.remit()).posted, 1);
          await knows(kiosk, 'confirmed');
          assert.deepEqual(await change(counter), paid('JVVNL', bill.amountPaise));
        }),

      'it is down at the fetch, and nothing but online is allowed: no money is taken': () =>
        atCounter(
          async (counter) => {
            const { department, screen, bill } = counter;
            await department.stop();
            screen.send({ do: 'choose-service', code: '101' });
            await screen.until('capture');
            screen.send({ do: 'give-consumer', consumer: bill.consumer });
            assertTold((await screen.until('capture', ({ problem }) => problem !== null)).problem, 'department-down', 'citizens');
            await department.start();
            assert.deepEqual(await change(counter), {});
          },
          { profileModes: ['online'] },
        ),

      'it stalls at the fetch: the kept list serves': () =>
        atCounter(async ({ department, kiosk, screen, bill }) => {
          department.server.order({ do: 'stall', on: 'bills' });
          const { quote } = await kiosk.toQuote(screen, bill);
          assert.equal(quote.mode, 'semi-offline-delayed');
          assert.equal(quote.totalPaise, bill.amountPaise);
          department.server.order({ do: 'release' });
        }),

      'a payment of the batch is refused: owed back to the citizen at once, and said at the counter': () =>
        atCounter(async (counter) => {
          const { department, kiosk, screen, world, bill } = counter;
          await department.stop();
          await kiosk.sell(screen, bill);
          await department.start();
          await kiosk.settled();
          department.server.order({ do: 'refuse', reason: 'account closed' });
          assert.deepEqual(await world.remit().then(({ posted, refundDue }) => ({ posted, refundDue })), { posted: 0, refundDue: 1 });
          await knows(kiosk, 'refused');
          const { amountPaise } = bill;
          assert.deepEqual(await change(counter), { sales: 1n, funds: -amountPaise, cash: amountPaise, refunds: amountPaise });
        }),
    },
    'the department refuses': {
      'the cash goes back over the counter, the sale is undone, and the bill can be paid again': () =>
        atCounter(async (counter) => {
          const { kiosk, screen, department, bill } = counter;
          department.server.order({ do: 'refuse', reason: 'supply disconnected' });
          await pay(counter);
          const body = await screen.until('refused');
          assert.equal(body.reason, 'supply disconnected');
          assert.equal(body.sale.totalPaise, bill.amountPaise);
          assertTold(
            { code: 'department-refused', values: { reason: body.reason, amount: formatRupees(bill.amountPaise) } },
            'department-refused',
            'citizens',
          );
          screen.send({ do: 'confirm' });
          assertTold((await screen.until('menu')).problem, 'refund-done', 'gone-back');
          assert.deepEqual(await change(counter), { sales: 1n });
          const last = kiosk.entries().flatMap(({ body: b }) => (b.kind === 'print-started' ? [b.marked] : []));
          assert.deepEqual(last, ['slip']);
          await kiosk.sell(screen, bill);
          assert.deepEqual(await change(counter), { ...paid('JVVNL', bill.amountPaise), sales: 2n });
        }),

      'the counter stops before the cash is marked as given back: the next log-in asks for it first': () =>
        atCounter(async (counter) => {
          const { kiosk, screen, department, bill } = counter;
          department.server.order({ do: 'refuse', reason: 'supply disconnected' });
          await pay(counter);
          await screen.until('refused');
          await kiosk.stop();
          await kiosk.start();
          const later = await kiosk.screen();
          await later.when(({ header }) => header.link.state === 'online' && header.devices.every((d) => d.state === 'ready'), 'link and devices');
          await kiosk.logIn(later);
          assertTold((await later.until('refused')).problem, 'not-given-back', 'citizens');
          later.send({ do: 'confirm' });
          await later.until('menu');
          assert.deepEqual(await change(counter), { sales: 1n });
          await kiosk.sell(later, bill);
        }),
    },
  });
});
