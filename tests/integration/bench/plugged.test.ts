import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDevices } from '../../../firmware-agent/devices/configuration.js';
import { run, type Ran } from '../../../provisioning/demo/tool.js';
import { UsbTree } from '../../support/usb-tree.js';
import { tempFolder } from '../../unit/devices/world.js';

describe('`provision devices`', function () {
  this.timeout(30_000);
  let tree: UsbTree;
  let folder: ReturnType<typeof tempFolder>;
  beforeEach(() => {
    tree = new UsbTree();
    folder = tempFolder();
  });
  afterEach(() => {
    tree.remove();
    folder.remove();
  });

  const devices = (...words: readonly string[]): Promise<Ran> =>
    run(['provision', 'devices', '--dir', folder.path, '--sysfs', tree.roots.sys, '--dev', tree.roots.dev, ...words]);
  const matched = (...words: readonly string[]): Promise<Ran> => devices('--profile', 'emitra-counter-80mm', ...words);
  const file = (): string => join(folder.path, 'devices.json');
  const kinds = (): readonly unknown[] => {
    const read = readDevices(folder.path);
    return read.ok ? read.value.map(({ kind }) => kind) : [read.error.detail];
  };

  it('lists what is plugged in, and says when nothing is', async () => {
    assert.match((await devices()).out, /Nothing is plugged in/u);
    tree.thermalPrinter(0, '1-1');
    const listed = await devices();
    assert.match(listed.out, /usb-printer .*lp0 +04b8:0e15 X1 +EPSON TM-T82\n.*\n +socket 1-1\n/u);
    const [line] = (await devices('--json')).out.trim().split('\n');
    assert.deepEqual((JSON.parse(line ?? '') as { readonly line: unknown }).line, {
      transport: 'usb-printer',
      vendorId: '04b8',
      productId: '0e15',
      serial: 'X1',
    });
  });

  it('writes a new devices.json that the agent takes, and ends with 1 while a required device is missing', async () => {
    tree.thermalPrinter(0, '1-1');
    const first = await matched();
    assert.equal(first.code, 1, first.err);
    assert.match(first.out, /MISSING: scanner/u);
    assert.match(first.out, /Written to /u);
    assert.deepEqual(kinds(), ['printer', 'security-key', 'speaker']);
    tree.posScanner('1-3');
    assert.equal(statSync(file()).mode & 0o777, 0o600, 'passwords may stand in it');
    const second = await matched('--write');
    assert.equal(second.code, 0, second.out + second.err);
    assert.deepEqual(kinds(), ['printer', 'scanner', 'security-key', 'speaker']);
    assert.match((await matched()).out, /says this already/u);
  });

  it('leaves a devices.json that says something else, until it is told to write', async () => {
    tree.thermalPrinter(0, '1-1');
    const own = '[{"kind":"printer","transport":"tcp","host":"10.0.0.9","port":9100,"width":"80mm"}]';
    writeFileSync(file(), own);
    const compared = await matched();
    assert.match(compared.out, /- \{.*10\.0\.0\.9.*\n {2}\+ \{.*usb-printer/u);
    assert.match(compared.out, /left as it is; --write/u);
    assert.equal(readFileSync(file(), 'utf8'), own);
    await matched('--write');
    assert.deepEqual(kinds(), ['printer', 'security-key', 'speaker']);
  });

  it('refuses an unknown profile, an unreadable devices.json and a folder that is not there, and says which', async () => {
    const unknown = await devices('--profile', 'nonesuch');
    assert.equal(unknown.code, 64);
    assert.match(unknown.err, /no profile nonesuch; there are: .*janmitra-rural/u);
    writeFileSync(file(), '{"kind":"printer"}');
    const broken = await matched();
    assert.equal(broken.code, 73);
    assert.match(broken.err, /devices\.json is not a list of devices; mend it/u);
    assert.equal(readFileSync(file(), 'utf8'), '{"kind":"printer"}');
    writeFileSync(file(), '[\n  {"kind":"printer",}\n]');
    assert.match((await matched()).err, /devices\.json is not JSON: .*\(line 2 column 21\); mend it/u);
    const idle = await devices('--write');
    assert.equal(idle.code, 64);
    assert.match(idle.err, /--write wants --profile/u);
    const bare = await run(['provision', 'devices', '--dir', folder.path, '--sysfs', join(folder.path, 'sys')]);
    assert.equal(bare.code, 73);
    assert.match(bare.err, /no folder .*sys/u);
    const nowhere = await run(['provision', 'devices', '--dir', join(folder.path, 'nowhere')]);
    assert.equal(nowhere.code, 73);
    assert.match(nowhere.err, /no folder .*nowhere/u);
  });
});
