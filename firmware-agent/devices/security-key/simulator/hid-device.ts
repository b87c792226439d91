import { randomBytes } from 'node:crypto';
import { BROADCAST, HID_COMMANDS, HID_ERRORS, KEEPALIVE, MessageReader, reportsOf, type Message } from '../codec/frames.js';
import type { Authenticator } from './authenticator.js';

/** How the wire misbehaves. `busy`: another program holds the key. `wrong-channel`: answers go astray. `garbage`: answers are noise. */
export type WireFault = 'none' | 'busy' | 'wrong-channel' | 'garbage' | 'silent' | 'bad-sequence';

const KEEPALIVE_MS = 100;
const UNFINISHED_MS = 500;
/** CBOR and no U2F. */
const CAPABILITIES = 0x04 | 0x08;

type Work = { readonly channel: number; readonly abort: AbortController };

/** The key's end of CTAPHID (CTAP 2.1 §11.2): channels, one transaction at a time, keepalives while it works. */
export class HidDevice {
  fault: WireFault = 'none';
  private readonly authenticator: Authenticator;
  private readonly out: (report: Uint8Array) => void;
  private readonly channels = new Map<number, MessageReader>();
  private readonly unfinished = new Map<number, NodeJS.Timeout>();
  private work: Work | undefined;
  private nextChannel = 0x00bb0000;

  constructor(authenticator: Authenticator, out: (report: Uint8Array) => void) {
    this.authenticator = authenticator;
    this.out = out;
    this.channels.set(BROADCAST, new MessageReader(BROADCAST));
  }

  get isWorking(): boolean {
    return this.work !== undefined;
  }

  /** Power gone: channels and work with it. */
  reset(): void {
    this.work?.abort.abort();
    this.work = undefined;
    for (const timer of this.unfinished.values()) clearTimeout(timer);
    this.unfinished.clear();
    this.channels.clear();
    this.channels.set(BROADCAST, new MessageReader(BROADCAST));
    this.authenticator.secrets.powerCycle();
  }

  /** One output report, without its number. */
  take(report: Uint8Array): void {
    if (report.length < 5) return;
    const channel = Buffer.from(report).readUInt32BE();
    const reader = this.channels.get(channel);
    if (reader === undefined) return this.error(channel, HID_ERRORS.channel);
    const heard = reader.read(report);
    clearTimeout(this.unfinished.get(channel));
    switch (heard.kind) {
      case 'message':
        return this.run(channel, heard.message);
      case 'part':
        this.unfinished.set(
          channel,
          setTimeout(() => {
            reader.drop();
            this.error(channel, HID_ERRORS.timeout);
          }, UNFINISHED_MS),
        );
        return;
      case 'noise':
        if (heard.why === 'too-long') return this.error(channel, HID_ERRORS.length);
        if (heard.why === 'sequence') return this.error(channel, HID_ERRORS.sequence);
        return;
      case 'foreign':
        return;
    }
  }

  private run(channel: number, { command, payload }: Message): void {
    if (command === HID_COMMANDS.init) return this.init(channel, payload);
    if (channel === BROADCAST) return this.error(channel, HID_ERRORS.channel);
    if (command === HID_COMMANDS.cancel) {
      if (this.work?.channel === channel) this.work.abort.abort();
      return;
    }
    if (this.work !== undefined || this.fault === 'busy') return this.error(channel, HID_ERRORS.busy);
    if (command === HID_COMMANDS.ping || command === HID_COMMANDS.wink) return this.say(channel, command, payload);
    if (command !== HID_COMMANDS.cbor) return this.error(channel, HID_ERRORS.command);
    void this.cbor(channel, payload);
  }

  /** On the broadcast channel a new channel; on one's own, everything under way is dropped. */
  private init(channel: number, nonce: Uint8Array): void {
    if (nonce.length !== 8) return this.error(channel, HID_ERRORS.length);
    if (this.work?.channel === channel) {
      this.work.abort.abort();
      this.work = undefined;
    }
    const given = channel === BROADCAST ? ++this.nextChannel : channel;
    if (channel === BROADCAST) this.channels.set(given, new MessageReader(given));
    const tail = Buffer.alloc(9);
    tail.writeUInt32BE(given);
    tail.set([2, 1, 0, 0, CAPABILITIES], 4);
    this.say(channel, HID_COMMANDS.init, Buffer.concat([nonce, tail]));
  }

  private async cbor(channel: number, payload: Uint8Array): Promise<void> {
    const abort = new AbortController();
    const work = { channel, abort };
    this.work = work;
    let status: number = KEEPALIVE.processing;
    const tell = (): void => {
      if (this.work === work && this.fault !== 'silent') this.send(reportsOf(channel, HID_COMMANDS.keepalive, Uint8Array.of(status)));
    };
    const timer = setInterval(tell, KEEPALIVE_MS);
    const touch = (awaited: 'yes' | 'no'): void => {
      status = awaited === 'yes' ? KEEPALIVE.touch : KEEPALIVE.processing;
      if (awaited === 'yes') tell();
    };
    const answer = await this.authenticator.answer(payload, { touch, signal: abort.signal });
    clearInterval(timer);
    if (this.work !== work) return;
    this.work = undefined;
    this.say(channel, HID_COMMANDS.cbor, answer);
  }

  private error(channel: number, code: number): void {
    this.say(channel, HID_COMMANDS.error, Uint8Array.of(code));
  }

  private say(channel: number, command: number, payload: Uint8Array): void {
    const isAnswer = command === HID_COMMANDS.cbor;
    if (this.fault === 'silent') return;
    if (this.fault === 'wrong-channel' && isAnswer) return this.send(reportsOf(channel ^ 0x5a5a, command, payload));
    const reports = reportsOf(channel, command, payload);
    if (this.fault === 'garbage' && isAnswer)
      return this.send(reports.map((report) => Buffer.concat([report.subarray(0, 4), randomBytes(report.length - 4)])));
    if (this.fault === 'bad-sequence' && isAnswer)
      return this.send(reports.map((report, i) => (i === 0 ? report : Uint8Array.from(report, (byte, at) => (at === 4 ? byte ^ 0x11 : byte)))));
    this.send(reports);
  }

  private send(reports: readonly Uint8Array[]): void {
    for (const report of reports) this.out(report);
  }
}
