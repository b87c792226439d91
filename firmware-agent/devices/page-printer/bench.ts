import { unreachable } from '#protocol/result/result.js';
import type { BenchResult } from '#protocol/technician/bench.js';
import type { BenchCheck } from '../device.js';
import { failedCheck } from '../failed-check.js';
import type { PagePrinterHandle } from './port.js';
import { testPage } from './test-page.js';

/** What a technician can try on a page printer. */
export function pagePrinterBench(printer: PagePrinterHandle): readonly BenchCheck[] {
  return [
    {
      check: 'print-test-page',
      title: 'prints an A4 sheet in Hindi and English with a frame and greys',
      needs: 'somebody',
      async run(tell, signal): Promise<BenchResult> {
        const pdf = await testPage();
        const done = await printer.print({ pdf, title: 'Jharokha test page', copies: 1 }, signal);
        switch (done.outcome) {
          case 'printed':
            tell('look-at-paper');
            return { outcome: 'pass', detail: 'the printer says that the job is completed', facts: { confirmed: 'by the printer' } };
          case 'not-started':
            return failedCheck({ code: done.cause, detail: done.detail });
          case 'unknown':
            if (done.cause !== 'not-told') return failedCheck({ code: done.cause, detail: done.detail });
            tell('look-at-paper');
            return { outcome: 'not-done', detail: 'it took the job and can not confirm: only who looks can tell', facts: { confirmed: 'by nobody' } };
          default:
            return unreachable(done);
        }
      },
    },
  ];
}
