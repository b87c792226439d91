import { join } from 'node:path';
import { z } from 'zod';
import { CommandFailure } from '#platform/console/command.js';
import { readFileIfAny } from '#platform/files/files.js';
import { deviceKind } from '#protocol/counter/device.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { orderText, type OrderField, type OrderText } from '../demo/orders.js';
import { DOCK_FILE, type DockDevice } from '../demo/simulators.js';

const dockFile = z.object({
  devices: z.array(z.object({ name: z.string(), kind: deviceKind, control: z.string(), orders: z.array(orderText) })),
});

/** The devices of the demonstration that lives in a folder. Ends the command when none does. */
export function readDock(folder: string): readonly DockDevice[] {
  const path = join(folder, DOCK_FILE);
  const bytes = readFileIfAny(path);
  if (bytes === undefined) throw new CommandFailure(`no demonstration runs in ${folder}: start one with npm start, or name its folder with --dir`);
  const read = dockFile.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  if (!read.success) throw new CommandFailure(`${path} is not a list of virtual devices`);
  return read.data.devices;
}

/** Orders that only tell: everything else does something. */
export function deeds({ orders }: DockDevice): readonly OrderText[] {
  return orders.filter(({ do: name }) => name !== 'state');
}

export type OrderObject = Readonly<Record<string, string | number | boolean>>;

/** An order from typed words: values by their place, required ones first, or as `name=value`. */
export function orderFrom({ do: name, fields }: OrderText, words: readonly string[]): Result<OrderObject, Failure<'bad-order'>> {
  const named = new Map<string, string>();
  const plain: string[] = [];
  for (const word of words) {
    const [, key = '', value = ''] = /^([A-Za-z]+)=(.*)$/su.exec(word) ?? [];
    if (fields.some((field) => field.name === key)) named.set(key, value);
    else plain.push(word);
  }
  const order: Record<string, string | number | boolean> = { do: name };
  for (const field of fields) {
    const typed = named.get(field.name) ?? plain.shift();
    if (typed === undefined) {
      if (field.need === 'optional') continue;
      return failure('bad-order', `${name} wants ${fieldText(field)}`);
    }
    const value = valueOf(field, typed);
    if (value === undefined) return failure('bad-order', `"${typed}" is not ${fieldText(field)}`);
    order[field.name] = value;
  }
  return plain.length === 0 ? ok(order) : failure('bad-order', `${name} takes no "${plain[0]}"`);
}

function valueOf({ type, choices }: OrderField, typed: string): string | number | boolean | undefined {
  switch (type) {
    case 'number': {
      const value = Number(typed);
      return typed.trim() === '' || Number.isNaN(value) ? undefined : value;
    }
    case 'yes-no':
      return typed === 'yes' ? true : typed === 'no' ? false : undefined;
    case 'choice':
      return choices?.includes(typed) === true ? typed : undefined;
    case 'text':
    case 'other':
      return typed;
  }
}

/** `<text>`, `[times]`, `[power=on|off]` */
export function fieldText({ name, need, choices }: OrderField): string {
  const text = choices === undefined ? name : `${name}=${choices.join('|')}`;
  return need === 'required' ? `<${text}>` : `[${text}]`;
}

/** What a simulator says of itself, in one line: nested values by their last name. */
export function stateText(state: unknown): string {
  if (typeof state !== 'object' || state === null) return '';
  return Object.entries(state)
    .filter(([, value]) => value !== null && value !== '')
    .map(([key, value]) => `${wordsOf(key)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' · ');
}

function wordsOf(key: string): string {
  return key.replace(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);
}
