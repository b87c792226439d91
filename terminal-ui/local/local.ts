import type { CounterView, ScreenView } from '#protocol/counter/view.js';
import type { WordKey } from '../text/catalogue.js';
import { EMPTY_FIELD, fieldOf, insertText, type Field } from './field.js';

/** All that the terminal owns: what is being typed, where the cursors are, and what lies over the screen. Losing it loses no money. */
export type Local = {
  /** Which screen, of which sale, this belongs to. When the view moves to another place, the rest starts anew. */
  readonly place: string;
  readonly fields: readonly Field[];
  /** The field that is being typed into. */
  readonly focus: number;
  /** The selected row of a list. */
  readonly row: number;
  /** On the quote: whether a part of the bill is being typed (F7). */
  readonly part: 'whole' | 'typing';
  readonly overlay: 'none' | 'help' | 'devices' | 'leave';
  /** The selected row of the overlay's list. */
  readonly overlayRow: number;
  /** Why the last key did nothing; gone with the next key. */
  readonly hint: WordKey | null;
  /** What was typed last was refused, and nothing was typed since: the next letter begins anew. */
  readonly typed: 'open' | 'refused';
  /** A command went out and no view came back yet: keys that would send another one wait, so nothing is answered unseen. */
  readonly sent: 'nothing' | 'command';
  /** What was typed while a command was on its way: it belongs to the screen that comes. */
  readonly held: string;
  /** The row of the receipts list to come back to after a reprint. */
  readonly listRow: number;
};

/** How a field is typed and shown. `letters` is the longest text; the agent judges what it means. */
export type FieldKind = { readonly letters: number; readonly accepts: 'text' | 'digits' | 'amount'; readonly shows: 'text' | 'stars' };

const AMOUNT: FieldKind = { letters: 20, accepts: 'amount', shows: 'text' };
const TEXT = (letters: number): FieldKind => ({ letters, accepts: 'text', shows: 'text' });
export const PIN_DIGITS = 6;

/** The fields of a screen, in the order in which Enter visits them. */
export function fieldKinds(body: ScreenView, part: Local['part']): readonly FieldKind[] {
  switch (body.screen) {
    case 'login':
      return [TEXT(40), { letters: PIN_DIGITS, accepts: 'digits', shows: 'stars' }];
    case 'menu':
      return [TEXT(30)];
    case 'capture':
      return [TEXT(40)];
    case 'stock':
      return body.stock === null ? [] : [TEXT(24), TEXT(24)];
    case 'till-opening':
    case 'tender':
    case 'till-closing':
      return [AMOUNT];
    case 'presence':
      return body.phase === 'again' && body.attempt >= body.witnessFrom ? [TEXT(60)] : [];
    case 'quote':
      return part === 'typing' ? [AMOUNT] : [];
    default:
      return [];
  }
}

/** Two views of the same place are the same work going on: a tick of the clock must not wipe what is being typed. */
export function placeOf(body: ScreenView): string {
  switch (body.screen) {
    case 'capture':
      return `capture ${body.service.code}`;
    case 'quote':
      return `quote ${body.quote.transaction} ${body.quote.totalPaise}`;
    case 'presence':
      return `presence ${body.quote.transaction} ${body.attempt} ${body.phase}`;
    case 'tender':
      return `tender ${body.quote.transaction}`;
    case 'working':
    case 'refused':
    case 'handover':
      return `${body.screen} ${body.sale.transaction}`;
    case 'print-trouble':
      return `print-trouble ${body.sale.transaction} ${body.ask}`;
    case 'stock':
      // What was taken is not typed again.
      return `stock ${body.stock === null ? '' : [body.stock.loaded, body.stock.left, body.stock.spoilt].join()}`;
    default:
      return body.screen;
  }
}

export function startLocal(body: ScreenView): Local {
  const fields = fieldKinds(body, 'typing').map(() => EMPTY_FIELD);
  return {
    place: placeOf(body),
    fields: body.screen === 'capture' ? [fieldOf(body.typed)] : fields,
    focus: 0,
    row: 0,
    part: 'whole',
    overlay: 'none',
    overlayRow: 0,
    hint: null,
    typed: 'open',
    sent: 'nothing',
    held: '',
    listRow: 0,
  };
}

function rowsOf(body: ScreenView): number {
  return body.screen === 'receipts' || body.screen === 'queue' ? body.rows.length : Number.MAX_SAFE_INTEGER;
}

/** Types a text into the field that has the focus, as far as the field takes it. */
export function typeInto(body: ScreenView, local: Local, text: string): Local {
  const kind = fieldKinds(body, local.part)[local.focus];
  const field = local.fields[local.focus];
  if (kind === undefined || field === undefined || (kind.accepts === 'digits' && !/^\d*$/u.test(text))) return local;
  if (kind.accepts === 'amount' && !/^[\d.,]*$/u.test(text)) return local;
  const changed = insertText(kind.accepts === 'amount' && local.typed === 'refused' ? EMPTY_FIELD : field, text, kind.letters);
  // What is typed on the menu narrows the list, so the selection starts at its top again.
  return {
    ...local,
    typed: 'open',
    fields: local.fields.map((was, i) => (i === local.focus ? changed : was)),
    row: body.screen === 'menu' ? 0 : local.row,
  };
}

function withHeld(body: ScreenView, local: Local, held: string): Local {
  return [...held].reduce((state, letter) => typeInto(body, state, letter), { ...local, held: '' });
}

/** The local state that goes with a new view. */
export function followView(local: Local | undefined, before: CounterView | undefined, view: CounterView): Local {
  if (local === undefined || local.place !== placeOf(view.body)) {
    // Asking to leave, or reading the keys, is about the terminal and not about the screen under it.
    const isReprint = view.body.screen === 'working' || view.body.screen === 'receipts';
    const listRow = before?.body.screen === 'receipts' ? (local?.row ?? 0) : isReprint ? (local?.listRow ?? 0) : 0;
    const row = view.body.screen === 'receipts' && before?.body.screen === 'working' ? Math.max(0, Math.min(listRow, view.body.rows.length - 1)) : 0;
    return withHeld(
      view.body,
      { ...startLocal(view.body), overlay: local?.overlay ?? 'none', overlayRow: local?.overlayRow ?? 0, listRow, row },
      local?.held ?? '',
    );
  }
  const answered = local.sent === 'command' && 'problem' in view.body && view.body.problem !== null ? 'refused' : local.typed;
  const kept: Local = {
    ...withHeld(view.body, { ...local, typed: answered }, local.held),
    sent: 'nothing',
    row: Math.max(0, Math.min(local.row, rowsOf(view.body) - 1)),
  };
  const checked = before?.body.screen === 'login' && before.body.checking && view.body.screen === 'login' && !view.body.checking;
  // A refused PIN is typed again from the start; nobody can see which digit was wrong.
  return checked ? { ...kept, fields: kept.fields.map((field, i) => (i === 1 ? EMPTY_FIELD : field)), focus: 1 } : kept;
}
