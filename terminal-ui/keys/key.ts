/** Keys that are not text. */
export const KEY_NAMES = [
  'enter',
  'escape',
  'backspace',
  'delete',
  'tab',
  'back-tab',
  'up',
  'down',
  'left',
  'right',
  'home',
  'end',
  'page-up',
  'page-down',
  'f1',
  'f2',
  'f3',
  'f4',
  'f5',
  'f6',
  'f7',
  'f8',
  'f9',
  'f10',
  'f11',
  'f12',
] as const;
export type KeyName = (typeof KEY_NAMES)[number];

/** One press: a named key, or the text it types. */
export type Key = { readonly kind: 'named'; readonly name: KeyName } | { readonly kind: 'text'; readonly text: string };

export const named = (name: KeyName): Key => ({ kind: 'named', name });
export const typed = (text: string): Key => ({ kind: 'text', text });
