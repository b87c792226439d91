import type { ScreenView, ServiceView } from '#protocol/counter/view.js';
import { formatRupees } from '#protocol/money/paise.js';
import type { Local } from '../local/local.js';
import { matchServices } from '../local/match.js';
import { nameIn, otherLanguage, type WordKey } from '../text/catalogue.js';
import type { Style } from './canvas.js';
import { drawBox } from './frame.js';
import { COLUMNS, INNER_BOTTOM, LEFT, NOTICE_TOP, RIGHT, type Pen } from './pen.js';
import { fieldKinds } from '../local/local.js';

const LIST_TOP = 6;
const CODE = 4;
const NAME = 11;
const OTHER = 40;
const MODE = 66;

function modeWord(service: ServiceView, start: 'mode' | 'explain'): WordKey {
  return `${start}-${service.mode ?? 'none'}`;
}

function drawRow(pen: Pen, row: number, service: ServiceView, selected: boolean): void {
  const { canvas, look } = pen;
  const style: Style = selected ? 'selected' : 'plain';
  canvas.fill(row, 1, 1, COLUMNS - 2, style);
  canvas.put(row, 1, selected ? '>>' : '  ', style);
  canvas.put(row, CODE, service.code, style);
  canvas.name(row, NAME, nameIn(look.language, service.name), style, OTHER - NAME - 1);
  canvas.name(row, OTHER, nameIn(otherLanguage(look.language), service.name), style, MODE - OTHER - 1);
  canvas.put(row, MODE, pen.say(modeWord(service, 'mode')), style, COLUMNS - 1 - MODE);
}

function drawSelected(pen: Pen, row: number, service: ServiceView): void {
  const { canvas, look } = pen;
  canvas.rule(row, 0, COLUMNS);
  const department = `${nameIn(look.language, service.department)} / ${nameIn(otherLanguage(look.language), service.department)}`;
  canvas.name(row + 1, LEFT, department, 'plain', RIGHT - LEFT);
  canvas.put(row + 2, LEFT, pen.say(modeWord(service, 'explain')), 'quiet', RIGHT - LEFT + 1);
}

/** The rows of the list that are in sight: the selected one always is. */
export function visibleFrom(selected: number, count: number, room: number): number {
  return Math.max(0, Math.min(selected - Math.floor(room / 2), count - room));
}

export function drawMenu(pen: Pen, body: ScreenView & { screen: 'menu' }, local: Local): void {
  const { canvas } = pen;
  const kind = fieldKinds(body, 'whole')[0];
  const found = matchServices(body.services, local.fields[0]?.text ?? '');
  drawBox(pen, pen.say('menu'));
  if (kind !== undefined) pen.field(3, 5, 40, local, 0, kind);
  const matches = pen.say('menu-matches', { count: String(found.length), all: String(body.services.length) });
  canvas.right(3, RIGHT + 1, matches);
  canvas.rule(4, 0, COLUMNS);
  canvas.put(5, CODE, pen.say('code'), 'quiet', NAME - CODE - 1);
  canvas.put(5, NAME, `${pen.say('service')} / ${pen.sayOther('service')}`, 'quiet');
  canvas.put(5, MODE, pen.say('works-how'), 'quiet', COLUMNS - 1 - MODE);
  const bottom = (body.problem === null ? INNER_BOTTOM + 1 : NOTICE_TOP) - 3;
  const room = bottom - LIST_TOP;
  const from = visibleFrom(local.row, found.length, room);
  for (const [i, service] of found.slice(from, from + room).entries()) drawRow(pen, LIST_TOP + i, service, from + i === local.row);
  const chosen = found[local.row];
  if (chosen !== undefined) drawSelected(pen, bottom, chosen);
  else canvas.put(LIST_TOP + 1, LEFT, pen.say(body.services.length === 0 ? 'menu-empty' : 'menu-none'), 'strong', RIGHT - LEFT);
  pen.notice(body.problem);
}

export function menuFacts(pen: Pen, body: ScreenView & { screen: 'menu' }): string {
  const today = pen.say('today-line', { count: String(body.today.count), sum: formatRupees(body.today.sum) });
  return `${today}   ${pen.say('till-line', { sum: formatRupees(body.tillPaise) })}`;
}
