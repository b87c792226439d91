import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { paise, plainRupees } from '#protocol/money/paise.js';
import type { Books } from '../../../hub-server/books/books.js';
import { hledgerJournal } from '../../../hub-server/books/hledger.js';
import { grantRelease, grantReserve, refundDue, sale, saleRefused, topup } from '../../../hub-server/books/journals.js';
import { departmentConfirm, departmentRemit, departmentReturn } from '../../../hub-server/books/remittance.js';
import { trialBalance, type TrialBalance } from '../../../hub-server/books/trial-balance.js';
import { BANK, OTHER, WALLET } from '../../unit/books/contract/world.js';
import {
  JAIPUR,
  JVVNL,
  KIOSK,
  PHED,
  draft,
  entryNumber,
  grantNumber,
  pending,
  posted,
  sqliteFactory,
  sure,
  transactionNumber,
} from '../../unit/books/fixtures.js';

const hasHledger = spawnSync('hledger', ['--version']).status === 0;

const on = (day: number) => ({ businessDate: `2026-11-${day.toString().padStart(2, '0')}`, at: 1_795_330_800_000 + day });

/** A month of a district in small: two departments, every journal kind, awkward references, days out of order, holds, sums near 64 bits. */
async function fill(books: Books): Promise<void> {
  const post = async (...drafts: Parameters<Books['postJournals']>[0]) => {
    for (const result of await books.postJournals(drafts)) assert.equal(result.result, 'created', 'detail' in result ? result.detail : '');
  };
  const reference = 'UTR 1, date:2020-01-01; [2021-02-03] "जयपुर"  two  spaces = @ 5 INR';
  await post(topup({ reference: 'UTR-1', kiosk: KIOSK, amountPaise: paise(10_000_000_000_000_001n), when: on(20) }));
  await post(grantReserve({ grant: grantNumber(1), number: 1, kiosk: KIOSK, addPaise: paise(500_000n), when: on(20) }));
  await post(grantReserve({ grant: grantNumber(1), number: 2, kiosk: KIOSK, addPaise: paise(1n), when: on(21) }));
  const sales = Array.from({ length: 2_500 }, (_, i) =>
    sale({
      entry: entryNumber(i),
      transaction: transactionNumber(i),
      kiosk: KIOSK,
      department: i % 3 === 0 ? PHED : JVVNL,
      grant: grantNumber(1),
      billPaise: paise(BigInt(1 + i * 7)),
      citizenFeePaise: paise(i % 5 === 0 ? 1_000n : 0n),
      departmentFeePaise: paise(i % 5 === 0 ? 0n : 395n),
      when: on(22 - (i % 3)),
    }),
  );
  await post(...sales);
  const original = await books.journal(sure(sales[4]).key);
  assert.ok(original !== undefined);
  await post(saleRefused({ original, transaction: transactionNumber(4), entry: entryNumber(90_004), when: on(23) }));
  const second = { entry: entryNumber(7), transaction: transactionNumber(7), department: JVVNL, moneyIsWith: 'society' as const };
  await post(refundDue({ ...second, billPaise: paise(50n), citizenFeePaise: paise(0n), departmentFeePaise: paise(395n), when: on(23) }));
  const item = (n: number) => ({ transaction: transactionNumber(n), amountPaise: paise(BigInt(1 + n * 7)) });
  await post(departmentRemit({ batch: 'B1', department: JVVNL, items: [item(1), item(2), item(5)], when: on(24) }));
  await post(departmentConfirm({ batch: 'B1', department: JVVNL, item: item(1), reference, when: on(25) }));
  await post(departmentReturn({ batch: 'B1', department: JVVNL, item: item(2), reference, when: on(25) }));
  await post(grantRelease({ grant: grantNumber(1), kiosk: KIOSK, limitPaise: paise(500_001n), cause: 'close', when: on(26) }));
  // In the comment of a posting, hledger would take these for the day of that posting.
  const odd = 'x date:2020-01-01 [2021-02-03]';
  await post(draft('odd:1', [{ ...posted(BANK, OTHER, 1n), item: odd }], { opens: [BANK, OTHER], ...on(27) }));
  await post(
    draft('hold:1', [pending(BANK, OTHER, 500n), posted(BANK, OTHER, 1n)], { opens: [BANK, OTHER] }),
    draft('hold:2', [pending(WALLET, OTHER, 5n)]),
  );
  await post(draft('take:1', [{ kind: 'post-pending', pendingId: 'hold:1/1', amountPaise: paise(123n) }]));
}

async function withExport(test: (file: string, tb: TrialBalance, books: Books) => Promise<void>): Promise<void> {
  const world = await sqliteFactory();
  const folder = await mkdtemp(join(tmpdir(), 'jharokha-hledger-'));
  try {
    const books = world.of(JAIPUR);
    await fill(books);
    const file = join(folder, 'books.journal');
    await pipeline(Readable.from(hledgerJournal(books)), createWriteStream(file));
    await test(file, await trialBalance(books), books);
  } finally {
    await world.end();
    await rm(folder, { recursive: true });
  }
}

function hledger(file: string, ...args: readonly string[]): string {
  const run = spawnSync('hledger', ['-f', file, ...args], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
}

/** `"account","12.00 INR"` → account and plain rupees. */
function csvBalances(text: string): readonly (readonly [string, string])[] {
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const match = /^"(?<account>[^"]+)","(?<sum>[^"]+)"$/u.exec(line);
      assert.ok(match?.groups !== undefined, line);
      return [match.groups['account'] ?? '', (match.groups['sum'] ?? '').replace(' INR', '')] as const;
    });
}

describe('hledger, another program that keeps books', function () {
  this.timeout(60_000);
  before(function () {
    if (hasHledger) return;
    process.stdout.write('SKIPPED: hledger is not installed, so the books were not checked by another program\n');
    this.skip();
  });

  it('agrees with the trial balance to the paisa, account by account', async () => {
    await withExport(async (file, tb) => {
      const ours = tb.rows.flatMap((row) => {
        const net = row.debitPaise - row.creditPaise;
        return net === 0n ? [] : [[row.code, plainRupees(paise(net))] as const];
      });
      const theirs = csvBalances(hledger(file, 'balance', '--flat', '--no-total', '-O', 'csv'));
      assert.ok(ours.length >= 9, 'the books are not trivial');
      assert.deepEqual(theirs, ours);
    });
  });

  it('finds every transaction balanced, every account and the commodity declared', async () => {
    await withExport(async (file) => {
      hledger(file, 'check');
      hledger(file, 'check', '--strict');
    });
  });

  it('reads every journal on its day, with its key, kind and references', async () => {
    await withExport(async (file, _tb, books) => {
      const { lastNumber } = await books.position();
      const stats = hledger(file, 'stats');
      assert.match(stats, new RegExp(`Transactions\\s*:\\s*${lastNumber} `, 'u'));
      const printed = hledger(file, 'print', 'tag:batch=B1', '-O', 'csv').trim().split('\n').slice(1);
      assert.deepEqual([...new Set(printed.map((row) => row.split(',').slice(1, 2).join()))].toSorted(), ['"2026-11-24"', '"2026-11-25"']);
      assert.equal(csvBalances(hledger(file, 'balance', '--flat', '--no-total', '-O', 'csv', '-e', '2026-11-20')).length, 0);
      const codes = hledger(file, 'codes').trim().split('\n');
      assert.ok(codes.includes('remit-outcome:B1:01JD0000000000000000000001'));
    });
  });

  it('notices an export in which one paisa was changed', async () => {
    await withExport(async (file, _tb) => {
      const text = await readFile(file, 'utf8');
      const at = text.indexOf(' 0.50 INR');
      assert.ok(at > 0);
      const run = spawnSync('hledger', ['-f', '-', 'check'], { input: `${text.slice(0, at)} 0.51 INR${text.slice(at + 9)}`, encoding: 'utf8' });
      assert.notEqual(run.status, 0);
    });
  });
});
