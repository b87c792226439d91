import { tmpdir } from 'node:os';
import type { BenchName, Figure, Measured, Skipped } from './report/figure.js';
import { BENCHES } from './report/figure.js';
import { describeMachine, load, NOT_A_DISK, type Machine } from './report/machine.js';
import type { Plan } from './report/plan.js';

export type RunInput = { readonly plan: Plan; readonly only: readonly BenchName[]; readonly tell: (line: string) => void };

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
  'first-screen': async () => (await import('./figures/first-screen.js')).measureFirstScreen,
  keys: async () => (await import('./figures/keys.js')).measureKeys,
  memory: async () => (await import('./figures/memory.js')).measureMemory,
  receipt: async () => (await import('./figures/receipt.js')).measureReceipt,
  ingest: async () => (await import('./figures/ingest.js')).measureIngest,
} as Readonly<Record<BenchName, () => Promise<Measure>>>;

/** Runs the benches that were asked for, one after the other. One that fails is told and does not keep the others from running. */
export async function runBenches({ plan, only, tell }: RunInput): Promise<Run> {
  const begun = performance.now();
  const loadBefore = load();
  if (NOT_A_DISK.includes(describeMachine(tmpdir(), loadBefore).disk))
    tell(`bench: ${tmpdir()} is kept in memory, so durable writes cost nothing here and their figures mean nothing; choose a disk with --dir`);
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
      const why = error instanceof Error ? error.message : String(error);
      failed.push({ bench, why });
      tell(`bench: ${bench} failed: ${error instanceof Error ? (error.stack ?? why) : why}`);
    }
    tell(`bench: ${bench} took ${((performance.now() - at) / 1000).toFixed(1)} s`);
  }
  const seconds = Math.round((performance.now() - begun) / 1000);
  return { plan, figures, skipped, failed, machine: describeMachine(tmpdir(), loadBefore), seconds };
}
