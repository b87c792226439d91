import type { CounterView, ScreenView } from '#protocol/counter/view.js';
import { unreachable } from '#protocol/result/result.js';
import type { Local } from '../local/local.js';
import { say } from '../text/catalogue.js';
import { drawCapture, drawFetching, drawPresence, drawQuote, drawTender } from './bill.js';
import { Canvas, type Picture } from './canvas.js';
import { drawBanner, drawFacts, drawHeader, drawKeys } from './frame.js';
import { drawQueue, drawReceipts } from './lists.js';
import { drawMenu, menuFacts } from './menu.js';
import { drawDevices } from './devices.js';
import { drawHelp, drawLeave } from './overlays.js';
import { COLUMNS, Pen, ROWS, type Look } from './pen.js';
import { drawHandover, drawPrintTrouble, drawRefused, drawWorking } from './sale.js';
import { drawAway, drawOutOfOrder, drawResting, drawStarting, drawUnenrolled, type Away } from './standing.js';
import { drawStock } from './stock.js';
import { drawLogin, drawTillClosed, drawTillClosing, drawTillOpening } from './till.js';

function drawBody(pen: Pen, body: ScreenView, local: Local): void {
  switch (body.screen) {
    case 'starting':
      return drawStarting(pen, body);
    case 'unenrolled':
      return drawUnenrolled(pen);
    case 'out-of-order':
      return drawOutOfOrder(pen, body);
    case 'resting':
      return drawResting(pen, body);
    case 'login':
      return drawLogin(pen, body, local);
    case 'till-opening':
      return drawTillOpening(pen, body, local);
    case 'menu':
      return drawMenu(pen, body, local);
    case 'capture':
      return drawCapture(pen, body, local);
    case 'fetching':
      return drawFetching(pen, body);
    case 'quote':
      return drawQuote(pen, body, local);
    case 'presence':
      return drawPresence(pen, body, local);
    case 'tender':
      return drawTender(pen, body, local);
    case 'working':
      return drawWorking(pen, body);
    case 'print-trouble':
      return drawPrintTrouble(pen, body);
    case 'refused':
      return drawRefused(pen, body);
    case 'handover':
      return drawHandover(pen, body);
    case 'receipts':
      return drawReceipts(pen, body, local);
    case 'queue':
      return drawQueue(pen, body, local);
    case 'stock':
      return drawStock(pen, body, local);
    case 'till-closing':
      return drawTillClosing(pen, body, local);
    case 'till-closed':
      return drawTillClosed(pen, body);
    default:
      return unreachable(body);
  }
}

/** What stands above the keys: the transaction that is going on, or the day so far. */
function factsOf(pen: Pen, body: ScreenView): string {
  switch (body.screen) {
    case 'menu':
      return menuFacts(pen, body);
    case 'quote':
    case 'presence':
    case 'tender':
      return pen.say('transaction', { id: body.quote.transaction });
    case 'working':
    case 'print-trouble':
    case 'refused':
    case 'handover':
      return pen.say('transaction', { id: body.sale.transaction });
    default:
      return '';
  }
}

/** A terminal smaller than the contract shows only that; the counter goes on behind it. */
function drawTooSmall(look: Look): Picture {
  const canvas = new Canvas(look.model, look.columns, look.rows);
  const values = { columns: String(look.columns), rows: String(look.rows) };
  const lines = (['en', 'hi'] as const).flatMap((language) => canvas.wrap(say(language, 'too-small', values), look.columns));
  for (const [i, line] of lines.slice(0, look.rows).entries()) canvas.name(i, 0, line);
  return canvas.picture();
}

/**
 * The whole screen for a view and what the operator has typed: the same input gives the same cells.
 * @param view null while the agent is away; `away` then says since when
 */
export function drawScreen(view: CounterView | null, local: Local, look: Look, away: Away = { since: 'start', tries: 0 }): Picture {
  if (look.columns < COLUMNS || look.rows < ROWS) return drawTooSmall(look);
  const pen = new Pen(look);
  if (view === null) drawAway(pen, away);
  else {
    drawHeader(pen, view.header);
    drawBanner(pen, view.header, view.body.screen);
    drawBody(pen, view.body, local);
  }
  drawFacts(pen, local, view === null ? '' : factsOf(pen, view.body));
  drawKeys(pen, view, local);
  if (local.overlay !== 'none') pen.canvas.hideCursor();
  if (local.overlay === 'help') drawHelp(pen, view, local);
  if (local.overlay === 'devices' && view !== null) drawDevices(pen, view, local);
  if (local.overlay === 'leave') drawLeave(pen);
  return Canvas.framed(pen.canvas.picture(), look.model, look.columns, look.rows);
}
