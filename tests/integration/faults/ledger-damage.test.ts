import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifyExport } from '#protocol/ledger/export.js';
import { checkBooks } from '../../../hub-server/books/audit.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid, type Figures } from '../../support/world-audit.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { assertTold } from '../../support/world-texts.js';
import { eventually } from '../../support/world-value.js';
import { inWorld, type World } from '../../support/world.js';

const MAIN = fileURLToPath(new URL('../../../bin/main.js', import.meta.url));

type Counter = { readonly world: World; readonly kiosk: TestKiosk; readonly screen: CounterClient; readonly before: Figures };

function atCounter(act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld({}, async (world) => {
    const kiosk = world.kiosk();
    await kiosk.start();
    const screen = await kiosk.openCounter();
    await eventually('the master files are here', () => kiosk.hasMasters());
    await act({ world, kiosk, screen, before: await auditSettled(world) });
  });
}

const ledgerFile = (kiosk: TestKiosk): string => join(kiosk.folder, 'ledger.sqlite');

/** Turns one bit in the middle of an entry as it lies in the file of a stopped agent. */
function flipBit(kiosk: TestKiosk, seq: number): void {
  const bytes = kiosk.readLedger((ledger) => ledger.entryBytes(seq));
  assert.ok(bytes !== undefined);
  const file = readFileSync(ledgerFile(kiosk));
  const at = file.indexOf(bytes);
  assert.ok(at > 0, 'the entry lies in one piece');
  const place = at + Math.floor(bytes.length / 2);
  file.writeUInt8(file.readUInt8(place) ^ 0x10, place);
  writeFileSync(ledgerFile(kiosk), file);
}

function putBack(kiosk: TestKiosk, copy: string): void {
  for (const tail of ['-wal', '-shm']) rmSync(ledgerFile(kiosk) + tail, { force: true });
  copyFileSync(copy, ledgerFile(kiosk));
}

/** Nothing that an operator can press starts a sale from here. */
async function sellsNothing(world: World, kiosk: TestKiosk, screen: CounterClient): Promise<void> {
  const entries = kiosk.readLedger((ledger) => ledger.entriesAfter(0, 10_000).length);
  await kiosk.scanner.order({ do: 'scan', text: `JVVNL|${world.nextBill('JVVNL').consumer}|J26100000` }).catch(() => undefined);
  screen.send({ do: 'log-in', login: kiosk.login, pin: '482915' });
  screen.send({ do: 'choose-service', code: '101' });
  screen.send({ do: 'set-language', language: 'hi' });
  const view = await screen.when(({ header }) => header.language === 'hi', 'the other language');
  assert.equal(view.body.screen, 'out-of-order');
  assert.equal(
    kiosk.readLedger((ledger) => ledger.entriesAfter(0, 10_000).length),
    entries,
  );
}

/** The hub holds both signed entries of one place, and has told its people. */
async function keepsProof(world: World): Promise<void> {
  const proofs = world.hub.db.prepare('SELECT count(*) FROM fork').pluck();
  await eventually('the hub keeps the proof', () => proofs.get() === 1n);
  assert.ok(world.alarms().some((alarm) => /d35k1111: fork/u.test(alarm)));
}

describe('an entry was changed on disk', () => {
  it('out of order: no sales; the entry is named, what was sold can be read and exported, and the hub is told [INV-44]', () =>
    atCounter(async ({ world, kiosk, screen, before }) => {
      const bill = world.nextBill('JVVNL');
      const { sale } = await kiosk.sell(screen, bill);
      await kiosk.next(screen);
      assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
      const seq = kiosk.entries().find(({ body }) => body.kind === 'print-started')?.seq ?? 0;
      await kiosk.stop();
      flipBit(kiosk, seq);
      await kiosk.start();
      const later = await kiosk.screen();
      const body = await later.until('out-of-order');
      assertTold(body.problem, 'ledger-broken', 'safe');
      assert.equal(body.problem.values?.['entry'], String(seq));
      await eventually('the hub is told', () => world.alarms().some((alarm) => /ledger is broken/u.test(alarm)));
      await sellsNothing(world, kiosk, later);
      later.send({ do: 'show-receipts' });
      assert.deepEqual(
        (await later.until('receipts')).rows.map((row) => row.receipt),
        [sale.receipt],
      );
      const out = join(world.root, 'export.cborseq');
      const exported = spawnSync(process.execPath, [MAIN, 'agent', 'export', '--dir', kiosk.folder, '--out', out], { encoding: 'utf8' });
      assert.equal(exported.status, 1, exported.stderr);
      assert.match(exported.stderr + exported.stdout, new RegExp(`broken at entry ${seq}\\b`, 'u'));
      const verdict = verifyExport(world.hub.districtKey, readFileSync(out));
      assert.deepEqual(verdict.ok ? undefined : verdict.error.where, { entry: seq });
      assert.deepEqual(await checkBooks(world.books), []);
      assert.equal(world.posting(sale.transaction)?.state, 'posted');
    }));

  it('the kiosk’s papers were changed: out of order, in both languages', () =>
    inWorld({}, async (world) => {
      const kiosk = world.kiosk();
      const path = join(kiosk.folder, 'bundle.cbor');
      const bundle = readFileSync(path);
      bundle.writeUInt8(bundle.readUInt8(200) ^ 1, 200);
      writeFileSync(path, bundle);
      await kiosk.start();
      const screen = await kiosk.screen();
      assertTold((await screen.until('out-of-order')).problem, 'ledger-broken', 'safe');
      screen.send({ do: 'set-language', language: 'hi' });
      await screen.when(({ header }) => header.language === 'hi', 'the other language');
    }));
});

describe('an older copy of the ledger was put back', () => {
  it('found at the link: out of order, also after a restart without the link, and the hub says what is missing', () =>
    atCounter(async ({ world, kiosk, screen, before }) => {
      const copy = join(world.root, 'older.sqlite');
      await kiosk.stop();
      copyFileSync(ledgerFile(kiosk), copy);
      await kiosk.start();
      const bill = world.nextBill('JVVNL');
      const later = await kiosk.openCounter();
      const { sale } = await kiosk.sell(later, bill);
      await kiosk.next(later);
      assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
      await kiosk.stop();
      putBack(kiosk, copy);
      await kiosk.start();
      const found = await kiosk.screen();
      assertTold((await found.until('out-of-order')).problem, 'ledger-fork', 'nothing-deleted');
      await keepsProof(world);
      await sellsNothing(world, kiosk, found);
      await kiosk.stop();
      await world.stopHub();
      await kiosk.start();
      assertTold((await (await kiosk.screen()).until('out-of-order')).problem, 'ledger-fork', 'nothing-deleted');
      assert.equal(world.posting(sale.transaction)?.state, 'posted', 'the hub still has what the copy had lost');
      assert.ok(screen.closed);
    }));

  it('sold from without the link: the hub keeps the proof of both histories, and books only one [INV-32]', () =>
    atCounter(async ({ world, kiosk, before }) => {
      const copy = join(world.root, 'older.sqlite');
      await kiosk.stop();
      copyFileSync(ledgerFile(kiosk), copy);
      await kiosk.start();
      const [known, unknown] = [world.nextBill('JVVNL'), world.nextBill('BSNL')];
      const first = await kiosk.openCounter();
      const { sale } = await kiosk.sell(first, known);
      await kiosk.next(first);
      const figures = await auditSettled(world);
      await kiosk.stop();
      await world.stopHub();
      putBack(kiosk, copy);
      await kiosk.start();
      const second = await kiosk.openCounter('any');
      for (let n = 0; n < 3; n += 1) {
        await kiosk.sell(second, n === 0 ? unknown : world.nextBill('BSNL'));
        await kiosk.next(second);
      }
      await world.startHub();
      assertTold((await second.until('out-of-order')).problem, 'ledger-fork', 'nothing-deleted');
      await keepsProof(world);
      assert.deepEqual(await checkBooks(world.books), []);
      assert.deepEqual(moved(before, figures), paid('JVVNL', known.amountPaise));
      assert.equal(world.posting(sale.transaction)?.state, 'posted');
      assert.equal(world.hub.db.prepare('SELECT count(*) FROM posting').pluck().get(), 1n, 'the second history is not booked');
    }));
});
