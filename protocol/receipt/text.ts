import type { PaperLine } from './paper.js';

/** Columns of a plain-text receipt, about as wide as the paper looks. */
export const TEXT_COLUMNS = 46;

const segmenter = new Intl.Segmenter('hi', { granularity: 'grapheme' });

function width(text: string): number {
  return [...segmenter.segment(text)].length;
}

function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && width(last) + 1 + width(word) <= TEXT_COLUMNS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The same receipt as plain text, for a screen, a message or a log of what was printed. The QR code stands as its text, broken over lines. */
export function paperText(lines: readonly PaperLine[]): readonly string[] {
  return lines.flatMap((line): readonly string[] => {
    switch (line.kind) {
      case 'text':
        return wrap(line.text).map((part) =>
          line.align === 'centre' ? ' '.repeat(Math.max(0, Math.floor((TEXT_COLUMNS - width(part)) / 2))) + part : part,
        );
      case 'pair':
        return [line.left + ' '.repeat(Math.max(1, TEXT_COLUMNS - width(line.left) - width(line.right))) + line.right];
      case 'rule':
        return ['-'.repeat(TEXT_COLUMNS)];
      case 'qr':
        return line.text.match(new RegExp(`.{1,${TEXT_COLUMNS}}`, 'gu')) ?? [];
      case 'feed':
        return [''];
    }
  });
}
