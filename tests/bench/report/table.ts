import type { Figure, Skipped, Target } from './figure.js';
import type { Machine } from './machine.js';

function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2);
}

function times(ratio: number | null): string {
  return ratio === null ? '' : `${digits(ratio)} x`;
}

function targetText(target: Target | null): string {
  if (target === null) return '';
  const sign = target.is === 'at-most' ? '<=' : '>=';
  return `${sign} ${target.limit}${target.on === 'ratio' ? ' x' : ''}`;
}

function cellsOf(figure: Figure): readonly string[] {
  const { name, unit, value, baseline, ratio, target, verdict, samples } = figure;
  const against = baseline === null ? '' : `${digits(baseline.value)} ${baseline.name}`;
  const said = verdict === 'met' ? 'yes' : verdict === 'missed' ? 'NO' : '';
  return [name, `${digits(value)} ${unit}`, times(ratio), against, targetText(target), said, String(samples)];
}

const HEAD = ['measure', 'value', 'ratio', 'baseline of the same run', 'target', 'met', 'samples'];
/** Columns of numbers stand at the right. */
const RIGHT: ReadonlySet<number> = new Set([1, 2, 6]);

/** The figures as lines for people, then what was skipped and the machine. */
export function tableOf(figures: readonly Figure[], skipped: readonly Skipped[], machine: Machine): readonly string[] {
  const rows = [HEAD, ...figures.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (RIGHT.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const [head = '', ...body] = rows.map(line);
  const { cores, processor, memoryGib, system, node, disk, loadBefore, loadAfter } = machine;
  return [
    head,
    '-'.repeat(head.length),
    ...body,
    ...skipped.map((one) => `SKIPPED ${one.name}: ${one.why}`),
    '',
    `${cores} cores (${processor}), ${memoryGib} GiB, ${system}, Node ${node}, ${disk}; load ${loadBefore.toFixed(2)} before, ${loadAfter.toFixed(2)} after`,
  ];
}
