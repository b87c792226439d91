import assert from 'node:assert/strict';
import { startSpeaker, SPEAKER_DELAYS } from '../../../../firmware-agent/devices/speaker/handle.js';
import { startSpeakerSimulator, type SpeakerSimulator } from '../../../../firmware-agent/devices/speaker/simulator/simulator.js';
import type { SpeakerHandle } from '../../../../firmware-agent/devices/speaker/port.js';
import { until } from '../world.js';

const DELAYS = { ...SPEAKER_DELAYS, pollMs: 20, program: { wholeMs: 2_000, silenceMs: 2_000, lastWordsMs: 200, interruptMs: 200 } };

async function on(work: (sim: SpeakerSimulator, speaker: SpeakerHandle) => Promise<void>): Promise<void> {
  const sim = await startSpeakerSimulator();
  const speaker = startSpeaker({ program: sim.program, delays: DELAYS });
  try {
    await until(speaker, ({ state }) => state === 'ready');
    await work(sim, speaker);
  } finally {
    await speaker.close();
    await sim.close();
  }
}

describe('speaker', () => {
  it('says a text in its language, whole, whatever stands in it', () =>
    on(async (sim, speaker) => {
      assert.equal((await speaker.say('एक हज़ार नौ सौ अस्सी रुपये', 'hi')).ok, true);
      assert.equal((await speaker.say('-w /tmp/x; $(reboot)', 'en')).ok, true);
      assert.deepEqual(sim.spoken(), [
        { voice: 'hi', text: 'एक हज़ार नौ सौ अस्सी रुपये', end: 'whole' },
        { voice: 'en', text: '-w /tmp/x; $(reboot)', end: 'whole' },
      ]);
    }));

  it('the newest wins: the next citizen does not hear the last sum', () =>
    on(async (sim, speaker) => {
      await sim.order({ do: 'slow', eachMs: 1_500 });
      const first = speaker.say('one', 'en');
      while ((await sim.order({ do: 'state' })).ok && sim.spoken().length === 0) {
        const second = speaker.say('two', 'en');
        const said = await first;
        assert.equal(said.ok ? '' : said.error.code, 'stopped');
        assert.equal((await second).ok, true);
      }
      assert.equal(sim.spoken().at(-1)?.text, 'two');
    }));

  it('a failure is told, takes nobody’s time, and is over with the next good word', () =>
    on(async (sim, speaker) => {
      await sim.order({ do: 'fail' });
      const said = await speaker.say('one', 'en');
      assert.equal(said.ok ? '' : said.error.code, 'speaker-error');
      await until(speaker, ({ problem }) => problem?.code === 'speaker-error');
      await sim.order({ do: 'normal' });
      assert.equal((await speaker.say('one', 'en')).ok, true);
      await until(speaker, ({ state }) => state === 'ready');
    }));

  it('a voice that hangs is ended', () =>
    on(async (sim, speaker) => {
      await sim.order({ do: 'hang' });
      const said = await speaker.say('one', 'en');
      assert.equal(said.ok ? '' : said.error.code, 'speaker-error');
    }));

  it('is absent where the program is', async () => {
    const speaker = startSpeaker({ program: '/nowhere/espeak-ng', delays: DELAYS });
    const said = await speaker.say('one', 'en');
    assert.deepEqual([said.ok ? '' : said.error.code, speaker.state().problem?.code], ['speaker-absent', 'speaker-absent']);
    await speaker.close();
  });
});
