import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Operator } from '#platform/terminal/operator.js';
import { order } from '../../provisioning/demo/orders.js';
import { SIMULATED, startSimulators } from '../../provisioning/demo/simulators.js';
import { run, startService, stopService, type Service } from '../../provisioning/demo/tool.js';

const MAIN = fileURLToPath(new URL('../../bin/main.js', import.meta.url));

describe('the dock', function () {
  this.timeout(60_000);
  const started: Service[] = [];
  let root = '';
  let screen: Operator | undefined;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'jharokha-dock-'));
    await startSimulators(SIMULATED, { root, kioskDir: join(root, 'kiosk'), width: '58mm' }, async (name, words) => {
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

  const open = (): Operator => {
    screen = new Operator({ command: process.execPath, args: [MAIN, 'dock', '--dir', root], columns: 100, rows: 34 });
    return screen;
  };

  it('shows every device with its state, and redraws when a state changes elsewhere', async () => {
    const dock = open();
    await dock.waitFor(/> printer .*paper present/u);
    await dock.waitFor(/ {2}scanner .*plugged/u);
    await order(join(root, 'printer.control'), { do: 'cover-open' });
    await dock.waitFor(/cover open/u);
    await order(join(root, 'printer.control'), { do: 'normal' });
    await dock.waitFor(/cover closed/u);
  });

  it('gives the order that a key chooses', async () => {
    const dock = open();
    const rows = await dock.waitFor(/^ {2}\S paper-out/u);
    const key = /^ {2}(\S) paper-out/u.exec(rows.find((row) => row.includes('paper-out')) ?? '')?.[1] ?? '';
    dock.type(key);
    await dock.waitFor('printer paper-out: done');
    await dock.waitFor(/paper out/u);
    dock.type(':');
    dock.type('refill');
    dock.press('enter');
    await dock.waitFor('printer refill: done');
    await dock.waitFor(/paper present/u);
  });

  it('asks for what an order wants, and says what was wrong with it', async () => {
    const dock = open();
    await dock.waitFor(/> printer/u);
    dock.press('down');
    await dock.waitFor(/> scanner/u);
    dock.type('a');
    await dock.waitFor('scanner: scan <text>');
    dock.type('A CODE WITH q');
    await dock.waitFor('A CODE WITH q');
    dock.press('enter');
    await dock.waitFor('refused: nothing is connected to the scanner');
    dock.type(':suffix never');
    dock.press('enter');
    await dock.waitFor('"never" is not <suffix=cr|lf|crlf>');
  });

  it('leaves with q and gives the terminal back', async () => {
    const dock = open();
    await dock.waitFor(/> printer/u);
    dock.type('q');
    assert.equal(await dock.exited, 0);
  });

  it('takes the same orders by command', async () => {
    const words = (...more: string[]): string[] => ['dock', ...more, '--dir', root];
    const out = await run(words('printer', 'paper-out'));
    assert.equal(out.code, 0, out.err);
    assert.match(out.out, /paper out/u);
    await run(words('printer', 'normal'));
    const listed = await run(words('list'));
    assert.match(listed.out, /scan <text>.*a code before the window/u);
    const unknown = await run(words('printer', 'explode'));
    assert.equal(unknown.code, 1);
    assert.match(unknown.err, /knows no "explode"; it knows: paper-out/u);
    const missing = await run(words('scanner', 'scan'));
    assert.match(missing.err, /scan wants <text>/u);
  });
});
