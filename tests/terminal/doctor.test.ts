import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Operator } from '#platform/terminal/operator.js';
import { SIMULATED, startSimulators } from '../../provisioning/demo/simulators.js';
import { startService, stopService, type Service } from '../../provisioning/demo/tool.js';

const MAIN = fileURLToPath(new URL('../../bin/main.js', import.meta.url));

describe('the doctor with a technician at the keys', function () {
  this.timeout(60_000);
  const started: Service[] = [];
  let root = '';
  let screen: Operator | undefined;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'jharokha-doctor-keys-'));
    mkdirSync(join(root, 'paper'));
    const printers = SIMULATED.filter(({ name }) => name === 'printer');
    await startSimulators(printers, { root, kioskDir: join(root, 'kiosk'), width: '58mm' }, async (name, words) => {
      const service = await startService(name, words, root);
      started.push(service);
      return service;
    });
  });

  afterEach(() => screen?.close());

  after(async () => {
    await Promise.all(started.map((service) => stopService(service)));
    rmSync(root, { recursive: true, force: true });
  });

  const open = (...words: readonly string[]): Operator => {
    const args = [MAIN, 'provision', 'doctor', '--dir', join(root, 'kiosk'), ...words];
    screen = new Operator({ command: process.execPath, args, columns: 160, rows: 70 });
    return screen;
  };
  const answer = (doctor: Operator, text: string): void => {
    doctor.type(text);
    doctor.press('enter');
  };

  it('asks again after a slip, offers a failed check anew, and loses no sheet whose folder went away', async () => {
    const out = join(root, 'out');
    mkdirSync(out);
    const doctor = open('--out', join(out, 'x.sheet'));
    await doctor.waitFor(/prints a test paper.*/u, 30_000);
    await doctor.waitFor('Enter: do it. S, then Enter: leave it out.');
    rmSync(out, { recursive: true });
    answer(doctor, 'skip it');
    await doctor.waitFor('"skip it" is no answer.');
    answer(doctor, '');
    await doctor.waitFor(/\?\? Is the paper whole/u, 30_000);
    answer(doctor, 'yep');
    await doctor.waitFor('"yep" is no answer.');
    answer(doctor, 'NO');
    await doctor.waitFor('the person at the machine says that it is not right');
    await doctor.waitFor('T, then Enter: try once more. Enter: go on.');
    answer(doctor, 't');
    await doctor.waitFor((rows) => rows.filter((row) => row.includes('?? Is the paper whole')).length === 2, 30_000);
    answer(doctor, 'y');
    await doctor.waitFor(/\[ ok \] prints a test paper/u);
    await doctor.waitFor((rows) => rows.filter((row) => row.includes('Enter: do it.')).length === 3);
    answer(doctor, 's');
    await doctor.waitFor(/the sheet could not be written to .*ENOENT/u, 30_000);
    const other = join(root, 'other.sheet');
    await doctor.waitFor('Another file for it');
    answer(doctor, other);
    await doctor.waitFor(/Sheet written to/u);
    assert.equal(await doctor.exited, 3);
    assert.ok(existsSync(other));
  });

  for (const [how, key] of [
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ] as const)
    it(`leaves out the rest and makes the sheet at ${how}`, async () => {
      const doctor = open();
      await doctor.waitFor('Enter: do it.', 30_000);
      doctor.type(key);
      await doctor.waitFor(/PARTIAL/u, 30_000);
      assert.equal(await doctor.exited, 3);
    });
});
