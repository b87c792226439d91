import type { BenchPrompt, BenchResult } from '#protocol/technician/bench.js';
import type { PaperLine } from '#protocol/receipt/paper.js';
import { unreachable } from '#protocol/result/result.js';
import type { BenchCheck } from '../device.js';
import { causeIn, type Drawer, type PrinterHandle } from '../ports.js';

/** Everything that a receipt can have, on one paper: whoever looks sees at once what a printer does wrong. */
export const TEST_PAPER: readonly PaperLine[] = [
  { kind: 'text', text: 'झरोखा · जाँच', align: 'centre', weight: 'large' },
  { kind: 'text', text: 'JHAROKHA TEST', align: 'centre', weight: 'large' },
  { kind: 'text', text: 'Test paper of the printer', align: 'centre', weight: 'bold' },
  { kind: 'rule' },
  { kind: 'text', text: '....+....1....+....2....+....3', align: 'left', weight: 'normal' },
  { kind: 'text', text: 'left / बाएँ', align: 'left', weight: 'normal' },
  { kind: 'text', text: 'centre / बीच', align: 'centre', weight: 'normal' },
  { kind: 'pair', left: 'left', right: 'right', weight: 'normal' },
  { kind: 'pair', left: 'बाएँ', right: 'दाएँ', weight: 'normal' },
  { kind: 'rule' },
  { kind: 'text', text: 'क्षेत्रीय विद्युत कार्यालय, श्री गंगानगर: ङ ञ ट्ठ द्ध श्र क्ष्म र्थी', align: 'left', weight: 'normal' },
  { kind: 'text', text: 'The quick brown fox jumps over the lazy dog.', align: 'left', weight: 'normal' },
  { kind: 'pair', left: 'राशि / amount', right: '₹ 1,23,456.78', weight: 'bold' },
  { kind: 'pair', left: 'कुल', right: '₹ 1,980.00', weight: 'large' },
  { kind: 'rule' },
  { kind: 'qr', text: 'HTTPS://JHAROKHA.EXAMPLE/TEST/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ' },
  { kind: 'text', text: '7K3M-Q9XT', align: 'centre', weight: 'bold' },
  { kind: 'feed', lines: 2 },
];

/** What a technician can try on a receipt printer, and on the drawer that hangs on it. */
export function printerBench(printer: PrinterHandle, language: 'escpos' | 'escp', drawerThere: Drawer): readonly BenchCheck[] {
  const status: BenchCheck = {
    check: 'status',
    title: 'asks the printer how it is',
    needs: 'nobody',
    run: async () => statusResult(printer, language),
  };
  const paper: BenchCheck = {
    check: 'print-test-page',
    title: 'prints a test paper in Hindi and English with a ruler and a QR code',
    needs: 'somebody',
    run: (tell) => printTestPaper(printer, tell),
  };
  const drawer: BenchCheck = {
    check: 'drawer',
    title: 'opens the cash drawer on the socket of the printer',
    needs: 'somebody',
    run: async (tell) => {
      const opened = await printer.openDrawer();
      if (!opened.ok) return failed(opened.error.code, opened.error.detail);
      tell('look-at-drawer');
      return { outcome: 'pass', detail: 'the printer took the command; the drawer should stand open', facts: {} };
    },
  };
  return drawerThere === 'here' ? [status, paper, drawer] : [status, paper];
}

/** A test that goes on although nobody reads it is still bounded: each wait of a printer is. */
async function printTestPaper(printer: PrinterHandle, tell: (prompt: BenchPrompt) => void): Promise<BenchResult> {
  const done = await printer.print(TEST_PAPER);
  switch (done.outcome) {
    case 'printed':
      tell('look-at-paper');
      return { outcome: 'pass', detail: 'the printer confirmed the whole paper', facts: { confirmed: 'by the printer' } };
    case 'not-started':
      return failed(done.cause, done.detail);
    case 'unknown':
      if (done.cause !== 'not-told') return failed(done.cause, done.detail);
      tell('look-at-paper');
      return {
        outcome: 'not-done',
        detail: 'it took the whole paper and can not confirm: only who looks can tell',
        facts: { confirmed: 'by nobody' },
      };
    default:
      return unreachable(done);
  }
}

function statusResult(printer: PrinterHandle, language: 'escpos' | 'escp'): BenchResult {
  const report = printer.state();
  const facts = { language, state: report.state };
  if (report.state === 'ready') return { outcome: 'pass', detail: language === 'escp' ? 'the line takes bytes' : 'ready, by its own word', facts };
  if (report.state === 'warning')
    return { outcome: 'pass', detail: 'works, and needs somebody soon', facts, ...(report.problem === undefined ? {} : { problem: report.problem }) };
  const cause = causeIn(report);
  return { outcome: 'fail', detail: `the printer is not well: ${cause}`, problem: report.problem ?? { code: cause }, facts };
}

function failed(code: ReturnType<typeof causeIn>, detail: string): BenchResult {
  return { outcome: 'fail', detail: detail.slice(0, 300), problem: { code }, facts: {} };
}
