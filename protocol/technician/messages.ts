import { z } from 'zod';
import { deviceKind, deviceState } from '../counter/device.js';
import { problem } from '../counter/problem.js';
import { frameOf } from '../counter/socket.js';
import { departmentCode, language } from '../identity/identity.js';
import type { Failure, Result } from '../result/result.js';
import { readCbor, unixMs } from '../signing/cbor.js';
import { benchPrompt, benchResult } from './bench.js';
import { candidate } from './discovery.js';

/** In the kiosk folder, mode 0600: whoever may use it owns the kiosk. */
export const TECHNICIAN_SOCKET = 'technician.sock';

/** What can be tried: a device, or the machine itself with its disk, clock, folder, link and power. */
export const subjectKind = z.enum([...deviceKind.options, 'station']);
export type SubjectKind = z.infer<typeof subjectKind>;
/** Name of the machine among the devices; `devices.json` allows no `@`. */
export const STATION = '@station';

export const deviceLine = z.strictObject({
  name: z.string(),
  kind: deviceKind,
  /** Where it should be, for people. */
  where: z.string(),
  state: deviceState,
  problem: problem.optional(),
});
export type DeviceLine = z.infer<typeof deviceLine>;

export const checkLine = z.strictObject({
  device: z.string(),
  kind: subjectKind,
  check: z.string(),
  title: z.string(),
  needs: z.enum(['nobody', 'somebody']),
});
export type CheckLine = z.infer<typeof checkLine>;

export const technicianAsk = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('devices') }),
  z.strictObject({ do: z.literal('checks') }),
  /** Tries one thing. Prompts come before its result. */
  z.strictObject({ do: z.literal('run'), device: z.string().max(40), check: z.string().max(40) }),
  /** Ends the run that was asked under this number; its own result still comes. */
  z.strictObject({ do: z.literal('stop'), run: z.int().min(1) }),
  /** What a person saw or heard of the run that was asked under this number: only eyes can tell a crooked paper. */
  z.strictObject({ do: z.literal('judge'), run: z.int().min(1), saw: z.enum(['good', 'bad']) }),
  /** What is plugged into the machine, whether `devices.json` names it or not. */
  z.strictObject({ do: z.literal('discover') }),
  /** The sheet over everything that was tried on this connection, signed when the machine is enrolled. */
  z.strictObject({ do: z.literal('sheet') }),
  /** Whose fingers a reader of this counter knows. */
  z.strictObject({ do: z.literal('fingers'), reader: z.string().max(24) }),
  /** Takes a person's finger into the reader; prompts say when to lay and lift it. The number is held against the rule book, and answered as it was kept. */
  z.strictObject({ do: z.literal('enrol-finger'), reader: z.string().max(24), department: departmentCode, consumer: z.string().min(1).max(24) }),
  z.strictObject({ do: z.literal('erase-finger'), reader: z.string().max(24), page: z.int().min(0) }),
  /** Puts that sheet on the receipt printer. */
  z.strictObject({ do: z.literal('print-sheet'), language }),
]);
export type TechnicianAsk = z.infer<typeof technicianAsk>;

/** Whose finger stands on a page of a reader; a consumer number means something within its department alone. */
const knownFinger = z.strictObject({ page: z.int(), department: departmentCode, consumer: z.string(), at: unixMs });

/** Answers are named by what was asked. */
export const technicianAnswer = z.discriminatedUnion('to', [
  z.strictObject({ to: z.literal('devices'), devices: z.array(deviceLine) }),
  z.strictObject({ to: z.literal('checks'), checks: z.array(checkLine) }),
  z.strictObject({ to: z.literal('run'), result: benchResult }),
  z.strictObject({ to: z.literal('stop') }),
  z.strictObject({ to: z.literal('judge'), result: benchResult }),
  z.strictObject({ to: z.literal('discover'), candidates: z.array(candidate) }),
  /** The file as `sheet.ts` lays it down. */
  z.strictObject({ to: z.literal('sheet'), file: z.instanceof(Uint8Array).transform((b) => Uint8Array.from(b)) }),
  z.strictObject({ to: z.literal('fingers'), fingers: z.array(knownFinger) }),
  z.strictObject({ to: z.literal('enrol-finger'), page: z.int(), consumer: z.string() }),
  z.strictObject({ to: z.literal('erase-finger') }),
  z.strictObject({ to: z.literal('print-sheet'), outcome: z.enum(['printed', 'not-started', 'unknown']), detail: z.string() }),
]);
export type TechnicianAnswer = z.infer<typeof technicianAnswer>;

/**
 * Why a request was not done.
 * - `counter-busy`: a citizen is being served; nothing that touches a device is done until then.
 * - `device-busy`: another check of this device runs.
 * - `unknown`: no such device, check or run.
 * - `nothing`: nothing was tried yet, so there is no sheet.
 */
export const technicianRefusal = z.enum(['counter-busy', 'device-busy', 'unknown', 'nothing', 'no-printer', 'failed']);
export type TechnicianRefusal = z.infer<typeof technicianRefusal>;

/** Technician → agent. `id` is the caller's own number, used once a connection. */
const toBench = z.strictObject({ t: z.literal('ask'), id: z.int().min(1), ask: technicianAsk });
export type ToBench = z.infer<typeof toBench>;

/** Agent → technician. Each ask has any number of prompts and then one answer or refusal. */
const toTechnician = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('prompt'), id: z.int(), prompt: benchPrompt }),
  z.strictObject({ t: z.literal('answer'), id: z.int(), answer: technicianAnswer }),
  z.strictObject({ t: z.literal('refused'), id: z.int(), code: technicianRefusal, detail: z.string() }),
]);
export type ToTechnician = z.infer<typeof toTechnician>;

/** Frames as on the counter's socket: read them with its `FrameReader`. */
export const encodeToBench = (message: ToBench): Uint8Array<ArrayBuffer> => frameOf(message);
export const encodeToTechnician = (message: ToTechnician): Uint8Array<ArrayBuffer> => frameOf(message);
export const readToBench = (body: Uint8Array): Result<ToBench, Failure<string>> => readCbor(toBench, body);
export const readToTechnician = (body: Uint8Array): Result<ToTechnician, Failure<string>> => readCbor(toTechnician, body);
