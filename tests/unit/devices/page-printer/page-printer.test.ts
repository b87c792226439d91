import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pagePrinterBench } from '../../../../firmware-agent/devices/page-printer/bench.js';
import { PAGE_PRINTER_DELAYS, type PagePrinterDelays } from '../../../../firmware-agent/devices/page-printer/delays.js';
import { startPagePrinter } from '../../../../firmware-agent/devices/page-printer/handle.js';
import type { PageOutcome, PagePrinterHandle } from '../../../../firmware-agent/devices/page-printer/port.js';
import type { PagePrinterOrder } from '../../../../firmware-agent/devices/page-printer/simulator/orders.js';
import { startPagePrinterSimulator, type PagePrinterSimulator } from '../../../../firmware-agent/devices/page-printer/simulator/simulator.js';
import { testPage } from '../../../../firmware-agent/devices/page-printer/test-page.js';
import { HAS_OPENSSL, tlsBefore } from '../../../support/tls-wall.js';
import { eventually } from '../../../support/world-value.js';
import { tempFolder, until } from '../world.js';

const QUICK: PagePrinterDelays = { ...PAGE_PRINTER_DELAYS, pollMs: 20, backoffFirstMs: 10, backoffLongestMs: 40, jobPollMs: 20, rememberMs: 150 };

type World = {
  readonly sim: PagePrinterSimulator;
  readonly printer: PagePrinterHandle;
  readonly sheets: () => readonly Buffer[];
  readonly jobs: () => Promise<readonly string[]>;
};

async function on(delays: Partial<PagePrinterDelays>, work: (world: World) => Promise<void>): Promise<void> {
  const folder = tempFolder();
  const sim = await startPagePrinterSimulator({ host: '127.0.0.1', port: 0, folder: folder.path, pageMs: 20 });
  const printer = startPagePrinter(sim.url, { delays: { ...QUICK, ...delays } });
  const sheets = (): readonly Buffer[] => readdirSync(folder.path).map((name) => readFileSync(join(folder.path, name)));
  const jobs = async (): Promise<readonly string[]> => {
    const answer = await sim.order({ do: 'state' });
    assert.ok(answer.ok);
    return (answer.state as { jobs: readonly { state: string }[] }).jobs.map(({ state }) => state);
  };
  try {
    await until(printer, ({ state }) => state === 'ready');
    await work({ sim, printer, sheets, jobs });
  } finally {
    await printer.close();
    await sim.close();
    folder.remove();
  }
}

const PDF = Buffer.from('%PDF-1.4 a certificate');
const print = (printer: PagePrinterHandle, signal?: AbortSignal): Promise<PageOutcome> =>
  printer.print({ pdf: PDF, title: 'प्रमाण-पत्र', copies: 1 }, signal);
const told = (done: PageOutcome): string => (done.outcome === 'printed' ? 'printed' : `${done.outcome} ${done.cause}`);

describe('page printer over the virtual printer', function () {
  this.timeout(20_000);

  it('prints the very bytes, as many copies as wished', () =>
    on({}, async ({ sim, printer, sheets }) => {
      assert.equal(told(await printer.print({ pdf: PDF, title: 'x'.repeat(500), copies: 3 })), 'printed');
      assert.deepEqual(sheets(), [PDF]);
      assert.match(JSON.stringify(await sim.order({ do: 'state' })), /"copies":3,"state":"completed","sheets":3/u);
    }));

  for (const [order, state, code] of [
    ['media-empty', 'trouble', 'page-printer-paper'],
    ['jam', 'trouble', 'page-printer-jam'],
    ['cover', 'trouble', 'page-printer-cover'],
    ['toner-out', 'trouble', 'page-printer-toner-out'],
    ['unplug', 'absent', 'page-printer-absent'],
    ['garbage', 'absent', 'page-printer-absent'],
  ] as const)
    it(`${order}: says so, starts nothing, and is ready after normal`, () =>
      on({}, async ({ sim, printer, jobs }) => {
        await sim.order({ do: order });
        const report = await until(printer, ({ problem }) => problem?.code === code);
        assert.equal(report.state, state);
        assert.equal(told(await print(printer)), `not-started ${code}`);
        assert.deepEqual(await jobs(), []);
        await sim.order({ do: 'normal' });
        await until(printer, (now) => now.state === 'ready');
        assert.equal(told(await print(printer)), 'printed');
      }));

  for (const [order, outcome, count] of [
    [{ do: 'toner-low' }, 'printed', 1],
    [{ do: 'refuse' }, 'not-started page-printer-error', 0],
    [{ do: 'abort' }, 'unknown page-printer-error', 1],
    [{ do: 'forget' }, 'unknown not-told', 1],
    [{ do: 'drop', when: 'sending' }, 'unknown page-printer-absent', 0],
    [{ do: 'drop', when: 'answering' }, 'printed', 1],
    [{ do: 'slow', delayMs: 30 }, 'printed', 1],
  ] as const satisfies readonly (readonly [PagePrinterOrder, string, number])[])
    it(`${JSON.stringify(order)}: ${outcome}, and never a second job`, () =>
      on({}, async ({ sim, printer, jobs }) => {
        await sim.order(order);
        assert.equal(told(await print(printer)), outcome);
        assert.equal((await jobs()).length, count);
      }));

  it('looks a job up by its name when the answer was lost, and when the printer is away for a while after it', () =>
    on({}, async ({ sim, printer, jobs, sheets }) => {
      for (const name of ['one', 'two']) {
        await sim.order({ do: 'drop', when: 'answering' });
        assert.equal(told(await printer.print({ pdf: PDF, title: name, copies: 1 })), 'printed');
        await sim.order({ do: 'normal' });
      }
      await sim.order({ do: 'slow', delayMs: 100 });
      const done = print(printer);
      await eventually('the job is there', async () => (await jobs()).length === 3);
      await sim.order({ do: 'unplug' });
      await until(printer, ({ state }) => state === 'ready' || state === 'absent');
      await sim.order({ do: 'normal' });
      assert.equal(told(await done), 'printed');
      assert.equal(sheets().length, 3);
    }));

  it('does not look longer than it follows a dead printer', () =>
    on({ deadMs: 100 }, async ({ sim, printer, jobs }) => {
      await sim.order({ do: 'slow', delayMs: 100 });
      const done = print(printer);
      await eventually('the job is there', async () => (await jobs()).length === 1);
      await sim.order({ do: 'unplug' });
      assert.equal(told(await done), 'unknown page-printer-absent');
    }));

  for (const [order, limits, cause] of [
    [{ do: 'stuck' }, { stuckMs: 100 }, 'page-printer-stuck'],
    [{ do: 'dead' }, { deadMs: 100 }, 'page-printer-absent'],
  ] as const)
    it(`${order.do}: gives the job up in time, cancels it, and says so for a while`, () =>
      on(limits, async ({ sim, printer, jobs, sheets }) => {
        await sim.order(order);
        assert.equal(told(await print(printer)), `unknown ${cause}`);
        assert.deepEqual(await jobs(), ['canceled']);
        await until(printer, ({ problem }) => problem?.code === cause);
        await sim.order({ do: 'normal' });
        await until(printer, ({ state }) => state === 'ready');
        assert.equal(told(await print(printer)), 'printed');
        assert.equal(sheets().length, 1);
      }));

  it('out of paper in the middle it waits, says so, and goes on when it is filled', () =>
    on({}, async ({ sim, printer, jobs, sheets }) => {
      await sim.order({ do: 'stuck' });
      const done = print(printer);
      await eventually('the job prints', async () => (await jobs())[0] === 'processing');
      await sim.order({ do: 'media-empty' });
      await until(printer, ({ problem }) => problem?.code === 'page-printer-paper');
      await sim.order({ do: 'normal' });
      assert.equal(told(await done), 'printed');
      assert.equal(sheets().length, 1);
    }));

  it('nobody fills it: the job is cancelled', () =>
    on({ mendMs: 80 }, async ({ sim, printer, jobs }) => {
      await sim.order({ do: 'stuck' });
      const done = print(printer);
      await eventually('the job prints', async () => (await jobs())[0] === 'processing');
      await sim.order({ do: 'media-empty' });
      assert.equal(told(await done), 'unknown page-printer-paper');
      assert.deepEqual(await jobs(), ['canceled']);
    }));

  it('a job whose printer is not reached any more is cancelled before the next one', () =>
    on({ deadMs: 80 }, async ({ sim, printer, jobs, sheets }) => {
      await sim.order({ do: 'stuck' });
      await sim.order({ do: 'drop', when: 'printing' });
      assert.equal(told(await print(printer)), 'unknown page-printer-absent');
      assert.deepEqual(await jobs(), ['processing']);
      await sim.order({ do: 'drop', when: 'sending' });
      await until(printer, ({ state }) => state !== 'absent');
      assert.equal(told(await print(printer)), 'unknown page-printer-absent');
      assert.deepEqual(await jobs(), ['canceled']);
      assert.deepEqual(sheets(), []);
    }));

  it('is ended by hand, before and while it prints', () =>
    on({}, async ({ sim, printer, jobs }) => {
      assert.equal(told(await print(printer, AbortSignal.abort())), 'not-started cancelled');
      await sim.order({ do: 'stuck' });
      const ending = new AbortController();
      const done = print(printer, ending.signal);
      await eventually('the job prints', async () => (await jobs())[0] === 'processing');
      ending.abort();
      assert.equal(told(await done), 'unknown cancelled');
      assert.deepEqual(await jobs(), ['canceled']);
    }));

  it('is late without an answer, and closes in the middle of a job', () =>
    on({ answerMs: 60, deadMs: 100 }, async ({ sim, printer }) => {
      await sim.order({ do: 'slow', delayMs: 60_000 });
      await until(printer, ({ state }) => state === 'absent');
      await sim.order({ do: 'normal' });
      await until(printer, ({ state }) => state === 'ready');
      await sim.order({ do: 'stuck' });
      const done = print(printer);
      await eventually('the job is there', async () => JSON.stringify(await sim.order({ do: 'state' })).includes('processing'));
      await printer.close();
      assert.equal(told(await done), 'unknown page-printer-absent');
      assert.equal(told(await print(printer)), 'not-started page-printer-absent');
    }));

  it('refuses what is no PDF, and copies that are no number of copies', () =>
    on({}, async ({ printer, jobs }) => {
      assert.equal(told(await printer.print({ pdf: Buffer.from('hello'), title: 'x', copies: 1 })), 'not-started page-printer-error');
      for (const copies of [0, 1.5, 100, Number.NaN])
        assert.equal(told(await printer.print({ pdf: PDF, title: 'x', copies })), 'not-started page-printer-error');
      assert.deepEqual(await jobs(), []);
    }));

  it('prints the sheet of the bench in one page, and fails it out of paper', () =>
    on({}, async ({ sim, printer, sheets }) => {
      const check = pagePrinterBench(printer).find((one) => one.check === 'print-test-page');
      const prompts: string[] = [];
      const result = await check?.run((prompt) => prompts.push(prompt), new AbortController().signal);
      assert.deepEqual([result?.outcome, prompts], ['pass', ['look-at-paper']]);
      assert.match(sheets()[0]?.toString('latin1') ?? '', /^%PDF-.*\/Count 1\b/su);
      await sim.order({ do: 'media-empty' });
      const failed = await check?.run(() => undefined, new AbortController().signal);
      assert.deepEqual([failed?.outcome, failed?.problem?.code], ['fail', 'page-printer-paper']);
    }));

  if (!HAS_OPENSSL) it.skip('over TLS: needs openssl, which is not installed here');
  else
    it('over TLS takes the one pinned certificate, and no other; unpinned only one that the machine trusts', () =>
      on({}, async ({ sim, sheets }) => {
        const wall = await tlsBefore(sim.port);
        const url = `ipps://127.0.0.1:${wall.port}/ipp/print`;
        const good = startPagePrinter(url, { pin: wall.certificateSha256, delays: QUICK });
        await until(good, ({ state }) => state === 'ready');
        assert.equal(told(await print(good)), 'printed');
        await good.close();
        for (const pin of ['ab'.repeat(32), undefined]) {
          const heard: string[] = [];
          const log = (event: object): void => void heard.push(JSON.stringify(event));
          const bad = startPagePrinter(url, { pin, delays: QUICK, log });
          await eventually('why is in the log', () => heard.some((line) => /certificate/u.test(line)));
          assert.equal(told(await print(bad)), 'not-started page-printer-absent');
          await bad.close();
        }
        assert.deepEqual(sheets(), [PDF]);
        await wall.end();
      }));

  it('makes a test page that is a whole PDF', async () => {
    const page = Buffer.from(await testPage()).toString('latin1');
    assert.ok(page.startsWith('%PDF-') && page.trimEnd().endsWith('%%EOF'));
  });
});
