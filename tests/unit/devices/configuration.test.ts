import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readDevices } from '../../../firmware-agent/devices/configuration.js';
import { deviceConfig, openDevice } from '../../../firmware-agent/devices/devices.js';
import { SLIP, tempFolder, until } from './world.js';

describe('device configuration', () => {
  it('fills in what is usual', () => {
    assert.deepEqual(deviceConfig.parse({ kind: 'printer', transport: 'serial', path: '/dev/ttyUSB0', width: '80mm' }), {
      kind: 'printer',
      language: 'escpos',
      cutter: 'partial',
      drawer: false,
      transport: 'serial',
      path: '/dev/ttyUSB0',
      baudRate: 115_200,
      flow: 'none',
      width: '80mm',
      confirmation: 'paper-status',
      drawerPin: 2,
    });
  });

  it('knows a dot-matrix printer by its language', () => {
    assert.deepEqual(deviceConfig.parse({ kind: 'printer', language: 'escp', transport: 'character-device', path: '/dev/usb/lp0' }), {
      kind: 'printer',
      language: 'escp',
      transport: 'character-device',
      path: '/dev/usb/lp0',
      pins: 24,
      columns: 80,
      formLines: 72,
      forms: 'plain',
      stockLowAt: 20,
    });
  });

  const refused: readonly unknown[] = [
    { kind: 'printer', language: 'escp', transport: 'tcp', host: 'h', port: 9100, width: '58mm' },
    { kind: 'printer', language: 'escp', transport: 'tcp', host: 'h', port: 9100, pins: 18 },
    { kind: 'printer', transport: 'tcp', host: 'h', port: 9100, width: '58mm', forms: 'pre-printed' },
    { kind: 'printer', transport: 'tcp', host: 'h', port: 9100, width: '58mm', logo: 'logo.png' },
    { kind: 'printer', transport: 'tcp', host: 'h', port: 9100 },
    { kind: 'printer', language: 'escp', transport: 'tcp', host: 'h', port: 9100, drawer: true },
    { kind: 'printer', transport: 'tcp', host: 'h', port: 0, width: '58mm' },
    { kind: 'printer', transport: 'character-device', path: '/tmp/lp0', width: '58mm' },
    { kind: 'printer', transport: 'tcp', host: 'h', port: 9100, width: '58mm', colour: 'red' },
    { kind: 'scanner', transport: 'character-device', path: '/dev/input0' },
    { kind: 'scanner', transport: 'serial', path: 'COM3' },
    { kind: 'kettle', transport: 'tcp', host: 'h', port: 1 },
  ];
  it('refuses a list in which two printers have the drawer', () => {
    const { path, remove } = tempFolder();
    const line = (name: string, drawer: boolean) => ({ kind: 'printer', name, transport: 'tcp', host: name, port: 9100, width: '58mm', drawer });
    const read = (second: boolean) => {
      writeFileSync(join(path, 'devices.json'), JSON.stringify([line('a', true), line('b', second)]));
      return readDevices(path);
    };
    assert.equal(read(false).ok, true);
    const both = read(true);
    assert.match(both.ok ? '' : both.error.detail, /only one printer may have the drawer/u);
    remove();
  });

  for (const config of refused) it(`refuses ${JSON.stringify(config)}`, () => assert.equal(deviceConfig.safeParse(config).success, false));
});

const SIMULATE = `
  const { Command } = await import(${JSON.stringify(import.meta.resolve('commander'))});
  const { registerSimulators } = await import(${JSON.stringify(new URL('../../../firmware-agent/devices/simulation/commands.js', import.meta.url).href)});
  const program = new Command('devices');
  registerSimulators(program);
  await program.parseAsync(process.argv.slice(1), { from: 'user' });
`;

/** A simulator in a process of its own, as the demo starts it, and what it said when it was ready. */
async function simulate(...words: readonly string[]): Promise<{ readonly process: ChildProcess; readonly ready: Record<string, unknown> }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SIMULATE, '--', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready`)));
  });
  return { process: child, ready: JSON.parse(line) as Record<string, unknown> };
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code));
    child.kill('SIGTERM');
  });
}

/** Sends lines to a control socket and gives as many answers. */
function control(path: string, lines: readonly string[]): Promise<readonly { readonly ok: boolean; readonly [key: string]: unknown }[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const answers: { ok: boolean }[] = [];
    socket.once('error', reject);
    createInterface({ input: socket }).on('line', (line) => {
      answers.push(JSON.parse(line) as { ok: boolean });
      if (answers.length === lines.length) {
        socket.destroy();
        resolve(answers);
      }
    });
    socket.write(lines.map((line) => `${line}\n`).join(''));
  });
}

describe('simulators as processes', () => {
  it('prints through a configured device and steers the printer from outside', async () => {
    const folder = tempFolder();
    const papers = join(folder.path, 'papers');
    const path = join(folder.path, 'printer.sock');
    const { process: child, ready } = await simulate('simulate', 'printer', '--control', path, '--paper-folder', papers, '--width', '80mm');
    assert.equal(ready['ready'], 'printer');
    const config = deviceConfig.parse({ kind: 'printer', transport: 'tcp', host: ready['host'], port: ready['port'], width: '80mm' });
    const opened = openDevice(config);
    assert.ok(opened.kind === 'printer');
    const { handle: printer } = opened;
    await until(printer, ({ state }) => state === 'ready');
    assert.deepEqual(await printer.print(SLIP), { outcome: 'printed' });
    assert.deepEqual(readdirSync(papers), ['001.png']);
    const answers = await control(path, ['{"do":"cover-open"}', 'nonsense', '{"do":"fly"}', '{"do":"state","x":1}', '{"do":"state"}']);
    assert.deepEqual(
      answers.map(({ ok }) => ok),
      [true, false, false, false, true],
    );
    await until(printer, ({ problem }) => problem?.code === 'cover-open');
    await printer.close();
    assert.equal(await endOf(child), 0);
    folder.remove();
  });

  it('leaves the control socket of one that lives, and takes over that of one that was killed', async () => {
    const folder = tempFolder();
    const path = join(folder.path, 'scanner.sock');
    const words = ['simulate', 'scanner', '--control', path];
    const { process: first } = await simulate(...words);
    await assert.rejects(simulate(...words), /ended with 1 before it was ready/u);
    assert.equal((await control(path, ['{"do":"state"}']))[0]?.ok, true, 'the first still answers');
    const killed = new Promise((resolve) => first.once('exit', resolve));
    first.kill('SIGKILL');
    await killed;
    const { process: second } = await simulate(...words);
    assert.equal((await control(path, ['{"do":"state"}']))[0]?.ok, true);
    assert.equal(await endOf(second), 0);
    folder.remove();
  });

  it('prints on a dot-matrix printer of its own process', async () => {
    const folder = tempFolder();
    const papers = join(folder.path, 'papers');
    const path = join(folder.path, 'printer.sock');
    const words = ['simulate', 'printer', '--language', 'escp', '--pins', '9', '--control', path, '--paper-folder', papers];
    const { process: child, ready } = await simulate(...words);
    const config = { kind: 'printer', language: 'escp', pins: 9, transport: 'tcp', host: ready['host'], port: ready['port'] };
    const opened = openDevice(deviceConfig.parse(config));
    assert.ok(opened.kind === 'printer');
    const { handle: printer } = opened;
    await until(printer, ({ state }) => state === 'ready');
    const outcome = await printer.print(SLIP);
    assert.deepEqual([outcome.outcome, outcome.outcome === 'unknown' && outcome.cause], ['unknown', 'not-told']);
    const [answer] = await control(path, ['{"do":"off-line"}']);
    assert.match(JSON.stringify(answer), /"selected":"off-line"/u);
    assert.equal((await control(path, ['{"do":"cover-open"}']))[0]?.ok, false, 'it has no cover that it knows of');
    while (!readdirSync(papers).includes('001.png')) await control(path, ['{"do":"normal"}']);
    await printer.close();
    assert.equal(await endOf(child), 0);
    folder.remove();
  });

  it('scans into a configured device', async () => {
    const folder = tempFolder();
    const path = join(folder.path, 'scanner.sock');
    const { process: child, ready } = await simulate('simulate', 'scanner', '--control', path);
    const opened = openDevice(deviceConfig.parse({ kind: 'scanner', transport: 'tcp', host: ready['host'], port: ready['port'] }));
    assert.ok(opened.kind === 'scanner');
    const { handle: scanner } = opened;
    await until(scanner, ({ state }) => state === 'ready');
    const heard = new Promise((resolve) => {
      scanner.onScan(resolve);
    });
    while (!(await control(path, ['{"do":"scan","text":"210012345678","aim":"C0"}']))[0]?.ok);
    assert.deepEqual(await heard, { kind: 'scan', text: '210012345678', aim: 'C0' });
    await scanner.close();
    assert.equal(await endOf(child), 0);
    folder.remove();
  });
});
