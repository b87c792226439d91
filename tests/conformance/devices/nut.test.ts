import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { startUpsSimulator } from '../../../firmware-agent/devices/ups/simulator/simulator.js';
import { upsContract, type UpsBench } from '../../unit/devices/ups/contract.js';
import { tempFolder } from '../../unit/devices/world.js';

const UPSD = '/lib/nut/upsd';
const DRIVER = '/lib/nut/dummy-ups';
const HAS_UPSD = existsSync(UPSD) && existsSync(DRIVER);
const HAS_UPSC = existsSync('/usr/bin/upsc') || existsSync('/bin/upsc');
const run = promisify(execFile);

if (HAS_UPSD) upsContract("Debian's upsd with its dummy driver", debianUpsd);
else it.skip("ups over Debian's upsd needs nut-server, which is not installed here");

/** upsd and the dummy driver in a folder of their own, on a free port. */
async function debianUpsd(): Promise<UpsBench> {
  const folder = tempFolder();
  const state = join(folder.path, 'state');
  mkdirSync(state);
  const port = await freePort();
  const device = join(folder.path, 'counter.dev');
  const write = (name: string, text: string): void => writeFileSync(join(folder.path, name), text, { mode: 0o640 });
  const { username } = userInfo();
  write('ups.conf', `pollinterval = 1\n[counter]\n  driver = dummy-ups\n  port = ${device}\n  mode = dummy-once\n`);
  write('upsd.conf', `LISTEN 127.0.0.1 ${port}\nSTATEPATH ${state}\n`);
  write('upsd.users', '[kiosk]\n  password = "secret word"\n  upsmon secondary\n');
  const set: UpsBench['set'] = async ({ status, charge, runtime }) => {
    const text = `ups.status: ${status}\nbattery.charge: ${charge}\nbattery.runtime: ${runtime}\nups.mfr: "Jharokha \\"virtual\\" \\\\ UPS"\n`;
    writeFileSync(`${device}.new`, text, { mode: 0o640 });
    renameSync(`${device}.new`, device);
  };
  await set({ status: 'OL', charge: 100, runtime: 1_200 });
  chmodSync(folder.path, 0o700);
  const env = { ...process.env, NUT_CONFPATH: folder.path, NUT_STATEPATH: state, NUT_ALTPIDPATH: state };
  const children = [start(DRIVER, ['-a', 'counter', '-D', '-u', username], env)];
  await until(() => existsSync(join(state, 'dummy-ups-counter')), children);
  children.push(start(UPSD, ['-D', '-u', username], env));
  return {
    host: '127.0.0.1',
    port,
    ups: 'counter',
    login: { username: 'kiosk', password: 'secret word' },
    set,
    async logins() {
      const { stdout } = await run('/usr/bin/upsc', ['-c', `counter@127.0.0.1:${port}`]);
      return stdout.split('\n').filter((line) => line.trim() !== '').length;
    },
    async end() {
      await Promise.all(children.map(ended));
      folder.remove();
    },
  };
}

describe("Debian's upsc, an independent client, on the virtual upsd", () => {
  const skipped = HAS_UPSC ? it : it.skip;
  if (!HAS_UPSC) it.skip('needs nut-client, which is not installed here');

  skipped('lists the UPS, reads each variable and is told of errors', async () => {
    const sim = await startUpsSimulator({ host: '127.0.0.1', port: 0 });
    const at = `127.0.0.1:${sim.port}`;
    const upsc = async (...args: readonly string[]): Promise<string> => (await run('upsc', [...args])).stdout.trim();
    try {
      assert.equal(await upsc('-l', at), 'counter');
      assert.equal(await upsc('-L', at), 'counter: a virtual UPS');
      await sim.order({ do: 'mains', mains: 'off' });
      await sim.order({ do: 'battery', chargePercent: 15 });
      assert.match(await upsc(`counter@${at}`), /^ups\.status: OB DISCHRG LB$/mu);
      assert.equal(await upsc(`counter@${at}`, 'ups.mfr'), 'Jharokha "virtual" \\ UPS');
      await assert.rejects(upsc(`nobody@${at}`), /Unknown UPS/u);
      await assert.rejects(upsc(`counter@${at}`, 'no.such'), /Variable not supported/u);
      await sim.order({ do: 'stale' });
      await assert.rejects(upsc(`counter@${at}`, 'ups.status'), /Data stale/u);
    } finally {
      await sim.close();
    }
  });
});

function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(program, args, { env, stdio: 'ignore' });
}

async function until(wanted: () => boolean, children: readonly ChildProcess[]): Promise<void> {
  while (!wanted()) {
    const dead = children.find(({ exitCode }) => exitCode !== null);
    if (dead !== undefined) throw new Error(`${dead.spawnfile} ended with ${dead.exitCode}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
