import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import jsQR from 'jsqr';
import type { Language } from '#protocol/identity/identity.js';
import { receiptLines } from '#protocol/receipt/layout.js';
import type { PaperLine } from '#protocol/receipt/paper.js';
import { blankBitmap, isBlack, stamp, type Bitmap } from '../../../firmware-agent/devices/raster/bitmap.js';
import { pngOf } from '../../../firmware-agent/devices/printer/simulator/strip.js';
import { enlarged } from '../../../firmware-agent/devices/printer/simulator/typesetter.js';
import { RECEIPT_URL, tempFolder } from '../../unit/devices/world.js';
import { saleBody } from '../../unit/protocol/samples.js';

/** A receipt as the counter lays it out. */
export function receiptIn(language: Language): readonly PaperLine[] {
  return receiptLines(
    {
      society: { en: 'e-Mitra Society, Jaipur', hi: 'ई-मित्र सोसायटी, जयपुर' },
      districtName: { en: 'Jaipur', hi: 'जयपुर' },
      kiosk: 'd35k1111',
      operator: 'd35k1111co01',
      number: 'D35K1111-1-000123',
      code: '7K3MQ9XT',
      at: Date.UTC(2026, 10, 25, 9, 3),
      service: { en: 'Electricity bill (JVVNL)', hi: 'विद्युत बिल भुगतान (जेवीवीएनएल)' },
      department: { en: 'Jaipur Vidyut Vitran Nigam Ltd', hi: 'जयपुर विद्युत वितरण निगम लि.' },
      sale: saleBody(1),
      bill: { name: 'SHRI GYANESHWAR PRASAD SHARMA', office: 'AEN (O&M) JAIPUR SOUTH', period: 'OCT 2026', dueOn: '2026-11-30' },
      state: { kind: 'received', postBy: Date.UTC(2026, 10, 26, 9, 3) },
      qr: RECEIPT_URL,
      duplicate: undefined,
    },
    language,
  );
}

/** What its Hindi lines say, on every paper in one line each. */
export const HINDI_SENTENCES: readonly string[] = [
  'ई-मित्र सोसायटी, जयपुर',
  'रसीद',
  'विद्युत बिल भुगतान (जेवीवीएनएल)',
  'जयपुर विद्युत वितरण निगम लि.',
  'उपभोक्ता संख्या',
  'एक हज़ार नौ सौ अस्सी रुपये और एक पैसे',
  'राशि प्राप्त। विभाग में जमा की जाएगी',
  'जाँचने के लिए स्कैन करें',
];

export function readQr(paper: Bitmap): string | undefined {
  const rgba = new Uint8ClampedArray(paper.widthDots * paper.heightDots * 4).fill(255);
  for (let y = 0; y < paper.heightDots; y += 1) {
    for (let x = 0; x < paper.widthDots; x += 1) {
      const at = (y * paper.widthDots + x) * 4;
      if (isBlack(paper, x, y)) rgba.fill(0, at, at + 3);
    }
  }
  return jsQR.default(rgba, paper.widthDots, paper.heightDots)?.data;
}

export const HAS_ZBAR = spawnSync('zbarimg', ['--version']).status === 0;
/** With Hindi: its reading is what is tried. */
export const HAS_TESSERACT = spawnSync('tesseract', ['--list-langs'], { encoding: 'utf8' }).stdout?.split('\n').includes('hin') ?? false;

function withFile<T>(picture: Bitmap, work: (file: string) => T): T {
  const folder = tempFolder();
  const file = join(folder.path, 'paper.png');
  writeFileSync(file, pngOf(picture));
  try {
    return work(file);
  } finally {
    folder.remove();
  }
}

export function zbarReads(paper: Bitmap): string {
  return withFile(paper, (file) =>
    spawnSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', file], { encoding: 'utf8' }).stdout.trim(),
  );
}

/**
 * The text that tesseract reads, its blanks as single spaces.
 * @param scale dots are too few at 203 an inch: twice as many are what it was taught with
 */
export function ocrReads(paper: Bitmap, scale: 1 | 2): string {
  const bordered = blankBitmap(paper.widthDots + 40, paper.heightDots + 40);
  stamp(bordered, paper, 20, 20);
  const dpi = scale === 2 ? '406' : '360';
  return withFile(enlarged(bordered, scale, scale), (file) => {
    const env = { ...process.env, OMP_THREAD_LIMIT: '1' };
    const read = spawnSync('tesseract', [file, 'stdout', '-l', 'hin', '--psm', '6', '--dpi', dpi], { encoding: 'utf8', env });
    return read.stdout.replaceAll(/\s+/gu, ' ');
  });
}
