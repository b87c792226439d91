import assert from 'node:assert/strict';
import {
  startDocumentScannerSimulator,
  type DocumentScannerOrder,
  type DocumentScannerSimulator,
} from '../../../../firmware-agent/devices/document-scanner/simulator/simulator.js';
import { until } from '../world.js';
import { documentScannerContract, onScanner, openScanner, QUICK, type Fault, type ScannerWorld } from './contract.js';

const ORDERS: Readonly<Record<Fault, DocumentScannerOrder>> = {
  jam: { do: 'jam' },
  cover: { do: 'cover-open' },
  empty: { do: 'load', sheets: 0 },
  busy: { do: 'busy' },
  denied: { do: 'refuse-access' },
  io: { do: 'error' },
  slow: { do: 'slow', stepMs: 400 },
};

async function world(fault?: Fault): Promise<ScannerWorld & { readonly sim: DocumentScannerSimulator }> {
  const sim = await startDocumentScannerSimulator();
  await sim.order({ do: 'load', sheets: 10 });
  if (fault !== undefined) await sim.order(ORDERS[fault]);
  const { program, device, close } = sim;
  return { sim, close, config: { program, device, feeder: 'Automatic Document Feeder', flatbed: 'Flatbed' } };
}

documentScannerContract('the simulator', world);

describe('document scanner: what only the simulator can do', function () {
  this.timeout(60_000);

  /** A scan after that order, which must fail with that code and words. */
  const fails = (order: DocumentScannerOrder, code: string, words: RegExp, delays = QUICK): Promise<void> => {
    let sim: DocumentScannerSimulator | undefined;
    const make = async (): Promise<ScannerWorld> => {
      const made = await world();
      sim = made.sim;
      return made;
    };
    return onScanner(
      make,
      async ({ handle }) => {
        await sim?.order(order);
        const scanned = await handle.scan({ source: 'feeder', resolutionDpi: 50 });
        assert.ok(!scanned.ok, 'it must not be taken for a good scan');
        assert.equal(scanned.error.code, code, scanned.error.detail);
        assert.match(scanned.error.detail, words);
        await sim?.order({ do: 'normal' });
        await until(handle, ({ state }) => state === 'ready');
        const again = await handle.scan({ source: 'flatbed', resolutionDpi: 50 });
        assert.ok(again.ok, JSON.stringify(again));
        again.value.discard();
      },
      undefined,
      {},
      delays,
    );
  };

  it('keeps nothing of a batch that jams at its fourth sheet', () => fails({ do: 'jam', afterPages: 3 }, 'document-scanner-jam', /jammed/u));
  it('refuses half a file that was called whole', () => fails({ do: 'truncate' }, 'document-scanner-error', /no end/u));
  it('refuses a file that is no picture', () => fails({ do: 'garbage' }, 'document-scanner-error', /no PNG/u));
  it('refuses a page that is far coarser than asked', () => fails({ do: 'coarse' }, 'document-scanner-error', /pixels wide/u));
  it('takes the jam for the cause when the program never ends after it', () =>
    fails({ do: 'hang-after-jam' }, 'document-scanner-jam', /jammed/u, { ...QUICK, lastWordsMs: 300, interruptMs: 300 }));
  it('kills a program that does nothing at all', () =>
    fails({ do: 'hang' }, 'document-scanner-error', /said nothing/u, { ...QUICK, openMs: 1_500, silenceMs: 1_500, interruptMs: 300 }));

  it('is absent when unplugged, also in mid scan, and found again', async () => {
    const { sim, config, close } = await world();
    const { handle } = openScanner({ ...config, device: undefined, vendor: 'jharokha', model: 'virtual' });
    await until(handle, ({ state }) => state === 'ready');
    await sim.order({ do: 'slow', stepMs: 40 });
    const scanned = await handle.scan({ source: 'flatbed', resolutionDpi: 50, onProgress: () => void sim.order({ do: 'unplug' }) });
    assert.ok(!scanned.ok && scanned.error.code === 'document-scanner-error');
    await until(handle, ({ state }) => state === 'absent');
    const refused = await handle.scan({ source: 'flatbed' });
    assert.ok(!refused.ok && refused.error.code === 'document-scanner-absent');
    await sim.order({ do: 'plug' });
    await until(handle, ({ state }) => state === 'ready');
    await handle.close();
    await close();
  });

  it('can not be started when the program is not there', async () => {
    const { handle } = openScanner({ device: 'any', program: '/nowhere/scanimage' });
    const report = await until(handle, ({ problem }) => problem?.code === 'document-scanner-error');
    assert.match(report.problem?.values?.['detail'] ?? '', /can not be started/u);
    await handle.close();
  });
});
