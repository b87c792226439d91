import assert from 'node:assert/strict';
import { noteForms } from '../../../firmware-agent/counter/forms.js';
import { printPaper, sawItPrinted } from '../../../firmware-agent/counter/paper.js';
import { closeOpenEnds } from '../../../firmware-agent/counter/recovery.js';
import { clearUnfinished } from '../../../firmware-agent/counter/unfinished.js';
import { PrinterPool } from '../../../firmware-agent/devices/printer/pool.js';
import type { DeviceReport, Forms, PrinterCause, PrinterHandle, PrintOutcome } from '../../../firmware-agent/devices/ports.js';
import { Listeners } from '../../../firmware-agent/devices/life/listeners.js';
import { failure, ok } from '#protocol/result/result.js';
import { OPERATOR, saleBody, transactionOf } from '../protocol/samples.js';
import { Bench, valueOf } from './bench.js';

/** Absent at first, as every printer at start; counts what it is told to throw away once it is there. */
class Starting implements PrinterHandle {
  readonly #changes = new Listeners<DeviceReport>();
  #report: DeviceReport = { state: 'absent', problem: { code: 'printer-absent' } };
  cleared = 0;
  readonly state = (): DeviceReport => this.#report;
  readonly whyAway = (): undefined => undefined;
  readonly onChange = (listener: (report: DeviceReport) => void) => this.#changes.add(listener);
  readonly nudge = (): void => undefined;
  readonly close = async (): Promise<void> => undefined;
  readonly print = async (): Promise<PrintOutcome> => ({ outcome: 'printed' });
  readonly openDrawer = async () => ok(undefined);
  readonly clear = async () => {
    if (this.#report.state === 'absent') return failure<PrinterCause>('printer-absent', 'not there yet');
    this.cleared += 1;
    return ok(undefined);
  };

  comes(): void {
    this.#report = { state: 'ready' };
    this.#changes.tell(this.#report);
  }
}

const PRE_PRINTED: Forms = { kind: 'pre-printed', lowAt: 0, sheetsOf: () => 1 };

/** A kiosk that sold three times, and how often each of its two printers is cleared after the next start. */
function bench(forms: Forms = { kind: 'plain' }): Bench {
  const made = new Bench({ forms, disk: 'file' });
  made.ready();
  for (const n of [1, 2, 3]) {
    const { transaction, service, department, consumer, billNumber, totalPaise, mode } = saleBody(n);
    valueOf(made.append({ kind: 'quoted', transaction, service, department, consumer, billNumber, totalPaise, mode }));
    valueOf(made.append(saleBody(n, { mode: 'semi-offline-delayed' })));
  }
  return made;
}

async function clearedAtStart(on: Bench, forms: Forms = { kind: 'plain' }): Promise<readonly number[]> {
  on.restart();
  const [first, second] = [new Starting(), new Starting()];
  const printer = new PrinterPool([
    { name: 'printer', forms, drawer: 'none', handle: first },
    { name: 'printer-2', forms: { kind: 'plain' }, drawer: 'none', handle: second },
  ]);
  clearUnfinished({ ...on.kiosk, printer });
  closeOpenEnds(on.kiosk);
  for (const handle of [first, second]) handle.comes();
  await new Promise((resolve) => setImmediate(resolve));
  await printer.close();
  return [first.cleared, second.cleared];
}

const begun = (n: number, printer: string) =>
  ({ kind: 'print-started', transaction: transactionOf(n), copy: 1, marked: 'original', shows: 'received', printer }) as const;
const print = (on: Bench, n: number) => printPaper(on.kiosk, transactionOf(n), 'en', OPERATOR);

describe('what an unfinished paper leaves in its printer, after a restart', () => {
  it('is thrown away of the printer whose newest paper has no end, and of no other', async () => {
    const on = bench();
    valueOf(on.append(begun(1, 'printer-2')));
    assert.deepEqual(await clearedAtStart(on), [0, 1]);
    on.close();
  });

  for (const [how, outcome, left] of [
    ['was printed', { outcome: 'printed' }, 0],
    ['ended unknown', { outcome: 'unknown', cause: 'printer-absent', detail: '' }, 1],
    ['never started', { outcome: 'not-started', cause: 'printer-absent', detail: '' }, 0],
    ['was taken to its last byte by one that can not confirm', { outcome: 'unknown', cause: 'not-told', detail: '' }, 0],
  ] as const)
    it(`${left === 0 ? 'is nothing' : 'is thrown away'} when it ${how}`, async () => {
      const on = bench();
      on.printer.outcome = outcome;
      await print(on, 1);
      assert.deepEqual(await clearedAtStart(on), [left, 0]);
      on.close();
    });

  it('is thrown away though the operator saw the paper: the end of it may still hang there', async () => {
    const on = bench();
    on.printer.outcome = { outcome: 'unknown', cause: 'printer-silent', detail: '' };
    await print(on, 1);
    sawItPrinted(on.kiosk, transactionOf(1), OPERATOR);
    assert.deepEqual(await clearedAtStart(on), [1, 0]);
    on.close();
  });

  it('is nothing when a later paper came out of that printer', async () => {
    const on = bench();
    valueOf(on.append(begun(1, 'printer')));
    await print(on, 2);
    assert.deepEqual(await clearedAtStart(on), [0, 0]);
    on.close();
  });

  it('is thrown away once, however often the agent starts', async () => {
    const on = bench();
    valueOf(on.append(begun(1, 'printer')));
    assert.deepEqual(await clearedAtStart(on), [1, 0]);
    assert.deepEqual(await clearedAtStart(on), [0, 0]);
    valueOf(on.append(begun(2, 'printer')));
    assert.deepEqual(await clearedAtStart(on), [1, 0], 'another paper is another matter');
    on.close();
  });

  it('ejects a numbered form only when a paper was begun on it, and nobody has said that it is gone', async () => {
    const on = bench(PRE_PRINTED);
    valueOf(noteForms(on.kiosk, { do: 'load-forms', first: 'RJ-0001', last: 'RJ-0009' }, OPERATOR));
    valueOf(on.append(begun(1, 'printer')));
    assert.deepEqual(await clearedAtStart(on, PRE_PRINTED), [0, 0], 'stopped before its form was noted: no byte went out');
    valueOf(on.append(begun(2, 'printer')));
    valueOf(on.append({ kind: 'form-used', printer: 'printer', serial: 'RJ-0001', transaction: transactionOf(2), copy: 1 }));
    assert.deepEqual(await clearedAtStart(on, PRE_PRINTED), [1, 0]);
    valueOf(on.append(begun(3, 'printer')));
    valueOf(on.append({ kind: 'form-used', printer: 'printer', serial: 'RJ-0002', transaction: transactionOf(3), copy: 1 }));
    on.restart();
    closeOpenEnds(on.kiosk);
    valueOf(noteForms(on.kiosk, { do: 'spoil-forms', first: 'RJ-0002', last: '' }, OPERATOR));
    assert.deepEqual(await clearedAtStart(on, PRE_PRINTED), [0, 0], 'taken out');
    assert.equal(on.kiosk.stock.left('printer'), 7);
    on.close();
  });
});
