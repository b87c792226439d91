import type { Problem } from '#protocol/counter/problem.js';
import type { Language } from '#protocol/identity/identity.js';
import { clusters, type WidthModel } from '../script/width.js';
import type { KeyOptions } from '../keys/bindings.js';
import type { FieldKind, Local } from '../local/local.js';
import type { Values } from '#protocol/counter/problem-text.js';
import { GOOD_NEWS, explain, otherLanguage, say, type WordKey } from '../text/catalogue.js';
import { Canvas, type Style } from './canvas.js';

/** The screen that every terminal must have; more room only adds margin. */
export const COLUMNS = 80;
export const ROWS = 25;

/** Rows of the frame: header, banner, a box, one line of facts, keys. */
export const BOX_TOP = 2;
export const BOX_BOTTOM = 22;
export const INNER_TOP = 3;
export const INNER_BOTTOM = 21;
export const FACTS_ROW = 23;
export const KEYS_ROW = 24;
export const LEFT = 3;
export const RIGHT = 77;
/** The notice needs a rule, a title, two lines about the money and two about what to do. */
export const NOTICE_TOP = 16;

const OTHER_LABEL = 23;
/** Where values of a form begin. */
export const VALUE = 43;

/** How to draw: nothing of the agent's, nothing of the operator's. `now` is the agent's clock, carried on by ours. */
export type Look = {
  readonly language: Language;
  readonly model: WidthModel;
  readonly columns: number;
  readonly rows: number;
  readonly now: number;
  readonly options: KeyOptions;
  /** A line of the installation's own for a screen, by its name: shown in row 2 where nothing more urgent stands there. */
  readonly notes?: Readonly<Record<string, string>>;
};

/** A canvas with a language: what every screen draws with. */
export class Pen {
  readonly canvas: Canvas;
  readonly look: Look;

  constructor(look: Look) {
    this.canvas = new Canvas(look.model, COLUMNS, ROWS);
    this.look = look;
  }

  say(key: WordKey, values: Values = {}): string {
    return say(this.look.language, key, values);
  }

  sayOther(key: WordKey): string {
    return say(otherLanguage(this.look.language), key);
  }

  /** A form's label in the operator's language, and in the other beside it. */
  label(row: number, key: WordKey): void {
    this.canvas.put(row, LEFT, this.say(key), 'plain', OTHER_LABEL - LEFT - 1);
    this.canvas.put(row, OTHER_LABEL, this.sayOther(key), 'quiet', VALUE - OTHER_LABEL - 1);
  }

  /** A field with its caret. Shows the end of what was typed when it is longer than the room. */
  field(row: number, column: number, room: number, local: Local, index: number, kind: FieldKind): void {
    const { canvas } = this;
    const field = local.fields[index] ?? { text: '', caret: 0 };
    const text = kind.shows === 'stars' ? '*'.repeat(field.text.length) : field.text;
    const letters = clusters(text);
    let from = 0;
    while (canvas.width(letters.slice(from, field.caret).join('')) > room - 1) from += 1;
    let shown = letters.slice(from).join('');
    if (canvas.width(shown) > room) shown = letters.slice(from, field.caret).join('');
    canvas.put(row, column - 2, '[ ', 'plain');
    canvas.fill(row, column, 1, room, 'field');
    canvas.put(row, column, shown, 'field', room);
    canvas.put(row, column + room, ' ]', 'plain');
    if (local.focus === index && local.overlay === 'none') {
      canvas.cursorAt(row, column + canvas.width(letters.slice(from, field.caret).join('')));
    }
  }

  /** Trouble or good news at the foot of a screen: what happened, whether the money is safe, what to do. */
  notice(problem: Problem | null): void {
    if (problem === null) return;
    const { canvas } = this;
    const text = explain(this.look.language, problem);
    const good = GOOD_NEWS.has(problem.code);
    canvas.rule(NOTICE_TOP, 0, COLUMNS);
    this.sentences(NOTICE_TOP + 1, LEFT - 1, 75, text.title, good);
    let row = NOTICE_TOP + 2;
    row += canvas.paragraph(row, LEFT, 74, 2, text.money);
    canvas.paragraph(row, LEFT, 74, INNER_BOTTOM - row + 1, text.todo, 'strong');
  }

  sentences(row: number, column: number, room: number, title: string, good: boolean): void {
    const style: Style = good ? 'good' : 'bad';
    const used = this.canvas.put(row, column, good ? ' [ok] ' : ' [!] ', style);
    this.canvas.put(row, column + used, `${title} `, style, room - used);
  }
}

/** What two digits of hours can say; a link that is away longer needs no stop-watch. */
const LONGEST_SECONDS = 359_999;

/** `00:14:20`, at most `99:59:59`. */
export function duration(fromMs: number, toMs: number): string {
  const seconds = Math.max(0, Math.min(LONGEST_SECONDS, Math.floor((toMs - fromMs) / 1000)));
  const part = (value: number): string => String(value).padStart(2, '0');
  return `${part(Math.floor(seconds / 3600))}:${part(Math.floor(seconds / 60) % 60)}:${part(seconds % 60)}`;
}

/** Whole seconds since or until a moment, never below zero. */
export function seconds(fromMs: number, toMs: number): string {
  return String(Math.max(0, Math.round((toMs - fromMs) / 1000)));
}
