import type { OrderText } from '../demo/orders.js';
import { fieldText } from './devices.js';

/** One device as the dock shows it. `away`: its simulator does not answer. */
export type DockRow = { readonly name: string; readonly state: string; readonly isAway: boolean };

export type DockPicture = {
  readonly folder: string;
  readonly rows: readonly DockRow[];
  readonly chosen: number;
  /** Orders of the chosen device, each behind its key. */
  readonly orders: readonly { readonly key: string; readonly order: OrderText }[];
  /** What is being typed, with its label; undefined when keys choose. */
  readonly typing: { readonly label: string; readonly text: string } | undefined;
  /** What the last order came to. */
  readonly note: string;
};

const BOLD = '\u001b[1m';
const DIM = '\u001b[2m';
const INVERSE = '\u001b[7m';
const PLAIN = '\u001b[0m';

/** Keys for the orders, in order; `q` leaves and `:` types, so neither is among them. */
export const ORDER_KEYS: readonly string[] = [...'abcdefghijklmnoprstuvwxyz123456789'];

const STATE_ROWS = 3;
const COLUMNS_LEAST = 60;

/** The dock as rows for a terminal of this size. */
export function drawDock(picture: DockPicture, columns: number, lines: number): readonly string[] {
  const { folder, rows, chosen, orders, typing, note } = picture;
  const nameColumns = Math.max(10, ...rows.map(({ name }) => name.length)) + 2;
  const list = rows.flatMap(({ name, state, isAway }, i) => {
    const said = isAway ? 'does not answer' : state;
    // The chosen one tells all it can; the others one line each, so that keys and answers always have room.
    const [first = '', ...more] =
      i === chosen ? wrapped(said, columns - nameColumns - 3).slice(0, STATE_ROWS) : [cut(said, columns - nameColumns - 3)];
    const head = `${i === chosen ? '>' : ' '} ${name.padEnd(nameColumns)}`;
    return [
      i === chosen ? `${INVERSE}${head}${PLAIN}${first}` : `${head}${isAway ? DIM : ''}${first}${PLAIN}`,
      ...more.map((part) => `${' '.repeat(nameColumns + 2)}${part}`),
    ];
  });
  const foot =
    typing === undefined
      ? [`${DIM}up/down device   letter order   : type an order   q leave${PLAIN}`, cut(note, columns)]
      : [cut(`${typing.label}${typing.text}`, columns - 1) + `${INVERSE} ${PLAIN}`, `${DIM}Enter does it   Esc leaves it${PLAIN}`];
  const head = [`${BOLD}Jharokha dock${PLAIN}  ${DIM}${cut(folder, columns - 15)}${PLAIN}`, ''];
  const room = lines - head.length - list.length - foot.length - 2;
  if (room < 1 || columns < COLUMNS_LEAST)
    return [`Jharokha dock needs ${COLUMNS_LEAST} x ${lines - room + 1} here: make the terminal larger, or q leaves.`];
  return [...head, ...list, '', ...menuRows(orders, columns, room), '', ...foot];
}

/** Each order on a line with what it means; side by side by name alone where they would not all fit. */
function menuRows(orders: DockPicture['orders'], columns: number, room: number): readonly string[] {
  if (orders.length <= room) {
    const callColumns = Math.max(0, ...orders.map(({ order }) => callOf(order).length)) + 2;
    return orders.map(
      ({ key, order }) => `  ${BOLD}${key}${PLAIN} ${callOf(order).padEnd(callColumns)}${DIM}${cut(order.about, columns - callColumns - 4)}${PLAIN}`,
    );
  }
  const width = Math.max(...orders.map(({ order }) => order.do.length)) + 5;
  const across = Math.max(1, Math.floor((columns - 2) / width));
  const down = Math.ceil(orders.length / across);
  const cell = (at: number): string => {
    const one = orders[at];
    return one === undefined ? '' : `${BOLD}${one.key}${PLAIN} ${one.order.do.padEnd(width - 2)}`;
  };
  return Array.from(
    { length: Math.min(down, room) },
    (_, row) => `  ${Array.from({ length: across }, (_, column) => cell(row + column * down)).join('')}`,
  );
}

/** `scan <text> [aim] [times]` */
export function callOf({ do: name, fields }: OrderText): string {
  return [name, ...fields.map(fieldText)].join(' ');
}

function cut(text: string, columns: number): string {
  const room = Math.max(1, columns);
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

/** Breaks a state at its dots. */
function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const part of text.split(' · ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + part.length <= columns) lines[lines.length - 1] = `${last} · ${part}`;
    else lines.push(cut(part, columns));
  }
  return lines;
}
