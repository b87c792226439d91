import type { BenchResult } from '#protocol/technician/bench.js';
import { paise } from '#protocol/money/paise.js';
import { rupeesInWords } from '#protocol/money/words.js';
import type { BenchCheck } from '../device.js';
import type { SpeakerHandle } from './port.js';

const SUM = paise(123_456_50n);

/** What a technician can try on a speaker. */
export function speakerBench(speaker: SpeakerHandle): readonly BenchCheck[] {
  return [
    {
      check: 'say',
      title: 'says a sum in Hindi and in English',
      needs: 'somebody',
      run: async (tell): Promise<BenchResult> => {
        tell('listen');
        for (const language of ['hi', 'en'] as const) {
          const said = await speaker.say(rupeesInWords(SUM, language), language);
          if (said.ok) continue;
          const { code, detail } = said.error;
          return { outcome: 'fail', detail: detail.slice(0, 300), facts: { language }, ...(code === 'stopped' ? {} : { problem: { code } }) };
        }
        return { outcome: 'pass', detail: 'the program said both without an error', facts: {} };
      },
    },
  ];
}
