import type { Command } from './commands.js';
import { confirmationOf, type Confirmation } from './confirmation.js';
import type { Frame } from './frame.js';

/** An answer frame: what became of the command, and what is told with it. */
export type Answer = { readonly confirmation: Confirmation; readonly code: number; readonly args: Uint8Array };

export function answerIn(frame: Frame): Answer | undefined {
  if (frame.kind !== 'answer') return undefined;
  const code = frame.payload[0] ?? 0xff;
  return { confirmation: confirmationOf(code), code, args: frame.payload.subarray(1) };
}

/** Whether this can be the answer to that command, and not a late one to an older command. */
export function answers(command: Command, { confirmation, args }: Answer): boolean {
  if (confirmation === 'ok') return args.length === command.answerBytes;
  return command.refusals === 'any' || command.refusals.includes(confirmation);
}

/** What a module says of itself (ReadSysPara). */
export type ModuleParameters = {
  readonly statusRegister: number;
  /** Differs between makes: part of knowing an exchanged module. */
  readonly systemId: number;
  /** Pages for templates, numbered from 0. */
  readonly capacity: number;
  /** 1 accepts most, 5 least. */
  readonly securityLevel: number;
  readonly address: number;
  /** Payload of one data packet, both ways. */
  readonly packetBytes: 32 | 64 | 128 | 256;
  readonly baudRate: number;
};

const PACKET_BYTES = [32, 64, 128, 256] as const;

/** Index tables are asked for 256 pages at a time; more than this is not in the family. */
const CAPACITY_MOST = 10_000;

/** Undefined when they are not 16 sane bytes. */
export function parametersIn(args: Uint8Array): ModuleParameters | undefined {
  const bytes = Buffer.from(args);
  if (bytes.length !== 16) return undefined;
  const packetBytes = PACKET_BYTES[bytes.readUInt16BE(12)];
  const capacity = bytes.readUInt16BE(4);
  if (packetBytes === undefined || capacity === 0 || capacity > CAPACITY_MOST) return undefined;
  return {
    statusRegister: bytes.readUInt16BE(0),
    systemId: bytes.readUInt16BE(2),
    capacity,
    securityLevel: bytes.readUInt16BE(6),
    address: bytes.readUInt32BE(8),
    packetBytes,
    baudRate: bytes.readUInt16BE(14) * 9_600,
  };
}

export function parameterBytes(parameters: ModuleParameters): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16BE(parameters.statusRegister, 0);
  bytes.writeUInt16BE(parameters.systemId, 2);
  bytes.writeUInt16BE(parameters.capacity, 4);
  bytes.writeUInt16BE(parameters.securityLevel, 6);
  bytes.writeUInt32BE(parameters.address, 8);
  bytes.writeUInt16BE(PACKET_BYTES.indexOf(parameters.packetBytes), 12);
  bytes.writeUInt16BE(parameters.baudRate / 9_600, 14);
  return bytes;
}

/** Pages that one ReadIndexTable answer tells of. */
export const INDEX_PAGES = 256;

/** Pages in use, of one part of the index: slot = part · 256 + byte · 8 + bit, lowest bit first. */
export function pagesIn(part: number, args: Uint8Array): readonly number[] {
  const pages: number[] = [];
  for (const [at, byte] of args.entries()) {
    for (let bit = 0; bit < 8; bit += 1) if ((byte & (1 << bit)) !== 0) pages.push(part * INDEX_PAGES + at * 8 + bit);
  }
  return pages;
}

/** The index part that a module would answer. */
export function indexBytes(part: number, pages: Iterable<number>): Uint8Array {
  const table = new Uint8Array(INDEX_PAGES / 8);
  for (const page of pages) {
    const slot = page - part * INDEX_PAGES;
    if (slot >= 0 && slot < INDEX_PAGES) table[slot >> 3] = (table[slot >> 3] ?? 0) | (1 << (slot & 7));
  }
  return table;
}

export function u16In(args: Uint8Array, at = 0): number {
  return ((args[at] ?? 0) << 8) | (args[at + 1] ?? 0);
}

/** A template as data packets of the module's own size: the last one, full or not, says that it is the last. */
export function dataFrames(bytes: Uint8Array, packetBytes: number): readonly Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; at += packetBytes) {
    const end = Math.min(at + packetBytes, bytes.length);
    frames.push({ kind: end === bytes.length ? 'end-of-data' : 'data', payload: bytes.subarray(at, end) });
  }
  return frames;
}
