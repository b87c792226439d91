import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDevices } from '../../../../firmware-agent/devices/configuration.js';
import { openDevice } from '../../../../firmware-agent/devices/devices.js';
import { OPCODE } from '../../../../firmware-agent/devices/finger-reader/codec/commands.js';
import { fingerReaderConfig, moduleOpener } from '../../../../firmware-agent/devices/finger-reader/device.js';
import type { Secret } from '../../../../firmware-agent/devices/finger-reader/module.js';
import { changePassword, type OpenModule, type PasswordBook } from '../../../../firmware-agent/devices/finger-reader/password-change.js';
import type { FingerOrder } from '../../../../firmware-agent/devices/finger-reader/simulator/orders.js';
import { startFingerSimulator, type FingerSimulator } from '../../../../firmware-agent/devices/finger-reader/simulator/simulator.js';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { codeOf, eventually, valueOf } from '../../../support/world-value.js';
import { tempFolder, until } from '../world.js';
import { IMPATIENT } from './world.js';

const CLI = fileURLToPath(new URL('../../../../bin/main.js', import.meta.url));

/** A power cut, as the program sees it: nothing behind it happens. */
class Cut extends Error {}

/** A book whose n-th writing is cut off, before or after it was written. */
function bookOf(first: Secret, cut?: { readonly at: number; readonly when: 'before' | 'after' }): PasswordBook {
  let held: Readonly<Secret> = { ...first };
  let writings = 0;
  return {
    read: () => held,
    write(secret) {
      writings += 1;
      if (writings === cut?.at && cut.when === 'before') throw new Cut();
      held = { ...secret };
      if (writings === cut?.at) throw new Cut();
    },
  };
}

describe('another password for a fingerprint module', function () {
  this.timeout(30_000);
  let sim: FingerSimulator;
  let open: OpenModule;
  beforeEach(async () => {
    sim = await startFingerSimulator({ host: '127.0.0.1', port: 0, model: 'r307' });
    await sim.order({ do: 'password', password: '0000000a' });
    const config = fingerReaderConfig.parse({ kind: 'finger-reader', transport: 'tcp', host: sim.host, port: sim.port });
    open = moduleOpener(config, systemTimers, IMPATIENT);
  });
  afterEach(() => sim.close());

  /** The password that opens the module, of those that the book holds. */
  async function opens(book: PasswordBook): Promise<number | undefined> {
    await sim.order({ do: 'normal' });
    const secret = { ...book.read() };
    const driver = await open(secret);
    if (driver.ok) await driver.value.close();
    return driver.ok ? secret.password : undefined;
  }

  it('is the one that the module has and the book holds alone', async () => {
    const book = bookOf({ password: 0xa });
    valueOf(await changePassword(book, open, 0xb));
    assert.deepEqual(book.read(), { password: 0xb, pending: undefined });
    assert.equal(await opens(book), 0xb);
    valueOf(await changePassword(book, open, 0));
    assert.equal(await opens(bookOf({ password: 0 })), 0);
  });

  const faults: readonly (readonly [string, FingerOrder, number])[] = [
    ['that answers', { do: 'state' }, 0xb],
    ['whose answer is lost', { do: 'lose-answer', opcode: OPCODE.setPassword }, 0xb],
    ['that does not hear it', { do: 'lose-command', opcode: OPCODE.setPassword }, 0xa],
  ];
  for (const [module, fault, taken] of faults)
    for (const at of [1, 2])
      for (const when of ['before', 'after'] as const)
        it(`is in the book at a module ${module}, cut off ${when} writing ${at}`, async () => {
          const book = bookOf({ password: 0xa }, { at, when });
          await sim.order(fault);
          await assert.rejects(changePassword(book, open, 0xb), Cut);
          const has = at === 1 ? 0xa : taken;
          assert.equal(await opens(book), has);
          const again = bookOf({ ...book.read() });
          valueOf(await changePassword(again, open, undefined));
          assert.deepEqual({ pending: undefined, ...again.read() }, { password: has, pending: undefined });
        });

  it('is one of two in the book when the cable was pulled before the module said which', async () => {
    const book = bookOf({ password: 0xa });
    await sim.order({ do: 'lose-answer', opcode: OPCODE.setPassword });
    const changing = changePassword(book, open, 0xb);
    await eventually('SetPwd is heard', async () => ((await sim.order({ do: 'state' })).commands['setPassword'] ?? 0) > 0);
    await sim.order({ do: 'unplug' });
    assert.equal(codeOf(await changing), 'finger-reader-absent');
    assert.deepEqual(book.read(), { password: 0xa, pending: 0xb });
    assert.equal(await opens(book), 0xb);
  });

  for (const has of [0xa, 0xb])
    it(`does not push the password out of the book that a broken-off change left in the module (${has})`, async () => {
      await sim.order({ do: 'password', password: `0000000${has.toString(16)}` });
      // Cut off with the third one pending: had the first writing not been made, there would be three to keep.
      const book = bookOf({ password: 0xa, pending: 0xb }, { at: 2, when: 'after' });
      await assert.rejects(changePassword(book, open, 0xc), Cut);
      assert.deepEqual(book.read(), { password: has, pending: 0xc });
      assert.equal(await opens(book), has);
    });

  it('leaves the book as it is when no password in it opens the module, or nobody is there', async () => {
    const book = bookOf({ password: 0xd, pending: 0xe });
    assert.equal(codeOf(await changePassword(book, open, 0xb)), 'finger-reader-locked');
    await sim.order({ do: 'unplug' });
    assert.equal(codeOf(await changePassword(book, open, 0xb)), 'finger-reader-absent');
    assert.deepEqual(book.read(), { password: 0xd, pending: 0xe });
    assert.equal(codeOf(await changePassword(bookOf({ password: 0xa }), open, undefined)), 'finger-reader-absent');
  });
});

describe('jharokha agent finger-reader password', function () {
  this.timeout(40_000);
  const PRINTER = { kind: 'printer', transport: 'tcp', host: '127.0.0.1', port: 9, width: '80mm' };
  let sim: FingerSimulator;
  let folder: ReturnType<typeof tempFolder>;
  let file: string;
  beforeEach(async () => {
    sim = await startFingerSimulator({ host: '127.0.0.1', port: 0, model: 'r503' });
    folder = tempFolder();
    file = join(folder.path, 'devices.json');
    writeFileSync(file, JSON.stringify([PRINTER, { kind: 'finger-reader', transport: 'tcp', host: sim.host, port: sim.port, systemId: '0503' }]));
    chmodSync(file, 0o640);
  });
  afterEach(async () => {
    await sim.close();
    folder.remove();
  });

  const start = (...words: readonly string[]): ChildProcessWithoutNullStreams =>
    spawn(process.execPath, [CLI, 'agent', 'finger-reader', 'password', '--dir', folder.path, ...words]);
  async function run(words: readonly string[], input = ''): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
    const child = start(...words);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdin.end(input);
    return new Promise((resolve) => {
      child.once('close', (code) => resolve({ code, out, err }));
    });
  }
  const lines = (): readonly Record<string, unknown>[] => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>[];
  const held = () => [lines()[1]?.['password'], lines()[1]?.['passwordPending']];
  /** As the agent opens it. */
  async function isReady(): Promise<void> {
    const config = valueOf(readDevices(folder.path))[1] ?? assert.fail();
    const device = openDevice(config);
    try {
      await until(device.handle, ({ state }) => state === 'ready');
    } finally {
      await device.handle.close();
    }
  }

  it('makes one up, shows it once, and writes it into its line alone', async () => {
    const first = await run([]);
    assert.equal(first.code, 0, first.err);
    const shown = /password of the module is ([0-9a-f]{8})\./u.exec(first.err)?.[1];
    assert.deepEqual(held(), [shown, undefined]);
    assert.deepEqual([lines()[0], lines()[1]?.['systemId'], statSync(file).mode & 0o777], [PRINTER, '0503', 0o640]);
    await isReady();
    assert.equal((await run(['--password-from-stdin'], '5e12a0c7\n')).code, 0);
    assert.deepEqual(held(), ['5e12a0c7', undefined]);
    assert.equal((await run(['--password-from-stdin'], '5e12a0c\n')).code, 64);
    assert.equal((await run(['--none'])).out, 'The module has no password now.\n');
    assert.deepEqual(held(), [undefined, undefined]);
    await isReady();
  });

  for (const [what, fault, has] of [
    ['took it', 'lose-answer', '5e12a0c7'],
    ['did not take it', 'lose-command', undefined],
  ] as const)
    it(`killed while the module ${what} leaves one that the agent can open, and is ended by the next run`, async () => {
      await sim.order({ do: fault, opcode: OPCODE.setPassword });
      const child = start('--password-from-stdin');
      const ended = new Promise((resolve) => child.once('close', (_, signal) => resolve(signal)));
      child.stdin.end('5e12a0c7\n');
      await eventually('SetPwd is sent', async () => ((await sim.order({ do: 'state' })).commands['setPassword'] ?? 0) > 0);
      child.kill('SIGKILL');
      assert.equal(await ended, 'SIGKILL');
      assert.deepEqual(held(), [undefined, '5e12a0c7']);
      await isReady();
      const settled = await run(['--settle']);
      assert.equal(settled.code, 0, settled.err);
      assert.deepEqual(held(), [has, undefined]);
      await isReady();
    });
});
