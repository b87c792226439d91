import assert from 'node:assert/strict';
import { MODEL_NAMES, MODELS } from '../../../../firmware-agent/devices/finger-reader/simulator/models.js';
import { until } from '../world.js';
import { BILL, ending, IMPATIENT, inWord, onReader, THUMB, type Bench, type WayMaker, type World } from './world.js';

type Runner = (work: (bench: Bench) => Promise<void>, world?: Partial<World>) => Promise<void>;

/** What every way to a fingerprint module must keep, whatever fails and whenever. `heals`: the way comes back by itself after the cable was pulled. */
export function fingerContract(name: string, makeWay: WayMaker, healing: 'heals' | 'ends'): void {
  const on: Runner = (work, world) => onReader(makeWay, work, world);
  describe(`fingerprint reader over ${name}`, function () {
    this.timeout(60_000);
    describe('fingers', () => fingersPart(on));
    describe('templates', () => templatesPart(on));
    describe('a bad line', () => linePart(on));
    describe('unplugged', () => unpluggedPart(on, healing));
  });
}

function fingersPart(on: Runner): void {
  for (const model of MODEL_NAMES) {
    it(`${model}: enrols, lists, matches one page and anyone, and erases`, () =>
      on(
        async ({ reader, enrol, press, order, times }) => {
          const samples = MODELS[model].buffers > 2 ? 5 : 2;
          const { systemId, capacity } = MODELS[model];
          const info = await reader.info();
          assert.ok(info.ok);
          assert.deepEqual([info.value.systemId, info.value.capacity, info.value.packetBytes, info.value.templates], [systemId, capacity, 128, 0]);
          assert.deepEqual(await enrol(THUMB, { samples }), { ok: true, value: { page: 0, samples } });
          assert.deepEqual(await enrol('ravi-left-index', { page: capacity - 1 }), { ok: true, value: { page: capacity - 1, samples: 2 } });
          assert.deepEqual(await reader.list(), { ok: true, value: [0, capacity - 1] });
          assert.equal(inWord(await press(THUMB)), 'matched 0');
          assert.equal(inWord(await press('ravi-left-index')), `matched ${capacity - 1}`);
          assert.equal(inWord(await press(THUMB, { kind: 'page', page: 0 })), 'matched 0');
          assert.equal(inWord(await press(THUMB, { kind: 'page', page: capacity - 1 })), 'no-match');
          assert.equal(inWord(await press('stranger')), 'no-match');
          assert.deepEqual(await reader.erase(0), { ok: true, value: undefined });
          assert.equal(inWord(await press(THUMB)), 'no-match');
          assert.deepEqual(await reader.erase('all'), { ok: true, value: undefined });
          assert.deepEqual((await order({ do: 'state' })).pages, {});
          assert.equal(await times('store'), 2);
        },
        { sim: { model } },
      ));
  }
}

function templatesPart(on: Runner): void {
  for (const packetBytes of [32, 64, 128, 256] as const) {
    for (const model of packetBytes === 128 ? MODEL_NAMES : (['r503'] as const)) {
      it(`${model}, packets of ${packetBytes}: up, erased, down, matched in the library and beside it`, () =>
        on(
          async ({ reader, enrol, press }) => {
            await enrol(THUMB, { page: 7 });
            const template = await reader.templateUp(7);
            assert.ok(template.ok);
            assert.equal(template.value.length, MODELS[model].templateBytes);
            await reader.erase(7);
            assert.equal(inWord(await press(THUMB)), 'no-match');
            assert.equal(inWord(await press(THUMB, { kind: 'template', bytes: template.value })), 'matched template');
            assert.equal(inWord(await press('stranger', { kind: 'template', bytes: template.value })), 'no-match');
            assert.deepEqual(await reader.templateDown(9, template.value), { ok: true, value: undefined });
            assert.equal(inWord(await press(THUMB)), 'matched 9');
          },
          { sim: { model, packetBytes } },
        ));
    }
  }
}

function linePart(on: Runner): void {
  it('stale bytes, half a frame and an older answer before the first word change nothing', () =>
    on(
      async ({ order, enrol, press }) => {
        assert.equal(ending(await enrol(THUMB)), 'ok');
        // Noise, the head of a frame of 64 bytes, and an older GetImage's answer.
        for (const bytes of ['0055', 'ef01ffffffff020042aabb', 'ef01ffffffff07000300000a']) {
          await order({ do: 'stale', bytes });
          assert.equal(inWord(await press(THUMB)), 'matched 0', bytes);
        }
      },
      { reader: { delays: IMPATIENT } },
    ));

  it('one garbled and one cut answer are asked for again', () =>
    on(
      async ({ reader, order }) => {
        for (const fault of ['garble', 'cut'] as const) {
          await order({ do: fault, answers: 1 });
          assert.deepEqual(await reader.list(), { ok: true, value: [] });
        }
      },
      { reader: { delays: IMPATIENT } },
    ));

  const silences = [{ do: 'silent' }, { do: 'garble' }, { do: 'cut' }] as const;
  for (const fault of silences) {
    it(`${fault.do} is finger-reader-silent, and goes on when mended`, () =>
      on(
        async ({ reader, order, press, attempts }) => {
          await order(fault);
          assert.equal(inWord(await press(THUMB)), 'failed: finger-reader-silent');
          assert.deepEqual(
            attempts.map(({ attempt, outcome }) => [attempt, outcome]),
            [[1, 'failed']],
          );
          await until(reader, ({ problem }) => problem?.code === 'finger-reader-silent');
          await order({ do: 'normal' });
          await until(reader, ({ state }) => state === 'ready');
          assert.equal(inWord(await press('stranger')), 'no-match');
        },
        { reader: { delays: IMPATIENT } },
      ));
  }

  it('a slow module is waited for', () =>
    on(async ({ order, enrol, press }) => {
      await order({ do: 'slow', delayMs: 60 });
      assert.equal(ending(await enrol(THUMB)), 'ok');
      assert.equal(inWord(await press(THUMB)), 'matched 0');
    }));
}

function unpluggedPart(on: Runner, healing: 'heals' | 'ends'): void {
  it('while a finger is awaited: failed, absent, and one attempt told', () =>
    on(async ({ reader, sim, order, press, attempts }) => {
      const pressing = reader.press({
        boundTo: BILL,
        against: { kind: 'anyone' },
        timeoutMs: 30_000,
        onAttempt: (attempt) => void attempts.push(attempt),
        onPrompt: () => void sim.order({ do: 'unplug' }),
      });
      assert.equal(inWord(await pressing), 'failed: finger-reader-absent');
      await until(reader, ({ state }) => state === 'absent');
      assert.equal(inWord(await press(THUMB)), 'failed: finger-reader-absent');
      assert.deepEqual(
        attempts.map(({ attempt, outcome }) => [attempt, outcome]),
        [
          [1, 'failed'],
          [1, 'failed'],
        ],
      );
      if (healing === 'ends') return;
      await order({ do: 'plug' });
      await until(reader, ({ state }) => state === 'ready');
      assert.equal(inWord(await press('stranger')), 'no-match');
    }));
}
