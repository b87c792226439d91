import type { ScreenView, StockView } from '#protocol/counter/view.js';
import { fieldKinds, type Local } from '../local/local.js';
import type { WordKey } from '../text/catalogue.js';
import { drawBox } from './frame.js';
import { LEFT, RIGHT, VALUE, type Pen } from './pen.js';

const FIELD_ROOM = 26;
const COUNT_ROWS: readonly (readonly [WordKey, keyof StockView & ('loaded' | 'printed' | 'unsure' | 'spoilt' | 'left')])[] = [
  ['stock-loaded', 'loaded'],
  ['stock-printed', 'printed'],
  ['stock-unsure', 'unsure'],
  ['stock-spoilt', 'spoilt'],
  ['stock-left', 'left'],
];

/** Pre-printed forms: the account of them, the number that should lie in the printer now, and what was typed about others. */
export function drawStock(pen: Pen, body: ScreenView & { screen: 'stock' }, local: Local): void {
  const { canvas } = pen;
  const { stock } = body;
  drawBox(pen, `${pen.say('stock')} / ${pen.sayOther('stock')}`);
  if (stock === null) {
    canvas.put(6, LEFT, pen.say('stock-none'), 'strong', RIGHT - LEFT);
    return pen.notice(body.problem);
  }
  for (const [i, [word, key]] of COUNT_ROWS.entries()) {
    pen.label(3 + i, word);
    canvas.right(3 + i, VALUE + 8, String(stock[key]), key === 'left' ? 'strong' : 'plain');
    if (key === 'unsure') drawUnsure(pen, 3 + i, stock.unsureSerials);
  }
  pen.label(9, 'stock-next');
  canvas.name(9, VALUE, stock.next ?? pen.say('stock-next-none'), 'strong', RIGHT - VALUE);
  const kinds = fieldKinds(body, 'whole');
  for (const [i, word] of (['stock-first', 'stock-last'] as const).entries()) {
    const kind = kinds[i];
    pen.label(11 + i, word);
    if (kind !== undefined) pen.field(11 + i, VALUE + 2, FIELD_ROOM, local, i, kind);
  }
  canvas.put(14, LEFT, pen.say('stock-do'), 'quiet', 74);
  pen.notice(body.problem);
}

/** The numbers of forms that somebody should settle, the oldest, as many as fit whole. */
function drawUnsure(pen: Pen, row: number, serials: readonly string[]): void {
  const room = RIGHT - VALUE - 10;
  const shown = serials.reduce((text, serial) => (`${text} ${serial}`.length <= room ? `${text} ${serial}` : text), '');
  pen.canvas.name(row, VALUE + 10, shown, 'quiet', room);
}
