import assert from 'node:assert/strict';
import { deviceConfig, openDevice } from '../../../../firmware-agent/devices/devices.js';
import { OPCODE } from '../../../../firmware-agent/devices/finger-reader/codec/commands.js';
import { startFingerSimulator } from '../../../../firmware-agent/devices/finger-reader/simulator/simulator.js';
import type { BenchCheck } from '../../../../firmware-agent/devices/device.js';
import type { BenchResult } from '#protocol/technician/bench.js';
import { until } from '../world.js';
import { ending, IMPATIENT, inWord, onReader, overTcp, THUMB, type Bench, type World } from './world.js';

const on = (work: (bench: Bench) => Promise<void>, world: Partial<World> = {}): Promise<void> => onReader(overTcp, work, world);

describe('fingerprint reader: who it is', () => {
  it('is locked with a wrong password, and ready with the right one', () =>
    on(
      async ({ reader, order, press }) => {
        await until(reader, ({ problem }) => problem?.code === 'finger-reader-locked');
        await order({ do: 'password', password: 'deadbeef' });
        await until(reader, ({ state }) => state === 'ready');
        await order({ do: 'password', password: '0badcafe' });
        assert.equal(inWord(await press(THUMB)), 'failed: finger-reader-locked');
        assert.equal((await until(reader, ({ problem }) => problem?.code === 'finger-reader-locked')).state, 'trouble');
        await order({ do: 'password', password: 'deadbeef' });
        await until(reader, ({ state }) => state === 'ready');
      },
      { reader: { password: 0xdeadbeef }, ready: 'not' },
    ));

  it('is given the password again after its power was gone for a moment', () =>
    on(
      async ({ reader, order, enrol, press }) => {
        assert.equal(ending(await reader.setPassword(0xdeadbeef)), 'ok');
        assert.equal(ending(await enrol(THUMB)), 'ok');
        await order({ do: 'restart' });
        assert.equal(inWord(await press(THUMB)), 'matched 0');
      },
      { reader: { delays: IMPATIENT } },
    ));

  it('keeps the password in use that the module has, when the answer to a new one is lost', () =>
    on(
      async ({ reader, order, times }) => {
        await order({ do: 'lose-answer', opcode: OPCODE.setPassword });
        assert.equal(ending(await reader.setPassword(7)), 'ok');
        await order({ do: 'lose-command', opcode: OPCODE.setPassword });
        assert.equal(ending(await reader.setPassword(8)), 'finger-reader-error');
        assert.equal(await times('setPassword'), 2);
        await order({ do: 'unplug' });
        await until(reader, ({ state }) => state === 'absent');
        await order({ do: 'plug' });
        await until(reader, ({ state }) => state === 'ready');
      },
      { reader: { delays: IMPATIENT } },
    ));

  it('refuses an exchanged module where the system id is named', () =>
    on(
      async ({ reader, order }) => {
        await order({ do: 'exchange' });
        await until(reader, ({ problem }) => problem?.code === 'finger-reader-locked');
      },
      { reader: { systemId: 0x0307, delays: IMPATIENT } },
    ));

  it('does not work on with an exchanged module under the old name', () =>
    on(
      async ({ reader, order, press }) => {
        await order({ do: 'exchange' });
        const outcome = inWord(await press(THUMB));
        assert.ok(['failed: finger-reader-absent', 'no-match'].includes(outcome), outcome);
        await until(reader, ({ state }) => state === 'ready');
        const info = await reader.info();
        assert.equal(info.ok ? info.value.systemId : undefined, 0x8307);
      },
      { reader: { delays: { ...IMPATIENT, pollMs: 60_000 } } },
    ));

  it('lights what it has, and says what it has not', async () => {
    for (const [model, word, shown] of [
      ['zfm20', 'unsupported', 'off'],
      ['r307', 'lit', 'on'],
      ['r503', 'lit', 'ring 3 0 2 0'],
    ] as const) {
      await on(
        async ({ reader, order }) => {
          assert.deepEqual(await reader.light('good'), { ok: true, value: word });
          assert.equal((await order({ do: 'state' })).light, shown);
          assert.deepEqual(await reader.light('off'), { ok: true, value: word });
          assert.equal((await order({ do: 'state' })).light, 'off');
        },
        { sim: { model } },
      );
    }
  });
});

describe('fingerprint reader: configuration', () => {
  it('fills in what is usual', () => {
    const path = '/dev/ttyUSB0';
    const usual = { kind: 'finger-reader', transport: 'serial', path, baudRate: 57_600, flow: 'none' };
    assert.deepEqual(deviceConfig.parse({ kind: 'finger-reader', transport: 'serial', path }), usual);
  });

  for (const wrong of [
    { password: '123' },
    { password: 'xyzxyzxy' },
    { passwordPending: '123' },
    { systemId: '12345' },
    { address: 'ff' },
    { baudRate: 56_000 },
    { baudRate: 230_400 },
  ])
    it(`refuses ${JSON.stringify(wrong)}`, () =>
      assert.equal(deviceConfig.safeParse({ kind: 'finger-reader', transport: 'serial', path: '/dev/ttyUSB0', ...wrong }).success, false));

  it('opens with password and system id, and offers its bench checks', async () => {
    const sim = await startFingerSimulator({ host: '127.0.0.1', port: 0, model: 'r503' });
    await sim.order({ do: 'password', password: 'deadbeef' });
    const config = { kind: 'finger-reader', transport: 'tcp', host: sim.host, port: sim.port, password: 'DEADBEEF', systemId: '0503' } as const;
    const device = openDevice(deviceConfig.parse(config));
    try {
      await until(device.handle, ({ state }) => state === 'ready');
      const results = new Map<string, BenchResult>();
      for (const check of device.bench) results.set(check.check, await tried(check, sim.order));
      assert.deepEqual(
        [...results].map(([name, { outcome }]) => `${name} ${outcome}`),
        ['status pass', 'light pass', 'any-finger pass', 'enrol-and-match pass'],
      );
      assert.equal(results.get('status')?.facts['systemId'], '0503');
      assert.deepEqual((await sim.order({ do: 'state' })).pages, {}, 'the bench leaves no finger behind');
    } finally {
      await device.handle.close();
      await sim.close();
    }
  }).timeout(20_000);
});

describe('fingerprint reader: the bench', () => {
  it('says not-done when nobody comes, fail when it is locked or gone', async () => {
    const sim = await startFingerSimulator({ host: '127.0.0.1', port: 0, model: 'r307' });
    const device = openDevice(deviceConfig.parse({ kind: 'finger-reader', transport: 'tcp', host: sim.host, port: sim.port }));
    try {
      await until(device.handle, ({ state }) => state === 'ready');
      const abort = new AbortController();
      const finger = device.bench.find(({ check }) => check === 'any-finger') ?? assert.fail();
      const nobody = await finger.run(() => abort.abort(), abort.signal);
      assert.deepEqual([nobody.outcome, nobody.problem], ['not-done', { code: 'finger-none' }]);
      await sim.order({ do: 'unplug' });
      await until(device.handle, ({ state }) => state === 'absent');
      const gone = await (device.bench[0] ?? assert.fail()).run(() => undefined, abort.signal);
      assert.deepEqual([gone.outcome, gone.problem], ['fail', { code: 'finger-reader-absent' }]);
    } finally {
      await device.handle.close();
      await sim.close();
    }
  });
});

function tried(check: BenchCheck, order: Bench['order']): Promise<BenchResult> {
  return check.run((prompt) => {
    if (prompt === 'lay-finger') void order({ do: 'press', finger: THUMB, until: 'captured' });
  }, new AbortController().signal);
}
