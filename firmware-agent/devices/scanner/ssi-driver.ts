import { failure, ok, unreachable } from '#protocol/result/result.js';
import type { Look } from '../life/live-driver.js';
import { Listeners } from '../life/listeners.js';
import { Lock } from '../life/lock.js';
import type { DeviceReport, ScanEvent, ScannerOutcome, Unsubscribe } from '../ports.js';
import { pause, within } from '../timers.js';
import type { Connection } from '../transport/transport.js';
import { SSI, SSI_BEEP, SSI_NAK, SSI_PARAM, SSI_SOURCE, SSI_STATUS, ssiBytes, SsiReader, type SsiPacket } from './codec/ssi.js';
import { SsiScanJoiner } from './codec/ssi-scans.js';
import { GapClock, troubleOf, type DriverContext, type ScannerDriver, type ScannerOrder } from './driver.js';
import { Unsent } from './unsent.js';

/** Times that one order is said before it is given up. */
const TRIES = 3;
/** Answers that wait for a scanner that takes no bytes. It says a packet again after two seconds, and gives it up soon: older ones answer nothing. */
const MOST_UNSENT = 8;
/** Broken packets one after another that make a fault out of noise. */
const MOST_GARBLED = 5;
const SET_UP = Uint8Array.of(SSI_PARAM.silently, SSI_PARAM.packets, 1, SSI_PARAM.handshake, 1);

/** `refused`: the scanner answered NAK to every try, or said that it will not. */
type Answer = { readonly answer: 'taken'; readonly data: Uint8Array } | { readonly answer: 'refused' | 'silent' | 'lost'; readonly detail: string };

/**
 * A scanner that speaks Zebra SSI. Each of its packets is acknowledged, or asked for again; each order of ours is one packet that it
 * acknowledges. Codes are heard at any moment, also between an order and its answer.
 */
export class SsiDriver implements ScannerDriver {
  private readonly connection: Connection;
  private readonly context: DriverContext;
  private readonly reader = new SsiReader(SSI_SOURCE.decoder);
  private readonly joiner = new SsiScanJoiner();
  private readonly clock: GapClock;
  private readonly lock = new Lock();
  private readonly reports = new Listeners<DeviceReport>();
  private readonly answers = new Listeners<SsiPacket>();
  private readonly unsent: Unsent;
  private prepared: 'no' | 'yes' = 'no';
  private garbledInRow = 0;
  private line: 'open' | 'closed' = 'open';

  constructor(connection: Connection, context: DriverContext) {
    this.connection = connection;
    this.context = context;
    this.unsent = new Unsent({
      write: (bytes) => connection.write(bytes),
      most: MOST_UNSENT,
      stuck: () => this.reports.tell(troubleOf('scanner-error')),
      flowing: () => (this.garbledInRow < MOST_GARBLED ? this.reports.tell({ state: 'ready' }) : undefined),
    });
    this.clock = new GapClock(context, {
      standing: () => (this.reader.isUnfinished ? 'within' : this.joiner.standing),
      lost: () => this.gap(),
      quiet: () => this.joiner.quiet(),
    });
    connection.onBytes((chunk) => {
      let isCode = this.reader.isUnfinished;
      for (const heard of this.reader.read(chunk)) {
        if (heard.kind === 'packet') this.take(heard.packet);
        else this.askAgain();
        isCode ||= heard.kind === 'garbled' || heard.packet.opcode === SSI.decodeData;
      }
      // An acknowledgement between the packets of a code does not make its rest come.
      if (isCode || this.reader.isUnfinished) this.clock.heard();
    });
    connection.onClose(() => {
      this.line = 'closed';
      this.clock.end();
    });
  }

  onReport(listener: (report: DeviceReport) => void): Unsubscribe {
    return this.reports.add(listener);
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.connection.onClose(listener);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** Says again whether to read: harmless when it is so already, and answered by a scanner that is alive. */
  look(): Promise<Look> {
    return this.lock.hold(async () => {
      const answer = await this.prepare();
      if (answer.answer === 'taken') return { found: 'answer', report: { state: 'ready' } };
      if (answer.answer === 'refused') return { found: 'answer', report: troubleOf('scanner-error') };
      if (answer.answer === 'lost') return { found: 'gone', why: answer.detail };
      return { found: 'silence', report: troubleOf('scanner-error') };
    });
  }

  obey(order: ScannerOrder): Promise<ScannerOutcome> {
    return this.lock.hold(async () => {
      if (order === 'reading-on' || order === 'reading-off') this.context.memory.reading = order === 'reading-on' ? 'on' : 'off';
      const answer = await this.ask(...packetOf(order));
      if (answer.answer === 'taken') return ok(undefined);
      return failure(answer.answer === 'lost' ? 'scanner-absent' : 'scanner-error', answer.detail);
    });
  }

  private async prepare(): Promise<Answer> {
    if (this.prepared === 'no') {
      const setUp = await this.ask(SSI.paramSend, SET_UP);
      if (setUp.answer !== 'taken') return setUp;
      const revision = await this.ask(SSI.revisionRequest, Uint8Array.of());
      if (revision.answer === 'taken') this.context.memory.facts = { firmware: printable(revision.data) };
      this.prepared = 'yes';
    }
    return this.ask(this.context.memory.reading === 'on' ? SSI.scanEnable : SSI.scanDisable, Uint8Array.of());
  }

  private take(packet: SsiPacket): void {
    if (this.garbledInRow >= MOST_GARBLED) this.reports.tell({ state: 'ready' });
    this.garbledInRow = 0;
    this.answers.tell(packet);
    if (packet.opcode === SSI.ack || packet.opcode === SSI.nak) return;
    this.say(SSI.ack, Uint8Array.of());
    if (packet.opcode === SSI.decodeData) this.tell(this.joiner.read(packet));
  }

  /** A packet that was cut is asked for again, and the code that it belongs to waits for it. */
  private gap(): number | undefined {
    const isCut = this.reader.gap().some(({ kind }) => kind === 'garbled');
    if (isCut && this.line === 'open') {
      this.askAgain();
      return this.context.delays.answerMs;
    }
    this.tell(this.joiner.gap());
    return undefined;
  }

  private askAgain(): void {
    this.garbledInRow += 1;
    if (this.garbledInRow === MOST_GARBLED) this.reports.tell(troubleOf('scanner-error'));
    this.say(SSI.nak, Uint8Array.of(SSI_NAK.resend));
  }

  private tell(events: readonly ScanEvent[]): void {
    events.forEach(this.context.tell);
  }

  /** Acknowledgements go out between the orders. A line that takes nothing is found, and opened anew, by the next order. */
  private say(opcode: number, data: Uint8Array): void {
    if (this.line === 'open') this.unsent.say(ssiBytes({ opcode, status: 0, data }, SSI_SOURCE.host));
  }

  private async ask(opcode: number, data: Uint8Array): Promise<Answer> {
    const { timers, delays } = this.context;
    let last: Answer = { answer: 'silent', detail: `no answer within ${delays.answerMs} ms` };
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      await within(timers, delays.writeMs, this.connection.write(Uint8Array.of(0)));
      await pause(timers, delays.wakeMs);
      const waiting = this.answer(opcode);
      const packet = ssiBytes({ opcode, status: attempt === 0 ? 0 : SSI_STATUS.retransmit, data }, SSI_SOURCE.host);
      const written = await within(timers, delays.writeMs, this.connection.write(packet));
      if (written === 'late') await this.connection.close();
      last = await waiting;
      if (last.answer === 'taken' || last.answer === 'lost') return last;
      if (last.answer === 'refused' && last.detail !== RESEND) return last;
    }
    return last;
  }

  /** The next packet that answers an order; its own reply packet for questions. */
  private answer(opcode: number): Promise<Answer> {
    const { timers, delays } = this.context;
    return new Promise((resolve) => {
      const end = (answer: Answer): void => {
        stopListening();
        stopClock();
        stopMourning();
        resolve(answer);
      };
      const stopListening = this.answers.add((packet) => {
        if (packet.opcode === SSI.nak) end({ answer: 'refused', detail: causeOf(packet.data[0]) });
        else if (packet.opcode === (opcode === SSI.revisionRequest ? SSI.revisionReply : SSI.ack)) end({ answer: 'taken', data: packet.data });
      });
      const stopClock = timers.after(delays.answerMs, () => end({ answer: 'silent', detail: `no answer within ${delays.answerMs} ms` }));
      let stopMourning: Unsubscribe = () => undefined;
      stopMourning = this.connection.onClose((why) => end({ answer: 'lost', detail: why }));
    });
  }
}

const RESEND = 'the scanner could not read the order';

function causeOf(cause: number | undefined): string {
  if (cause === SSI_NAK.resend) return RESEND;
  if (cause === SSI_NAK.denied) return 'the scanner denied the order';
  if (cause === SSI_NAK.badContext) return 'the scanner does not know the order';
  return `the scanner refused the order (${cause ?? 'no cause'})`;
}

function packetOf(order: ScannerOrder): readonly [number, Uint8Array] {
  switch (order) {
    case 'good-beep':
      return [SSI.beep, Uint8Array.of(SSI_BEEP.shortHigh)];
    case 'bad-beep':
      return [SSI.beep, Uint8Array.of(SSI_BEEP.longLow)];
    case 'trigger-on':
      return [SSI.startSession, Uint8Array.of()];
    case 'trigger-off':
      return [SSI.stopSession, Uint8Array.of()];
    case 'reading-on':
      return [SSI.scanEnable, Uint8Array.of()];
    case 'reading-off':
      return [SSI.scanDisable, Uint8Array.of()];
    default:
      return unreachable(order);
  }
}

function printable(data: Uint8Array): string {
  return Buffer.from(data)
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]+/gu, ' ')
    .trim()
    .slice(0, 120);
}
