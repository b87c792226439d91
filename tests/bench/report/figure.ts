import { median, quantile } from '../measure/statistics.js';

/** What can be asked for with --only, in the order in which it runs. */
export const BENCHES = ['commit', 'repaint', 'answer', 'first-screen', 'keys', 'memory', 'receipt', 'ingest', 'link'] as const;
export type BenchName = (typeof BENCHES)[number];

export type Unit = 'ms' | 'MB' | 'keys' | 'a second';

/** `value`: the limit is on the figure itself. `ratio`: it is on the figure divided by its baseline. */
export type Target = { readonly on: 'value' | 'ratio'; readonly is: 'at-most' | 'at-least'; readonly limit: number };

/** One measured number beside the baseline of the same run. `ratio` is the median of the rounds' own ratios, not the ratio of the medians. */
export type Figure = {
  readonly bench: BenchName;
  readonly name: string;
  readonly unit: Unit;
  readonly value: number;
  readonly baseline: { readonly name: string; readonly value: number } | null;
  readonly ratio: number | null;
  readonly target: Target | null;
  readonly verdict: 'met' | 'missed' | 'no-target';
  readonly rounds: number;
  readonly samples: number;
};

/** Something that was not measured, and why: told aloud, never left out. */
export type Skipped = { readonly bench: BenchName; readonly name: string; readonly why: string };

export type Measured = { readonly figures: readonly Figure[]; readonly skipped: readonly Skipped[] };

/** What one round gave: the samples of the thing and, taken between them, those of its baseline. */
export type Round = { readonly samples: readonly number[]; readonly baseline: readonly number[] };

type Head = { readonly bench: BenchName; readonly name: string; readonly unit: Unit; readonly target?: Target };

function judged(target: Target | undefined, value: number, ratio: number | null): Pick<Figure, 'target' | 'verdict'> {
  if (target === undefined) return { target: null, verdict: 'no-target' };
  const measured = target.on === 'value' ? value : ratio;
  if (measured === null) throw new Error('a target on a ratio needs a baseline');
  const isMet = target.is === 'at-most' ? measured <= target.limit : measured >= target.limit;
  return { target, verdict: isMet ? 'met' : 'missed' };
}

/** A figure from single numbers of each round, already reduced. */
export function figureOf(
  head: Head,
  baselineName: string | null,
  rounds: readonly { readonly value: number; readonly baseline: number }[],
  samples: number,
): Figure {
  const value = median(rounds.map((round) => round.value));
  const { bench, name, unit, target } = head;
  const ratio = baselineName === null ? null : median(rounds.map((round) => round.value / round.baseline));
  const baseline = baselineName === null ? null : { name: baselineName, value: median(rounds.map((round) => round.baseline)) };
  return { bench, name, unit, value, baseline, ratio, ...judged(target, value, ratio), rounds: rounds.length, samples };
}

/** One quantile of the samples, and of the baseline's, round by round. */
export function quantileFigure(head: Head, part: number, baselineName: string, rounds: readonly Round[]): Figure {
  const reduced = rounds.map((round) => ({ value: quantile(round.samples, part), baseline: quantile(round.baseline, part) }));
  return figureOf(
    head,
    baselineName,
    reduced,
    rounds.reduce((sum, round) => sum + round.samples.length, 0),
  );
}

/**
 * p50 as the median of the rounds' own, and p99 over all rounds together: a round alone has too few samples for one. Both against the baseline's p50,
 * since the tail of a baseline is mostly the machine's noise.
 */
export function halfAndTail(
  head: Omit<Head, 'target'>,
  baselineName: string,
  rounds: readonly Round[],
  targets: { readonly p50?: Target; readonly p99?: Target } = {},
): readonly Figure[] {
  const { p50, p99 } = targets;
  const all = rounds.flatMap((round) => round.samples);
  const floor = quantile(
    rounds.flatMap((round) => round.baseline),
    0.5,
  );
  const half = quantileFigure(
    { ...head, name: `${head.name}, p50`, ...(p50 === undefined ? {} : { target: p50 }) },
    0.5,
    `${baselineName}, p50`,
    rounds,
  );
  const tail = figureOf(
    { ...head, name: `${head.name}, p99`, ...(p99 === undefined ? {} : { target: p99 }) },
    `${baselineName}, p50`,
    [{ value: quantile(all, 0.99), baseline: floor }],
    all.length,
  );
  return [half, { ...tail, rounds: rounds.length }];
}
