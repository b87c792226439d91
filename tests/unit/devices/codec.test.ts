import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AnswerReader, type Answer } from '../../../firmware-agent/devices/printer/codec/answers.js';
import { BAND_BYTES, BAND_ROWS, rasterBands } from '../../../firmware-agent/devices/printer/codec/bands.js';
import * as say from '../../../firmware-agent/devices/printer/codec/commands.js';
import { Interpreter, type Command } from '../../../firmware-agent/devices/printer/simulator/interpreter.js';
import { Receiver } from '../../../firmware-agent/devices/printer/simulator/receiver.js';
import { stack, type Bitmap } from '../../../firmware-agent/devices/raster/bitmap.js';
import { paperBitmap } from '../../../firmware-agent/devices/raster/paper.js';
import { differences, HINDI_RECEIPT } from './world.js';

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe('printer codec: what we say', () => {
  const said: readonly (readonly [string, Uint8Array, string])[] = [
    ['ESC @ and left', say.initialise(), '1b401b6100'],
    ['GS a', say.tellChanges(), '1d610e'],
    ['DLE EOT 1', say.askRealtime(1), '100401'],
    ['DLE EOT 4', say.askRealtime(4), '100404'],
    ['GS r 1', say.askPaper(), '1d7201'],
    ['GS I maker', say.askName('maker'), '1d4942'],
    ['GS I model', say.askName('model'), '1d4943'],
    ['GS ( H', say.askProcess('0042'), '1d284806003030' + '30303432'],
    ['DLE ENQ 2', say.recoverCleared(), '100502'],
    ['DLE DC4 8', say.clearBuffers(), '10140801031401060208'],
    ['GS V 66', say.cut('partial'), '1d564200'],
    ['GS V 65', say.cut('full'), '1d564100'],
    ['ESC J, without a knife', say.cut('none'), '1b4a90'],
    ['drawer on pin 2', say.kickDrawer(2), '1b70003c78'],
    ['drawer on pin 5', say.kickDrawer(5), '1b70013c78'],
    ['GS v 0', say.rasterHeader(48, 128), '1d76300030008000'],
  ];
  for (const [name, bytes, expected] of said) it(name, () => assert.equal(hex(bytes), expected));

  it('refuses a process id that is not four printable characters', () => {
    for (const id of ['', '123', '12345', '12\n4']) assert.throws(() => say.askProcess(id));
  });
});

describe('printer codec: answers', () => {
  const good: readonly (readonly [readonly number[], Answer])[] = [
    [[0x12], { kind: 'realtime', bits: 0x12 }],
    [[0x7e], { kind: 'realtime', bits: 0x7e }],
    [[0x10, 0, 0, 0], { kind: 'changed', bits: [0x10, 0, 0, 0] }],
    [[0x38, 0x08, 0x0f, 0x0f], { kind: 'changed', bits: [0x38, 0x08, 0x0f, 0x0f] }],
    [[0x00], { kind: 'queued', bits: 0 }],
    [[0x0f], { kind: 'queued', bits: 0x0f }],
    [[...Buffer.from('_EPSON\0')], { kind: 'name', text: 'EPSON' }],
    [[0x37, 0x22, ...Buffer.from('0042'), 0], { kind: 'process', id: '0042' }],
    [[0x11], { kind: 'flow', go: 'on' }],
    [[0x13], { kind: 'flow', go: 'off' }],
    [[0xff], { kind: 'noise', byte: 0xff }],
  ];
  for (const [bytes, answer] of good) {
    it(`reads ${hex(Uint8Array.from(bytes))} as ${answer.kind}`, () => assert.deepEqual(new AnswerReader().read(Uint8Array.from(bytes)), [answer]));
  }

  it('reads a real-time answer that came between the four bytes of a change', () => {
    assert.deepEqual(new AnswerReader().read(Uint8Array.from([0x18, 0x00, 0x12, 0x0c, 0x00])), [
      { kind: 'realtime', bits: 0x12 },
      { kind: 'changed', bits: [0x18, 0, 0x0c, 0] },
    ]);
  });

  it('reads any bytes at all, however they are cut, the same way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(40), { maxLength: 40 }), (bytes, cuts) => {
        const whole = new AnswerReader().read(bytes);
        const reader = new AnswerReader();
        const pieces: Answer[] = [];
        let at = 0;
        for (const cut of cuts) {
          pieces.push(...reader.read(bytes.subarray(at, at + cut)));
          at = Math.min(bytes.length, at + cut);
        }
        pieces.push(...reader.read(bytes.subarray(at)));
        assert.deepEqual(pieces, whole);
      }),
      { numRuns: 500 },
    );
  });

  it('is right again after any garbage: at once after a pause, by the second change without one', () => {
    const change = Uint8Array.from([0x38, 0x08, 0x0c, 0x00]);
    const expected: Answer = { kind: 'changed', bits: [0x38, 0x08, 0x0c, 0x00] };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        const rested = new AnswerReader();
        rested.read(garbage);
        rested.pause();
        assert.deepEqual(rested.read(change), [expected]);
        const hurried = new AnswerReader();
        hurried.read(garbage);
        hurried.read(change);
        assert.deepEqual(hurried.read(change).at(-1), expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps no more of a name that never ends than a name may have', () => {
    const reader = new AnswerReader();
    const answers = reader.read(Buffer.from(`_${'A'.repeat(10_000)}`));
    assert.ok(answers.every(({ kind }) => kind === 'noise' || kind === 'realtime' || kind === 'queued' || kind === 'changed'));
    assert.ok(answers.length > 0);
  });
});

describe('printer codec: pictures', () => {
  const noise = fc
    .tuple(fc.integer({ min: 1, max: 576 }), fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 0xffff }))
    .map(([widthDots, heightDots, seed]): Bitmap => {
      const bytesPerRow = Math.ceil(widthDots / 8);
      let state = seed + 1;
      const data = Uint8Array.from({ length: bytesPerRow * heightDots }, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        // Rich in the very bytes that are dangerous.
        return [0x10, 0x04, 0x05, 0x14, 0x01, 0x00, 0xff, (state >> 8) & 0xff][(state >> 16) & 7] ?? 0;
      });
      return { widthDots, heightDots, bytesPerRow, data };
    });

  const commandsIn = (bytes: Uint8Array): readonly Command[] => {
    const interpreter = new Interpreter();
    interpreter.push(bytes);
    const commands: Command[] = [];
    for (let next = interpreter.next(); next !== 'more'; next = interpreter.next()) commands.push(next);
    assert.equal(interpreter.bufferedBytes, 0);
    return commands;
  };

  it('never say anything that a receiver would take for a real-time command', () => {
    fc.assert(
      fc.property(noise, (bitmap) => {
        const receiver = new Receiver();
        const bytes = Buffer.concat([...rasterBands(bitmap), say.cut('partial'), say.askPaper()]);
        for (let i = 0; i + 1 < bytes.length; i += 1) {
          assert.ok(!(bytes[i] === 0x10 && [0x04, 0x05, 0x14].includes(bytes[i + 1] ?? 0)), `at ${i}`);
        }
        for (const byte of bytes) assert.equal(receiver.hear(byte), undefined);
      }),
      { numRuns: 60 },
    );
  });

  it('come out dot by dot as drawn, but for a dot at the left of a dangerous one', () => {
    fc.assert(
      fc.property(noise, (bitmap) => {
        const bands = rasterBands(bitmap).map((band): Bitmap => {
          assert.ok(band.length <= BAND_BYTES);
          const [command, ...rest] = commandsIn(band);
          assert.deepEqual(rest, []);
          assert.ok(command?.do === 'raster' && command.rows <= BAND_ROWS);
          return { widthDots: command.bytesPerRow * 8, heightDots: command.rows, bytesPerRow: command.bytesPerRow, data: command.data };
        });
        const printed = stack(bands, bitmap.bytesPerRow * 8);
        assert.equal(printed.heightDots, bitmap.heightDots);
        assert.equal(differences(bitmap, printed).missing, 0);
        for (const [i, byte] of printed.data.entries()) if (byte !== bitmap.data[i]) assert.deepEqual([bitmap.data[i], byte], [0x10, 0x30]);
      }),
      { numRuns: 40 },
    );
  });

  it('change at most a dot or two of a real receipt, and cut it between lines', () => {
    for (const width of ['58mm', '80mm'] as const) {
      const paper = paperBitmap(HINDI_RECEIPT, width);
      const bands = rasterBands(paper);
      const printed = stack(
        bands
          .flatMap(commandsIn)
          .flatMap((c) =>
            c.do === 'raster' ? [{ widthDots: c.bytesPerRow * 8, heightDots: c.rows, bytesPerRow: c.bytesPerRow, data: c.data }] : [],
          ),
        paper.widthDots,
      );
      const { missing, extra } = differences(paper, printed);
      assert.equal(missing, 0);
      assert.ok(extra <= 3, `${extra} added dots`);
    }
  });

  it('has nothing to send for no paper', () => {
    assert.deepEqual(rasterBands({ widthDots: 384, heightDots: 0, bytesPerRow: 48, data: new Uint8Array() }), []);
  });
});

describe('virtual printer: reading commands', () => {
  it('takes any bytes in any pieces without an error, and always comes to an end', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }), (chunks) => {
        const interpreter = new Interpreter();
        let steps = 0;
        for (const chunk of chunks) {
          interpreter.push(chunk);
          while (interpreter.next() !== 'more') steps += 1;
        }
        assert.ok(steps <= chunks.reduce((sum, chunk) => sum + chunk.length, 0));
      }),
      { numRuns: 300 },
    );
  });
});
