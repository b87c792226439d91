import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  answerIn,
  answers,
  dataFrames,
  indexBytes,
  pagesIn,
  parameterBytes,
  parametersIn,
  type ModuleParameters,
} from '../../../../firmware-agent/devices/finger-reader/codec/answers.js';
import * as say from '../../../../firmware-agent/devices/finger-reader/codec/commands.js';
import { codeOf, confirmationOf } from '../../../../firmware-agent/devices/finger-reader/codec/confirmation.js';
import { ANY_ADDRESS, encodeFrame, FrameReader, type Frame, type Heard } from '../../../../firmware-agent/devices/finger-reader/codec/frame.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const framesIn = (heard: readonly Heard[]): readonly Frame[] => heard.flatMap((one) => (one.heard === 'frame' ? [one.frame] : []));
const readAll = (bytes: Uint8Array): readonly Frame[] => {
  const reader = new FrameReader();
  return framesIn([...reader.read(bytes), ...reader.gap()]);
};

const payload = fc.uint8Array({ minLength: 1, maxLength: 256 });
const frame: fc.Arbitrary<Frame> = fc.record(
  { kind: fc.constantFrom('command' as const, 'data' as const, 'answer' as const, 'end-of-data' as const), payload },
  { noNullPrototype: true },
);
/** Bytes that like to look like frames. */
const nasty = fc
  .array(fc.oneof(fc.constantFrom(0xef, 0x01, 0xff, 0x07, 0x00, 0x03, 0x55), fc.integer({ min: 0, max: 255 })), { maxLength: 80 })
  .map((bytes) => Uint8Array.from(bytes));

describe('fingerprint module: frames', () => {
  const known: readonly (readonly [string, Uint8Array, string])[] = [
    ['VfyPwd 0', say.verifyPassword(0).payload, 'ef01ffffffff0100071300000000001b'],
    ['GetImage', say.getImage().payload, 'ef01ffffffff010003010005'],
    ['Search in all of 162', say.search(0, 162).payload, 'ef01ffffffff01000804010000' + '00a200b0'],
  ];
  for (const [name, bytes, wire] of known) {
    it(`${name} is ${wire}`, () => assert.equal(hex(encodeFrame(ANY_ADDRESS, { kind: 'command', payload: bytes })), wire));
  }

  it('reads the ok of a module', () => {
    const [heard] = readAll(Buffer.from('ef01ffffffff07000300000a', 'hex'));
    assert.deepEqual(heard, { kind: 'answer', payload: Uint8Array.of(0) });
    assert.equal(heard === undefined ? undefined : answerIn(heard)?.confirmation, 'ok');
  });

  const refused: readonly (readonly [string, string])[] = [
    ['of another address', 'ef01fffffffe07000300000a'],
    ['with a wrong sum', 'ef01ffffffff07000300000b'],
    ['of an unknown kind', 'ef01ffffffff03000300000a'],
    ['with no payload', 'ef01ffffffff0700020009'],
    ['longer than any packet', 'ef01ffffffff0701030000'],
  ];
  for (const [what, wire] of refused) {
    it(`takes a frame ${what} for noise, and reads the next`, () => {
      const good = encodeFrame(ANY_ADDRESS, { kind: 'answer', payload: Uint8Array.of(0) });
      assert.equal(readAll(Buffer.concat([Buffer.from(wire, 'hex'), good])).length, 1);
    });
  }

  it('does not look for a frame inside of a frame', () => {
    const inner = encodeFrame(ANY_ADDRESS, { kind: 'answer', payload: Uint8Array.of(0) });
    const outer = encodeFrame(ANY_ADDRESS, { kind: 'data', payload: Buffer.concat([Buffer.alloc(20), inner, Buffer.alloc(20)]) });
    assert.deepEqual(
      readAll(outer).map(({ kind }) => kind),
      ['data'],
    );
  });

  it('hears the ready byte outside of frames only', () => {
    assert.deepEqual(new FrameReader().read(Uint8Array.of(0x00, 0x55)), [{ heard: 'noise', bytes: 1 }, { heard: 'ready' }]);
    const carried = encodeFrame(ANY_ADDRESS, { kind: 'data', payload: Uint8Array.of(0x55) });
    assert.deepEqual(
      new FrameReader().read(carried).map(({ heard }) => heard),
      ['frame'],
    );
  });

  it('reads back every frame, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), fc.integer({ min: 1, max: 400 }), (frames, size) => {
        const bytes = Buffer.concat(frames.map((one) => encodeFrame(ANY_ADDRESS, one)));
        const reader = new FrameReader();
        const read: Frame[] = [];
        for (let at = 0; at < bytes.length; at += size) read.push(...framesIn(reader.read(bytes.subarray(at, at + size))));
        assert.deepEqual(read, frames);
        assert.equal(reader.heldBytes, 0);
      }),
    );
  });

  it('finds every frame between garbage', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(nasty, frame), { maxLength: 4 }), nasty, (pairs, tail) => {
        const bytes = Buffer.concat([...pairs.flatMap(([junk, one]) => [junk, encodeFrame(ANY_ADDRESS, one)]), tail]);
        const read = readAll(bytes).map((one) => `${one.kind} ${hex(one.payload)}`);
        // Garbage may hold a true frame by chance; ours are all there, in order.
        let from = 0;
        for (const [, one] of pairs) {
          const at = read.indexOf(`${one.kind} ${hex(one.payload)}`, from);
          assert.ok(at >= 0, 'a frame was lost');
          from = at + 1;
        }
      }),
    );
  });

  it('finds what follows a frame that was cut', () => {
    fc.assert(
      fc.property(frame, fc.nat(), frame, (broken, cut, whole) => {
        const first = encodeFrame(ANY_ADDRESS, broken);
        const bytes = Buffer.concat([first.subarray(0, cut % first.length), encodeFrame(ANY_ADDRESS, whole)]);
        // A checksum of EF or ..EF 01 is completed by the next frame's own beginning: nobody could tell.
        fc.pre(!bytes.subarray(0, first.length).equals(first));
        assert.deepEqual(readAll(bytes).at(-1), whole);
      }),
    );
  });

  it('takes any bytes in bounded memory, and tells of each byte once', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.uint8Array({ maxLength: 300 })), { maxLength: 12 }), (chunks) => {
        const reader = new FrameReader();
        const heard = [];
        for (const chunk of chunks) {
          heard.push(...reader.read(chunk));
          assert.ok(reader.heldBytes < 267);
        }
        heard.push(...reader.gap());
        const told = heard.reduce(
          (sum, one) => sum + (one.heard === 'frame' ? 11 + one.frame.payload.length : one.heard === 'ready' ? 1 : one.bytes),
          0,
        );
        assert.equal(
          told,
          chunks.reduce((sum, chunk) => sum + chunk.length, 0),
        );
      }),
    );
  });
});

describe('fingerprint module: answers', () => {
  it('has a name for each code and back; the rest is unknown', () => {
    for (let code = 0; code < 256; code += 1) {
      const name = confirmationOf(code);
      if (name !== 'unknown') assert.equal(codeOf(name), code);
    }
    assert.equal(confirmationOf(codeOf('unknown')), 'unknown');
    assert.equal(confirmationOf(0x13), 'wrong-password');
  });

  it('does not take an ok with foreign arguments for the answer', () => {
    const answer = (...bytes: number[]) => answerIn({ kind: 'answer', payload: Uint8Array.from(bytes) });
    const ok = answer(0) ?? assert.fail();
    const found = answer(0, 0, 7, 0, 90) ?? assert.fail();
    assert.equal(answers(say.getImage(), ok), true);
    assert.equal(answers(say.search(0, 1), ok), false);
    assert.equal(answers(say.search(0, 1), found), true);
    assert.equal(answers(say.store(1), found), false);
    assert.equal(answers(say.readParameters(), answer(2) ?? assert.fail()), false, 'no-finger answers an older GetImage');
    assert.equal(answers(say.readParameters(), answer(0x21) ?? assert.fail()), true);
    assert.equal(answerIn({ kind: 'data', payload: Uint8Array.of(0) }), undefined);
  });

  it('never repeats what changes the flash or compares', () => {
    for (const one of [say.store(0), say.erase(0, 1), say.empty(), say.match(), say.search(0, 1), say.merge(), say.setPassword(1)])
      assert.equal(one.again, 'never', one.name);
  });

  it('reads parameters back, and no nonsense', () => {
    const fields = {
      statusRegister: fc.integer({ min: 0, max: 0xffff }),
      systemId: fc.integer({ min: 0, max: 0xffff }),
      capacity: fc.integer({ min: 1, max: 10_000 }),
      securityLevel: fc.integer({ min: 1, max: 5 }),
      address: fc.integer({ min: 0, max: 0xffff_ffff }),
      packetBytes: fc.constantFrom(32 as const, 64 as const, 128 as const, 256 as const),
      baudRate: fc.integer({ min: 1, max: 12 }).map((n) => n * 9_600),
    };
    const parameters: fc.Arbitrary<ModuleParameters> = fc.record(fields, { noNullPrototype: true });
    fc.assert(fc.property(parameters, (one) => assert.deepEqual(parametersIn(parameterBytes(one)), one)));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const read = parametersIn(bytes);
        assert.ok(read === undefined || (bytes.length === 16 && read.capacity > 0));
      }),
    );
  });

  it('reads the index lowest bit first', () => {
    assert.deepEqual(pagesIn(0, Uint8Array.of(0b0000_0101, 0b1000_0000)), [0, 2, 15]);
    const pages = fc.uniqueArray(fc.integer({ min: 0, max: 1_023 })).map((all) => all.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(pages, (all) =>
        assert.deepEqual(
          [0, 1, 2, 3].flatMap((part) => pagesIn(part, indexBytes(part, all))),
          all,
        ),
      ),
    );
  });

  it('cuts data into whole packets, of which the last one alone says so', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), fc.constantFrom(32, 64, 128, 256), (bytes, packetBytes) => {
        const frames = dataFrames(bytes, packetBytes);
        assert.deepEqual(Buffer.concat(frames.map((one) => one.payload)), Buffer.from(bytes));
        assert.equal(frames.at(-1)?.kind, 'end-of-data');
        for (const one of frames.slice(0, -1)) assert.deepEqual([one.kind, one.payload.length], ['data', packetBytes]);
        assert.ok((frames.at(-1)?.payload.length ?? 0) <= packetBytes);
      }),
    );
  });
});
