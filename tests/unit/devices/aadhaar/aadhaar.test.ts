import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { aadhaarBench } from '../../../../firmware-agent/devices/aadhaar/bench.js';
import { aadhaarConfig } from '../../../../firmware-agent/devices/aadhaar/device.js';
import type { AadhaarHandle } from '../../../../firmware-agent/devices/aadhaar/handle.js';
import { MAKERS } from '../../../../firmware-agent/devices/aadhaar/simulator/answers.js';
import { startRdSimulator, type RdSimulator } from '../../../../firmware-agent/devices/aadhaar/simulator/simulator.js';
import { pause, systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { HAS_OPENSSL, tlsBefore } from '../../../support/tls-wall.js';
import { until } from '../world.js';
import { BOUND_TO, captureOn, openOn, QUICK_RD, rdContract } from './contract.js';

type Service = {
  readonly lastDataSha256: string;
  readonly mostAtOnce: number;
  readonly captures: number;
  readonly capture: string;
  readonly lastOptions: string;
};

async function stateOf(sim: RdSimulator, service = 0): Promise<Service> {
  const answer = await sim.order({ do: 'state' });
  assert.ok(answer.ok);
  const found = (answer.state as { services: readonly Service[] }).services[service];
  assert.ok(found !== undefined);
  return found;
}

for (const maker of MAKERS)
  rdContract(`the virtual service, habits of ${maker}`, async () => {
    const sim = await startRdSimulator('127.0.0.1', [{ maker, modality: 'finger', port: 0 }]);
    return {
      port: sim.ports[0] ?? 0,
      finger: async (quality) => void (await sim.order({ do: 'finger', quality })),
      code: async (code, times) => void (await sim.order({ do: 'code', code, times })),
      status: async (status) => void (await sim.order({ do: 'status', status })),
      registered: async (registered) => void (await sim.order({ do: 'registered', registered })),
      lastData: async () => (await stateOf(sim)).lastDataSha256,
      async end() {
        assert.equal((await stateOf(sim)).mostAtOnce, 1, 'never two calls at once');
        await sim.close();
      },
    };
  });

async function on(work: (sim: RdSimulator, aadhaar: AadhaarHandle) => Promise<void>, more: Partial<typeof QUICK_RD> = {}): Promise<void> {
  const sim = await startRdSimulator('127.0.0.1', [{ maker: 'plain', modality: 'finger', port: 0 }]);
  const aadhaar = openOn(sim.ports[0] ?? 0, { delays: { ...QUICK_RD, ...more } });
  try {
    await until(aadhaar, ({ state }) => state === 'ready');
    await work(sim, aadhaar);
  } finally {
    await aadhaar.close();
    await sim.close();
  }
}

describe('aadhaar: faults', () => {
  for (const fault of ['garbage', 'doctype', 'truncate', 'drip', 'no-data', 'oversize', 'status-500', 'silent', 'not-http'] as const)
    it(`${fault} is a failure, and the next capture is good`, () =>
      on(
        async (sim, aadhaar) => {
          await sim.order({ do: 'fault', fault });
          await sim.order({ do: 'finger' });
          const { outcome } = await captureOn(aadhaar, 200);
          const code = fault === 'oversize' ? 'aadhaar-too-large' : 'aadhaar-error';
          assert.deepEqual([outcome.outcome, 'problem' in outcome ? outcome.problem.code : ''], ['failed', code], JSON.stringify(outcome));
          await sim.order({ do: 'normal' });
          await until(aadhaar, ({ state }) => state === 'ready');
          await sim.order({ do: 'finger' });
          assert.equal((await captureOn(aadhaar)).outcome.outcome, 'captured');
        },
        { probeMs: 300 },
      ));

  it('is absent when the service goes, and ready when it is back', () =>
    on(async (sim, aadhaar) => {
      await sim.order({ do: 'unplug' });
      await until(aadhaar, ({ problem }) => problem?.code === 'aadhaar-absent');
      assert.equal((await captureOn(aadhaar)).outcome.outcome, 'failed');
      await sim.order({ do: 'plug' });
      await until(aadhaar, ({ state }) => state === 'ready');
    }));

  it('ends at once when given up, and the next capture waits until the service is free', () =>
    on(async (sim, aadhaar) => {
      const giveUp = new AbortController();
      const first = captureOn(aadhaar, 400, giveUp.signal);
      while ((await stateOf(sim)).capture === 'none') await pause(systemTimers, 5);
      giveUp.abort();
      const { outcome, attempts } = await first;
      assert.deepEqual([outcome.outcome, attempts.length], ['not-captured', 1]);
      assert.notEqual((await stateOf(sim)).capture, 'none', 'the service still waits for a finger');
      const second = captureOn(aadhaar, 5_000);
      while ((await stateOf(sim)).captures < 2) await pause(systemTimers, 5);
      await sim.order({ do: 'finger' });
      assert.equal((await second).outcome.outcome, 'captured');
      assert.equal((await stateOf(sim)).mostAtOnce, 1);
    }));

  it('gives no block when the attempt could not be written down', () =>
    on(async (sim, aadhaar) => {
      await sim.order({ do: 'finger', times: 2 });
      const onAttempt = (): Promise<void> => Promise.reject(new Error('disk full'));
      await assert.rejects(aadhaar.capture({ boundTo: BOUND_TO, timeoutMs: 1_000, signal: new AbortController().signal, onAttempt }), /disk full/u);
      assert.equal((await captureOn(aadhaar)).outcome.outcome, 'captured');
    }));

  it('never has two captures at once', () =>
    on(async (sim, aadhaar) => {
      await sim.order({ do: 'finger', times: 3 });
      const all = await Promise.all([captureOn(aadhaar), captureOn(aadhaar), captureOn(aadhaar)]);
      for (const { outcome } of all) assert.equal(outcome.outcome, 'captured');
      assert.equal((await stateOf(sim)).mostAtOnce, 1);
    }));

  it('tells the environment and the time-out of the kiosk', () =>
    on(async (sim, aadhaar) => {
      await sim.order({ do: 'finger' });
      await captureOn(aadhaar, 4_321);
      assert.match((await stateOf(sim)).lastOptions, /timeout="4321".*env="S"/u);
    }));

  it('passes and fails its bench checks', () =>
    on(async (sim, aadhaar) => {
      const run = async (name: string): Promise<string> => {
        const check = aadhaarBench(aadhaar).find((one) => one.check === name);
        const result = await check?.run(() => undefined, AbortSignal.timeout(400));
        return `${result?.outcome} ${result?.problem?.code ?? ''}`.trim();
      };
      assert.equal(await run('status'), 'pass');
      await sim.order({ do: 'finger' });
      assert.equal(await run('capture'), 'pass');
      await sim.order({ do: 'registered', registered: 'no' });
      await until(aadhaar, ({ problem }) => problem?.code === 'aadhaar-not-ready');
      assert.equal(await run('status'), 'fail aadhaar-not-ready');
      await sim.order({ do: 'normal' });
      await until(aadhaar, ({ state }) => state === 'ready');
      await sim.order({ do: 'code', code: 740 });
      assert.equal(await run('capture'), 'fail aadhaar-not-ready');
      assert.equal(await run('capture'), 'not-done aadhaar-not-captured');
      await sim.order({ do: 'unplug' });
      await until(aadhaar, ({ problem }) => problem?.code === 'aadhaar-absent');
      assert.equal(await run('status'), 'fail aadhaar-absent');
    }));
});

describe('aadhaar: several services', () => {
  it('skips iris services and what speaks no HTTP, and takes the one that is ready', async () => {
    const sim = await sideBySide(['iris', 'iris', 'finger', 'finger', 'finger']);
    const range = { firstPort: sim.ports[0] ?? 0, lastPort: sim.ports.at(-1) ?? 0 };
    await sim.order({ do: 'status', status: 'NOTREADY', service: 2 });
    await sim.order({ do: 'fault', fault: 'not-http', service: 4 });
    const aadhaar = openOn(0, { range });
    await until(aadhaar, ({ state }) => state === 'ready');
    assert.equal((await aadhaar.service())?.port, sim.ports[3]);
    await sim.order({ do: 'status', status: 'NOTREADY', service: 3 });
    await sim.order({ do: 'status', status: 'READY', service: 2 });
    while ((await aadhaar.service())?.port !== sim.ports[2]) await pause(systemTimers, 10);
    await aadhaar.close();
    await sim.close();
  });

  it('prefers a registered device on a higher port to a service that is READY without one', async () => {
    const sim = await sideBySide(['finger', 'iris', 'finger']);
    const range = { firstPort: sim.ports[0] ?? 0, lastPort: sim.ports.at(-1) ?? 0 };
    await sim.order({ do: 'registered', registered: 'no', service: 0 });
    const aadhaar = openOn(0, { range });
    await until(aadhaar, ({ state }) => state === 'ready');
    assert.equal((await aadhaar.service())?.port, sim.ports[2]);
    await sim.order({ do: 'registered', registered: 'yes', service: 0 });
    await sim.order({ do: 'registered', registered: 'no', service: 2 });
    while ((await aadhaar.service())?.port !== sim.ports[0]) await pause(systemTimers, 10);
    await aadhaar.close();
    await sim.close();
  });
});

/** Services on ports that follow each other, as makers' services stand. */
async function sideBySide(modalities: readonly ('finger' | 'iris')[]): Promise<RdSimulator> {
  for (;;) {
    const first = randomInt(20_000, 32_000);
    const plans = modalities.map((modality, i) => ({ maker: i === 1 ? 'morpho' : 'plain', modality, port: first + i }) as const);
    const started = await startRdSimulator('127.0.0.1', plans).catch(() => undefined);
    if (started !== undefined) return started;
  }
}

describe('aadhaar: a box beside the kiosk, over TLS', () => {
  if (!HAS_OPENSSL) it.skip('needs openssl, which is not installed here');
  else
    it('takes the one pinned certificate, and no other', async () => {
      const sim = await startRdSimulator('127.0.0.1', [{ maker: 'mantra', modality: 'finger', port: 0 }]);
      const wall = await tlsBefore(sim.ports[0] ?? 0);
      const pinned = (certificateSha256: string): AadhaarHandle =>
        openOn(wall.port, { where: { scheme: 'https', host: '127.0.0.1', certificateSha256 } });
      const good = pinned(wall.certificateSha256);
      await until(good, ({ state }) => state === 'ready');
      await sim.order({ do: 'finger' });
      assert.equal((await captureOn(good)).outcome.outcome, 'captured');
      await good.close();
      const bad = pinned('ab'.repeat(32));
      assert.equal(await bad.service(), undefined);
      assert.equal(bad.state().problem?.code, 'aadhaar-absent');
      await bad.close();
      await wall.end();
      await sim.close();
    });
});

describe('aadhaar: configuration', () => {
  const refused: readonly Record<string, unknown>[] = [
    { host: '192.168.1.9' },
    { scheme: 'https' },
    { certificateSha256: 'ab'.repeat(32) },
    { firstPort: 11_100, lastPort: 11_000 },
    { firstPort: 1, lastPort: 60_000 },
    { environment: 'X' },
    { wadh: 'no' },
    { refuseBelow: 60 },
  ];
  for (const fields of refused)
    it(`refuses ${JSON.stringify(fields)}`, () => assert.equal(aadhaarConfig.safeParse({ kind: 'aadhaar', ...fields }).success, false));
  it('takes a box with its certificate', () => {
    const box = { kind: 'aadhaar', scheme: 'https', host: '192.168.1.9', certificateSha256: 'ab'.repeat(32), firstPort: 11_101, lastPort: 11_101 };
    assert.equal(aadhaarConfig.safeParse(box).success, true);
  });
});
