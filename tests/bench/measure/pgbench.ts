import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stoppedOnInterrupt } from './leavings.js';

/** Where Debian keeps each release's server programs, which are not on the PATH. */
const RELEASES = '/usr/lib/postgresql';
const SCALE = 10;

type Programs = { readonly bin: string; readonly uid: number; readonly gid: number };

/** The newest release with every program that is needed, and who may run it: a server refuses root. */
function findPrograms(): Programs | string {
  const newest = existsSync(RELEASES) ? readdirSync(RELEASES).sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10))[0] : undefined;
  const bin = newest === undefined ? undefined : join(RELEASES, newest, 'bin');
  if (bin === undefined || !['initdb', 'postgres', 'pgbench', 'createdb'].every((name) => existsSync(join(bin, name))))
    return `no PostgreSQL server with pgbench under ${RELEASES}`;
  const own = process.getuid?.() ?? 0;
  if (own !== 0) return { bin, uid: own, gid: process.getgid?.() ?? own };
  const entry = spawnSync('getent', ['passwd', 'postgres'], { encoding: 'utf8' }).stdout.split(':');
  const uid = Number.parseInt(entry[2] ?? '', 10);
  return Number.isNaN(uid) ? 'run by root, and there is no user postgres to run the server' : { bin, uid, gid: Number.parseInt(entry[3] ?? '', 10) };
}

/** A PostgreSQL server of our own with default settings, in a temporary folder on the same disk, reached by a socket file alone. */
export class PgBench {
  readonly #programs: Programs;
  readonly #folder: string;
  readonly #server: ReturnType<typeof spawn>;
  readonly #ended: Promise<void>;
  readonly #forget: () => void;

  private constructor(programs: Programs, folder: string) {
    this.#programs = programs;
    this.#folder = folder;
    const args = ['-D', join(folder, 'data'), '-k', folder, '-c', 'listen_addresses='];
    this.#server = spawn(join(programs.bin, 'postgres'), args, { uid: programs.uid, gid: programs.gid, stdio: 'ignore', cwd: folder });
    this.#ended = new Promise((resolve) => this.#server.once('close', () => resolve()));
    this.#forget = stoppedOnInterrupt(() => this.stop());
  }

  /** Why not, when there is no PostgreSQL here. */
  static async start(): Promise<PgBench | string> {
    const programs = findPrograms();
    if (typeof programs === 'string') return programs;
    const folder = mkdtempSync(join(tmpdir(), 'jharokha-pg-'));
    chownSync(folder, programs.uid, programs.gid);
    const made = run(programs, 'initdb', ['-D', join(folder, 'data'), '-U', 'bench', '-A', 'trust', '--no-sync'], folder);
    if (made.status !== 0) {
      rmSync(folder, { recursive: true, force: true });
      return `initdb failed: ${made.stderr.trim().split('\n').at(-1) ?? ''}`;
    }
    const bench = new PgBench(programs, folder);
    const filled = (await bench.#isUp()) ? bench.#run('pgbench', ['-i', '-s', String(SCALE), '-q', 'bench']) : undefined;
    if (filled?.status === 0) return bench;
    await bench.stop();
    return `the server did not come up: ${filled?.stderr.trim().split('\n').at(-1) ?? ''}`;
  }

  async #isUp(): Promise<boolean> {
    for (let tries = 0; tries < 100; tries += 1) {
      if (this.#run('createdb', ['bench']).status === 0) return true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return false;
  }

  #run(program: string, args: readonly string[]): ReturnType<typeof run> {
    return run(this.#programs, program, ['-h', this.#folder, '-U', 'bench', ...args], this.#folder);
  }

  /** Transactions a second of TPC-B with eight clients, as the architecture's targets name it. */
  tpcB(seconds: number): number {
    const done = this.#run('pgbench', ['-c', '8', '-j', '2', '-n', '-T', String(seconds), 'bench']);
    const tps = /^tps = ([\d.]+)/mu.exec(done.stdout)?.[1];
    if (tps === undefined) throw new Error(`pgbench failed: ${done.stderr}`);
    return Number.parseFloat(tps);
  }

  /** Stops the server at once: nothing of it is kept. */
  async stop(): Promise<void> {
    this.#server.kill('SIGINT');
    await this.#ended;
    this.#forget();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function run(
  { bin, uid, gid }: Programs,
  program: string,
  args: readonly string[],
  cwd: string,
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(join(bin, program), args, { uid, gid, cwd, encoding: 'utf8', env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' } });
}
