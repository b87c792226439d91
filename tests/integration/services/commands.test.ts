import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { CommandFailure } from '#platform/console/command.js';
import { departmentCode } from '#protocol/identity/identity.js';
import { connectDepartment } from '../../../hub-server/services/connector.js';
import { registerServices } from '../../../hub-server/services/commands.js';
import { NOON, PATIENT, TOKEN, dueOf, makeHub, newTransaction, openDepartment, sell, someBills, type TestHub } from './world.js';

type Run = { readonly out: string; readonly exit: number; readonly message: string };

describe('hub commands for departments', () => {
  let world: TestHub;
  let folder: string;

  beforeEach(() => {
    world = makeHub();
    folder = mkdtempSync(join(tmpdir(), 'services-commands-'));
  });
  afterEach(() => {
    world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs one command line in this process, with what it printed. */
  async function jharokha(...words: readonly string[]): Promise<Run> {
    const parent = new Command('hub').exitOverride();
    registerServices(parent, { open: () => world.reopen() });
    let out = '';
    const write = process.stdout.write;
    process.stdout.write = (text: string): boolean => {
      out += text;
      return true;
    };
    try {
      await parent.parseAsync([...words], { from: 'user' });
      return { out, exit: 0, message: '' };
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      return { out, exit: error.exitCode, message: error.message };
    } finally {
      process.stdout.write = write;
      world.reopen();
    }
  }

  const add = (url = 'http://127.0.0.1:7101/'): Promise<Run> =>
    jharokha('department', 'add', '--dir', 'x', '--code', 'JVVNL', '--en', 'Jaipur Vidyut', '--hi', 'जयपुर विद्युत', '--url', url, '--token', TOKEN);
  const bills = (...words: readonly string[]): Promise<Run> => jharokha('bills', ...words);
  const generate = (out: string): Promise<Run> =>
    bills('generate', '--department', 'JVVNL', '--service', '101', '--count', '30', '--seed', '7', '--on', '2026-11-22', '--out', out);
  const load = (file: string, ...more: readonly string[]): Promise<Run> =>
    bills('import', file, '--dir', 'x', '--department', 'JVVNL', '--service', '101', ...more);

  it('add and list departments, and never show a token', async () => {
    assert.match((await add()).out, /JVVNL added/u);
    assert.match((await add('http://127.0.0.1:7102')).out, /JVVNL changed/u);
    const { out } = await jharokha('department', 'list', '--dir', 'x', '--json');
    assert.deepEqual(JSON.parse(out), [{ code: 'JVVNL', name: { en: 'Jaipur Vidyut', hi: 'जयपुर विद्युत' }, baseUrl: 'http://127.0.0.1:7102' }]);
    assert.ok(!(await jharokha('department', 'list', '--dir', 'x')).out.includes(TOKEN));
    for (const url of ['ftp://x', 'http://user:pass@x', 'http://x/?a=1', 'nothing']) assert.equal((await add(url)).exit, 1, url);
  });

  it('generate, import and find: 0 when all is good, 2 when rows are refused, 1 when nothing was loaded', async () => {
    await add();
    const file = join(folder, 'bills.csv');
    assert.equal((await generate(file)).exit, 0);
    const good = await load(file, '--json');
    assert.equal(good.exit, 0);
    const report = JSON.parse(good.out) as { readonly loaded: number; readonly version: number };
    assert.deepEqual([report.loaded, report.version], [30, 1]);
    assert.match((await load(file)).out, /in force already/u);

    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/\r\n(\d{12}),/u, '\r\nx,'));
    const some = await load(file);
    assert.equal(some.exit, 2);
    assert.match(some.out, /^line 2: consumer /mu);
    assert.match(some.out, /29 bills loaded, 1 rows refused/u);

    writeFileSync(file, text.slice(0, 40));
    const none = await load(file);
    assert.deepEqual([none.exit, none.message.includes('nothing was loaded')], [1, true]);
    assert.equal((await load(join(folder, 'none.csv'))).exit, 1);

    const bill = someBills('JVVNL', '101', 30)[5] ?? assert.fail();
    const found = await bills('find', '--dir', 'x', '--service', '101', '--consumer', bill.consumer, '--json');
    const facts = JSON.parse(found.out) as Record<string, unknown>;
    assert.deepEqual(
      [facts['amountPaise'], facts['state'], facts['code']],
      [bill.amountPaise.toString(), 'open', `JVVNL|${bill.consumer}|${bill.number}`],
    );
    assert.equal((await bills('find', '--dir', 'x', '--service', '101', '--consumer', '1')).exit, 1);
  });

  it('remit, tell each receipt with its reference, and again tell nothing', async () => {
    const office = await openDepartment();
    try {
      await add(office.server.url);
      const hub = world.reopen();
      const sold = office.bills.slice(0, 3).map((bill) => sell(hub, { bill, mode: 'semi-offline-delayed' }));
      office.server.order({ do: 'partial', first: 2 });
      const first = await jharokha('remit', '--dir', 'x', '--department', 'JVVNL');
      assert.equal(first.exit, 2);
      assert.match(first.out, /2 posted .*, 0 to refund, 1 still due/u);
      const second = await jharokha('remit', '--dir', 'x');
      assert.equal(second.exit, 0);
      const told = first.out + second.out;
      for (const { receipt, sale } of sold) {
        const reference = office.server.ledger().find((p) => p.requestId === sale.transaction)?.word ?? assert.fail();
        assert.ok(
          told.split('\n').some((line) => line.includes(receipt) && line.includes(reference)),
          receipt,
        );
      }
      const third = await jharokha('remit', '--dir', 'x', '--json');
      assert.deepEqual(JSON.parse(third.out), { batches: [], posted: 0, postedPaise: '0', refundDue: 0, left: 0 });
    } finally {
      await office.server.close();
    }
  });

  describe('department-server, a process of its own', () => {
    const running: ChildProcess[] = [];
    afterEach(async () => {
      for (const child of running.splice(0)) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    });

    function launch(file: string, ...more: readonly string[]): ChildProcess {
      const command = new URL('../../../hub-server/services/department-command.js', import.meta.url).href;
      const script = `import { Command } from 'commander'; import { registerDepartmentServer } from ${JSON.stringify(command)};
        const parent = new Command(); registerDepartmentServer(parent);
        parent.parseAsync(process.argv.slice(1), { from: 'user' }).catch((error) => { console.error(error.message); process.exit(1); });`;
      const words = ['department-server', '--department', 'JVVNL', '--service', '101', '--bills', file, '--token', TOKEN, ...more];
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
      running.push(child);
      return child;
    }

    async function urlOf(child: ChildProcess): Promise<string> {
      assert.ok(child.stdout !== null);
      for await (const line of createInterface(child.stdout)) {
        const url = / listens on (\S+) with 30 bills$/u.exec(line)?.[1];
        if (url !== undefined) return url;
      }
      return assert.fail('the server did not come up');
    }

    it('keeps a confirmed payment over SIGKILL, and answers it again after the start', async () => {
      const file = join(folder, 'bills.csv');
      await generate(file);
      const state = ['--listen', '127.0.0.1:0', '--state', join(folder, 'state.sqlite')];
      const bill = someBills('JVVNL', '101', 30)[0] ?? assert.fail();
      const payment = {
        requestId: newTransaction(),
        service: bill.service,
        consumer: bill.consumer,
        billNumber: bill.number,
        amountPaise: dueOf(bill),
        paidAt: NOON,
        counter: 'd35k1111',
      };
      const answers: unknown[] = [];
      for (const _ of [1, 2]) {
        const child = launch(file, ...state);
        const connector = connectDepartment({ code: departmentCode.parse('JVVNL'), baseUrl: await urlOf(child), token: TOKEN }, PATIENT);
        answers.push(await connector.pay(payment, 'first'));
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      assert.deepEqual(answers, [
        { kind: 'confirmed', reference: 'JVVNL/00000001' },
        { kind: 'confirmed', reference: 'JVVNL/00000001' },
      ]);
    });

    it('ends by SIGTERM, and says why it does not start', async () => {
      const file = join(folder, 'bills.csv');
      await generate(file);
      const child = launch(file, '--listen', '127.0.0.1:0');
      const url = await urlOf(child);
      const [second, third] = [launch(file, '--listen', new URL(url).host), launch(join(folder, 'none.csv'), '--listen', '127.0.0.1:0')];
      const ends = [once(second, 'exit'), once(third, 'exit')];
      assert.deepEqual(
        (await Promise.all(ends)).map(([code]) => code as number),
        [1, 1],
      );
      child.kill('SIGTERM');
      assert.deepEqual((await once(child, 'exit'))[0], 0);
      assert.ok(existsSync(file));
    });
  });
});
