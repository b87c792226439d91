import type { CounterCommand } from '#protocol/counter/command.js';
import type { CounterView } from '#protocol/counter/view.js';
import { editField, type FieldEdit } from '../local/field.js';
import { fieldKinds, typeInto, type Local } from '../local/local.js';
import { matchServices } from '../local/match.js';
import { bindings, type KeyLabel, type KeyOptions } from './bindings.js';
import type { Key, KeyName } from './key.js';

/** What one key press leads to. */
export type Pressed = { readonly local: Local; readonly command: CounterCommand | null; readonly leave: 'stay' | 'leave' };

const LABELS: Partial<Readonly<Record<KeyName, KeyLabel>>> = {
  enter: 'Enter',
  escape: 'Esc',
  f1: 'F1',
  f2: 'F2',
  f3: 'F3',
  f4: 'F4',
  f5: 'F5',
  f6: 'F6',
  f7: 'F7',
  f8: 'F8',
  f9: 'F9',
  f10: 'F10',
  f11: 'F11',
  f12: 'F12',
};

const EDITS: Partial<Readonly<Record<KeyName, FieldEdit>>> = {
  backspace: 'backspace',
  delete: 'delete',
  left: 'left',
  right: 'right',
  home: 'home',
  end: 'end',
};

/** How far a key moves the selected row. */
const STEPS: Partial<Readonly<Record<KeyName, number>>> = { up: -1, down: 1, 'page-up': -8, 'page-down': 8 };

const stay = (local: Local): Pressed => ({ local, command: null, leave: 'stay' });

function labelOf(key: Key, fields: number): KeyLabel | undefined {
  if (key.kind === 'named') return LABELS[key.name];
  // Letters are answers only where nothing is being typed.
  if (fields > 0) return undefined;
  const letter = key.text.toUpperCase();
  return letter === 'Y' || letter === 'D' || letter === 'L' || letter === 'T' ? letter : undefined;
}

function pressOverlay(view: CounterView | null, local: Local, key: Key): Pressed {
  if (local.overlay === 'leave') {
    const yes = key.kind === 'text' && key.text.toUpperCase() === 'Y';
    return { local: { ...local, overlay: 'none' }, command: null, leave: yes ? 'leave' : 'stay' };
  }
  if (local.overlay === 'devices') return stay(pressDevices(view, local, key));
  const closes = key.kind === 'named' && (key.name === 'escape' || key.name === 'f1' || key.name === 'enter');
  return stay(closes ? { ...local, overlay: 'none' } : local);
}

function pressDevices(view: CounterView | null, local: Local, key: Key): Local {
  if (key.kind !== 'named') return local;
  if (key.name === 'escape' || key.name === 'f3' || key.name === 'enter') return { ...local, overlay: 'none' };
  const last = Math.max(0, (view?.header.devices.length ?? 0) - 1);
  return { ...local, overlayRow: Math.max(0, Math.min(last, local.overlayRow + (STEPS[key.name] ?? 0))) };
}

function listLength(view: CounterView, local: Local): number {
  const { body } = view;
  if (body.screen === 'menu') return matchServices(body.services, local.fields[0]?.text ?? '').length;
  return body.screen === 'receipts' || body.screen === 'queue' ? body.rows.length : 0;
}

function moveRow(view: CounterView, local: Local, name: KeyName): Local {
  const last = Math.max(0, listLength(view, local) - 1);
  if (view.body.screen !== 'menu' && name === 'home') return { ...local, row: 0 };
  if (view.body.screen !== 'menu' && name === 'end') return { ...local, row: last };
  return { ...local, row: Math.max(0, Math.min(last, local.row + (STEPS[name] ?? 0))) };
}

function withEdit(view: CounterView, local: Local, edit: FieldEdit): Local {
  const field = local.fields[local.focus];
  if (field === undefined) return local;
  const changed = editField(field, edit);
  const fields = local.fields.map((was, i) => (i === local.focus ? changed : was));
  return { ...local, typed: 'open', fields, row: view.body.screen === 'menu' && changed.text !== field.text ? 0 : local.row };
}

function moveFocus(view: CounterView, local: Local, by: number): Local {
  const count = fieldKinds(view.body, local.part).length;
  return count < 2 ? local : { ...local, focus: (local.focus + by + count) % count };
}

function pressPlain(view: CounterView, local: Local, key: Key): Local {
  if (key.kind === 'text') return typeInto(view.body, local, key.text);
  const fields = fieldKinds(view.body, local.part).length;
  if (fields > 1 && (key.name === 'tab' || key.name === 'down')) return moveFocus(view, local, 1);
  if (fields > 1 && (key.name === 'back-tab' || key.name === 'up')) return moveFocus(view, local, -1);
  const edit = EDITS[key.name];
  if (edit !== undefined && fields > 0) return withEdit(view, local, edit);
  return moveRow(view, local, key.name);
}

/**
 * One key on one screen. While a command is on its way no other one is sent: an answer is only ever given to a screen that was seen.
 * @param view null while the agent is away
 */
export function press(view: CounterView | null, before: Local, key: Key, options: KeyOptions): Pressed {
  if (before.overlay !== 'none') return pressOverlay(view, before, key);
  const local: Local = before.hint === null ? before : { ...before, hint: null };
  // Typing ahead belongs to the screen that comes; answers ahead are never taken.
  if (local.sent === 'command' && key.kind === 'text') return stay({ ...local, held: local.held + key.text });
  const label = labelOf(key, view === null ? 0 : fieldKinds(view.body, local.part).length);
  const binding = label === undefined ? undefined : bindings(view, local, options).find((one) => one.key === label);
  if (binding === undefined) return stay(view === null || label !== undefined ? local : pressPlain(view, local, key));
  switch (binding.does.kind) {
    case 'nothing':
      return stay({ ...local, hint: binding.does.why });
    case 'local':
      return stay(binding.does.change(local));
    case 'command':
      return local.sent === 'command' ? stay(local) : { local: { ...local, sent: 'command' }, command: binding.does.command, leave: 'stay' };
  }
}
