import { AttendedCounter } from '../counter/attended.js';
import { figureOf, type Figure, type Measured } from '../report/figure.js';
import { SIZES, type Plan } from '../report/plan.js';

function keysFigure(name: string, counted: readonly number[], limit: number): Figure {
  const most = Math.max(...counted);
  const head = { bench: 'keys', name, unit: 'keys', target: { on: 'value', is: 'at-most', limit } } as const;
  return figureOf(head, null, [{ value: most, baseline: 1 }], counted.length);
}

/** Keys that a bill takes, counted on the real screen from one call of the next citizen to the other. The most that any bill took. */
export async function measureKeys(plan: Plan): Promise<Measured> {
  const { bills } = SIZES.keys[plan];
  const counter = await AttendedCounter.open(2 * bills);
  try {
    const scanned: number[] = [];
    const typed: number[] = [];
    for (let i = 0; i < bills; i += 1) {
      scanned.push(await counter.scanned());
      typed.push(await counter.typed());
    }
    return {
      figures: [keysFigure('keys per bill after a scan', scanned, 4), keysFigure('keys per typed bill, beside its number', typed, 8)],
      skipped: [],
    };
  } finally {
    await counter.close();
  }
}
