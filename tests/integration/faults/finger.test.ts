import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startFingerSimulator, type FingerSimulator } from '../../../firmware-agent/devices/finger-reader/simulator/simulator.js';
import { run } from '../../../provisioning/demo/tool.js';
import { BenchClient } from '../../../provisioning/technician/doctor/client.js';
import type { Bill } from '#protocol/bill/bill.js';
import type { ProblemCode } from '#protocol/counter/problem.js';
import { departmentCode } from '#protocol/identity/identity.js';
import { TECHNICIAN_SOCKET } from '#protocol/technician/messages.js';
import type { CounterClient } from '../../support/counter-client.js';
import { auditSettled, moved, paid } from '../../support/world-audit.js';
import type { TestKiosk } from '../../support/world-kiosk.js';
import { assertTold } from '../../support/world-texts.js';
import { eventually, valueOf } from '../../support/world-value.js';
import { inWorld } from '../../support/world.js';

const THUMB = 'right-thumb';

type Counter = {
  readonly kiosk: TestKiosk;
  readonly screen: CounterClient;
  readonly reader: FingerSimulator;
  readonly bill: Bill;
  readonly hubDir: string;
};

/** A counter whose services ask for a finger, with the thumb of this bill's consumer enrolled. The money is audited at the end. */
function atReader(expect: 'paid' | 'nothing', act: (counter: Counter) => Promise<void>): Promise<void> {
  return inWorld({ presence: 'finger', consumerPattern: '\\d{8,12}' }, async (world) => {
    const reader = await startFingerSimulator({ host: '127.0.0.1', port: 0, model: 'zfm20' });
    try {
      const kiosk = world.kiosk();
      kiosk.plug({ kind: 'finger-reader', transport: 'tcp', host: reader.host, port: reader.port });
      await kiosk.start();
      const screen = await kiosk.openCounter();
      const bill = world.nextBill('JVVNL');
      await enrol(kiosk, reader, bill);
      const before = await auditSettled(world);
      await act({ kiosk, screen, reader, bill, hubDir: world.hubDir });
      assert.deepEqual(moved(before, await auditSettled(world)), expect === 'paid' ? paid('JVVNL', bill.amountPaise) : {});
    } finally {
      await reader.close();
    }
  });
}

/** By the technician's own socket, while the person lays and lifts the thumb as told. */
async function enrol(kiosk: TestKiosk, reader: FingerSimulator, { department, consumer }: Bill): Promise<void> {
  const client = valueOf(await BenchClient.connect(join(kiosk.folder, TECHNICIAN_SOCKET)));
  const asked = client.ask({ do: 'enrol-finger', reader: 'finger-reader', department, consumer }, (prompt) => {
    void reader.order(prompt === 'lay-finger' ? { do: 'press', finger: THUMB } : { do: 'lift' });
  });
  assert.equal(valueOf(await asked.answer).page, 0);
  await reader.order({ do: 'lift' });
  client.close();
}

async function toPresence({ kiosk, screen, bill }: Counter): Promise<void> {
  await kiosk.toQuote(screen, bill);
  screen.send({ do: 'agree' });
  await screen.until('presence', ({ phase, attempt }) => phase === 'pressing' && attempt === 1);
}

/** Lays a finger once the reader has seen its glass free: what lay there before is nobody's press. */
async function lay({ reader }: Counter, press: { readonly finger: string; readonly quality?: 'messy' }): Promise<void> {
  const looks = async (): Promise<number> => (await reader.order({ do: 'state' })).commands['getImage'] ?? 0;
  const before = await looks();
  while ((await looks()) < before + 2) await new Promise((resolve) => setImmediate(resolve));
  await reader.order({ do: 'press', until: 'captured', ...press });
}

/** What the screen says after a press in vain; no money is said to have moved. */
async function inVain({ screen }: Counter, code: ProblemCode): Promise<void> {
  const { problem } = await screen.until('presence', (body) => body.phase === 'again' && body.problem?.code === code);
  assert.ok(problem !== null);
  assertTold(problem, code, 'none-taken');
}

async function payOut({ screen }: Counter): Promise<void> {
  await screen.until('tender');
  screen.send({ do: 'take-cash', received: '' });
  await screen.until('handover', ({ sale }) => sale.steps[2]?.state === 'done');
}

const presses = (kiosk: TestKiosk): readonly string[] =>
  kiosk.entries().flatMap(({ body }) => (body.kind === 'presence' ? [`${body.attempt} ${body.by} ${body.outcome}`] : []));

describe('faults: a finger for one sum', function () {
  this.timeout(60_000);

  it('one press that fits pays once', () =>
    atReader('paid', async (counter) => {
      await toPresence(counter);
      await lay(counter, { finger: THUMB });
      await payOut(counter);
      assert.deepEqual(presses(counter.kiosk), ['1 finger given']);
    }));

  it('another finger, a smudge and no finger are told apart; nothing presses again by itself', () =>
    atReader('paid', async (counter) => {
      await toPresence(counter);
      await lay(counter, { finger: 'a-stranger' });
      await inVain(counter, 'finger-no-match');
      counter.screen.send({ do: 'agree' });
      await counter.screen.until('presence', ({ phase, attempt }) => phase === 'pressing' && attempt === 2);
      await lay(counter, { finger: THUMB, quality: 'messy' });
      await inVain(counter, 'finger-unclear');
      counter.screen.send({ do: 'agree' });
      await counter.screen.until('presence', ({ phase, attempt }) => phase === 'pressing' && attempt === 3);
      await lay(counter, { finger: THUMB });
      await payOut(counter);
      assert.deepEqual(presses(counter.kiosk), ['1 finger no-match', '2 finger unclear', '3 finger given']);
    }));

  it('the reader is pulled in the middle of a press; the witness stands in after three', () =>
    atReader('paid', async (counter) => {
      await toPresence(counter);
      await counter.reader.order({ do: 'unplug' });
      await inVain(counter, 'finger-reader-absent');
      for (const attempt of [2, 3]) {
        counter.screen.send({ do: 'agree' });
        await counter.screen.until('presence', (body) => body.phase === 'again' && body.attempt === attempt + 1);
      }
      counter.screen.send({ do: 'take-witness', witness: 'Sita Devi, card 4471' });
      await payOut(counter);
      assert.deepEqual(presses(counter.kiosk), ['1 finger failed', '2 finger failed', '3 finger failed', '4 witness given']);
      const { operator } = counter.kiosk.entries().findLast(({ body }) => body.kind === 'sale') ?? {};
      const shown = await run(['hub', 'kiosk', 'presence', '--dir', counter.hubDir, '--json']);
      assert.equal(shown.code, 0, shown.err);
      assert.deepEqual(JSON.parse(shown.out), {
        shares: [{ kiosk: counter.kiosk.code, operator, finger: 0, aadhaar: 0, witness: 1, nobody: 0 }],
        findings: [],
      });
    }));

  it('a reader that answers nonsense or nothing takes nothing from anybody', () =>
    atReader('nothing', async (counter) => {
      await toPresence(counter);
      await counter.reader.order({ do: 'silent' });
      const body = await counter.screen.until('presence', ({ phase }) => phase === 'again');
      assert.match(body.problem?.code ?? '', /^finger-reader-(?:silent|absent|error)$/u);
      counter.screen.send({ do: 'back' });
      await counter.screen.until('quote');
      counter.screen.send({ do: 'back' });
      await counter.screen.until('menu');
    }));

  it('leaving the press while the finger is being compared withdraws it: the next asking is a new one', () =>
    atReader('paid', async (counter) => {
      const { screen, reader, kiosk } = counter;
      await toPresence(counter);
      await reader.order({ do: 'slow', delayMs: 100 });
      const made = (await reader.order({ do: 'state' })).commands['extract'] ?? 0;
      await lay(counter, { finger: THUMB });
      await eventually('the features are being made', async () => ((await reader.order({ do: 'state' })).commands['extract'] ?? 0) > made);
      screen.send({ do: 'back' });
      await screen.until('quote');
      await eventually('it is written down', () => presses(kiosk).length === 1);
      await reader.order({ do: 'normal' });
      screen.send({ do: 'agree' });
      await screen.until('presence', ({ phase, attempt }) => phase === 'pressing' && attempt === 1);
      await lay(counter, { finger: THUMB });
      await payOut(counter);
      assert.deepEqual(presses(kiosk), ['1 finger withdrawn', '2 finger given']);
    }));

  it('an enrolment under way ends when a citizen comes: the press for a sum is nobody else’s finger', () =>
    atReader('paid', async (counter) => {
      const { kiosk, screen, bill } = counter;
      const client = valueOf(await BenchClient.connect(join(kiosk.folder, TECHNICIAN_SOCKET)));
      let begun: () => void = () => undefined;
      const laying = new Promise<void>((resolve) => (begun = resolve));
      const other = { do: 'enrol-finger', reader: 'finger-reader', department: bill.department, consumer: '210100009999' } as const;
      const enrolling = client.ask(other, () => begun());
      await laying;
      await toPresence(counter);
      assert.equal((await enrolling.answer).ok, false);
      await lay(counter, { finger: THUMB });
      await payOut(counter);
      const { fingers } = valueOf(await client.ask({ do: 'fingers', reader: 'finger-reader' }).answer);
      assert.deepEqual(
        fingers.map(({ consumer }) => consumer),
        [bill.consumer],
      );
      screen.send({ do: 'confirm' });
      client.close();
    }));

  it('an enrolment for a number that no person can have takes no finger', () =>
    atReader('nothing', async ({ kiosk }) => {
      const enrolFor = (department: string, consumer: string): ReturnType<typeof run> =>
        run(['provision', 'finger', 'enrol', department, consumer, '--dir', kiosk.folder]);
      const wrong = await enrolFor('JVVNL', '2101');
      assert.equal(wrong.code, 75);
      assert.match(wrong.err, /"2101" is no consumer number of JVVNL: such as 210412003456/u);
      assert.match((await enrolFor('NONE', '210100000101')).err, /no service of the rule book is of NONE; there are JVVNL, PHED, BSNL/u);
      assert.match((await enrolFor('JVVNL', ' ')).err, /is no consumer number/u);
      assert.equal((await enrolFor('JVVNL', '1'.repeat(25))).code, 64);
    }));

  it('a finger of one department’s consumer is nobody’s at another with the same number', () =>
    atReader('nothing', async (counter) => {
      const { kiosk, reader, bill } = counter;
      const client = valueOf(await BenchClient.connect(join(kiosk.folder, TECHNICIAN_SOCKET)));
      valueOf(await client.ask({ do: 'erase-finger', reader: 'finger-reader', page: 0 }).answer);
      client.close();
      await enrol(kiosk, reader, { ...bill, department: departmentCode.parse('PHED') });
      await kiosk.toQuote(counter.screen, bill);
      counter.screen.send({ do: 'agree' });
      await inVain(counter, 'finger-not-enrolled');
    }));

  it('leaving the press ends it: a finger laid later is nobody’s consent', () =>
    atReader('nothing', async (counter) => {
      await toPresence(counter);
      counter.screen.send({ do: 'back' });
      await counter.screen.until('quote');
      await counter.reader.order({ do: 'press', finger: THUMB, until: 'captured' });
      counter.screen.send({ do: 'back' });
      await counter.screen.until('menu');
      assert.deepEqual(
        presses(counter.kiosk).filter((press) => press.includes('given')),
        [],
      );
    }));
});
