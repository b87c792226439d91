import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { problemOfPress, type Against } from '../../../../firmware-agent/devices/finger-reader/port.js';
import { templateHash } from '../../../../firmware-agent/devices/finger-reader/press.js';
import { eventually } from '../../../support/world-value.js';
import { OPCODE } from '../../../../firmware-agent/devices/finger-reader/codec/commands.js';
import { PressCount } from '../../../../firmware-agent/devices/finger-reader/press-count.js';
import { BILL, ending, IMPATIENT, inWord, onReader, overTcp, THUMB, type Bench, type World } from './world.js';

const OTHER = createHash('sha256').update('another bill').digest();
const on = (work: (bench: Bench) => Promise<void>, world: Partial<World> = {}): Promise<void> => onReader(overTcp, work, world);

describe('fingerprint reader: a press', () => {
  it('is counted for what it is bound to, and told before its result', () =>
    on(async ({ enrol, press, attempts }) => {
      await enrol(THUMB);
      await press('stranger');
      await press(THUMB, undefined, { quality: 'messy' });
      assert.equal(inWord(await press(undefined, undefined, { timeoutMs: 30 })), 'no-finger: time-out');
      await press(THUMB, undefined, { boundTo: OTHER });
      await press(THUMB);
      const told = attempts.map(({ attempt, boundTo, outcome }) => `${attempt} ${Buffer.from(boundTo).equals(BILL) ? 'bill' : 'other'} ${outcome}`);
      assert.deepEqual(told, ['1 bill no-match', '2 bill unclear', '3 bill no-finger', '1 other matched', '3 bill matched']);
      assert.deepEqual(
        attempts.map(({ score }) => typeof score),
        ['undefined', 'undefined', 'undefined', 'number', 'number'],
      );
    }));

  it('has no result when the attempt can not be written down', () =>
    on(async ({ reader, sim, enrol, press }) => {
      await enrol(THUMB);
      const lost = reader.press({
        boundTo: BILL,
        against: { kind: 'anyone' },
        timeoutMs: 5_000,
        onAttempt: () => Promise.reject(new Error('the disk is full')),
        onPrompt: () => void sim.order({ do: 'press', finger: THUMB, until: 'captured' }),
      });
      await assert.rejects(lost, /the disk is full/u);
      assert.equal(inWord(await press(THUMB)), 'matched 0', 'the reader goes on');
    }));

  it('refuses to be bound to anything but a hash', () =>
    on(({ press }) => assert.rejects(press(THUMB, undefined, { boundTo: Buffer.from('short') }), /bound to a SHA-256/u)));

  for (const [quality, why] of [
    ['messy', 'image-messy'],
    ['few-features', 'too-few-features'],
    ['image-failed', 'image-failed'],
  ] as const) {
    it(`with a ${quality} finger is unclear, and is not repeated by itself`, () =>
      on(async ({ press, times }) => {
        const outcome = await press(THUMB, undefined, { quality });
        assert.equal(inWord(outcome), `unclear: ${why}`);
        assert.equal(problemOfPress(outcome), 'finger-unclear');
        assert.equal(await times('search'), 0);
      }));
  }

  it('is not made by a finger that lay there before it was asked for', () =>
    on(async ({ order, press, enrol, times }) => {
      await enrol(THUMB);
      await order({ do: 'press', finger: THUMB });
      assert.equal(inWord(await press(undefined, undefined, { timeoutMs: 60 })), 'no-finger: not-lifted');
      assert.equal(await times('search'), 0);
      await order({ do: 'lift' });
      assert.equal(inWord(await press(THUMB)), 'matched 0');
    }));

  it('says lift-finger, and takes the finger that is laid anew', () =>
    on(async ({ reader, sim, enrol }) => {
      await enrol(THUMB);
      await sim.order({ do: 'press', finger: THUMB });
      const prompts: string[] = [];
      const outcome = await reader.press({
        boundTo: BILL,
        against: { kind: 'anyone' },
        timeoutMs: 5_000,
        onAttempt: () => undefined,
        onPrompt: (prompt) => {
          prompts.push(prompt);
          void sim.order(prompt === 'lift-finger' ? { do: 'lift' } : { do: 'press', finger: THUMB });
        },
      });
      assert.equal(inWord(outcome), 'matched 0');
      assert.deepEqual(prompts, ['lift-finger', 'lay-finger']);
    }));

  it('ends soon after it is cancelled', () =>
    on(async ({ reader, press }) => {
      const abort = new AbortController();
      const outcome = await reader.press({
        boundTo: BILL,
        against: { kind: 'anyone' },
        timeoutMs: 60_000,
        signal: abort.signal,
        onAttempt: () => undefined,
        onPrompt: () => abort.abort(),
      });
      assert.equal(inWord(outcome), 'no-finger: cancelled');
      assert.equal(inWord(await press('stranger')), 'no-match');
    }));

  it('that is cancelled while the image is worked on is compared with nothing', () =>
    on(async ({ order, enrol, press, times }) => {
      await enrol(THUMB);
      const made = await times('extract');
      await order({ do: 'slow', delayMs: 100 });
      const abort = new AbortController();
      const pressed = press(THUMB, undefined, { signal: abort.signal });
      await eventually('the features are being made', async () => (await times('extract')) > made);
      abort.abort();
      assert.equal(inWord(await pressed), 'no-finger: cancelled');
      assert.equal(await times('search'), 0);
    }));

  it('against a page that holds another finger than was enrolled there fails before anyone is asked', () =>
    on(async ({ order, reader, enrol, press, times }) => {
      await enrol(THUMB);
      const template = await reader.templateUp(0);
      assert.ok(template.ok);
      const page: Against = { kind: 'page', page: 0, templateSha256: templateHash(template.value) };
      assert.equal(inWord(await press(THUMB, page)), 'matched 0');
      await order({ do: 'spoil-data', how: 'lost' });
      assert.equal(inWord(await press(THUMB, page)), 'matched 0', 'a byte lost on the line is no other finger');
      await reader.erase(0);
      await enrol('stranger');
      const asked = await times('getImage');
      assert.equal(inWord(await press('stranger', page)), 'failed: finger-not-enrolled');
      assert.equal(await times('getImage'), asked);
    }));

  it('against a page without a finger, or a template of another make, fails before anyone is asked', () =>
    on(async ({ press, times }) => {
      assert.equal(inWord(await press(THUMB, { kind: 'page', page: 3 })), 'failed: finger-not-enrolled');
      assert.equal(inWord(await press(THUMB, { kind: 'template', bytes: Buffer.alloc(100, 1) })), 'failed: finger-reader-error');
      assert.equal(inWord(await press(THUMB, { kind: 'page', page: 5_000 })), 'failed: finger-reader-error');
      assert.equal(await times('getImage'), 0);
    }));

  it('whose comparison is not answered fails, and compares once only', () =>
    on(
      async ({ enrol, press, order, times, attempts }) => {
        assert.equal(ending(await enrol(THUMB)), 'ok');
        await order({ do: 'lose-answer', opcode: OPCODE.search });
        assert.equal(inWord(await press(THUMB)), 'failed: finger-reader-silent');
        assert.equal(await times('search'), 1);
        assert.equal(inWord(await press(THUMB)), 'matched 0');
        assert.deepEqual(
          attempts.map(({ attempt }) => attempt),
          [1, 2],
          'a finger lay there: the press counts',
        );
      },
      { reader: { delays: IMPATIENT } },
    ));

  it('whose image is not answered looks again', () =>
    on(
      async ({ enrol, press, order }) => {
        assert.equal(ending(await enrol(THUMB)), 'ok');
        await order({ do: 'lose-command', opcode: OPCODE.getImage });
        assert.equal(inWord(await press(THUMB)), 'matched 0');
      },
      { reader: { delays: IMPATIENT } },
    ));
});

describe('fingerprint reader: counting', () => {
  it('forgets the oldest thing, not the one pressed for lately', () => {
    const count = new PressCount();
    const thing = (n: number): Uint8Array => createHash('sha256').update(String(n)).digest();
    count.add(thing(0));
    for (let n = 1; n < 256; n += 1) count.add(thing(n));
    count.add(thing(0));
    count.add(thing(256));
    assert.deepEqual(
      [0, 1, 2, 256, 999].map((n) => count.next(thing(n))),
      [3, 1, 2, 2, 1],
    );
  });
});
