import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { mosaicJpeg, mosaicPng, mosaicPnm, mosaicTiff, type Mosaic } from '../../../../firmware-agent/devices/picture/mosaic.js';
import { pictureOf } from '../../../../firmware-agent/devices/picture/picture.js';

const MOSAIC: Mosaic = { widthPx: 163, heightPx: 97, shade: (column, row) => (column * 37 + row * 91) % 256 };
const MAKERS = { png: mosaicPng, jpeg: mosaicJpeg, tiff: mosaicTiff, pnm: mosaicPnm } as const;
const HAS_IDENTIFY = spawnSync('identify', ['-version']).status === 0;

describe('pictures', () => {
  for (const [format, make] of Object.entries(MAKERS)) {
    const whole = make(MOSAIC);

    it(`${format}: format and size are read, and every cut is found`, () => {
      assert.deepEqual(pictureOf(whole), { ok: true, value: { format, widthPx: 163, heightPx: 97 } });
      for (let length = 0; length < whole.length; length += 1 + Math.floor(whole.length / 500)) {
        assert.equal(pictureOf(whole.subarray(0, length)).ok, false, `cut at ${length}`);
      }
    });

    it(`${format}: any bytes amidst it end in an answer`, () => {
      const broken = fc.array(fc.tuple(fc.nat(Math.min(400, whole.length - 1)), fc.nat(255)), { maxLength: 12 });
      fc.assert(
        fc.property(broken, (changes) => {
          const bytes = Uint8Array.from(whole);
          for (const [at, byte] of changes) bytes[at] = byte;
          assert.equal(typeof pictureOf(bytes).ok, 'boolean');
        }),
      );
    });

    const identify = HAS_IDENTIFY ? it : it.skip;
    identify(
      `${format}: another program decodes the simulators' pictures${HAS_IDENTIFY ? '' : ' (identify is not installed: Debian imagemagick)'}`,
      () => {
        const seen = spawnSync('identify', ['-format', '%w %h %[fx:int(p{0,0}.r*255+0.5)] %[fx:int(p{12,12}.r*255+0.5)]', '-'], {
          input: whole,
          encoding: 'utf8',
        });
        assert.equal(seen.stderr, '');
        assert.equal(seen.stdout, '163 97 0 128');
      },
    );
  }

  it('any bytes at all end in an answer', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => assert.equal(typeof pictureOf(bytes).ok, 'boolean')));
  });
});
