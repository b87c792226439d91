import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSpeakerSimulator } from '../../../firmware-agent/devices/speaker/simulator/simulator.js';
import { auditSettled, moved, paid } from '../../support/world-audit.js';
import { deviceShown, withDevice } from '../../support/world-devices.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { eventually } from '../../support/world-value.js';
import { inWorld } from '../../support/world.js';

describe('faults of the place for temporary files', () => {
  sideBySide({
    'the place for temporary files': {
      'is gone while the counter speaks: the counter goes on selling, and speaks': () =>
        inWorld({}, (world) =>
          withDevice(startSpeakerSimulator(), async (speaker) => {
            const kiosk = world.kiosk();
            kiosk.plug({ kind: 'speaker', program: speaker.program });
            const place = join(kiosk.folder, 'temporary');
            mkdirSync(place);
            await kiosk.startProcess({ TMPDIR: place });
            const screen = await kiosk.openCounter();
            rmSync(place, { recursive: true });
            for (const count of [1, 2]) {
              const before = await auditSettled(world);
              const bill = world.nextBill('JVVNL');
              const { quote } = await kiosk.toTender(screen, bill);
              await eventually('the sum was said', () => speaker.spoken().length === count);
              assert.equal(speaker.spoken().at(-1)?.text, quote.words.en);
              screen.send({ do: 'take-cash', received: '' });
              await screen.until('handover', ({ sale }) => sale.transaction === quote.transaction);
              await kiosk.next(screen);
              assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
            }
            await deviceShown(screen, { name: 'speaker', state: 'ready' });
          }),
        ),

      'holds a scan of a killed agent: the next start removes it': () =>
        inWorld({}, async (world) => {
          const kiosk = world.kiosk();
          const place = join(kiosk.folder, 'temporary');
          const left = join(place, 'jharokha-private-999999999-1-abcdef');
          mkdirSync(left, { recursive: true });
          writeFileSync(join(left, 'p0001.jpeg'), 'a scanned page');
          await kiosk.startProcess({ TMPDIR: place });
          assert.equal(existsSync(left), false);
        }),
    },
  });
});
