import { fileURLToPath } from 'node:url';
import PDFDocument from 'pdfkit';

/** The face of the receipts: one file with Devanagari, Latin and the rupee sign (see raster/typeface.ts). */
function fontFile(cut: '400Regular' | '700Bold'): string {
  return fileURLToPath(import.meta.resolve(`@expo-google-fonts/noto-sans-devanagari/${cut}/NotoSansDevanagari_${cut}.ttf`));
}

const MARGIN = 50;

/** What the sheet shows, for whoever holds it beside the screen. */
export const TEST_PAGE_LINES = [
  'क्षेत्रीय विद्युत कार्यालय, श्री गंगानगर',
  'विद्यार्थी, प्रमाण-पत्र, कृष्ण, हिन्दी, ज्ञान, त्रिशूल, र्थी, द्ध, क्ष्म, ट्ठ',
  'राशि / amount: ₹ 1,23,456.78   ०१२३४५६७८९',
  'The quick brown fox jumps over the lazy dog. 0123456789',
] as const;

/** One A4 sheet in Hindi and English with a frame at its margins and a ladder of greys: whoever looks sees at once what a printer does wrong. */
export function testPage(): Promise<Uint8Array> {
  const doc = new PDFDocument({ size: 'A4', margin: MARGIN, font: fontFile('400Regular'), info: { Title: 'Jharokha test page' } });
  const chunks: Buffer[] = [];
  const done = new Promise<Uint8Array>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
  const { width, height } = doc.page;
  doc.rect(MARGIN / 2, MARGIN / 2, width - MARGIN, height - MARGIN).stroke();
  doc.font(fontFile('700Bold')).fontSize(24).text('झरोखा · जाँच पन्ना', { align: 'center' }).text('Jharokha test page', { align: 'center' });
  doc.font(fontFile('400Regular')).fontSize(14).moveDown();
  for (const line of TEST_PAGE_LINES) doc.text(line).moveDown(0.5);
  for (const size of [6, 8, 10, 12]) doc.fontSize(size).text(`${size} pt  प्राप्त हुआ; विभाग में जमा होगा।  Received; will be paid in.`);
  const top = doc.y + 20;
  const step = (width - 2 * MARGIN) / 11;
  for (let grey = 0; grey <= 10; grey += 1) {
    const shade = Math.round((grey * 255) / 10);
    doc.rect(MARGIN + grey * step, top, step, 40).fillAndStroke([shade, shade, shade], 'black');
  }
  doc.end();
  return done;
}
