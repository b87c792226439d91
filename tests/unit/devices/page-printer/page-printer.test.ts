import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { pagePrinterBench } from '../../../../firmware-agent/devices/page-printer/bench.js';
import { placesOf } from '../../../../firmware-agent/devices/page-printer/client.js';
import { PAGE_PRINTER_DELAYS, type PagePrinterDelays } from '../../../../firmware-agent/devices/page-printer/delays.js';
import { pagePrinterConfig } from '../../../../firmware-agent/devices/page-printer/device.js';
import { startPagePrinter } from '../../../../firmware-agent/devices/page-printer/handle.js';
import { attribute, decode, encode, GROUP, LANGUAGE, TAG, type Attributes } from '../../../../firmware-agent/devices/page-printer/ipp.js';
import type { PageOutcome, PagePrinterHandle } from '../../../../firmware-agent/devices/page-printer/port.js';
import type { PagePrinterOrder } from '../../../../firmware-agent/devices/page-printer/simulator/orders.js';
import { startPagePrinterSimulator, type PagePrinterSimulator } from '../../../../firmware-agent/devices/page-printer/simulator/simulator.js';
import { readJob, reportOf } from '../../../../firmware-agent/devices/page-printer/status.js';
import { testPage } from '../../../../firmware-agent/devices/page-printer/test-page.js';
import { eventually } from '../../../support/world-value.js';
import { tempFolder, until } from '../world.js';

const QUICK: PagePrinterDelays = { ...PAGE_PRINTER_DELAYS, pollMs: 20, backoffFirstMs: 10, backoffLongestMs: 40, jobPollMs: 20, rememberMs: 150 };

describe('page printer: IPP', () => {
  const message = encode({
    version: { major: 2, minor: 0 },
    code: 0x0501,
    requestId: 7,
    groups: [
      { tag: GROUP.operation, attributes: LANGUAGE },
      {
        tag: GROUP.job,
        attributes: [attribute(TAG.integer, 'copies', -3), attribute(TAG.keyword, 'words', ['a', 'b']), attribute(TAG.noValue, 'none', '')],
      },
    ],
  });

  it('reads back what it wrote, with the document behind it', () => {
    const read = decode(Buffer.concat([message, Buffer.from('%PDF')]));
    assert.equal(read?.data.toString(), '%PDF');
    assert.deepEqual([read.code, read.requestId], [0x0501, 7]);
    assert.deepEqual(
      [...(read.groups[1]?.attributes ?? [])],
      [
        ['copies', { tag: TAG.integer, values: [-3] }],
        ['words', { tag: TAG.keyword, values: ['a', 'b'] }],
        ['none', { tag: TAG.noValue, values: [''] }],
      ],
    );
  });

  it('takes any bytes without an error or a hang', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decode(Buffer.from(bytes))),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.nat(message.length - 1), fc.nat(255), (at, byte) => {
        const turned = Buffer.from(message);
        turned[at] = byte;
        decode(turned);
        assert.equal(decode(message.subarray(0, at)), undefined, 'a message that was cut');
      }),
      { numRuns: 2_000 },
    );
  });

  const rows: readonly (readonly [string, string, string])[] = [
    ['ipp://10.0.0.7/ipp/print', 'ipp://10.0.0.7:631/ipp/print', 'http://10.0.0.7:631/ipp/print'],
    ['ipps://p.local/x', 'ipps://p.local:631/x', 'https://p.local:631/x'],
    ['http://127.0.0.1:8631/printers/a', 'ipp://127.0.0.1:8631/printers/a', 'http://127.0.0.1:8631/printers/a'],
    ['https://p.local/x', 'ipps://p.local:443/x', 'https://p.local:443/x'],
  ];
  for (const [given, uri, url] of rows)
    it(given, () => {
      const places = placesOf(given);
      assert.deepEqual([places.uri, places.url.href], [uri, new URL(url).href]);
      assert.ok(pagePrinterConfig.safeParse({ kind: 'page-printer', transport: 'ipp', url: given }).success);
    });

  it('wants an address of a printer', () => {
    for (const url of ['lpd://x/y', 'nonsense', '']) assert.ok(!pagePrinterConfig.safeParse({ kind: 'page-printer', transport: 'ipp', url }).success);
  });
});

describe('page printer: what it says of itself', () => {
  const printer = (state: number, ...reasons: readonly string[]): Attributes =>
    new Map([
      ['printer-state', { tag: TAG.enum, values: [state] }],
      ['printer-state-reasons', { tag: TAG.keyword, values: reasons }],
    ]);
  const rows: readonly (readonly [number, readonly string[], string])[] = [
    [3, ['none'], 'ready'],
    [3, ['media-low-warning', 'cups-missing-filter-warning'], 'ready'],
    [3, ['media-low'], 'ready'],
    [5, ['media-empty-error', 'cover-open'], 'trouble page-printer-cover'],
    [5, ['media-empty', 'media-needed'], 'trouble page-printer-paper'],
    [4, ['media-empty-warning'], 'warning page-printer-paper'],
    [5, ['media-jam-error', 'toner-low-warning'], 'trouble page-printer-jam'],
    [3, ['toner-low-warning'], 'warning page-printer-ink-low'],
    [3, ['marker-supply-low'], 'warning page-printer-ink-low'],
    [3, ['marker-supply-low-report'], 'ready'],
    [3, ['marker-supply-empty-error'], 'trouble page-printer-error'],
    [5, ['paused'], 'trouble page-printer-error'],
    [3, ['offline-report'], 'absent page-printer-absent'],
    [4, ['connecting-to-device'], 'absent page-printer-absent'],
  ];
  for (const [state, reasons, wanted] of rows)
    it(reasons.join(' '), () => {
      const report = reportOf(printer(state, ...reasons));
      assert.equal(`${report.state} ${report.problem?.code ?? ''}`.trim(), wanted);
    });

  it('believes a completed job only when it is said to have been printed', () => {
    const job = (state: number, reason: string): Attributes =>
      new Map([
        ['job-state', { tag: TAG.enum, values: [state] }],
        ['job-state-reasons', { tag: TAG.keyword, values: [reason] }],
      ]);
    const states = [
      readJob(job(9, 'job-completed-successfully')),
      readJob(job(9, 'queued-in-device')),
      readJob(job(9, 'job-completed-with-errors')),
      readJob(job(8, 'aborted-by-system')),
      readJob(job(77, 'none')),
    ];
    assert.deepEqual(
      states.map((read) => read?.state),
      ['ended-well', 'ended-unsure', 'ended-unsure', 'ended-badly', undefined],
    );
  });
});

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
    [{ do: 'ink-low' }, 'printed', 1],
    [{ do: 'refuse' }, 'not-started page-printer-error', 0],
    [{ do: 'abort' }, 'unknown page-printer-error', 1],
    [{ do: 'forget' }, 'unknown not-told', 1],
    [{ do: 'drop', when: 'sending' }, 'unknown page-printer-absent', 0],
    [{ do: 'drop', when: 'answering' }, 'unknown page-printer-absent', 1],
    [{ do: 'slow', delayMs: 30 }, 'printed', 1],
  ] as const satisfies readonly (readonly [PagePrinterOrder, string, number])[])
    it(`${JSON.stringify(order)}: ${outcome}, and never a second job`, () =>
      on({}, async ({ sim, printer, jobs }) => {
        await sim.order(order);
        assert.equal(told(await print(printer)), outcome);
        assert.equal((await jobs()).length, count);
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

  it('makes a test page that is a whole PDF', async () => {
    const page = Buffer.from(await testPage()).toString('latin1');
    assert.ok(page.startsWith('%PDF-') && page.trimEnd().endsWith('%%EOF'));
  });
});
