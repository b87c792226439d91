import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Operator } from '#platform/terminal/operator.js';
import { operatorLogin } from '#protocol/identity/identity.js';
import { startSecurityKey } from '../../../firmware-agent/devices/security-key/handle.js';
import { startKeySimulator, type KeySimulator } from '../../../firmware-agent/devices/security-key/simulator/simulator.js';
import { hidSocketTransport } from '../../../firmware-agent/devices/transport/hid-socket.js';
import { registerKey } from '../../../firmware-agent/services/key-registration.js';
import { REGISTERED_KEYS_FILE } from '../../../firmware-agent/services/registered-keys.js';
import { addKey, listKeys, removeKey } from '../../../hub-server/people/operator-keys.js';
import type { Body, CounterClient } from '../../support/counter-client.js';
import { assertTold } from '../../support/world-texts.js';
import { codeOf, valueOf } from '../../support/world-value.js';
import { World } from '../../support/world.js';

const CLI = fileURLToPath(new URL('../../../bin/main.js', import.meta.url));

/** `jharokha agent …` as a process of its own. */
function agent(words: readonly string[], input = ''): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, [CLI, 'agent', ...words]);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code: code ?? -1, out, err }));
  });
}

type Code = NonNullable<Body<'login'>['problem']>['code'];

describe('a log-in by security key', function () {
  this.timeout(60_000);
  let world: World;
  let key: KeySimulator;

  beforeEach(async () => {
    world = await World.open();
    key = await startKeySimulator({ host: '127.0.0.1', port: 0 });
    const kiosk = world.kiosk();
    const path = join(kiosk.folder, 'devices.json');
    const devices = JSON.parse(readFileSync(path, 'utf8')) as unknown[];
    writeFileSync(path, JSON.stringify([...devices, { kind: 'security-key', transport: 'hid-socket', host: '127.0.0.1', port: key.port }]));
    await key.order({ do: 'habit', habit: 'right' });
  });
  afterEach(async () => {
    await world.close();
    await key.close();
  });

  async function makeFile(): Promise<Uint8Array> {
    const handle = startSecurityKey(hidSocketTransport(key), { presence: 'when-used' });
    const random = (bytes: number): Uint8Array<ArrayBuffer> => Uint8Array.from(randomBytes(bytes));
    try {
      const login = operatorLogin.parse(world.kiosk().login);
      return valueOf(await registerKey({ identity: world.kiosk().identity, key: handle, login, exclude: [], now: Date.now, random }, {})).file;
    } finally {
      await handle.close();
    }
  }

  async function registered(): Promise<CounterClient> {
    valueOf(addKey(world.hub, { login: world.kiosk().login, file: await makeFile(), by: 'test' }));
    return online();
  }

  async function online(): Promise<CounterClient> {
    await world.kiosk().start();
    const screen = await world.kiosk().screen();
    await screen.when(({ header }) => header.link.state === 'online', 'the link');
    return screen;
  }

  async function inAndOut(screen: CounterClient): Promise<void> {
    screen.send({ do: 'log-in-by-key', login: '1' });
    await screen.when(({ body }) => body.screen === 'till-opening' || body.screen === 'menu', 'the counter');
    screen.send({ do: 'log-out' });
    await screen.until('login');
  }

  async function refused(screen: CounterClient, code: Code): Promise<void> {
    // Another notice first: the answer may come too quickly to see that an older one like it was taken away.
    screen.send({ do: 'log-in', login: world.kiosk().login, pin: '1' });
    await screen.until('login', ({ checking, problem }) => !checking && problem?.code === 'pin-wrong');
    screen.send({ do: 'log-in-by-key', login: world.kiosk().login });
    const body = await screen.until('login', ({ key: stands, problem }) => stands === 'no' && problem !== null && problem.code !== 'pin-wrong');
    assertTold(body.problem, code, 'none-taken');
  }

  function howChecked(): readonly string[] {
    return world
      .kiosk()
      .entries()
      .flatMap(({ body }) => (body.kind === 'operator-on' ? [body.checked] : []));
  }

  it('opens the counter through the hub, then without it, and the ledger says how', async () => {
    const screen = await registered();
    await inAndOut(screen);
    const before = listKeys(world.hub)[0]?.counter ?? 0;
    assert.ok(before > 0);
    await world.stopHub();
    await screen.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
    await inAndOut(screen);
    assert.deepEqual(howChecked(), ['hub-key', 'verifier-key']);
  });

  it('is made ready by the commands at the bench: a finger, then the key for a login; a PIN never stands among their words', async () => {
    const { folder, login } = world.kiosk();
    const out = join(folder, 'co01.key');
    const dir = ['--dir', folder];
    const enrolled = await agent(['key', 'finger', ...dir, '--name', 'left thumb']);
    assert.deepEqual([enrolled.code, enrolled.out], [0, 'Finger left thumb is on the key.\n'], enrolled.err);
    assert.match(enrolled.err, /Lay the finger on the key now/u);
    const byPin = await agent(['key', 'finger', ...dir, '--name', 'other', '--pin-from-stdin'], '246813\n');
    assert.equal(byPin.code, 1);
    assert.match(byPin.err, /pinNotSet/u);
    const untyped = await agent(['key', 'finger', ...dir, '--name', 'other', '--by-pin']);
    assert.equal(untyped.code, 64);
    const made = await agent(['key', 'register', ...dir, '--login', login, '--out', out]);
    assert.equal(made.code, 0, made.err);
    valueOf(addKey(world.hub, { login, file: Uint8Array.from(readFileSync(out)), by: 'test' }));
    await inAndOut(await online());
    assert.deepEqual(howChecked(), ['hub-key']);
  });

  it('has a PIN on its key set and changed by the command at the bench, which is told what is wrong with it', async () => {
    const { folder } = world.kiosk();
    const dir = ['--dir', folder];
    const pin = (...lines: readonly string[]) => agent(['key', 'pin', ...dir, '--pin-from-stdin'], `${lines.join('\n')}\n`);
    const short = await pin('123');
    assert.deepEqual([short.code, short.out], [1, '']);
    assert.match(short.err, /has 4 characters or more.*key-pin-refused/u);
    assert.deepEqual(await pin('246 813').then(({ code, out }) => [code, out]), [0, 'The key has its first PIN.\n']);
    assert.equal((await agent(['key', 'finger', ...dir, '--name', 'thumb', '--pin-from-stdin'], '246 813\n')).code, 0);
    const wrong = await pin('000000', '135724');
    assert.match(wrong.err, /the PIN is wrong.*tries left before it is blocked: 7/u);
    assert.equal((await pin('246 813')).code, 64, 'the new one is missing');
    assert.equal((await pin('246 813', '13\u001b[A5724')).code, 64, 'an arrow key is no part of a PIN');
    assert.deepEqual(await pin('246 813', '135724').then(({ code, out }) => [code, out]), [0, 'The key has another PIN now.\n']);
    assert.equal((await agent(['key', 'pin', ...dir])).code, 64, 'without a terminal');
  });

  it('has the fingers on its key listed, named and taken off by commands, each look at a new one told', async () => {
    const { folder } = world.kiosk();
    const dir = ['--dir', folder];
    const fingers = (...words: readonly string[]) => agent(['key', 'fingers', ...words, ...dir]);
    const names = async (): Promise<readonly { readonly id: string; readonly name: string }[]> =>
      JSON.parse((await fingers('list', '--json')).out) as { id: string; name: string }[];
    const enrolled = await agent(['key', 'finger', ...dir, '--name', 'left thumb']);
    assert.match(enrolled.err, /^good; 3 more$/mu);
    assert.match(enrolled.err, /^good; done$/mu);
    const [first, second] = await names();
    assert.deepEqual([first?.name, second?.name], ['first', 'left thumb']);
    const renamed = await fingers('rename', (second?.id ?? '').slice(0, 6), 'right thumb');
    assert.deepEqual([renamed.code, renamed.out], [0, `Finger ${second?.id} is named right thumb.\n`], renamed.err);
    assert.equal((await fingers('list')).out, `${first?.id}  first\n${second?.id}  right thumb\n`);
    const unknown = await fingers('remove', 'left thumb');
    assert.equal(unknown.code, 1);
    assert.match(unknown.err, /no finger on the key is named left thumb.*key-finger-unknown/u);
    assert.equal((await fingers('rename', 'first', ' ')).code, 64);
    assert.equal((await fingers('remove', 'first')).out, 'Finger first is off the key; 1 left.\n');
    const last = await fingers('remove', 'right thumb');
    assert.match(last.err, /Nobody can log in with this key/u);
    assert.match((await fingers('list')).err, /no finger is on the key yet.*--by-pin/u);
  });

  it('has one key registered once for its login: what this bench made counts, and what the hub named', async () => {
    const { folder, login } = world.kiosk();
    const out = join(folder, 'co01.key');
    const register = (...more: readonly string[]) => agent(['key', 'register', '--dir', folder, '--login', login, '--out', out, ...more]);
    const credentials = async () => {
      const state = await key.order({ do: 'state' });
      return state.ok ? (state.state as { readonly credentials: number }).credentials : -1;
    };
    assert.equal((await register()).code, 0);
    const twice = await register();
    assert.deepEqual([twice.code, twice.out], [1, '']);
    assert.match(twice.err, /registered for this login already.*--again.*key-excluded/u);
    assert.equal(await credentials(), 1);
    const other = await agent(['key', 'register', '--dir', folder, '--login', login.replace('co01', 'co02'), '--out', join(folder, 'co02.key')]);
    assert.equal(other.code, 0, 'another login may have the same key');
    valueOf(addKey(world.hub, { login, file: Uint8Array.from(readFileSync(out)), by: 'test' }));
    await inAndOut(await online());
    await world.kiosk().stop();
    rmSync(join(folder, REGISTERED_KEYS_FILE));
    assert.match((await register()).err, /key-excluded/u);
    assert.equal((await register('--again')).code, 0);
    assert.equal(await credentials(), 3);
    writeFileSync(join(folder, REGISTERED_KEYS_FILE), '[{');
    assert.match((await register()).err, /can not be read; take it away/u);
    assert.equal(await credentials(), 3);
  });

  it('has a PIN on its key typed unseen at a terminal', async () => {
    const { folder } = world.kiosk();
    const type = async (...words: readonly string[]): Promise<{ readonly rows: readonly string[]; readonly code: number }> => {
      const operator = new Operator({ command: process.execPath, args: [CLI, 'agent', 'key', 'pin', '--dir', folder] });
      try {
        await operator.waitFor(/PIN of the key|PIN that the key has/u);
        operator.type(words.map((word) => `${word}\r`).join(''));
        const rows = await operator.waitFor(/first PIN|another PIN|differ/u);
        return { rows, code: await operator.exited };
      } finally {
        await operator.close();
      }
    };
    const differ = await type('किताब', 'कि\x7f\x7fखिताब');
    assert.equal(differ.code, 1);
    const first = await type('किताब', 'कि\x7f\x7fकिताब');
    assert.equal(first.code, 0);
    const changed = await type('किताब', '246813', '246813');
    assert.equal(changed.code, 0);
    for (const { rows } of [differ, first, changed]) assert.ok(!rows.some((row) => /ताब|246813/u.test(row)), rows.join('\n'));
    const state = await key.order({ do: 'state' });
    assert.equal(state.ok && (state.state as { readonly pin: string }).pin, 'set');
  });

  it('waits for the finger, and Esc ends the wait', async () => {
    const screen = await registered();
    await key.order({ do: 'habit', habit: 'waits' });
    screen.send({ do: 'log-in-by-key', login: '1' });
    await screen.until('login', (body) => body.key === 'touch');
    screen.send({ do: 'back' });
    await screen.until('login', (body) => body.key === 'no' && body.problem === null);
    await key.order({ do: 'habit', habit: 'right' });
    await inAndOut(screen);
    assert.deepEqual(howChecked(), ['hub-key']);
  });

  it('says so when the key is absent, untouched, of another finger, blocked, or pulled in the middle', async () => {
    const screen = await registered();
    await key.order({ do: 'habit', habit: 'waits' });
    await key.order({ do: 'patience', patienceMs: 200 });
    await refused(screen, 'key-not-touched');
    await key.order({ do: 'habit', habit: 'wrong' });
    await refused(screen, 'key-denied');
    await key.order({ do: 'blocked' });
    await refused(screen, 'key-blocked');
    await key.order({ do: 'normal' });
    await key.order({ do: 'unplug-at-touch' });
    await refused(screen, 'key-absent');
    await screen.when(({ header }) => header.devices.every(({ kind }) => kind !== 'security-key'), 'the first row without a key');
    await refused(screen, 'key-absent');
    await key.order({ do: 'plug' });
    await key.order({ do: 'habit', habit: 'right' });
    await inAndOut(screen);
  });

  it('is refused for a key that nobody registered, and for one that was removed', async () => {
    const file = await makeFile();
    const screen = await online();
    await refused(screen, 'key-unknown');
    valueOf(addKey(world.hub, { login: world.kiosk().login, file, by: 'test' }));
    await inAndOut(screen);
    await key.order({ do: 'forget' });
    await refused(screen, 'key-unknown');
    valueOf(removeKey(world.hub, world.kiosk().login, ''));
    await refused(screen, 'key-unknown');
    await world.stopHub();
    await screen.when(({ header }) => header.link.state !== 'online', 'the loss of the link');
    await refused(screen, 'key-unknown');
  });

  it('needs the hub where no grant is held', async () => {
    await world.stopHub();
    await world.kiosk().start();
    await refused(await world.kiosk().screen(), 'login-needs-hub');
  });

  it('is refused when the counter does not rise, by hub and kiosk, over a restart; a bad signature too', async () => {
    const screen = await registered();
    await inAndOut(screen);
    await key.order({ do: 'signature', signature: 'bad' });
    await refused(screen, 'key-error');
    await key.order({ do: 'signature', signature: 'good' });
    await key.order({ do: 'counter', counting: 'falling' });
    assert.equal(listKeys(world.hub)[0]?.copiedAt, undefined);
    await refused(screen, 'key-copied');
    assert.notEqual(listKeys(world.hub)[0]?.copiedAt, undefined, 'the hub names it to the administrator');
    await world.kiosk().stop();
    await world.stopHub();
    await world.kiosk().start();
    await refused(await world.kiosk().screen(), 'key-copied');
    assert.deepEqual(howChecked(), ['hub-key']);
  });

  it('takes no file of another login, and none that was changed', async () => {
    const file = Uint8Array.from(await makeFile());
    assert.equal(codeOf(addKey(world.hub, { login: `${world.kiosk().code}co02`, file, by: 'test' })), 'key-of-another');
    file.set([(file.at(-1) ?? 0) ^ 1], file.length - 1);
    assert.equal(codeOf(addKey(world.hub, { login: world.kiosk().login, file, by: 'test' })), 'bad-key-file');
  });
});
