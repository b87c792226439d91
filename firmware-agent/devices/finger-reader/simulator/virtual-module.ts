import { dataFrames, indexBytes, parameterBytes, type ModuleParameters } from '../codec/answers.js';
import { OPCODE } from '../codec/commands.js';
import { codeOf, type Confirmation } from '../codec/confirmation.js';
import { ANY_ADDRESS, encodeFrame, FrameReader, type Frame } from '../codec/frame.js';
import { noFaults, spoil, spoilData, type Faults } from './faults.js';
import type { Model } from './models.js';
import type { Quality } from './orders.js';
import { printOf, scoreOf } from './print.js';

type Finger = { readonly name: string; readonly quality: Quality; readonly until: 'lifted' | 'captured' };
type Reply = { readonly confirmation: Confirmation; readonly args?: Uint8Array; readonly data?: Uint8Array };

const reply = (confirmation: Confirmation, args?: Uint8Array): Reply => (args === undefined ? { confirmation } : { confirmation, args });
const u16 = (...values: readonly number[]): Uint8Array => Uint8Array.from(values.flatMap((value) => [value >> 8, value & 0xff]));

/** The module itself: its glass, its buffers, its flash, and the commands on them. It knows nothing of the line it hangs on. */
export class VirtualModule {
  readonly model: Model;
  readonly library = new Map<number, Uint8Array>();
  readonly heard = new Map<number, number>();
  faults: Faults = noFaults();
  finger: Finger | undefined;
  password = 0;
  light = 'off';
  systemId: number;
  private readonly say: (bytes: Uint8Array) => void;
  private readonly reader = new FrameReader(ANY_ADDRESS);
  private readonly names = new Map<string, string>();
  private packetCode: number;
  private securityLevel = 3;
  private lock: 'locked' | 'unlocked' = 'locked';
  private image: Finger | undefined;
  private layings = 0;
  private buffers = new Map<number, Uint8Array>();
  private incoming: { readonly buffer: number; pieces: Uint8Array[]; state: 'good' | 'broken' } | undefined;

  constructor(model: Model, packetBytes: number, say: (bytes: Uint8Array) => void) {
    this.model = model;
    this.systemId = model.systemId;
    this.packetCode = [32, 64, 128, 256].indexOf(packetBytes);
    this.say = say;
  }

  get parameters(): ModuleParameters {
    const packetBytes = ([32, 64, 128, 256] as const)[this.packetCode] ?? 128;
    const { systemId, securityLevel } = this;
    return { statusRegister: 0, systemId, capacity: this.model.capacity, securityLevel, address: ANY_ADDRESS, packetBytes, baudRate: 57_600 };
  }

  /** The name of the finger in a template that was made here. */
  nameOf(template: Uint8Array): string {
    return this.names.get(Buffer.from(template.subarray(0, 32)).toString('hex')) ?? 'unknown';
  }

  /** Power again: what was only in memory is gone. */
  restart(): void {
    this.lock = 'locked';
    this.image = undefined;
    this.buffers = new Map();
    this.incoming = undefined;
    this.reader.reset();
  }

  exchange(): void {
    this.restart();
    this.systemId ^= 0x8000;
    this.library.clear();
  }

  receive(chunk: Uint8Array): void {
    for (const one of this.reader.read(chunk)) {
      if (one.heard !== 'frame' || this.faults.hearing === 'deaf') continue;
      if (one.frame.kind === 'command') this.obey(one.frame.payload);
      else this.takeData(one.frame);
    }
  }

  private obey(payload: Uint8Array): void {
    const opcode = payload[0] ?? 0;
    const lost = this.faults.lost?.opcode === opcode ? this.faults.lost : undefined;
    this.heard.set(opcode, (this.heard.get(opcode) ?? 0) + 1);
    if (lost !== undefined) this.faults.lost = undefined;
    if (lost?.done === 'not-done') return;
    const done = this.isLockedFor(opcode) ? reply('password-needed') : this.perform(opcode, Buffer.from(payload.subarray(1)));
    if (done === undefined || lost !== undefined) return;
    const { confirmation, args = new Uint8Array(), data } = done;
    this.send({ kind: 'answer', payload: Uint8Array.of(codeOf(confirmation), ...args) });
    for (const frame of data === undefined ? [] : dataFrames(data, this.parameters.packetBytes)) this.send(frame);
  }

  private isLockedFor(opcode: number): boolean {
    return this.password !== 0 && this.lock === 'locked' && opcode !== OPCODE.verifyPassword;
  }

  private send(frame: Frame): void {
    const bytes = encodeFrame(ANY_ADDRESS, frame);
    this.say(frame.kind === 'data' ? spoilData(this.faults, bytes) : spoil(this.faults, bytes));
  }

  /** Undefined: not answered at all. */
  private perform(opcode: number, args: Buffer): Reply | undefined {
    const needed = LEAST_ARGS.get(opcode) ?? 0;
    if (args.length < needed) return reply('packet-error');
    switch (opcode) {
      case OPCODE.getImage:
        return this.takeImage();
      case OPCODE.extract:
        return this.extract(args.readUInt8(0));
      case OPCODE.match:
        return this.match();
      case OPCODE.search:
        return this.search(args.readUInt8(0), args.readUInt16BE(1), args.readUInt16BE(3));
      case OPCODE.merge:
        return this.merge();
      case OPCODE.sendTemplate:
        return this.sendTemplate(args.readUInt8(0));
      case OPCODE.takeTemplate:
        this.incoming = { buffer: args.readUInt8(0), pieces: [], state: 'good' };
        return reply('ok');
      case OPCODE.store:
      case OPCODE.load:
      case OPCODE.erase:
      case OPCODE.empty:
        return this.flash(opcode, args);
      default:
        return this.settings(opcode, args);
    }
  }

  private settings(opcode: number, args: Buffer): Reply | undefined {
    switch (opcode) {
      case OPCODE.readParameters:
        return reply('ok', parameterBytes(this.parameters));
      case OPCODE.setParameter:
        return this.setParameter(args.readUInt8(0), args.readUInt8(1));
      case OPCODE.setPassword:
        this.password = args.readUInt32BE(0);
        return reply('ok');
      case OPCODE.verifyPassword:
        if (args.readUInt32BE(0) !== this.password) return reply('wrong-password');
        this.lock = 'unlocked';
        return reply('ok');
      case OPCODE.count:
        return reply('ok', u16(this.library.size));
      case OPCODE.readIndex:
        return reply('ok', indexBytes(args.readUInt8(0), this.library.keys()));
      case OPCODE.echo:
        return reply('alive');
      case OPCODE.aura:
        return this.shine('ring', args.readUInt8(0) === 4 ? 'off' : `ring ${[...args].join(' ')}`);
      case OPCODE.lampOn:
      case OPCODE.lampOff:
        return this.shine('lamp', opcode === OPCODE.lampOn ? 'on' : 'off');
      default:
        return this.model.light === 'none' ? undefined : reply('packet-error');
    }
  }

  private shine(light: Model['light'], how: string): Reply | undefined {
    if (this.model.light === 'none') return undefined;
    if (this.model.light !== light) return reply('packet-error');
    this.light = how;
    return reply('ok');
  }

  private setParameter(register: number, value: number): Reply {
    if (register === 5 && value >= 1 && value <= 5) this.securityLevel = value;
    else if (register === 6 && value <= 3) this.packetCode = value;
    else return reply('register-unknown');
    return reply('ok');
  }

  private takeImage(): Reply {
    const { finger } = this;
    if (finger === undefined) return reply('no-finger');
    if (finger.until === 'captured') this.finger = undefined;
    if (finger.quality === 'image-failed') return reply('image-failed');
    this.image = finger;
    this.layings += 1;
    return reply('ok');
  }

  private extract(buffer: number): Reply {
    if (this.image === undefined) return reply('no-image');
    if (buffer < 1 || buffer > this.model.buffers) return reply('packet-error');
    const { name, quality } = this.image;
    if (quality === 'messy') return reply('image-messy');
    if (quality === 'few-features') return reply('too-few-features');
    const template = printOf(name, this.layings, this.model.templateBytes);
    this.names.set(Buffer.from(template.subarray(0, 32)).toString('hex'), name);
    this.buffers.set(buffer, template);
    return reply('ok');
  }

  private merge(): Reply {
    const samples = [...this.buffers.values()];
    const [first, second] = [this.buffers.get(1), this.buffers.get(2)];
    if (first === undefined || second === undefined) return reply('samples-differ');
    const agree = this.faults.samples === 'agree' && samples.every((sample) => scoreOf(first, sample) !== undefined);
    this.buffers = new Map([
      [1, first],
      [2, first],
    ]);
    return reply(agree ? 'ok' : 'samples-differ');
  }

  private match(): Reply {
    const [one, other] = [this.buffers.get(1), this.buffers.get(2)];
    const score = one === undefined || other === undefined ? undefined : scoreOf(one, other);
    return score === undefined ? reply('no-match', u16(0)) : reply('ok', u16(score));
  }

  private search(buffer: number, from: number, count: number): Reply {
    const wanted = this.buffers.get(buffer);
    for (const [page, template] of this.library) {
      const score = wanted !== undefined && page >= from && page < from + count ? scoreOf(wanted, template) : undefined;
      if (score !== undefined) return reply('ok', u16(page, score));
    }
    return reply('not-found', u16(0, 0));
  }

  private sendTemplate(buffer: number): Reply {
    const data = this.buffers.get(buffer);
    return data === undefined ? reply('template-not-sent') : { confirmation: 'ok', data };
  }

  private flash(opcode: number, args: Buffer): Reply {
    const [buffer, page, count] =
      opcode === OPCODE.erase
        ? [0, args.readUInt16BE(0), args.readUInt16BE(2)]
        : opcode === OPCODE.empty
          ? [0, 0, 0]
          : [args.readUInt8(0), args.readUInt16BE(1), 1];
    if (page + count > this.model.capacity) return reply('page-out-of-range');
    if (opcode === OPCODE.load) {
      const template = this.library.get(page);
      if (template === undefined) return reply('template-unreadable');
      this.buffers.set(buffer, template);
      return reply('ok');
    }
    if (this.faults.flash === 'broken')
      return reply(opcode === OPCODE.store ? 'flash-error' : opcode === OPCODE.erase ? 'not-deleted' : 'not-emptied');
    if (opcode === OPCODE.empty) this.library.clear();
    else if (opcode === OPCODE.erase) for (let i = 0; i < count; i += 1) this.library.delete(page + i);
    else {
      const template = this.buffers.get(buffer);
      if (template === undefined) return reply('flash-error');
      this.library.set(page, template);
    }
    return reply('ok');
  }

  /** Data packets behind DownChar: of exactly the module's size, the last one excepted. They are not answered. */
  private takeData({ kind, payload }: Frame): void {
    const { incoming } = this;
    if (incoming === undefined) return;
    const { packetBytes } = this.parameters;
    if (payload.length > packetBytes || (kind === 'data' && payload.length !== packetBytes)) incoming.state = 'broken';
    incoming.pieces.push(payload);
    if (kind !== 'end-of-data') return;
    this.incoming = undefined;
    const template = Buffer.concat(incoming.pieces);
    if (incoming.state === 'good' && template.length === this.model.templateBytes) this.buffers.set(incoming.buffer, template);
    else this.buffers.delete(incoming.buffer);
  }
}

/** Arguments that a command must have. */
const LEAST_ARGS: ReadonlyMap<number, number> = new Map([
  [OPCODE.extract, 1],
  [OPCODE.search, 5],
  [OPCODE.store, 3],
  [OPCODE.load, 3],
  [OPCODE.sendTemplate, 1],
  [OPCODE.takeTemplate, 1],
  [OPCODE.erase, 4],
  [OPCODE.setParameter, 2],
  [OPCODE.setPassword, 4],
  [OPCODE.verifyPassword, 4],
  [OPCODE.readIndex, 1],
  [OPCODE.aura, 4],
]);
