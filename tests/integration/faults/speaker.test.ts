import assert from 'node:assert/strict';
import { startSpeakerSimulator, type Spoken, type SpeakerSimulator } from '../../../firmware-agent/devices/speaker/simulator/simulator.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid } from '../../support/world-audit.js';
import { deviceShown, withDevice } from '../../support/world-devices.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { assertTold } from '../../support/world-texts.js';
import { eventually } from '../../support/world-value.js';
import { inWorld, type World } from '../../support/world.js';

type Counter = { readonly world: World; readonly kiosk: TestKiosk; readonly screen: CounterClient; readonly speaker: SpeakerSimulator };

function atSpeaker(act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld({}, (world) =>
    withDevice(startSpeakerSimulator(), async (speaker) => {
      const kiosk = world.kiosk();
      kiosk.plug({ kind: 'speaker', program: speaker.program });
      await kiosk.start();
      await act({ world, kiosk, speaker, screen: await kiosk.openCounter() });
    }),
  );
}

/** What was heard so far is exactly this. */
function heard({ speaker }: Counter, wanted: readonly Omit<Spoken, 'end'>[]): Promise<void> {
  const said = (): string => JSON.stringify(speaker.spoken().map(({ voice, text }) => ({ voice, text })));
  return eventually(`heard ${JSON.stringify(wanted)}`, () => said() === JSON.stringify(wanted));
}

async function sellsOne({ world, kiosk, screen }: Counter): Promise<void> {
  const before = await auditSettled(world);
  const bill = world.nextBill('JVVNL');
  await kiosk.sell(screen, bill);
  await kiosk.next(screen);
  assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
}

describe('faults of the voice', () => {
  sideBySide({
    'it speaks': {
      'the sum at the quote, once; again when asked; and in the language of the screen': () =>
        atSpeaker(async (counter) => {
          const { world, kiosk, screen } = counter;
          const { quote } = await kiosk.toQuote(screen, world.nextBill('JVVNL'));
          const english = { voice: 'en', text: quote.words.en };
          const hindi = { voice: 'hi', text: quote.words.hi };
          await heard(counter, [english]);
          screen.send({ do: 'say-amount' });
          await heard(counter, [english, english]);
          screen.send({ do: 'set-language', language: 'hi' });
          await screen.when(({ header }) => header.language === 'hi', 'Hindi');
          screen.send({ do: 'say-amount' });
          await heard(counter, [english, english, hindi]);
          screen.send({ do: 'back' });
          await screen.until('menu');
          const next = await kiosk.toQuote(screen, world.nextBill('PHED'));
          await heard(counter, [english, english, hindi, { voice: 'hi', text: next.quote.words.hi }]);
        }),

      'nothing is said before there is a sum, and nothing at the cash': () =>
        atSpeaker(async (counter) => {
          const { world, kiosk, screen } = counter;
          screen.send({ do: 'say-amount' });
          const { quote } = await kiosk.toTender(screen, world.nextBill('JVVNL'));
          const sum = { voice: 'en', text: quote.words.en };
          // To its end: a voice that is only starting is cut off by the next before anybody hears it.
          await heard(counter, [sum]);
          screen.send({ do: 'say-amount' });
          screen.send({ do: 'back' });
          await screen.until('quote');
          await heard(counter, [sum, sum]);
        }),
    },
    'it fails': {
      'no sound: told, and the payment goes its whole way': () =>
        atSpeaker(async (counter) => {
          const { speaker, screen } = counter;
          await speaker.order({ do: 'fail' });
          await sellsOne(counter);
          const told = await deviceShown(screen, { name: 'speaker', state: 'warning', code: 'speaker-error' });
          assertTold(told, 'speaker-error', 'nothing-lost');
          assert.deepEqual(speaker.spoken(), []);
          await speaker.order({ do: 'normal' });
          await sellsOne(counter);
          await deviceShown(screen, { name: 'speaker', state: 'ready' });
        }),

      'it hangs: nobody waits, the next sum cuts the old one short, and the counter stops at once': () =>
        atSpeaker(async (counter) => {
          const { speaker, kiosk } = counter;
          await speaker.order({ do: 'hang' });
          await sellsOne(counter);
          await speaker.order({ do: 'normal' });
          await sellsOne(counter);
          await eventually('the second was said to its end', () => speaker.spoken().length === 2);
          assert.deepEqual(
            speaker.spoken().map(({ end }) => end),
            ['stopped', 'whole'],
          );
          await kiosk.stop();
        }),
    },
  });
});
