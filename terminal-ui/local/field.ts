import { clusters } from '../script/width.js';

/** A text being typed. `caret` counts letters (grapheme clusters), so that a Hindi letter is one step and one Backspace. */
export type Field = { readonly text: string; readonly caret: number };

export const EMPTY_FIELD: Field = { text: '', caret: 0 };

export function fieldOf(text: string): Field {
  return { text, caret: clusters(text).length };
}

export type FieldEdit = 'backspace' | 'delete' | 'left' | 'right' | 'home' | 'end';

function cut(field: Field): { readonly before: readonly string[]; readonly after: readonly string[] } {
  const letters = clusters(field.text);
  return { before: letters.slice(0, field.caret), after: letters.slice(field.caret) };
}

/** Puts letters in at the caret, as long as no more than `lettersMax` stand there afterwards. */
export function insertText(field: Field, text: string, lettersMax: number): Field {
  const { before, after } = cut(field);
  const head = before.join('') + text;
  const whole = head + after.join('');
  if (clusters(whole).length > lettersMax) return field;
  return { text: whole, caret: clusters(head).length };
}

export function editField(field: Field, edit: FieldEdit): Field {
  const { before, after } = cut(field);
  switch (edit) {
    case 'backspace':
      return { text: [...before.slice(0, -1), ...after].join(''), caret: Math.max(0, field.caret - 1) };
    case 'delete':
      return { text: [...before, ...after.slice(1)].join(''), caret: field.caret };
    case 'left':
      return { ...field, caret: Math.max(0, field.caret - 1) };
    case 'right':
      return { ...field, caret: Math.min(before.length + after.length, field.caret + 1) };
    case 'home':
      return { ...field, caret: 0 };
    case 'end':
      return { ...field, caret: before.length + after.length };
  }
}
