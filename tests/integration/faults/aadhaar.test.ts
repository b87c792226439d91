import assert from 'node:assert/strict';
import type { Bill } from '#protocol/bill/bill.js';
import type { DeviceState } from '#protocol/counter/device.js';
import type { ProblemCode } from '#protocol/counter/problem.js';
import { startRdSimulator, type RdSimulator } from '../../../firmware-agent/devices/aadhaar/simulator/simulator.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid } from '../../support/world-audit.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { assertTold, type MoneyWord } from '../../support/world-texts.js';
import { eventually } from '../../support/world-value.js';
import { inWorld, type World } from '../../support/world.js';

type Counter = { readonly world: World; readonly kiosk: TestKiosk; readonly screen: CounterClient; readonly rd: RdSimulator; readonly bill: Bill };

/** A counter whose services ask for a capture by Aadhaar, at the press of one bill. The money is audited at the end. */
function atCapture(expect: 'paid' | 'nothing', act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld({ presence: 'aadhaar' }, async (world) => {
    const rd = await startRdSimulator('127.0.0.1', [{ maker: 'plain', modality: 'finger', port: 0 }]);
    try {
      const [port = 0] = rd.ports;
      const kiosk = world.kiosk();
      kiosk.plug({ kind: 'aadhaar', firstPort: port, lastPort: port });
      await kiosk.start();
      const screen = await kiosk.openCounter();
      await stands(screen, 'ready');
      const bill = world.nextBill('JVVNL');
      const before = await auditSettled(world);
      await kiosk.toQuote(screen, bill);
      await act({ world, kiosk, screen, rd, bill });
      assert.deepEqual(moved(before, await auditSettled(world)), expect === 'paid' ? paid('JVVNL', bill.amountPaise) : {});
    } finally {
      await rd.close();
    }
  });
}

async function stands(screen: CounterClient, wanted: DeviceState): Promise<void> {
  await screen.when(({ header }) => header.devices.some(({ kind, state }) => kind === 'aadhaar' && state === wanted), `the device is ${wanted}`);
}

async function toPress({ screen, rd }: Counter, attempt = 1): Promise<void> {
  const before = await captures(rd);
  screen.send({ do: 'agree' });
  await screen.until('presence', (body) => body.phase === 'pressing' && body.attempt === attempt);
  await eventually('the service captures', async () => (await captures(rd)) > before);
}

async function captures(rd: RdSimulator): Promise<number> {
  const answer = await rd.order({ do: 'state' });
  assert.ok(answer.ok);
  return (answer.state as { services: readonly { captures: number }[] }).services[0]?.captures ?? 0;
}

/** What the screen says after a press in vain. */
async function inVain({ screen }: Counter, code: ProblemCode, money: MoneyWord = 'none-taken'): Promise<void> {
  const { problem } = await screen.until('presence', (body) => body.phase === 'again' && body.problem?.code === code);
  assert.ok(problem !== null);
  assertTold(problem, code, money);
}

async function payOut({ screen }: Counter): Promise<void> {
  await screen.until('tender');
  screen.send({ do: 'take-cash', received: '' });
  await screen.until('handover', ({ sale }) => sale.steps[2]?.state === 'done');
}

/** The money was refused before anything was saved, and the quote is over. */
async function refusedAtTender({ screen, kiosk }: Counter, code: ProblemCode, money: MoneyWord): Promise<void> {
  await screen.until('tender');
  screen.send({ do: 'take-cash', received: '' });
  const { problem } = await screen.until('menu', (body) => body.problem?.code === code);
  assert.ok(problem !== null);
  assertTold(problem, code, money);
  assert.equal(kiosk.entries().filter(({ body }) => body.kind === 'sale').length, 0);
}

const presses = (kiosk: TestKiosk): readonly string[] =>
  kiosk.entries().flatMap(({ body }) => (body.kind === 'presence' ? [`${body.attempt} ${body.by} ${body.outcome}`] : []));

describe('faults: a capture by Aadhaar', function () {
  this.timeout(60_000);

  it('one capture pays once, and only its hash stays', () =>
    atCapture('paid', async (counter) => {
      await toPress(counter);
      await counter.rd.order({ do: 'finger' });
      await payOut(counter);
      const [entry] = counter.kiosk.entries().flatMap(({ body }) => (body.kind === 'presence' ? [body] : []));
      assert.deepEqual([entry?.outcome, entry?.block?.length], ['given', 32]);
    }));

  it('nobody presses, a poor print, the service falls away: each is told, and the next press pays', () =>
    atCapture('paid', async (counter) => {
      const { rd, kiosk } = counter;
      await rd.order({ do: 'code', code: 700 });
      counter.screen.send({ do: 'agree' });
      await inVain(counter, 'aadhaar-not-captured');
      await toPress(counter, 2);
      await rd.order({ do: 'finger', quality: 5, times: 5 });
      await inVain(counter, 'aadhaar-poor');
      await rd.order({ do: 'normal' });
      await toPress(counter, 3);
      await rd.order({ do: 'unplug' });
      const fallen = await counter.screen.until('presence', (body) => body.phase === 'again' && body.attempt === 4);
      assert.match(fallen.problem?.code ?? '', /^aadhaar-(?:absent|error)$/u);
      await stands(counter.screen, 'absent');
      await rd.order({ do: 'normal' });
      await stands(counter.screen, 'ready');
      await toPress(counter, 4);
      await rd.order({ do: 'finger' });
      await payOut(counter);
      assert.deepEqual(presses(kiosk), ['1 aadhaar none', '2 aadhaar unclear', '3 aadhaar failed', '4 aadhaar given']);
    }));

  it('the department knows another person: nothing is saved, and the cash goes back', () =>
    atCapture('nothing', async (counter) => {
      counter.world.department('JVVNL').server.order({ do: 'refuse', on: 'presence', reason: 'not this person' });
      await toPress(counter);
      await counter.rd.order({ do: 'finger' });
      await refusedAtTender(counter, 'presence-refused', 'citizens');
    }));

  it('the department is down: nothing is saved, and the next bill wants a new press', () =>
    atCapture('nothing', async (counter) => {
      counter.world.department('JVVNL').server.order({ do: 'fail', on: 'presence' });
      await toPress(counter);
      await counter.rd.order({ do: 'finger' });
      await refusedAtTender(counter, 'department-down', 'citizens');
      counter.screen.send({ do: 'back' });
      await counter.kiosk.toQuote(counter.screen, counter.bill);
      counter.screen.send({ do: 'agree' });
      await counter.screen.until('presence', ({ phase, attempt }) => phase === 'pressing' && attempt === 1);
      counter.screen.send({ do: 'back' });
      await counter.screen.until('quote');
      counter.screen.send({ do: 'back' });
      await counter.screen.until('menu');
    }));

  it('the link is cut before the press: nobody presses for nothing', () =>
    atCapture('nothing', async (counter) => {
      const { world, kiosk, screen } = counter;
      kiosk.wire.cut();
      await screen.when(({ header }) => header.link.state !== 'online', 'the link is down');
      screen.send({ do: 'agree' });
      await inVain(counter, 'hub-down', 'citizens');
      assert.deepEqual(presses(kiosk), []);
      screen.send({ do: 'back' });
      await screen.until('quote');
      screen.send({ do: 'back' });
      await screen.until('menu');
      kiosk.wire.mend(world.hubPort);
    }));

  it('the link is cut after the press: nothing is saved', () =>
    atCapture('nothing', async (counter) => {
      const { world, kiosk, screen } = counter;
      await toPress(counter);
      await counter.rd.order({ do: 'finger' });
      await screen.until('tender');
      kiosk.wire.cut();
      await screen.when(({ header }) => header.link.state !== 'online', 'the link is down');
      await refusedAtTender(counter, 'hub-down', 'citizens');
      kiosk.wire.mend(world.hubPort);
    }));
});
