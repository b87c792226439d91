import assert from 'node:assert/strict';
import {
  AADHAAR_DELAYS,
  startAadhaar,
  type AadhaarHandle,
  type AadhaarOptions,
  type CaptureAttempt,
  type CaptureOutcome,
} from '../../../../firmware-agent/devices/aadhaar/handle.js';
import { until } from '../world.js';

export const QUICK_RD = { ...AADHAAR_DELAYS, pollMs: 40, backoffFirstMs: 10, backoffLongestMs: 40, httpExtraMs: 500, vendorRetryMs: 20 };
export const BOUND_TO = Uint8Array.from({ length: 32 }, (_, i) => i);

export function openOn(port: number, more: Partial<AadhaarOptions> = {}): AadhaarHandle {
  return startAadhaar({
    where: { scheme: 'http', host: '127.0.0.1' },
    range: { firstPort: port, lastPort: port },
    capture: { environment: 'S', fingers: 1, fingerType: 2, format: 0, wadh: '' },
    quality: { retryBelow: 45, refuseBelow: 25, tries: 3 },
    delays: QUICK_RD,
    ...more,
  });
}

export type Captured = { readonly outcome: CaptureOutcome; readonly attempts: readonly CaptureAttempt[] };

export async function captureOn(aadhaar: AadhaarHandle, timeoutMs = 5_000, signal = new AbortController().signal): Promise<Captured> {
  const attempts: CaptureAttempt[] = [];
  const outcome = await aadhaar.capture({ boundTo: BOUND_TO, timeoutMs, signal, onAttempt: (attempt) => void attempts.push(attempt) });
  return { outcome, attempts };
}

/** An RD service of any make, whose next captures a test can decide. */
export type RdBench = {
  readonly port: number;
  readonly finger: (quality: number) => Promise<void>;
  readonly code: (code: number, times: number) => Promise<void>;
  readonly status: (status: 'READY' | 'USED' | 'NOTREADY') => Promise<void>;
  /** Whether its device is registered. */
  readonly registered: (registered: 'yes' | 'no') => Promise<void>;
  /** SHA-256 in hexadecimal of the Data that it sent last. */
  readonly lastData: () => Promise<string>;
  readonly end: () => Promise<void>;
};

/** What holds of every RD service. */
export function rdContract(name: string, open: () => Promise<RdBench>): void {
  describe(`aadhaar capture by ${name}`, function () {
    this.timeout(20_000);
    let bench: RdBench;
    let aadhaar: AadhaarHandle;
    before(async () => {
      bench = await open();
      aadhaar = openOn(bench.port);
    });
    after(async () => {
      await aadhaar.close();
      await bench.end();
    });

    it('finds the service and its device', async () => {
      await until(aadhaar, ({ state }) => state === 'ready');
      const service = await aadhaar.service();
      assert.equal(service?.port, bench.port);
      assert.equal(service.device.told === 'registered' ? service.device.facts.provider : '', 'JHAROKHA.VIRTUAL');
    });

    it('captures, and hands on a block whose data is what the device sealed', async () => {
      await bench.finger(70);
      const { outcome, attempts } = await captureOn(aadhaar);
      assert.ok(outcome.outcome === 'captured', JSON.stringify(outcome));
      const sent = await bench.lastData();
      assert.equal(Buffer.from(outcome.dataSha256).toString('hex'), sent);
      assert.equal(outcome.quality, 70);
      const text = Buffer.from(outcome.block.consume() ?? []).toString('utf8');
      assert.match(text, /<Skey ci=["']\d{8}["']>[\w+/=]+<\/Skey><Hmac>/u);
      assert.equal(outcome.block.consume(), undefined, 'once');
      assert.deepEqual(attempts, [{ number: 1, boundTo: BOUND_TO, outcome: 'captured', detail: '', quality: 70, dataSha256: outcome.dataSha256 }]);
    });

    it('asks again for a fair finger and refuses a poor one', async () => {
      for (const quality of [30, 20, 30]) await bench.finger(quality);
      const fair = await captureOn(aadhaar);
      assert.deepEqual(
        [fair.outcome.outcome, fair.attempts.map((a) => `${a.outcome} ${a.quality}`)],
        ['captured', ['captured 30', 'poor 20', 'captured 30']],
      );
      for (const quality of [10, 24, 0]) await bench.finger(quality);
      const poor = await captureOn(aadhaar);
      assert.deepEqual(poor.outcome, { outcome: 'poor', problem: { code: 'aadhaar-poor' }, quality: 0, attempts: 3 });
    });

    it('tells a missing finger', async () => {
      const { outcome, attempts } = await captureOn(aadhaar, 150);
      assert.equal(outcome.outcome, 'not-captured');
      assert.deepEqual(
        attempts.map((a) => a.outcome),
        ['not-captured'],
      );
    });

    const codes: readonly (readonly [number, string, string])[] = [
      [210, 'failed', 'aadhaar-error'],
      [700, 'not-captured', 'aadhaar-not-captured'],
      [710, 'failed', 'aadhaar-busy'],
      [720, 'failed', 'aadhaar-not-ready'],
      [730, 'not-captured', 'aadhaar-not-captured'],
      [740, 'failed', 'aadhaar-not-ready'],
      [750, 'failed', 'aadhaar-error'],
      [770, 'failed', 'aadhaar-error'],
      [999, 'failed', 'aadhaar-error'],
      [12_345, 'failed', 'aadhaar-error'],
    ];
    for (const [code, wanted, problem] of codes)
      it(`takes ${code} for ${problem}`, async () => {
        await bench.code(code, 1);
        const { outcome } = await captureOn(aadhaar);
        assert.deepEqual([outcome.outcome, 'problem' in outcome ? outcome.problem.code : ''], [wanted, problem]);
      });

    it("tries again after a maker's own code, three times at most", async () => {
      await bench.code(-1509, 3);
      await bench.finger(80);
      const good = await captureOn(aadhaar);
      assert.deepEqual([good.outcome.outcome, good.attempts.length], ['captured', 1]);
      await bench.code(-1509, 4);
      const bad = await captureOn(aadhaar);
      assert.ok(bad.outcome.outcome === 'failed');
      assert.match(bad.outcome.problem.values?.['detail'] ?? '', /-1509/u);
    });

    it('is not ready while its device is not registered, though its service says READY', async () => {
      await bench.registered('no');
      await until(aadhaar, ({ problem }) => problem?.code === 'aadhaar-not-ready');
      assert.match(aadhaar.state().problem?.values?.['detail'] ?? '', /dpId/u);
      assert.deepEqual((await aadhaar.service())?.status, 'READY');
      await bench.registered('yes');
      await until(aadhaar, ({ state }) => state === 'ready');
    });

    it('follows the status of the service', async () => {
      for (const [status, code] of [
        ['NOTREADY', 'aadhaar-not-ready'],
        ['USED', 'aadhaar-busy'],
      ] as const) {
        await bench.status(status);
        await until(aadhaar, ({ problem }) => problem?.code === code);
      }
      await bench.status('READY');
      await until(aadhaar, ({ state }) => state === 'ready');
    });
  });
}
