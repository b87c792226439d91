import assert from 'node:assert/strict';
import { checksOf } from '../../../../firmware-agent/bench/checks.js';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { z } from 'zod';
import { contextOf } from '../../../../firmware-agent/devices/device.js';
import { DOCUMENT_SCANNER_DELAYS, type DocumentScannerDelays } from '../../../../firmware-agent/devices/document-scanner/delays.js';
import {
  documentScannerConfig,
  openDocumentScanner,
  type DocumentScannerDevice,
} from '../../../../firmware-agent/devices/document-scanner/device.js';
import { pictureOf } from '../../../../firmware-agent/devices/picture/picture.js';
import { until } from '../world.js';

export const QUICK: DocumentScannerDelays = {
  ...DOCUMENT_SCANNER_DELAYS,
  pollMs: 40,
  backoffFirstMs: 20,
  backoffLongestMs: 100,
  reopenMs: 400,
  interruptMs: 2_000,
};

/** What can be made wrong with every scanner of the suite. */
export type Fault = 'jam' | 'cover' | 'empty' | 'busy' | 'denied' | 'io' | 'slow';

export type ScannerWorld = {
  readonly config: Omit<z.input<typeof documentScannerConfig>, 'kind' | 'transport'>;
  readonly close: () => Promise<void>;
};
/** A scanner with ten sheets in its feeder and that fault. */
export type WorldMaker = (fault?: Fault) => Promise<ScannerWorld>;

type Config = Partial<z.input<typeof documentScannerConfig>>;

export function openScanner(config: Config, delays: DocumentScannerDelays = QUICK): DocumentScannerDevice {
  return openDocumentScanner(documentScannerConfig.parse({ kind: 'document-scanner', transport: 'sane', ...config }), contextOf('scans', {}), delays);
}

export const privateFolders = (): readonly string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`jharokha-private-${process.pid}-`));

type Work = (device: DocumentScannerDevice) => Promise<void>;

export async function onScanner(make: WorldMaker, work: Work, fault?: Fault, config: Config = {}, delays = QUICK): Promise<void> {
  const world = await make(fault);
  const before = privateFolders();
  const device = openScanner({ ...world.config, ...config }, delays);
  try {
    await until(device.handle, ({ state }) => state !== 'absent');
    await work(device);
    await device.handle.close();
    assert.deepEqual(privateFolders(), before, 'a page was left behind');
  } finally {
    await device.handle.close();
    await world.close();
  }
}

/** What every document scanner must keep, whether SANE's own or the virtual one. */
export function documentScannerContract(name: string, make: WorldMaker): void {
  describe(`document scanner: ${name}`, function () {
    this.timeout(60_000);
    goodPart(make);
    faultPart(make);
    endPart(make);
  });
}

function goodPart(make: WorldMaker): void {
  for (const format of ['jpeg', 'png', 'tiff', 'pnm'] as const) {
    it(`scans the glass as ${format}, about as fine as asked, with its fingerprint`, () =>
      onScanner(
        make,
        async ({ handle }) => {
          const progress: number[] = [];
          const scanned = await handle.scan({ source: 'flatbed', resolutionDpi: 100, onProgress: (_, percent) => progress.push(percent) });
          assert.ok(scanned.ok, JSON.stringify(scanned));
          const { pages, folder, discard } = scanned.value;
          const [page] = pages;
          assert.ok(page !== undefined && pages.length === 1);
          const bytes = readFileSync(page.file);
          assert.equal(page.sha256, createHash('sha256').update(bytes).digest('hex'));
          assert.equal(page.bytes, bytes.length);
          assert.deepEqual(pictureOf(bytes), { ok: true, value: { format, widthPx: page.widthPx, heightPx: page.heightPx } });
          assert.ok(page.widthPx >= 780 && page.widthPx <= 830, `${page.widthPx} pixels across 20 cm at 100 dpi`);
          assert.equal(progress.at(-1), 100);
          discard();
          assert.equal(existsSync(folder), false);
        },
        undefined,
        { format },
      ));
  }

  it('empties the feeder, page by page, in order', () =>
    onScanner(make, async ({ handle }) => {
      const told: number[] = [];
      const scanned = await handle.scan({ source: 'feeder', resolutionDpi: 50, onPage: (page) => told.push(page) });
      assert.ok(scanned.ok, JSON.stringify(scanned));
      assert.equal(scanned.value.pages.length, 10);
      assert.deepEqual(told, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      assert.match(scanned.value.pages[9]?.file ?? '', /p0010\.jpeg$/u);
      scanned.value.discard();
    }));

  it('takes no more sheets than it is asked for, and no finer than it may', () =>
    onScanner(
      make,
      async ({ handle }) => {
        const scanned = await handle.scan({ source: 'feeder', pages: 3, resolutionDpi: 1_200 });
        assert.ok(scanned.ok, JSON.stringify(scanned));
        assert.equal(scanned.value.pages.length, 3);
        assert.equal(scanned.value.resolutionDpi, 75);
        scanned.value.discard();
      },
      undefined,
      { mostDpi: 75 },
    ));

  it('is well by its own word on the bench, and scans a page there', () =>
    onScanner(make, async (device) => {
      const signal = new AbortController().signal;
      for (const { run } of checksOf(device, systemTimers, systemTimers.now())) {
        const result = await run(() => undefined, signal);
        assert.equal(result.outcome, 'pass', JSON.stringify(result));
      }
    }));
}

function faultPart(make: WorldMaker): void {
  const faults: readonly (readonly [Fault, string])[] = [
    ['jam', 'document-scanner-jam'],
    ['cover', 'document-scanner-cover'],
    ['empty', 'document-scanner-empty'],
    ['busy', 'document-scanner-busy'],
    ['denied', 'document-scanner-error'],
    ['io', 'document-scanner-error'],
  ];
  for (const [fault, code] of faults) {
    it(`says ${code} for ${fault}, and keeps nothing`, () =>
      onScanner(
        make,
        async ({ handle }) => {
          const scanned = await handle.scan({ source: 'feeder', resolutionDpi: 50 });
          assert.equal(scanned.ok, false);
          assert.ok(!scanned.ok && scanned.error.code === code, JSON.stringify(scanned));
          if (fault === 'jam' || fault === 'cover') await until(handle, ({ problem }) => problem?.code === code);
        },
        fault,
      ));
  }

  it('has no feeder when none is named', () =>
    onScanner(
      make,
      async ({ handle }) => {
        const scanned = await handle.scan({ source: 'feeder' });
        assert.ok(!scanned.ok && scanned.error.code === 'document-scanner-error');
      },
      undefined,
      { feeder: undefined },
    ));
}

function endPart(make: WorldMaker): void {
  it('ends when it is told to in mid page, and scans again', () =>
    onScanner(
      make,
      async ({ handle }) => {
        const stop = new AbortController();
        const scanned = await handle.scan({ source: 'flatbed', resolutionDpi: 150, signal: stop.signal, onProgress: () => stop.abort() });
        assert.ok(!scanned.ok && scanned.error.code === 'cancelled', JSON.stringify(scanned));
        assert.deepEqual(handle.state(), { state: 'ready' });
      },
      'slow',
    ));

  it('gives up a device that takes too long', () =>
    onScanner(
      make,
      async ({ handle }) => {
        const scanned = await handle.scan({ source: 'flatbed', resolutionDpi: 150 });
        assert.ok(
          !scanned.ok && scanned.error.code === 'document-scanner-error' && /did not end within/u.test(scanned.error.detail),
          JSON.stringify(scanned),
        );
      },
      'slow',
      {},
      { ...QUICK, pageMs: 600 },
    ));

  it('ends with its handle', () =>
    onScanner(
      make,
      async ({ handle }) => {
        let ended: unknown;
        const scan = handle.scan({ source: 'flatbed', resolutionDpi: 150, onProgress: () => (ended ??= handle.close()) });
        assert.equal((await scan).ok, false);
        await ended;
      },
      'slow',
    ));
}
