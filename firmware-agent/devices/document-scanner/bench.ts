import type { BenchCheck } from '../device.js';
import { failedCheck } from '../failed-check.js';
import type { DocumentScannerHandle } from './face.js';

/** What a technician can try on a document scanner. */
export function documentScannerBench(scanner: DocumentScannerHandle): readonly BenchCheck[] {
  return [
    {
      check: 'scan-page',
      title: 'scans one page from the glass and tells its size',
      needs: 'somebody',
      async run(tell, signal) {
        tell('put-page');
        const scanned = await scanner.scan({ source: 'flatbed', pages: 1, signal });
        if (!scanned.ok) return failedCheck(scanned.error);
        const { pages, resolutionDpi, format, discard } = scanned.value;
        discard();
        const [page] = pages;
        const size = `${page?.widthPx} × ${page?.heightPx}`;
        return {
          outcome: 'pass',
          detail: `one page of ${size} pixels, ${page?.bytes} bytes of ${format}`,
          facts: { pixels: size, bytes: String(page?.bytes), resolutionDpi: String(resolutionDpi), format },
        };
      },
    },
  ];
}
