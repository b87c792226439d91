import assert from 'node:assert/strict';
import { openSqlite, type Sqlite } from '#platform/sqlite/open.js';
import type { EntryKind } from '#protocol/ledger/entry.js';
import { moveKiosk } from '../../../hub-server/kiosks/enrolment/decide.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid, type Figures } from '../../support/world-audit.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { isBlank, isDuplicate, papersOf } from '../../support/world-paper.js';
import { assertTold } from '../../support/world-texts.js';
import { eventually, valueOf } from '../../support/world-value.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { inWorld, type World } from '../../support/world.js';

/** The agent's own disk, in the hands of a test: SQLite itself says that it is full, at the write that is named. */
class Disk {
  #db: Sqlite | undefined;

  readonly open = (path: string): Sqlite => {
    this.#db = openSqlite(path);
    return this.#db;
  };

  get #own(): Sqlite {
    assert.ok(this.#db !== undefined);
    return this.#db;
  }

  /** No room from the next entry of this kind on; entries of other kinds still find a place. */
  fullAt(kind: EntryKind): void {
    this.#close();
    this.#own.exec(`CREATE TEMP TRIGGER full_at_entry BEFORE INSERT ON main.entry WHEN NEW.kind = '${kind}'
      BEGIN INSERT INTO bill_seen VALUES (hex(randomblob(16)), zeroblob(4000000)); END`);
  }

  /** No room for anything. */
  full(): void {
    this.#close();
    const tables = this.#own.prepare<[], { name: string }>("SELECT name FROM main.sqlite_schema WHERE type = 'table'").all();
    for (const { name } of tables)
      for (const what of ['INSERT', 'UPDATE'])
        this.#own.exec(`CREATE TEMP TRIGGER full_${name}_${what} BEFORE ${what} ON main.${name}
          BEGIN INSERT OR ABORT INTO bill_seen VALUES (hex(randomblob(16)), zeroblob(4000000)); END`);
  }

  room(): void {
    const triggers = this.#own.prepare<[], { name: string }>("SELECT name FROM temp.sqlite_schema WHERE type = 'trigger'").all();
    for (const { name } of triggers) this.#own.exec(`DROP TRIGGER temp.${name}`);
    this.#own.pragma('max_page_count = 1000000');
  }

  #close(): void {
    this.#own.pragma(`max_page_count = ${String(this.#own.pragma('page_count', { simple: true }))}`);
  }
}

type Counter = { readonly world: World; readonly kiosk: TestKiosk; readonly screen: CounterClient; readonly disk: Disk; readonly before: Figures };

function atCounter(act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld({}, async (world) => {
    const kiosk = world.kiosk();
    const disk = new Disk();
    await kiosk.start({ openLedger: disk.open });
    const screen = await kiosk.openCounter();
    await eventually('the master files are here', () => kiosk.hasMasters());
    await act({ world, kiosk, screen, disk, before: await auditSettled(world) });
  });
}

/** The prints that the chain knows of: how each was marked, and how it ended. */
function prints(kiosk: TestKiosk): readonly string[] {
  return kiosk.entries().flatMap(({ body }) => {
    if (body.kind === 'print-started') return [`${body.copy} ${body.marked}`];
    return body.kind === 'print-ended' ? [`${body.copy} ${body.outcome} by ${body.by}`] : [];
  });
}

describe('faults of the disk', () => {
  sideBySide({
    'the disk is full': {
      'after the receipt began: acknowledgement and outcome find no room, and the counter goes on': () =>
        atCounter(async ({ world, kiosk, screen, disk, before }) => {
          const bill = world.nextBill('JVVNL');
          const { server } = world.department('JVVNL');
          server.order({ do: 'stall' });
          await kiosk.toTender(screen, bill);
          screen.send({ do: 'take-cash', received: '' });
          await server.holding(1);
          disk.full();
          server.order({ do: 'release' });
          const body = await screen.until('print-trouble');
          assertTold(body.problem, 'disk-full-saved', 'safe');
          screen.send({ do: 'print-later' });
          await screen.until('handover');
          disk.room();
          await kiosk.next(screen);
          await kiosk.stop();
          await kiosk.start();
          await eventually('the second fact has come', () => kiosk.entries().some((entry) => entry.body.kind === 'confirmed'));
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'when the receipt is out: it is not called printed; what the eyes saw is, once there is room for it': () =>
        atCounter(async ({ world, kiosk, screen, disk, before }) => {
          const bill = world.nextBill('JVVNL');
          await kiosk.toTender(screen, bill);
          disk.fullAt('print-ended');
          screen.send({ do: 'take-cash', received: '' });
          const asked = await screen.until('print-trouble');
          assertTold(asked.problem, 'print-unknown', 'safe');
          assert.deepEqual([asked.ask, asked.because?.code, asked.sale.steps[2]?.state], ['did-it-print', 'disk-full', 'attention']);
          assert.equal((await papersOf(kiosk)).length, 1);
          disk.room();
          screen.send({ do: 'it-printed' });
          const done = await screen.until('handover');
          assert.deepEqual([done.problem, done.sale.steps[2]?.state], [null, 'done']);
          assert.deepEqual(prints(kiosk), ['1 original', '1 printed by operator']);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'when the receipt is out, and still when the operator says so: after a restart it is unknown, and a copy says DUPLICATE [INV-42]': () =>
        atCounter(async ({ world, kiosk, screen, disk, before }) => {
          const bill = world.nextBill('JVVNL');
          await kiosk.toTender(screen, bill);
          disk.fullAt('print-ended');
          screen.send({ do: 'take-cash', received: '' });
          await screen.until('print-trouble');
          screen.send({ do: 'it-printed' });
          screen.send({ do: 'print-later' });
          const left = await screen.until('handover');
          assertTold(left.problem, 'print-later', 'safe');
          assert.equal(left.sale.steps[2]?.state, 'later');
          disk.room();
          await kiosk.stop();
          await kiosk.start({ openLedger: disk.open });
          const later = await kiosk.screen();
          await kiosk.logIn(later);
          const asked = await later.until('print-trouble');
          assert.deepEqual([asked.problem.code, asked.problem.values?.['cause'], asked.ask], ['print-unknown', 'restart', 'did-it-print']);
          later.send({ do: 'print-now' });
          await later.until('handover', ({ sale }) => sale.steps[2]?.state === 'done');
          assert.deepEqual((await papersOf(kiosk)).filter((paper) => !isBlank(paper)).map(isDuplicate), [false, true]);
          assert.deepEqual(prints(kiosk), ['1 original', '1 unknown by restart', '2 duplicate', '2 printed by printer']);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'at the quote: no bill is shown, and no money is taken': () =>
        atCounter(async ({ world, kiosk, screen, disk, before }) => {
          const bill = world.nextBill('JVVNL');
          disk.fullAt('quoted');
          screen.send({ do: 'choose-service', code: '101' });
          await screen.until('capture');
          screen.send({ do: 'give-consumer', consumer: bill.consumer });
          assertTold((await screen.until('capture', ({ problem }) => problem !== null)).problem, 'disk-full', 'citizens');
          disk.room();
          screen.send({ do: 'back' });
          await screen.until('menu');
          await kiosk.sell(screen, bill);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'at the commit: nothing is saved, the hold goes back, and the bill can be paid when there is room [INV-41]': () =>
        atCounter(async ({ world, kiosk, screen, disk, before }) => {
          const bill = world.nextBill('JVVNL');
          await kiosk.toTender(screen, bill);
          disk.fullAt('sale');
          screen.send({ do: 'take-cash', received: '' });
          assertTold((await screen.until('menu')).problem, 'disk-full', 'citizens');
          assert.equal(screen.view.header.unsent.count, 0);
          disk.room();
          assert.deepEqual(moved(before, await auditSettled(world)), {});
          await kiosk.sell(screen, bill);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'for everything, when the cash is on the table: nothing is saved, and a restart ends what stayed open': () =>
        atCounter(async ({ world, kiosk, screen, disk, before }) => {
          const bill = world.nextBill('JVVNL');
          const { quote } = await kiosk.toTender(screen, bill);
          disk.full();
          screen.send({ do: 'take-cash', received: '' });
          assertTold((await screen.until('menu')).problem, 'disk-full', 'citizens');
          disk.room();
          await kiosk.stop();
          await kiosk.start({ openLedger: disk.open });
          const later = await kiosk.openCounter();
          const { problem } = await later.until('menu');
          assertTold(problem, 'restarted-in-sale', 'citizens');
          assert.equal(problem?.values?.['transaction'], quote.transaction);
          assert.deepEqual(moved(before, await auditSettled(world)), {});
          await kiosk.sell(later, bill);
        }),

      'at the print: the sale is safe and said to be so, and its first paper is the original': () =>
        atCounter(async ({ world, kiosk, screen, disk, before }) => {
          const bill = world.nextBill('JVVNL');
          await kiosk.toTender(screen, bill);
          disk.fullAt('print-started');
          screen.send({ do: 'take-cash', received: '' });
          const body = await screen.until('print-trouble');
          assertTold(body.problem, 'disk-full-saved', 'safe');
          assert.deepEqual(await papersOf(kiosk), []);
          disk.room();
          screen.send({ do: 'confirm' });
          await screen.until('handover');
          assert.deepEqual((await papersOf(kiosk)).map(isDuplicate), [false]);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'at the log-in and at the till: told, and nobody is locked out for it': () =>
        atCounter(async ({ screen, disk, kiosk }) => {
          screen.send({ do: 'log-out' });
          await screen.until('login');
          disk.full();
          await kiosk.logIn(screen);
          assertTold((await screen.until('login', ({ problem, checking }) => !checking && problem !== null)).problem, 'disk-full', 'citizens');
          disk.room();
          await kiosk.logIn(screen);
          await screen.until('menu');
        }),

      'when the hub says that the kiosk is suspended: that counts, although it can not be written down': () =>
        atCounter(async ({ world, kiosk, screen, disk, before }) => {
          disk.full();
          valueOf(moveKiosk(world.hub, 'suspend', { kiosk: kiosk.code, by: 'test', reason: 'inspection' }));
          kiosk.wire.cut();
          await screen.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
          kiosk.wire.mend(world.hubPort);
          await screen.when(({ header }) => header.link.state === 'online', 'the link');
          kiosk.wire.cut();
          await screen.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
          screen.send({ do: 'choose-service', code: '101' });
          await screen.until('capture');
          screen.send({ do: 'give-consumer', consumer: world.nextBill('JVVNL').consumer });
          assertTold((await screen.until('capture', ({ problem }) => problem !== null)).problem, 'kiosk-suspended', 'safe');
          disk.room();
          kiosk.wire.mend(world.hubPort);
          assert.deepEqual(moved(before, await auditSettled(world)), {});
        }),

      'when the counter starts: it says so, sells nothing, and opens when there is room': () =>
        atCounter(async ({ world, kiosk, before }) => {
          await kiosk.stop();
          const disk = new Disk();
          await kiosk.start({
            openLedger: (path) => {
              const db = disk.open(path);
              disk.full();
              return db;
            },
          });
          const screen = await kiosk.screen();
          assertTold((await screen.until('out-of-order')).problem, 'disk-full', 'citizens');
          await kiosk.stop();
          await kiosk.start();
          const bill = world.nextBill('JVVNL');
          await kiosk.sell(await kiosk.openCounter(), bill);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),
    },
  });
});
