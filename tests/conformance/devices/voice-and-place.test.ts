import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paise } from '#protocol/money/paise.js';
import { rupeesInWords } from '#protocol/money/words.js';
import { readSentence } from '../../../firmware-agent/devices/gnss/codec.js';
import { reportOf } from '../../../firmware-agent/devices/gnss/simulator/simulator.js';
import { startSpeaker } from '../../../firmware-agent/devices/speaker/handle.js';
import { tempFolder, until } from '../../unit/devices/world.js';

const PYTHON = '/usr/bin/python3';
const HAS_NMEA = spawnSync(PYTHON, ['-c', 'import pynmea2']).status === 0;
const HAS_VOICE = spawnSync('espeak-ng', ['--version']).status === 0;
const SKY = { latitude: -26.924, longitude: 75.8146, satellites: 9, hdop: 0.9, fault: 'none' } as const;

if (HAS_NMEA) {
  describe('NMEA 0183, by pynmea2', () => {
    it('reads what the virtual receiver says', () => {
      const program =
        'import sys,pynmea2\nfor l in sys.stdin.read().split():\n  m=pynmea2.parse(l,check=True)\n  print(m.sentence_type, getattr(m,"latitude",""), getattr(m,"longitude",""))';
      const done = spawnSync(PYTHON, ['-c', program], { input: reportOf(SKY, new Date(0)), encoding: 'utf8' });
      assert.equal(done.status, 0, done.stderr);
      const [gga = '', rmc = '', gsa = ''] = done.stdout.trim().split('\n');
      for (const line of [gga, rmc]) {
        const [, latitude, longitude] = line.split(' ').map(Number);
        assert.ok(Math.abs((latitude ?? 0) + 26.924) < 1e-6 && Math.abs((longitude ?? 0) - 75.8146) < 1e-6, line);
      }
      assert.match(gsa, /^GSA/u);
    });

    it('its sentences are read here', () => {
      const program =
        'import pynmea2\nprint(str(pynmea2.GGA("GI","GGA",("101010.00","2655.44","N","07548.87","E","1","07","1.2","431.0","M","-52.0","M","",""))))';
      const done = spawnSync(PYTHON, ['-c', program], { encoding: 'utf8' });
      const read = readSentence(done.stdout.trim());
      assert.ok(read?.kind === 'fix' && read.quality === 'satellites' && Math.abs(read.latitude - 26.924) < 1e-6, done.stdout);
    });
  });
} else {
  it.skip('NMEA by pynmea2 needs Debian package python3-nmea2, which is not installed here');
}

if (HAS_VOICE) {
  describe('espeak-ng itself', () => {
    /** Seconds of 16-bit mono in a WAV file. */
    const secondsOf = (file: string): number => {
      const wav = readFileSync(file);
      return (wav.length - 44) / 2 / wav.readUInt32LE(24);
    };

    for (const language of ['en', 'hi'] as const) {
      it(`says a sum in ${language}, by the command line that the counter uses`, async () => {
        const folder = tempFolder();
        const sound = join(folder.path, 'sum.wav');
        const program = join(folder.path, 'voice');
        writeFileSync(program, `#!/bin/sh\nexec espeak-ng -w '${sound}' "$@"\n`);
        chmodSync(program, 0o755);
        const speaker = startSpeaker({ program });
        try {
          await until(speaker, ({ state }) => state === 'ready');
          assert.equal((await speaker.say(rupeesInWords(paise(1_980n), language), language)).ok, true);
          const short = secondsOf(sound);
          assert.equal((await speaker.say(rupeesInWords(paise(123_456_78n), language), language)).ok, true);
          assert.ok(short > 0.8 && secondsOf(sound) > short * 1.5, `${short} s and ${secondsOf(sound)} s`);
        } finally {
          await speaker.close();
          folder.remove();
        }
      });
    }
  });
} else {
  it.skip('the voice itself needs Debian package espeak-ng, which is not installed here');
}
