import { existsSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { CommandFailure } from '#platform/console/command.js';
import { inOwnFolder } from './measure/leavings.js';
import { BENCHES, type BenchName, type Figure, type Measured, type Skipped } from './report/figure.js';
import { describeMachine, isOnDisk, load, type Machine } from './report/machine.js';
import type { Plan } from './report/plan.js';

export type RunInput = {
  readonly plan: Plan;
  readonly only: readonly BenchName[];
  readonly dir: string | undefined;
  /** Progress and what was skipped, line by line. */
  readonly tell: (line: string) => void;
};

export type Run = {
  readonly plan: Plan;
  readonly figures: readonly Figure[];
  readonly skipped: readonly Skipped[];
  readonly failed: readonly { readonly bench: BenchName; readonly why: string }[];
  readonly machine: Machine;
  readonly seconds: number;
};

type Measure = (plan: Plan) => Promise<Measured> | Measured;

/** Each is loaded when it runs: what one needs in memory must not stand in the way of another. */
const MEASURES: Readonly<Record<BenchName, () => Promise<Measure>>> = {
  commit: async () => (await import('./figures/commit.js')).measureCommit,
  repaint: async () => (await import('./figures/repaint.js')).measureRepaint,
  answer: async () => (await import('./figures/answer.js')).measureAnswer,
  'first-screen': async () => (await import('./figures/first-screen.js')).measureFirstScreen,
  keys: async () => (await import('./figures/keys.js')).measureKeys,
  memory: async () => (await import('./figures/memory.js')).measureMemory,
  receipt: async () => (await import('./figures/receipt.js')).measureReceipt,
  ingest: async () => (await import('./figures/ingest.js')).measureIngest,
  link: async () => (await import('./figures/link.js')).measureLink,
};

/** A folder on a real disk. Many systems keep /tmp in memory; /var/tmp is on disk by definition (Filesystem Hierarchy Standard). */
function diskFolder(dir: string | undefined, tell: RunInput['tell']): string {
  if (dir !== undefined && !existsSync(dir)) throw new CommandFailure(`${dir} is not there`);
  const wanted = realpathSync(dir ?? tmpdir());
  if (isOnDisk(wanted)) return wanted;
  if (dir === undefined && existsSync('/var/tmp') && isOnDisk('/var/tmp')) return '/var/tmp';
  tell(`bench: ${wanted} is kept in memory: durable writes cost nothing there and their figures mean nothing; choose a disk with --dir`);
  return wanted;
}

/** Runs the benches that were asked for, one after the other. One that fails is told and does not keep the others from running. */
export async function runBenches(input: RunInput): Promise<Run> {
  process.env['TMPDIR'] = diskFolder(input.dir, input.tell);
  return inOwnFolder((folder) => measureAll(input, folder));
}

async function measureAll({ plan, only, tell }: RunInput, folder: string): Promise<Run> {
  const begun = performance.now();
  const loadBefore = load();
  const figures: Figure[] = [];
  const skipped: Skipped[] = [];
  const failed: { bench: BenchName; why: string }[] = [];
  for (const bench of BENCHES.filter((name) => only.includes(name))) {
    const at = performance.now();
    try {
      const measured = await (await MEASURES[bench]())(plan);
      figures.push(...measured.figures);
      skipped.push(...measured.skipped);
      for (const one of measured.skipped) tell(`bench: skipped ${one.name}: ${one.why}`);
    } catch (error) {
      failed.push({ bench, why: (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '' });
      tell(`bench: ${bench} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
    tell(`bench: ${bench} took ${((performance.now() - at) / 1_000).toFixed(1)} s`);
  }
  const seconds = Math.round((performance.now() - begun) / 1_000);
  return { plan, figures, skipped, failed, machine: describeMachine(folder, loadBefore), seconds };
}
