import assert from 'node:assert/strict';
import type { BenchResult } from '#protocol/technician/bench.js';
import { peekSheet } from '#protocol/technician/sheet.js';
import type { ToTechnician } from '#protocol/technician/messages.js';
import { BenchDesk } from '../../../firmware-agent/bench/desk.js';
import { TechnicianSession } from '../../../firmware-agent/bench/session.js';
import type { BenchCheck } from '../../../firmware-agent/devices/device.js';
import { Devices } from '../../../firmware-agent/devices/devices.js';
import type { DeviceReport } from '../../../firmware-agent/devices/ports.js';
import { systemTimers } from '../../../firmware-agent/devices/timers.js';
import { FakePrinter } from '../agent/bench.js';
import { valueOf } from '../../support/world-value.js';

const PASS: BenchResult = { outcome: 'pass', detail: 'fine', facts: {} };

type Table = { readonly desk: BenchDesk; readonly printer: FakePrinter; activity: 'idle' | 'sale' };

function table(bench: readonly BenchCheck[] = [], station: readonly BenchCheck[] = []): Table {
  const printer = new FakePrinter();
  const devices = new Devices([
    { kind: 'printer', name: 'printer', where: 'here', handle: printer, forms: { kind: 'plain' }, drawer: 'none', bench },
  ]);
  const made: Table = {
    desk: new BenchDesk({ devices, station, activity: () => made.activity, timers: systemTimers }),
    printer,
    activity: 'idle',
  };
  return made;
}

const check = (name: string, run: BenchCheck['run']): BenchCheck => ({ check: name, title: name, needs: 'nobody', run });
/** Goes on until it is told to stop. */
const patient = check(
  'patient',
  (_tell, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ ...PASS, outcome: 'not-done' }))),
);

const silent = (): void => undefined;
const never = new AbortController().signal;

describe("the technician's desk", () => {
  it('gives every device a status check from its own report, unless its kind has a better one', async () => {
    const { desk, printer } = table();
    const seen = async (report: DeviceReport): Promise<string> => {
      printer.report = report;
      return valueOf(await desk.run('printer', 'status', silent, never)).outcome;
    };
    assert.equal(await seen({ state: 'ready' }), 'pass');
    assert.equal(await seen({ state: 'warning', problem: { code: 'printer-near-end' } }), 'pass');
    assert.equal(await seen({ state: 'trouble', problem: { code: 'paper-out' } }), 'fail');
    const own = table([check('status', async () => ({ ...PASS, facts: { model: 'TM' } }))]);
    assert.equal(valueOf(await own.desk.run('printer', 'status', silent, never)).facts['model'], 'TM');
    assert.equal(own.desk.checks().filter((line) => line.check === 'status').length, 1);
  });

  it('says of a device that is away why there is no line to it', async () => {
    const { desk, printer } = table();
    printer.report = { state: 'absent', problem: { code: 'printer-absent' } };
    printer.away = 'no permission for /dev/usb/lp0';
    assert.equal(valueOf(await desk.run('printer', 'status', silent, never)).facts['why'], 'no permission for /dev/usb/lp0');
    printer.report = { state: 'ready' };
    printer.away = undefined;
    assert.deepEqual(valueOf(await desk.run('printer', 'status', silent, never)).facts, {});
  });

  it('leaves devices alone while a citizen is served; reading stays possible', async () => {
    const at = table([check('print', async () => PASS)]);
    at.activity = 'sale';
    const refused = await at.desk.run('printer', 'print', silent, never);
    assert.equal(refused.ok ? '' : refused.error.code, 'counter-busy');
    assert.ok((await at.desk.run('printer', 'status', silent, never)).ok);
  });

  it('runs one check at a time on a device, and ends it when a sale begins', async () => {
    const at = table([patient]);
    const first = at.desk.run('printer', 'patient', silent, never);
    assert.ok(at.desk.isTrying('printer'));
    const second = await at.desk.run('printer', 'patient', silent, never);
    assert.equal(second.ok ? '' : second.error.code, 'device-busy');
    at.activity = 'sale';
    at.desk.counterChanged();
    assert.equal(valueOf(await first).outcome, 'not-done');
    assert.ok(!at.desk.isTrying('printer'));
  });

  it('says so when a check itself fails, and knows what there is not', async () => {
    const { desk } = table([
      check('broken', () => {
        throw new Error('a defect');
      }),
    ]);
    const broken = valueOf(await desk.run('printer', 'broken', silent, never));
    assert.deepEqual([broken.outcome, broken.detail], ['fail', 'the check itself failed: a defect']);
    const unknown = await desk.run('printer', 'fly', silent, never);
    assert.equal(unknown.ok ? '' : unknown.error.code, 'unknown');
  });
});

describe("a technician's session", () => {
  const begin = (at: Table): ((id: number, ask: Parameters<TechnicianSession['take']>[1]) => Promise<ToTechnician>) => {
    const session = new TechnicianSession({ desk: at.desk, identity: undefined, software: 'x', now: () => 1_000, discover: () => [] });
    return async (id, ask) => {
      let last: ToTechnician | undefined;
      await session.take(id, ask, (message) => (last = message));
      if (last === undefined) throw new Error('no answer');
      return last;
    };
  };

  it('makes no sheet of nothing, and one that names what was left out', async () => {
    const ask = begin(table([check('print', async () => PASS), check('cut', async () => PASS)]));
    const none = await ask(1, { do: 'sheet' });
    assert.ok(none.t === 'refused' && none.code === 'nothing');
    await ask(2, { do: 'run', device: 'printer', check: 'print' });
    const made = await ask(3, { do: 'sheet' });
    assert.ok(made.t === 'answer' && made.answer.to === 'sheet');
    const { rows, kiosk } = valueOf(peekSheet(made.answer.file)).facts;
    assert.equal(kiosk, null);
    assert.deepEqual(
      rows.map((row) => [row.check, row.outcome]),
      [
        ['status', 'not-done'],
        ['print', 'pass'],
        ['cut', 'not-done'],
      ],
    );
  });

  it('takes the word of a person against the device, never for it', async () => {
    const ask = begin(table([check('print', async () => PASS), check('jam', async () => ({ ...PASS, outcome: 'fail' }))]));
    await ask(1, { do: 'run', device: 'printer', check: 'print' });
    const bad = await ask(2, { do: 'judge', run: 1, saw: 'bad' });
    assert.ok(bad.t === 'answer' && bad.answer.to === 'judge' && bad.answer.result.outcome === 'fail');
    await ask(3, { do: 'run', device: 'printer', check: 'jam' });
    const good = await ask(4, { do: 'judge', run: 3, saw: 'good' });
    assert.ok(good.t === 'answer' && good.answer.to === 'judge' && good.answer.result.outcome === 'fail');
    assert.equal((await ask(5, { do: 'judge', run: 99, saw: 'good' })).t, 'refused');
  });

  it('what only eyes can tell is not done until somebody says what they saw, and done by their word alone where the device has none', async () => {
    const told = (outcome: BenchResult['outcome']): BenchCheck['run'] => {
      return async (tell) => {
        tell('look-at-paper');
        return { ...PASS, outcome };
      };
    };
    const ask = begin(
      table([check('sure', told('pass')), check('unsure', told('not-done')), check('no-eyes', async () => ({ ...PASS, outcome: 'not-done' }))]),
    );
    let id = 0;
    const run = async (name: string): Promise<number> => {
      id += 1;
      await ask(id, { do: 'run', device: 'printer', check: name });
      return id;
    };
    const outcomes = async (): Promise<string> => {
      id += 1;
      const made = await ask(id, { do: 'sheet' });
      assert.ok(made.t === 'answer' && made.answer.to === 'sheet');
      return valueOf(peekSheet(made.answer.file))
        .facts.rows.slice(1)
        .map(({ outcome }) => outcome)
        .join(' ');
    };
    const runs = [await run('sure'), await run('unsure'), await run('no-eyes')];
    assert.equal(await outcomes(), 'not-done not-done not-done');
    for (const one of runs) {
      id += 1;
      await ask(id, { do: 'judge', run: one, saw: 'good' });
    }
    assert.equal(await outcomes(), 'pass pass not-done');
  });

  it('prints the sheet on the receipt printer, not in the middle of a sale', async () => {
    const at = table([check('print', async () => PASS)]);
    const ask = begin(at);
    assert.equal((await ask(1, { do: 'print-sheet', language: 'en' })).t, 'refused');
    await ask(2, { do: 'run', device: 'printer', check: 'print' });
    await ask(3, { do: 'sheet' });
    at.activity = 'sale';
    const busy = await ask(4, { do: 'print-sheet', language: 'en' });
    assert.ok(busy.t === 'refused' && busy.code === 'counter-busy');
    at.activity = 'idle';
    const done = await ask(5, { do: 'print-sheet', language: 'hi' });
    assert.ok(done.t === 'answer' && done.answer.to === 'print-sheet' && done.answer.outcome === 'printed');
    assert.equal(at.printer.papers.length, 1);
  });
});
