import type { CounterCommand } from '#protocol/counter/command.js';
import type { CounterView, ScreenName, ScreenView } from '#protocol/counter/view.js';
import { EMPTY_FIELD } from '../local/field.js';
import { PIN_DIGITS, fieldKinds, type Local } from '../local/local.js';
import { matchServices } from '../local/match.js';
import { otherLanguage, type WordKey } from '../text/catalogue.js';

/** What the terminal itself was started with. */
export type KeyOptions = { readonly leaveKey: 'on' | 'off' };

/** A key as the operator reads it on the keyboard. */
export type KeyLabel = 'Enter' | 'Esc' | 'F1' | 'F2' | 'F3' | 'F4' | 'F5' | 'F6' | 'F7' | 'F8' | 'F9' | 'F10' | 'F11' | 'F12' | 'Y' | 'D' | 'L' | 'T';

/** What a key does: ask the agent, or change what the terminal holds. */
export type Act =
  | { readonly kind: 'command'; readonly command: CounterCommand }
  | { readonly kind: 'local'; readonly change: (local: Local) => Local };

/** One key on one screen. The same key means the same everywhere; where it can do nothing, it says why. */
export type Binding = { readonly key: KeyLabel; readonly word: WordKey; readonly does: Act | { readonly kind: 'nothing'; readonly why: WordKey } };

const command = (what: CounterCommand): Act => ({ kind: 'command', command: what });
const local = (change: (local: Local) => Local): Act => ({ kind: 'local', change });
const bind = (key: KeyLabel, word: WordKey, does: Act): Binding => ({ key, word, does });
const refuse = (key: KeyLabel, word: WordKey, why: WordKey): Binding => ({ key, word, does: { kind: 'nothing', why } });

const back = (): Binding => bind('Esc', 'key-back', command({ do: 'back' }));

function emptied(state: Local): Local {
  return { ...state, fields: state.fields.map(() => EMPTY_FIELD), focus: 0, row: 0, part: 'whole' };
}

function textOf(state: Local, field = 0): string {
  return state.fields[field]?.text ?? '';
}

function loginKeys(body: ScreenView & { screen: 'login' }, state: Local): readonly Binding[] {
  const clear = bind('Esc', 'key-clear', local(emptied));
  if (body.key !== 'no') return [refuse('Enter', 'key-log-in', 'security-key-waiting'), back()];
  if (body.checking) return [refuse('Enter', 'key-log-in', 'checking-pin'), clear];
  const login = textOf(state).trim();
  const pin = textOf(state, 1);
  if (state.focus === 0 || login === '') {
    const next = local((was) => (login === '' ? { ...was, focus: 0, hint: 'log-in-do' } : { ...was, focus: 1 }));
    return [bind('Enter', 'key-next', next), clear];
  }
  // Who has a security key leaves the PIN empty.
  if (pin === '') return [bind('Enter', 'key-by-key', command({ do: 'log-in-by-key', login })), clear];
  // A PIN that cannot be right is not sent: it would cost a try.
  const enter = pin.length === PIN_DIGITS ? command({ do: 'log-in', login, pin }) : local((was) => ({ ...was, hint: 'pin' }));
  return [bind('Enter', 'key-log-in', enter), clear];
}

function menuKeys(body: ScreenView & { screen: 'menu' }, state: Local): readonly Binding[] {
  const filter = textOf(state);
  const chosen = matchServices(body.services, filter)[state.row];
  const code = chosen?.code ?? filter.trim();
  const choose = code === '' ? refuse('Enter', 'key-choose', 'menu-empty') : bind('Enter', 'key-choose', command({ do: 'choose-service', code }));
  if (filter !== '') return [choose, bind('Esc', 'key-clear', local(emptied))];
  // What the notice said was read: Esc takes it away.
  const read = body.problem === null ? refuse('Esc', 'key-back', 'why-nothing-back') : bind('Esc', 'key-clear', command({ do: 'back' }));
  return [choose, read];
}

function quoteKeys(state: Local): readonly Binding[] {
  const say = bind('F11', 'key-say', command({ do: 'say-amount' }));
  if (state.part === 'whole') return [bind('Enter', 'key-agree', command({ do: 'agree' })), back(), say];
  return [bind('Enter', 'key-ask-part', command({ do: 'pay-part', amount: textOf(state) })), bind('Esc', 'key-back', local(emptied))];
}

function presenceKeys(body: ScreenView & { screen: 'presence' }, state: Local): readonly Binding[] {
  if (body.phase === 'pressing') return [refuse('Enter', 'key-press-again', 'why-pressing'), back()];
  const witness = textOf(state);
  // A name in the field means the witness; Enter alone asks for another press.
  if (witness !== '') return [bind('Enter', 'key-witness', command({ do: 'take-witness', witness })), bind('Esc', 'key-clear', local(emptied))];
  return [bind('Enter', 'key-press-again', command({ do: 'agree' })), back()];
}

function troubleKeys(body: ScreenView & { screen: 'print-trouble' }): readonly Binding[] {
  const later = bind('L', 'key-later', command({ do: 'print-later' }));
  const esc = refuse('Esc', 'key-back', 'why-read-first');
  if (body.ask === 'fix') return [bind('Enter', 'key-try-print', command({ do: 'print-now' })), later, esc];
  return [
    bind('Y', 'key-printed', command({ do: 'it-printed' })),
    bind('D', 'key-duplicate', command({ do: 'print-now' })),
    later,
    refuse('Enter', 'key-seen', 'why-read-first'),
    esc,
  ];
}

function listKeys(body: ScreenView & { screen: 'receipts' | 'queue' }, state: Local): readonly Binding[] {
  if (body.screen === 'queue') {
    return [bind('Enter', 'key-work', command({ do: 'back' })), bind('T', 'key-try-link', command({ do: 'try-link-now' })), back()];
  }
  const row = body.rows[state.row];
  const again =
    row === undefined
      ? refuse('Enter', 'key-print-row', 'receipts-none')
      : bind('Enter', 'key-print-row', command({ do: 'reprint', receipt: row.receipt }));
  const seen = row?.printed === 'unknown' ? [bind('Y', 'key-printed', command({ do: 'paper-seen', receipt: row.receipt }))] : [];
  return [again, ...seen, back()];
}

/** Enter goes to the last number first, and loads from there; F4 is for forms that are torn. */
function stockKeys(body: ScreenView & { screen: 'stock' }, state: Local): readonly Binding[] {
  if (body.stock === null) return [refuse('Enter', 'key-load', 'why-no-forms'), back()];
  const [first, last] = [textOf(state), textOf(state, 1)];
  if (first.trim() === '') return [refuse('Enter', 'key-next', 'stock-type'), refuse('F4', 'key-spoil', 'stock-type'), back()];
  const spoil = bind('F4', 'key-spoil', command({ do: 'spoil-forms', first, last }));
  if (state.focus === 0 && last.trim() === '') {
    return [
      bind(
        'Enter',
        'key-next',
        local((was) => ({ ...was, focus: 1 })),
      ),
      spoil,
      back(),
    ];
  }
  return [bind('Enter', 'key-load', command({ do: 'load-forms', first, last })), spoil, back()];
}

/** Keys that belong to one screen, before the function keys. */
function screenKeys(body: ScreenView, state: Local): readonly Binding[] {
  switch (body.screen) {
    case 'login':
      return loginKeys(body, state);
    case 'menu':
      return menuKeys(body, state);
    case 'quote':
      return quoteKeys(state);
    case 'presence':
      return presenceKeys(body, state);
    case 'print-trouble':
      return troubleKeys(body);
    case 'receipts':
    case 'queue':
      return listKeys(body, state);
    case 'stock':
      return stockKeys(body, state);
    case 'till-opening':
      return [bind('Enter', 'key-open', command({ do: 'open-till', float: textOf(state) })), refuse('Esc', 'key-back', 'why-nothing-back')];
    case 'capture':
      return [bind('Enter', 'key-fetch', command({ do: 'give-consumer', consumer: textOf(state) })), back()];
    case 'tender':
      return [bind('Enter', 'key-take-cash', command({ do: 'take-cash', received: textOf(state) })), back()];
    case 'till-closing':
      return [bind('Enter', 'key-close-till', command({ do: 'close-till', counted: textOf(state) })), back()];
    case 'refused':
      return [bind('Enter', 'key-given-back', command({ do: 'confirm' })), refuse('Esc', 'key-back', 'why-cash-back')];
    case 'handover':
      return [bind('Enter', 'key-next-citizen', command({ do: 'confirm' })), refuse('Esc', 'key-back', 'why-citizen')];
    case 'till-closed':
      return [bind('Enter', 'key-seen', command({ do: 'confirm' })), refuse('Esc', 'key-back', 'why-nothing-back')];
    case 'fetching':
      return [back()];
    case 'working':
      return [refuse('Esc', 'key-back', 'why-working')];
    case 'starting':
    case 'unenrolled':
    case 'out-of-order':
    case 'resting':
      return [];
  }
}

/** Why receipts, queue, day-end and log-out must wait on each screen. */
const WHY_NOT: Readonly<Record<ScreenName, WordKey>> = {
  starting: 'why-starting',
  unenrolled: 'why-starting',
  'out-of-order': 'why-order',
  resting: 'why-resting',
  login: 'why-log-in',
  'till-opening': 'why-till',
  menu: 'why-here',
  capture: 'why-sale',
  fetching: 'why-working',
  quote: 'why-sale',
  presence: 'why-sale',
  tender: 'why-sale',
  working: 'why-working',
  'print-trouble': 'why-printer',
  refused: 'why-cash-back',
  handover: 'why-citizen',
  receipts: 'why-menu-only',
  queue: 'why-menu-only',
  stock: 'why-menu-only',
  'till-closing': 'why-closing',
  'till-closed': 'why-till',
};

type FunctionKey = { readonly key: KeyLabel; readonly word: WordKey; readonly on: readonly ScreenName[]; readonly ask: CounterCommand };

/** Function keys that ask the agent, with the screens on which they make sense. */
const FUNCTION_KEYS: readonly FunctionKey[] = [
  { key: 'F5', word: 'key-receipts', on: ['menu', 'handover', 'out-of-order'], ask: { do: 'show-receipts' } },
  { key: 'F6', word: 'key-stock', on: ['menu', 'print-trouble'], ask: { do: 'show-stock' } },
  { key: 'F8', word: 'key-queue', on: ['menu'], ask: { do: 'show-queue' } },
  { key: 'F9', word: 'key-log-out', on: ['menu', 'till-opening'], ask: { do: 'log-out' } },
  { key: 'F10', word: 'key-day-end', on: ['menu'], ask: { do: 'start-closing' } },
];

function functionKey(of: FunctionKey, screen: ScreenName): Binding {
  if (of.on.includes(screen)) return bind(of.key, of.word, command(of.ask));
  const open =
    (of.key === 'F5' && screen === 'receipts') ||
    (of.key === 'F6' && screen === 'stock') ||
    (of.key === 'F8' && screen === 'queue') ||
    (of.key === 'F10' && screen === 'till-closing');
  return refuse(of.key, of.word, open ? 'why-here' : WHY_NOT[screen]);
}

function partKey(body: ScreenView, state: Local): Binding {
  if (body.screen !== 'quote') return refuse('F7', 'key-part', 'why-quote-only');
  if (!body.quote.partAllowed) return refuse('F7', 'key-part', 'why-no-part');
  if (state.part === 'typing') return refuse('F7', 'key-part', 'why-here');
  return bind(
    'F7',
    'key-part',
    local((was) => ({ ...was, part: 'typing', fields: fieldKinds(body, 'typing').map(() => EMPTY_FIELD), focus: 0 })),
  );
}

const helpKey = bind(
  'F1',
  'key-help',
  local((was) => ({ ...was, overlay: 'help' })),
);
const devicesKey = bind(
  'F3',
  'key-devices',
  local((was) => ({ ...was, overlay: 'devices', overlayRow: 0 })),
);
const leaveKey = bind(
  'F12',
  'key-leave',
  local((was) => ({ ...was, overlay: 'leave' })),
);

/** Every key with a meaning on this screen, in the order in which the last row shows them. `view` is null while the agent is away. */
export function bindings(view: CounterView | null, state: Local, options: KeyOptions): readonly Binding[] {
  const leave = options.leaveKey === 'on' ? [leaveKey] : [];
  if (view === null) return [helpKey, refuse('F2', 'key-language', 'why-lost'), ...leave];
  const { body, header } = view;
  return [
    ...screenKeys(body, state),
    helpKey,
    bind('F2', 'key-language', command({ do: 'set-language', language: otherLanguage(header.language) })),
    devicesKey,
    ...FUNCTION_KEYS.slice(0, 2).map((of) => functionKey(of, body.screen)),
    partKey(body, state),
    ...FUNCTION_KEYS.slice(2).map((of) => functionKey(of, body.screen)),
    ...leave,
  ];
}
