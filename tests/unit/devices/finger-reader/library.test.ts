import assert from 'node:assert/strict';
import { OPCODE } from '../../../../firmware-agent/devices/finger-reader/codec/commands.js';
import type { EnrolStep } from '../../../../firmware-agent/devices/finger-reader/port.js';
import { ending, IMPATIENT, inWord, onReader, overTcp, THUMB, type Bench, type World } from './world.js';

const on = (work: (bench: Bench) => Promise<void>, world: Partial<World> = {}): Promise<void> => onReader(overTcp, work, world);
const impatient: Partial<World> = { reader: { delays: IMPATIENT } };

describe('fingerprint reader: enrolling', () => {
  it('tells its steps, and asks for an unclear sample again', () =>
    on(async ({ reader, sim }) => {
      const steps: string[] = [];
      let layings = 0;
      const enrolled = await reader.enrol({
        page: 4,
        timeoutMs: 5_000,
        onStep: (step: EnrolStep) => {
          steps.push('sample' in step ? `${step.step} ${step.sample}/${step.of}` : step.step);
          if (step.step !== 'lay-finger') return;
          layings += 1;
          void sim.order({ do: 'press', finger: THUMB, quality: layings === 1 ? 'few-features' : 'good', until: 'captured' });
        },
      });
      assert.deepEqual(enrolled, { ok: true, value: { page: 4, samples: 2 } });
      const first = ['lay-finger 1/2', 'unclear 1/2', 'lay-finger 1/2', 'taken 1/2'];
      assert.deepEqual(steps, [...first, 'lay-finger 2/2', 'taken 2/2', 'merged']);
    }));

  it('gives up a finger that is never clear', () =>
    on(async ({ reader, sim, times }) => {
      const lay = (step: EnrolStep): void => {
        if (step.step === 'lay-finger') void sim.order({ do: 'press', finger: THUMB, quality: 'messy', until: 'captured' });
      };
      assert.equal(ending(await reader.enrol({ page: 0, timeoutMs: 5_000, onStep: lay })), 'finger-unclear');
      assert.deepEqual([(await times('getImage')) > 5, await times('merge'), await times('store')], [true, 0, 0]);
    }));

  it('stores nothing when samples differ, no finger comes, or it is cancelled', () =>
    on(async ({ enrol, reader, order, times }) => {
      await order({ do: 'enrol-mismatch' });
      assert.equal(ending(await enrol(THUMB)), 'finger-unclear');
      assert.equal(ending(await reader.enrol({ page: 0, timeoutMs: 30 })), 'finger-none');
      const abort = new AbortController();
      const steps = (step: EnrolStep): void => {
        if (step.step === 'taken') abort.abort();
      };
      assert.equal(ending(await enrol(THUMB, { signal: abort.signal, onStep: steps })), 'cancelled');
      assert.equal(await times('store'), 0);
      await order({ do: 'normal' });
      assert.equal(ending(await enrol(THUMB)), 'ok');
    }));

  it('never overwrites a page, knows its limits, and says when it is full', () =>
    on(async ({ enrol, reader, sim }) => {
      assert.equal(ending(await enrol(THUMB, { page: 0 })), 'ok');
      assert.equal(ending(await enrol('ravi', { page: 0 })), 'page-taken');
      assert.equal(ending(await enrol('ravi', { page: 1_000 })), 'page-unknown');
      assert.equal(ending(await enrol('ravi', { page: -1 })), 'page-unknown');
      assert.throws(() => void reader.enrol({ page: 0, samples: 1, timeoutMs: 1 }), /2 to 5 samples/u);
      assert.deepEqual((await sim.order({ do: 'state' })).pages, { 0: THUMB });
    }));

  it('says when there is no free page', () =>
    on(
      async ({ enrol, reader }) => {
        assert.equal(ending(await enrol(THUMB, { page: 0 })), 'ok');
        const template = await reader.templateUp(0);
        assert.ok(template.ok);
        for (let page = 1; page < 162; page += 1) assert.equal(ending(await reader.templateDown(page, template.value)), 'ok');
        assert.equal(ending(await enrol('ravi')), 'finger-library-full');
      },
      { sim: { model: 'zfm20', packetBytes: 256 } },
    )).timeout(60_000);
});

describe('fingerprint reader: what is done once', () => {
  it('a store whose answer is lost is found in the index, and not sent again', () =>
    on(async ({ enrol, order, times, press }) => {
      await order({ do: 'lose-answer', opcode: OPCODE.store });
      assert.equal(ending(await enrol(THUMB)), 'ok');
      assert.equal(await times('store'), 1);
      assert.equal(inWord(await press(THUMB)), 'matched 0');
    }, impatient));

  it('a store that never arrived is told, and not sent again', () =>
    on(async ({ enrol, order, times, reader }) => {
      await order({ do: 'lose-command', opcode: OPCODE.store });
      assert.equal(ending(await enrol(THUMB)), 'finger-reader-silent');
      assert.equal(await times('store'), 1);
      assert.deepEqual(await reader.list(), { ok: true, value: [] });
    }, impatient));

  for (const [page, opcode, name] of [
    [0, OPCODE.erase, 'erase'],
    ['all', OPCODE.empty, 'empty'],
  ] as const) {
    it(`${name}: the index decides when the answer is lost`, () =>
      on(async ({ enrol, order, times, reader }) => {
        assert.equal(ending(await enrol(THUMB)), 'ok');
        await order({ do: 'lose-command', opcode });
        assert.equal(ending(await reader.erase(page)), 'finger-reader-silent');
        await order({ do: 'lose-answer', opcode });
        assert.equal(ending(await reader.erase(page)), 'ok');
        assert.equal(await times(name), 2);
        assert.deepEqual(await reader.list(), { ok: true, value: [] });
      }, impatient));
  }

  it('a flash that fails is told', () =>
    on(async ({ enrol, order, reader }) => {
      assert.equal(ending(await enrol(THUMB)), 'ok');
      await order({ do: 'flash-error' });
      assert.equal(ending(await enrol('ravi')), 'finger-reader-error');
      assert.equal(ending(await reader.erase(0)), 'finger-reader-error');
      assert.equal(ending(await reader.erase('all')), 'finger-reader-error');
      assert.equal(ending(await reader.erase(17)), 'ok', 'an empty page is erased already');
    }));
});

describe('fingerprint reader: templates', () => {
  it('are read again when a packet was garbled, and never taken when one was lost: packets have no numbers', () =>
    on(async ({ enrol, order, reader, times }) => {
      assert.equal(ending(await enrol(THUMB)), 'ok');
      const whole = await reader.templateUp(0);
      assert.equal(await times('sendTemplate'), 2);
      await order({ do: 'spoil-data', how: 'garbled' });
      assert.deepEqual(await reader.templateUp(0), whole);
      assert.equal(await times('sendTemplate'), 5);
      await order({ do: 'spoil-data', how: 'lost' });
      assert.equal(ending(await reader.templateUp(0)), 'finger-reader-error');
      assert.deepEqual(await reader.templateUp(0), whole);
    }, impatient));

  it('of another length, none, or for a taken page are refused', () =>
    on(async ({ enrol, reader }) => {
      assert.equal(ending(await enrol(THUMB)), 'ok');
      assert.equal(ending(await reader.templateDown(1, Buffer.alloc(512, 7))), 'template-refused');
      assert.equal(ending(await reader.templateDown(1, Buffer.alloc(0))), 'template-refused');
      assert.equal(ending(await reader.templateDown(1, Buffer.alloc(10_000))), 'template-refused');
      assert.equal(ending(await reader.templateDown(0, Buffer.alloc(768, 7))), 'page-taken');
      assert.equal(ending(await reader.templateUp(1)), 'finger-not-enrolled');
    }));
});
