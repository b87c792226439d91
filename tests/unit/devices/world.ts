import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import type { PaperLine, PaperWidth } from '#protocol/receipt/paper.js';
import type { DeviceReport, PrinterHandle } from '../../../firmware-agent/devices/ports.js';
import { PRINTER_DELAYS, type PrinterDelays } from '../../../firmware-agent/devices/printer/delays.js';
import { startPrinterSimulator, type PrinterSimulator } from '../../../firmware-agent/devices/printer/simulator/simulator.js';
import { isBlack, type Bitmap } from '../../../firmware-agent/devices/raster/bitmap.js';

/** Short pauses between looks and tries, and long patience: for tests in which no silence is meant, however busy the machine is. */
export const QUICK: PrinterDelays = {
  ...PRINTER_DELAYS,
  answerMs: 4_000,
  queuedAnswerMs: 4_000,
  flushedAnswerMs: 6_000,
  quietMs: 40,
  confirmPerRowMs: 0,
  askWhileWaitingMs: 60,
  recoverEveryMs: 80,
  pollMs: 40,
  backoffFirstMs: 10,
  backoffLongestMs: 40,
};

/** For tests that wait for a silence. */
export const IMPATIENT: PrinterDelays = { ...QUICK, answerMs: 600, queuedAnswerMs: 600, flushedAnswerMs: 2_000, writeMs: 1_500, confirmMs: 1_500 };

export const RECEIPT_URL = `HTTPS://JAIPUR.JHAROKHA.EXAMPLE/R/${'ABCDEFG234567HIJK'.repeat(30).slice(0, 460)}`;

export const HINDI_RECEIPT: readonly PaperLine[] = [
  { kind: 'text', text: 'ई-मित्र', align: 'centre', weight: 'large' },
  { kind: 'text', text: 'राजस्थान सरकार · जयपुर जिला', align: 'centre', weight: 'normal' },
  { kind: 'text', text: 'भुगतान रसीद / Payment receipt', align: 'centre', weight: 'bold' },
  { kind: 'rule' },
  { kind: 'pair', left: 'रसीद संख्या', right: 'D35K1111-2026-000123', weight: 'normal' },
  { kind: 'pair', left: 'सेवा', right: 'विद्युत बिल', weight: 'normal' },
  { kind: 'text', text: 'जयपुर विद्युत वितरण निगम लिमिटेड (JVVNL-क्षेत्रीय कार्यालय)', align: 'left', weight: 'normal' },
  { kind: 'pair', left: 'बिल राशि (बकाया सहित और विलम्ब शुल्क के साथ)', right: '₹ 1,23,456.78', weight: 'normal' },
  { kind: 'pair', left: 'कुल प्राप्त', right: '₹ 1,980.00', weight: 'large' },
  { kind: 'text', text: 'एक हज़ार नौ सौ अस्सी रुपये मात्र', align: 'left', weight: 'bold' },
  { kind: 'rule' },
  { kind: 'text', text: 'प्राप्त हुआ; विभाग में 24-11-2026 तक जमा होगा।', align: 'left', weight: 'normal' },
  { kind: 'qr', text: RECEIPT_URL },
  { kind: 'text', text: '7K3M-Q9XT', align: 'centre', weight: 'bold' },
  { kind: 'feed', lines: 1 },
];

/** A few lines: quick to print, and still more than one band. */
export const SLIP: readonly PaperLine[] = [
  { kind: 'text', text: 'जाँच पर्ची', align: 'centre', weight: 'large' },
  { kind: 'pair', left: 'राशि', right: '₹ 1,980.00', weight: 'bold' },
  ...Array.from({ length: 8 }, (_, i): PaperLine => ({ kind: 'text', text: `पंक्ति ${i + 1} · line ${i + 1}`, align: 'left', weight: 'normal' })),
  { kind: 'rule' },
];

export function tempFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'jharokha-devices-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export type SimulatorWorld = { readonly sim: PrinterSimulator; readonly papers: () => readonly Bitmap[]; readonly close: () => Promise<void> };

export async function simulatorWorld(width: PaperWidth = '58mm', host = '127.0.0.1', port = 0): Promise<SimulatorWorld> {
  const folder = tempFolder();
  const sim = await startPrinterSimulator({ host, port, width, paperFolder: folder.path });
  return {
    sim,
    papers: () =>
      readdirSync(folder.path)
        .filter((name) => name.endsWith('.png'))
        .toSorted()
        .map((name) => readPaper(join(folder.path, name))),
    async close() {
      await sim.close();
      folder.remove();
    },
  };
}

/** A paper picture as dots again. */
export function readPaper(file: string): Bitmap {
  const { width, height, data } = PNG.sync.read(readFileSync(file));
  const bytesPerRow = Math.ceil(width / 8);
  const dots = new Uint8Array(bytesPerRow * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * bytesPerRow + (x >> 3);
      if ((data[(y * width + x) * 4] ?? 255) < 128) dots[at] = (dots[at] ?? 0) | (0x80 >> (x & 7));
    }
  }
  return { widthDots: width, heightDots: height, bytesPerRow, data: dots };
}

/** Black dots of `wanted` missing on `paper`, and dots on `paper` that nobody asked for, within the rows of `wanted`. */
export function differences(wanted: Bitmap, paper: Bitmap): { readonly missing: number; readonly extra: number } {
  let missing = 0;
  let extra = 0;
  for (let y = 0; y < wanted.heightDots; y += 1) {
    for (let x = 0; x < wanted.widthDots; x += 1) {
      const asked = isBlack(wanted, x, y);
      const there = y < paper.heightDots && isBlack(paper, x, y);
      if (asked && !there) missing += 1;
      if (there && !asked) extra += 1;
    }
  }
  return { missing, extra };
}

/** Until the device says what is awaited. */
export function until(handle: Pick<PrinterHandle, 'state' | 'onChange'>, wanted: (report: DeviceReport) => boolean): Promise<DeviceReport> {
  if (wanted(handle.state())) return Promise.resolve(handle.state());
  return new Promise((resolve) => {
    const stop = handle.onChange((report) => {
      if (!wanted(report)) return;
      stop();
      resolve(report);
    });
  });
}
