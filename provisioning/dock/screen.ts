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

/** The dock as rows for a terminal of this size. */
export function drawDock(picture: DockPicture, columns: number, lines: number): readonly string[] {
  const { folder, rows, chosen, orders, typing, note } = picture;
  const nameColumns = Math.max(10, ...rows.map(({ name }) => name.length)) + 2;
  const list = rows.flatMap(({ name, state, isAway }, i) => {
    const said = isAway ? 'does not answer' : state;
    const [first = '', ...more] = wrapped(said, columns - nameColumns - 3);
    const head = `${i === chosen ? '>' : ' '} ${name.padEnd(nameColumns)}`;
    return [
      i === chosen ? `${INVERSE}${head}${PLAIN}${first}` : `${head}${isAway ? DIM : ''}${first}${PLAIN}`,
      ...more.map((part) => `${' '.repeat(nameColumns + 2)}${part}`),
    ];
  });
  const callColumns = Math.max(0, ...orders.map(({ order }) => callOf(order).length)) + 2;
  const menu = orders.map(
    ({ key, order }) => `  ${BOLD}${key}${PLAIN} ${callOf(order).padEnd(callColumns)}${DIM}${cut(order.about, columns - callColumns - 4)}${PLAIN}`,
  );
  const foot =
    typing === undefined
      ? [`${DIM}up/down device   letter order   : type an order   q leave${PLAIN}`, cut(note, columns)]
      : [cut(`${typing.label}${typing.text}`, columns - 1) + `${INVERSE} ${PLAIN}`, `${DIM}Enter does it   Esc leaves it${PLAIN}`];
  const head = [`${BOLD}Jharokha dock${PLAIN}  ${DIM}${cut(folder, columns - 15)}${PLAIN}`, ''];
  const room = lines - head.length - list.length - foot.length - 2;
  return [...head, ...list, '', ...menu.slice(0, Math.max(0, room)), '', ...foot].slice(0, lines);
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
