import type { Confirmation } from './confirmation.js';

/** Numbers of the commands (first byte of a command's payload). */
export const OPCODE = {
  getImage: 0x01,
  extract: 0x02,
  match: 0x03,
  search: 0x04,
  merge: 0x05,
  store: 0x06,
  load: 0x07,
  sendTemplate: 0x08,
  takeTemplate: 0x09,
  erase: 0x0c,
  empty: 0x0d,
  setParameter: 0x0e,
  readParameters: 0x0f,
  setPassword: 0x12,
  verifyPassword: 0x13,
  count: 0x1d,
  readIndex: 0x1f,
  aura: 0x35,
  lampOn: 0x50,
  lampOff: 0x51,
  echo: 0x53,
} as const;

/**
 * A command and how its answer is told from another's.
 * - `answerBytes`: arguments of the answer behind an `ok`, exactly. An `ok` with more or fewer answers something older.
 * - `refusals`: the confirmations other than `ok` that the module may give it; `any` where makes differ.
 * - `again`: whether it may be sent once more when no answer came. Never for what changes the module's flash: there the index decides.
 */
export type Command = {
  readonly name: string;
  readonly payload: Uint8Array;
  readonly answerBytes: number;
  readonly refusals: 'any' | readonly Confirmation[];
  readonly again: 'may-repeat' | 'never';
};

/** A module that lost its power forgets that it was given the password, and then refuses everything so. */
const LOCKED: readonly Confirmation[] = ['password-needed', 'wrong-password', 'address-wrong'];

const u16 = (value: number): readonly number[] => [(value >> 8) & 0xff, value & 0xff];
const u32 = (value: number): readonly number[] => [...u16(value >>> 16), ...u16(value)];

type Manner = Pick<Command, 'answerBytes' | 'again'> & Partial<Pick<Command, 'refusals'>>;

function command(name: string, payload: readonly number[], { answerBytes, again, refusals = 'any' }: Manner): Command {
  return { name, payload: Uint8Array.from(payload), answerBytes, again, refusals };
}

export const getImage = (): Command => command('GetImage', [OPCODE.getImage], { answerBytes: 0, again: 'may-repeat' });
/** Makes features of the image, into a buffer (1 to 5; older modules have 2). */
export const extract = (buffer: number): Command => command('Img2Tz', [OPCODE.extract, buffer], { answerBytes: 0, again: 'may-repeat' });
/** Buffer 1 against buffer 2. */
export const match = (): Command => command('Match', [OPCODE.match], { answerBytes: 2, again: 'never' });
/** Buffer 1 against `count` pages from `page` on. */
export const search = (page: number, count: number): Command =>
  command('Search', [OPCODE.search, 1, ...u16(page), ...u16(count)], { answerBytes: 4, again: 'never' });
/** Makes one template of the buffers that hold samples. */
export const merge = (): Command => command('RegModel', [OPCODE.merge], { answerBytes: 0, again: 'never' });
export const store = (page: number): Command => command('Store', [OPCODE.store, 1, ...u16(page)], { answerBytes: 0, again: 'never' });
export const load = (buffer: number, page: number): Command =>
  command('LoadChar', [OPCODE.load, buffer, ...u16(page)], { answerBytes: 0, again: 'may-repeat' });
/** Module to host: the answer, then data packets. */
export const sendTemplate = (buffer: number): Command => command('UpChar', [OPCODE.sendTemplate, buffer], { answerBytes: 0, again: 'never' });
/** Host to module: the answer, then the host's data packets; most modules confirm them with nothing. */
export const takeTemplate = (buffer: number): Command => command('DownChar', [OPCODE.takeTemplate, buffer], { answerBytes: 0, again: 'never' });
export const erase = (page: number, count: number): Command =>
  command('Delete', [OPCODE.erase, ...u16(page), ...u16(count)], { answerBytes: 0, again: 'never' });
export const empty = (): Command => command('Empty', [OPCODE.empty], { answerBytes: 0, again: 'never' });
/** Its 16 bytes of answer are like no other's: it also serves to let older answers pass by. */
export const readParameters = (): Command =>
  command('ReadSysPara', [OPCODE.readParameters], { answerBytes: 16, again: 'may-repeat', refusals: LOCKED });
export const setPassword = (password: number): Command =>
  command('SetPwd', [OPCODE.setPassword, ...u32(password)], { answerBytes: 0, again: 'never' });
export const verifyPassword = (password: number): Command =>
  command('VfyPwd', [OPCODE.verifyPassword, ...u32(password)], { answerBytes: 0, again: 'may-repeat', refusals: [...LOCKED, 'packet-error'] });
export const countTemplates = (): Command => command('TemplateNum', [OPCODE.count], { answerBytes: 2, again: 'may-repeat' });
/** Which of 256 pages hold a template; `part` counts the 256s. */
export const readIndex = (part: number): Command =>
  command('ReadIndexTable', [OPCODE.readIndex, part], { answerBytes: 32, again: 'may-repeat', refusals: [...LOCKED, 'page-out-of-range'] });

export type Light = 'off' | 'ready' | 'busy' | 'good' | 'bad';

/** The ring of an R503: control (1 breathe, 2 flash, 3 on, 4 off), speed, colour (1 red, 2 blue, 3 purple), count (0: for ever). */
const AURA: Readonly<Record<Light, readonly [number, number, number, number]>> = {
  off: [4, 0, 1, 0],
  ready: [1, 0x60, 2, 0],
  busy: [2, 0x20, 3, 0],
  good: [3, 0, 2, 0],
  bad: [2, 0x20, 1, 3],
};
export const aura = (light: Light): Command => command('AuraLedConfig', [OPCODE.aura, ...AURA[light]], { answerBytes: 0, again: 'never' });
/** The lamp behind the glass of an R30x knows on and off. */
export const lamp = (light: Light): Command =>
  command('Lamp', [light === 'off' ? OPCODE.lampOff : OPCODE.lampOn], { answerBytes: 0, again: 'never' });
