import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Operator } from '#platform/terminal/operator.js';
import { enrolmentRoutes } from '../../../hub-server/kiosks/enrolment/routes.js';
import { openHub } from '../../../hub-server/operations/hub-folder.js';
import { startDoor } from '../../../hub-server/web/door.js';
import { valueOf } from './world.js';

const CLI = fileURLToPath(new URL('./cli.js', import.meta.url));

type Run = { readonly code: number; readonly out: string; readonly err: string };

function start(words: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [CLI, ...words]);
}

function run(words: readonly string[], input = ''): Promise<Run> {
  const child = start(words);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code: code ?? -1, out, err }));
  });
}

describe('the commands of a hub and of a technician', function () {
  this.timeout(60_000);
  let root: string;
  let dir: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'jharokha-commands-'));
    dir = join(root, 'hub');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const hub = async (...words: readonly string[]): Promise<Run> => run(['hub', ...words, '--dir', dir]);
  const good = async (done: Promise<Run>): Promise<string> => {
    const { code, out, err } = await done;
    assert.equal(code, 0, err);
    return out;
  };
  const init = (): Promise<Run> =>
    hub(
      'init',
      '--district',
      'c11:110',
      '--name',
      'Jaipur',
      '--name-hi',
      'जयपुर',
      '--society',
      'Society',
      '--society-hi',
      'सोसायटी',
      '--address',
      'hub.example:443',
    );
  const slot = async (): Promise<void> => {
    await good(init());
    await good(hub('lsp', 'add', 'AKSH', '--name', 'Aksh', '--name-hi', 'अक्ष'));
    await good(
      hub('kiosk', 'add', 'd35k1111', '--lsp', 'AKSH', '--site', 'Sanganer', '--site-hi', 'सांगानेर', '--at', '26.8,75.79', '--radius', '150'),
    );
  };

  it('take a district from nothing to an enrolled kiosk, in processes of their own', async () => {
    await slot();
    const opened = valueOf(openHub(dir));
    const door = await startDoor({
      hub: opened,
      listen: { host: '127.0.0.1', port: 0 },
      routes: enrolmentRoutes(opened),
      onDefect: (_what, error) => assert.fail(String(error)),
    });
    try {
      const { claim } = JSON.parse(await good(hub('claim', 'issue', 'd35k1111', '--address', `127.0.0.1:${door.port}`, '--json'))) as {
        claim: string;
      };
      const kiosk = join(root, 'kiosk');
      const waiting = await run(['provision', 'enrol', '--claim', claim, '--dir', kiosk, '--wait', '0']);
      assert.equal(waiting.code, 75, waiting.err);
      const fingerprint = /^ {4}((?:[0-9a-f]{4} ){5}[0-9a-f]{4})$/mu.exec(waiting.out)?.[1];
      assert.ok(fingerprint !== undefined, waiting.out);
      assert.match(waiting.out, /सांगानेर/u);
      assert.ok(!(await good(hub('kiosk', 'pending'))).includes(fingerprint));
      const asked = JSON.parse(await good(run(['provision', 'show', '--dir', kiosk, '--json']))) as { state: string; fingerprint: string };
      assert.deepEqual([asked.state, asked.fingerprint], ['asked', fingerprint]);
      assert.equal((await hub('kiosk', 'approve', 'd35k1111', '--fingerprint', '0000 0000 0000 0000 0000 0000')).code, 1);
      const child = run(['provision', 'enrol', '--dir', kiosk]);
      await good(hub('kiosk', 'approve', 'd35k1111', '--fingerprint', fingerprint));
      assert.match(await good(child), /Enrolled: kiosk d35k1111, Sanganer, Jaipur \(epoch 1, rule book 1\)/u);
      assert.match(await good(run(['provision', 'enrol', '--claim', claim, '--dir', kiosk])), /Already enrolled/u);
      assert.match(await good(run(['provision', 'show', '--dir', kiosk])), /fit together/u);
      const slots = JSON.parse(await good(hub('kiosk', 'list', '--json'))) as readonly { standing: string; place: unknown }[];
      assert.deepEqual(
        slots.map((s) => [s.standing, s.place]),
        [['active', { latitudeE6: 26_800_000, longitudeE6: 75_790_000, radiusM: 150 }]],
      );
      const refused = await run(['provision', 'enrol', '--claim', claim, '--dir', join(root, 'other')]);
      assert.equal(refused.code, 77);
      assert.match(refused.err, /already used.*\(claim-used\)/u);
    } finally {
      await door.close();
      opened.db.close();
    }
  });

  it('take a PIN by standard input, never a weak one, and list operators without it', async () => {
    await slot();
    const add = (pin: string): Promise<Run> =>
      run(['hub', 'operator', 'add', 'd35k1111co01', '--name', 'Sunita', '--pin-from-stdin', '--dir', dir], `${pin}\n`);
    const weak = await add('123456');
    assert.equal(weak.code, 1);
    assert.match(weak.err, /pin-weak/u);
    await good(add('482915'));
    assert.ok(!(await good(hub('operator', 'list', '--json'))).includes('482915'));
    const untyped = await run(['hub', 'operator', 'pin', 'd35k1111co01', '--dir', dir]);
    assert.equal(untyped.code, 64);
  });

  it('ask for a PIN unseen, twice, at a terminal', async () => {
    await slot();
    const operator = new Operator({
      command: process.execPath,
      args: [CLI, 'hub', 'operator', 'add', 'd35k1111co01', '--name', 'Sunita', '--dir', dir],
    });
    try {
      await operator.waitFor('New PIN');
      // Both at once, as from a fast hand: the second is neither lost nor shown.
      operator.type('482914\x7f5\r482915\r');
      const rows = await operator.waitFor('may work at kiosk');
      assert.ok(!rows.some((row) => /48291/u.test(row)));
      assert.equal(await operator.exited, 0);
    } finally {
      await operator.close();
    }
  });

  it('show, sign and list rule books, and refuse to make a hub twice', async () => {
    await good(init());
    assert.equal((await init()).code, 1);
    const draft = join(root, 'draft.json');
    writeFileSync(draft, (await good(hub('rulebook', 'show', '--json'))).replace('"version": 1', '"version": 2'));
    assert.match(await good(hub('rulebook', 'sign', draft)), /Rule book 2 is signed/u);
    assert.match(await good(hub('rulebook', 'show')), /Rule book 2 of Jaipur/u);
    assert.equal((await hub('rulebook', 'sign', draft)).code, 1);
    assert.equal((await hub('rulebook', 'sign', join(root, 'absent.json'))).code, 1);
    assert.equal((JSON.parse(await good(hub('rulebook', 'list', '--json'))) as readonly unknown[]).length, 2);
  });
});
