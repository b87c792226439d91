import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { Unsubscribe } from '../ports.js';
import { pause, within, type Timers } from '../timers.js';
import type { Connection } from '../transport/transport.js';
import { answerIn, answers, dataFrames, type Answer } from './codec/answers.js';
import { readParameters, type Command } from './codec/commands.js';
import { encodeFrame, FrameReader, type Frame, type Heard } from './codec/frame.js';
import type { FingerDelays } from './delays.js';

/** `absent`: the line is gone. `silent`: it stands and nothing comes, or nothing is taken. */
export type LineFault = Failure<'finger-reader-absent' | 'finger-reader-silent'>;

/** No template of the family is longer than 1 536 bytes; a module that sends without end is not listened to for ever. */
export const TEMPLATE_BYTES_MOST = 8_192;
const INBOX_MOST = TEMPLATE_BYTES_MOST / 32 + 8;

const silent = (detail: string): { readonly ok: false; readonly error: LineFault } => failure('finger-reader-silent', detail);

/** Commands and answers on one open line. It does not take turns: its driver holds the lock. */
export class Dialogue {
  private readonly connection: Connection;
  private readonly address: number;
  private readonly delays: FingerDelays;
  private readonly timers: Timers;
  private readonly reader: FrameReader;
  private inbox: Frame[] = [];
  private noiseBytes = 0;
  private lastByteAtMs = Number.NEGATIVE_INFINITY;
  private started: 'unknown' | 'said-ready' = 'unknown';
  private lost: string | undefined;
  private wake: () => void = () => undefined;

  constructor(connection: Connection, address: number, delays: FingerDelays, timers: Timers) {
    this.connection = connection;
    this.address = address;
    this.delays = delays;
    this.timers = timers;
    this.reader = new FrameReader(address);
    connection.onBytes((chunk) => {
      this.lastByteAtMs = timers.now();
      this.take(this.reader.read(chunk));
    });
    connection.onClose((why) => {
      this.lost = why;
      this.wake();
    });
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.connection.onClose(listener);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** Until a module that has just got its power is ready (it says so, or the time is over), and older words have passed by. */
  async settle(): Promise<void> {
    const until = this.timers.now() + this.delays.settleMs;
    while (this.lost === undefined && this.started === 'unknown' && this.timers.now() < until) {
      await this.news(until - this.timers.now());
    }
    await this.quiet();
  }

  /**
   * Sends a command and waits for the answer that fits it. A command that may be repeated is sent once more when nothing or nonsense came;
   * in between, older answers are let pass by, since a late one must not be taken for the answer to the next command.
   */
  async ask(command: Command, limitMs: number = this.delays.answerMs): Promise<Result<Answer, LineFault>> {
    const first = await this.askOnce(command, limitMs);
    if (command.again === 'never' || this.lost !== undefined) return first;
    if (first.ok && first.value.confirmation !== 'packet-error') return first;
    // These two are asked before anything else, when there may be no barrier yet; neither's late answer can do harm.
    if (command.name === 'VfyPwd' || command.name === 'ReadSysPara') await this.quiet();
    else {
      const passed = await this.barrier();
      if (!passed.ok) return passed;
    }
    return this.askOnce(command, limitMs);
  }

  /** Lets late answers to older commands pass by: a module answers in order, and this answer is like no other. */
  async barrier(): Promise<Result<void, LineFault>> {
    await this.quiet();
    const answer = await this.askOnce(readParameters(), this.delays.answerMs);
    return answer.ok ? ok(undefined) : answer;
  }

  /**
   * Asks for data packets: payloads joined, up to the packet that says it is the last. Packets have no numbers, so any noise between them
   * or a short one in the middle makes all of it worthless; it is then asked for once more.
   */
  async receive(command: Command, packetBytes: number): Promise<Result<{ readonly answer: Answer; readonly data: Uint8Array }, LineFault>> {
    const first = await this.receiveOnce(command, packetBytes);
    if (first.ok || this.lost !== undefined) return first;
    await this.quiet();
    return this.receiveOnce(command, packetBytes);
  }

  /** Sends bytes as data packets of the module's own size. They are not confirmed: whoever sends reads them back. */
  async sendData(bytes: Uint8Array, packetBytes: number): Promise<Result<void, LineFault>> {
    for (const frame of dataFrames(bytes, packetBytes)) {
      const sent = await this.send(frame);
      if (!sent.ok) return sent;
    }
    return ok(undefined);
  }

  private async askOnce(command: Command, limitMs: number): Promise<Result<Answer, LineFault>> {
    this.forget();
    const sent = await this.send({ kind: 'command', payload: command.payload });
    if (!sent.ok) return sent;
    const until = this.timers.now() + limitMs;
    for (;;) {
      const frame = await this.next(until);
      if (!frame.ok) return frame.error.code === 'finger-reader-silent' ? silent(`no answer to ${command.name} within ${limitMs} ms`) : frame;
      const answer = answerIn(frame.value);
      if (answer !== undefined && answers(command, answer)) return ok(answer);
    }
  }

  private async receiveOnce(
    command: Command,
    packetBytes: number,
  ): Promise<Result<{ readonly answer: Answer; readonly data: Uint8Array }, LineFault>> {
    const asked = await this.askOnce(command, this.delays.answerMs);
    if (!asked.ok || asked.value.confirmation !== 'ok') return asked.ok ? ok({ answer: asked.value, data: new Uint8Array() }) : asked;
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    const broken = (why: string): Result<never, LineFault> => silent(`${command.name}: ${why} after ${bytes} bytes`);
    for (;;) {
      const frame = await this.next(this.timers.now() + this.delays.packetMs);
      if (!frame.ok) return frame.error.code === 'finger-reader-silent' ? broken('the data broke off') : frame;
      const { kind, payload } = frame.value;
      if (this.noiseBytes > 0) return broken('the data came garbled');
      if (kind !== 'data' && kind !== 'end-of-data') return broken('something else came');
      bytes += payload.length;
      if (bytes > TEMPLATE_BYTES_MOST) return broken('too much came');
      if (kind === 'data' && payload.length !== packetBytes) return broken('a packet was too short or too long');
      pieces.push(payload);
      if (kind === 'end-of-data') return ok({ answer: asked.value, data: Uint8Array.from(Buffer.concat(pieces)) });
    }
  }

  /** A line that takes nothing is closed: what is half written would be read as the head of the next command. */
  private async send(frame: Frame): Promise<Result<void, LineFault>> {
    if (this.lost !== undefined) return failure('finger-reader-absent', this.lost);
    const { writeMs } = this.delays;
    const written = await within(this.timers, writeMs, this.connection.write(encodeFrame(this.address, frame)));
    if (written === 'late') {
      await this.connection.close();
      return silent(`took no bytes for ${writeMs} ms`);
    }
    return written.ok ? ok(undefined) : failure('finger-reader-absent', written.error.detail);
  }

  private async next(untilMs: number): Promise<Result<Frame, LineFault>> {
    for (;;) {
      const frame = this.inbox.shift();
      if (frame !== undefined) return ok(frame);
      if (this.lost !== undefined) return failure('finger-reader-absent', this.lost);
      const leftMs = untilMs - this.timers.now();
      if (leftMs > 0) await this.news(leftMs);
      else {
        // Noise that looked like the head of a long frame may have swallowed the answer.
        this.take(this.reader.gap());
        if (this.inbox.length === 0) return silent('nothing came');
      }
    }
  }

  private take(heard: readonly Heard[]): void {
    for (const one of heard) {
      if (one.heard === 'frame' && this.inbox.length < INBOX_MOST) this.inbox.push(one.frame);
      if (one.heard === 'noise') this.noiseBytes += one.bytes;
      if (one.heard === 'ready') {
        this.started = 'said-ready';
        this.noiseBytes += 1;
      }
    }
    if (heard.length > 0) this.wake();
  }

  private forget(): void {
    this.inbox = [];
    this.noiseBytes = 0;
    this.reader.reset();
  }

  /** Until nothing has come for a while. */
  private async quiet(): Promise<void> {
    const { quietMs } = this.delays;
    const until = this.timers.now() + quietMs * 10;
    const from = this.timers.now();
    for (;;) {
      const now = this.timers.now();
      const quietAt = Math.max(this.lastByteAtMs, from) + quietMs;
      if (this.lost !== undefined || now >= quietAt || now >= until) break;
      await pause(this.timers, Math.min(quietAt, until) - now);
    }
    this.forget();
  }

  private news(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.timers.after(limitMs, resolve);
      this.wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
