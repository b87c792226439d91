import assert from 'node:assert/strict';
import { auditSettled, moved, paid } from '../../support/world-audit.js';
import { isDuplicate, papersOf } from '../../support/world-paper.js';
import { assertTold } from '../../support/world-texts.js';
import { eventually } from '../../support/world-value.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { inWorld } from '../../support/world.js';

describe('faults of the agent’s process', () => {
  sideBySide({
    'the agent’s process': {
      'is started a second time: the second says so and ends with 75, the first goes on with its sale': () =>
        inWorld({}, async (world) => {
          const kiosk = world.kiosk();
          await kiosk.startProcess();
          const screen = await kiosk.openCounter();
          const before = await auditSettled(world);
          const bill = world.nextBill('JVVNL');
          const { quote } = await kiosk.toTender(screen, bill);
          const second = kiosk.spawnAgent();
          assert.equal(await second.exited, 75);
          assert.match(second.said(), /another agent is serving/u);
          screen.send({ do: 'take-cash', received: '' });
          await screen.until('handover', ({ sale }) => sale.transaction === quote.transaction);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'is killed with the cash on the table: the next start says that nothing was saved, in the language of before [INV-43]': () =>
        inWorld({}, async (world) => {
          const kiosk = world.kiosk();
          await kiosk.startProcess();
          const screen = await kiosk.openCounter();
          screen.send({ do: 'set-language', language: 'hi' });
          const before = await auditSettled(world);
          const bill = world.nextBill('JVVNL');
          const { quote } = await kiosk.toTender(screen, bill);
          await kiosk.kill();
          await kiosk.startProcess();
          const later = await kiosk.openCounter();
          assert.equal(later.view.header.language, 'hi');
          const { problem } = await later.until('menu');
          assertTold(problem, 'restarted-in-sale', 'citizens');
          assert.equal(problem?.values?.['transaction'], quote.transaction);
          assert.deepEqual(moved(before, await auditSettled(world)), {});
          await kiosk.sell(later, bill);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'is killed after the commit and before the paper: the sale is safe, and its receipt the original': () =>
        inWorld({}, async (world) => {
          const kiosk = world.kiosk();
          await kiosk.startProcess();
          const screen = await kiosk.openCounter();
          const before = await auditSettled(world);
          const bill = world.nextBill('JVVNL');
          await kiosk.printer.order({ do: 'paper-out' });
          await kiosk.toTender(screen, bill);
          screen.send({ do: 'take-cash', received: '' });
          await screen.until('print-trouble');
          await kiosk.kill();
          await kiosk.printer.order({ do: 'refill' });
          await kiosk.startProcess();
          const later = await kiosk.screen();
          await later.when(({ header }) => header.link.state === 'online' && header.devices.every((d) => d.state === 'ready'), 'link and devices');
          await kiosk.logIn(later);
          const body = await later.until('print-trouble');
          assertTold(body.problem, 'printer-silent', 'safe');
          assert.equal(body.problem.values?.['cause'], 'restart');
          later.send({ do: 'confirm' });
          await later.until('handover');
          assert.deepEqual((await papersOf(kiosk)).map(isDuplicate), [false]);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'is killed while the receipt prints: the operator is asked, and a further copy says DUPLICATE [INV-42]': () =>
        inWorld({}, async (world) => {
          const kiosk = world.kiosk();
          await kiosk.startProcess();
          const screen = await kiosk.openCounter();
          const before = await auditSettled(world);
          const bill = world.nextBill('JVVNL');
          await kiosk.printer.order({ do: 'stall', afterBytes: 4_000 });
          await kiosk.toTender(screen, bill);
          screen.send({ do: 'take-cash', received: '' });
          await screen.until('working', ({ waitsFor }) => waitsFor === 'printer');
          await eventually('the printer has a part of the receipt', async () => {
            const { receivedBytes } = (await kiosk.printer.order({ do: 'state' })) as { readonly receivedBytes: number };
            return receivedBytes >= 4_000;
          });
          await kiosk.kill();
          await kiosk.printer.order({ do: 'normal' });
          await kiosk.startProcess();
          const later = await kiosk.screen();
          await later.when(({ header }) => header.link.state === 'online' && header.devices.every((d) => d.state === 'ready'), 'link and devices');
          await kiosk.logIn(later);
          const body = await later.until('print-trouble', ({ ask }) => ask === 'did-it-print');
          assertTold(body.problem, 'print-unknown', 'safe');
          later.send({ do: 'print-now' });
          await later.until('handover');
          const whole = (await papersOf(kiosk)).filter((paper) => paper.end === 'cut').at(-1);
          assert.ok(whole !== undefined && isDuplicate(whole));
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),
    },
  });
});
