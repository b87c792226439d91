import type { Timers } from '../../timers.js';
import type { Connection } from '../../transport/transport.js';
import { SSI, SSI_DATA_BYTES, SSI_NAK, SSI_SOURCE, SSI_STATUS, ssiBytes, SsiReader, type SsiPacket } from '../codec/ssi.js';
import { firstHalf, garbled, Heard, Readers, type Performed, type ScannerBody } from './body.js';
import type { BodyOrder } from './orders.js';

const TYPES: ReadonlyMap<string, number> = new Map([
  ['C0', 0x03],
  ['C1', 0x0f],
  ['E0', 0x0b],
  ['E4', 0x0a],
]);
const QR = 0x1c;
const NAMES: ReadonlyMap<number, string> = new Map([
  [SSI.paramSend, 'param-send'],
  [SSI.revisionRequest, 'revision'],
  [SSI.startSession, 'trigger-on'],
  [SSI.stopSession, 'trigger-off'],
  [SSI.scanEnable, 'reading-on'],
  [SSI.scanDisable, 'reading-off'],
  [SSI.beep, 'beep'],
]);
const TRIES = 3;

type Outgoing = { readonly packet: SsiPacket; tries: number; wrong: number; losesAck: 'no' | 'yes' };

/** A Zebra SSI decoder: one packet at a time, each sent again until it is acknowledged, three times at most. */
export class SsiBody implements ScannerBody {
  private readonly timers: Timers;
  private readonly ackMs: number;
  private readonly readers = new Readers();
  private readonly heard = new Heard();
  private queue: Outgoing[] = [];
  private answers: 'all' | 'none' | 'denied' | 'resend' = 'all';
  private reading: 'on' | 'off' = 'on';
  private stopClock: () => void = () => undefined;

  constructor(timers: Timers, ackMs: number) {
    this.timers = timers;
    this.ackMs = ackMs;
  }

  attach(line: Connection): void {
    this.readers.add(line);
    const reader = new SsiReader(SSI_SOURCE.host);
    line.onBytes((chunk) => {
      for (const heard of reader.read(chunk)) if (heard.kind === 'packet') this.take(heard.packet);
    });
  }

  perform(order: BodyOrder): Performed {
    switch (order.do) {
      case 'scan':
        return this.code(Buffer.from(order.text, 'utf8'), order);
      case 'garble':
        return this.code(garbled(order.text), {});
      case 'wrong-checksum':
        return this.code(Buffer.from(order.text, 'utf8'), { wrong: order.times ?? 1 });
      case 'retransmit':
        return this.code(Buffer.from(order.text, 'utf8'), { losesAck: 'yes' });
      case 'lose-continuation':
        return this.code(Buffer.from(order.text, 'utf8'), { loses: 'last' });
      case 'cut':
        this.readers.say(
          firstHalf(ssiBytes({ opcode: SSI.decodeData, status: 0, data: typed(Buffer.from(order.text), undefined) }, SSI_SOURCE.decoder)),
        );
        return 'sent';
      case 'noise':
        this.readers.say(Buffer.from(order.hex, 'hex'));
        return 'sent';
      case 'silent':
        this.answers = 'none';
        return 'set';
      case 'refuse':
        this.answers = order.cause ?? 'denied';
        return 'set';
      case 'normal':
        this.answers = 'all';
        return 'set';
      default:
        return 'not-this-style';
    }
  }

  state(): Readonly<Record<string, unknown>> {
    return { reading: this.reading, answers: this.answers, waiting: this.queue.length, heard: this.heard.all };
  }

  powerOff(): void {
    this.stopClock();
    this.queue = [];
    this.reading = 'on';
  }

  private code(
    bytes: Uint8Array,
    how: {
      readonly aim?: string | undefined;
      readonly times?: number | undefined;
      readonly wrong?: number;
      readonly losesAck?: 'yes';
      readonly loses?: 'last';
    },
  ): Performed {
    if (this.reading === 'off') return 'not-reading';
    const data = typed(bytes, how.aim);
    for (let i = 0; i < (how.times ?? 1); i += 1) {
      for (let at = 0; at < data.length; at += SSI_DATA_BYTES) {
        const isLast = at + SSI_DATA_BYTES >= data.length;
        if (isLast && how.loses === 'last') continue;
        const packet = { opcode: SSI.decodeData, status: isLast ? 0 : SSI_STATUS.continued, data: data.subarray(at, at + SSI_DATA_BYTES) };
        this.queue.push({ packet, tries: 0, wrong: how.wrong ?? 0, losesAck: how.losesAck ?? 'no' });
      }
    }
    if (this.queue[0]?.tries === 0) this.send();
    return 'sent';
  }

  private send(): void {
    const [first] = this.queue;
    this.stopClock();
    if (first === undefined) return;
    if (first.tries === TRIES + first.wrong) {
      this.queue.shift();
      return this.send();
    }
    const bytes = ssiBytes({ ...first.packet, status: first.packet.status | (first.tries === 0 ? 0 : SSI_STATUS.retransmit) }, SSI_SOURCE.decoder);
    first.tries += 1;
    if (first.tries <= first.wrong) bytes.set([(bytes.at(-1) ?? 0) ^ 0xff], bytes.length - 1);
    this.readers.say(bytes);
    this.stopClock = this.timers.after(this.ackMs, () => this.send());
  }

  private take({ opcode, data }: SsiPacket): void {
    if (opcode === SSI.ack) return this.acknowledged();
    if (opcode === SSI.nak) return this.send();
    this.heard.add(`${NAMES.get(opcode) ?? opcode}${opcode === SSI.beep ? ` ${data[0]}` : ''}`);
    if (this.answers === 'none') return;
    if (this.answers !== 'all') return this.say(SSI.nak, Uint8Array.of(this.answers === 'denied' ? SSI_NAK.denied : SSI_NAK.resend));
    if (opcode === SSI.scanEnable) this.reading = 'on';
    if (opcode === SSI.scanDisable) this.reading = 'off';
    if (opcode === SSI.revisionRequest) this.say(SSI.revisionReply, Buffer.from('PAABLS00-001-R00 \x00', 'latin1'));
    else this.say(SSI.ack, Uint8Array.of());
  }

  private acknowledged(): void {
    const [first] = this.queue;
    if (first === undefined || first.tries === 0) return;
    if (first.losesAck === 'yes' && first.tries === 1) return this.send();
    this.queue.shift();
    this.send();
  }

  private say(opcode: number, data: Uint8Array): void {
    this.readers.say(ssiBytes({ opcode, status: 0, data }, SSI_SOURCE.decoder));
  }
}

/** The type in front, and the identifier behind it where the type does not say it. */
function typed(bytes: Uint8Array, aim: string | undefined): Uint8Array {
  const type = aim === undefined ? QR : (TYPES.get(aim) ?? QR);
  return Buffer.concat([Buffer.of(type), Buffer.from(aim === undefined || TYPES.has(aim) ? '' : `]${aim}`, 'latin1'), bytes]);
}
