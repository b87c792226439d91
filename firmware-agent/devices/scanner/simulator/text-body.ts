import type { Connection } from '../../transport/transport.js';
import { firstHalf, garbled, Heard, Readers, type Performed, type ScannerBody } from './body.js';
import type { BodyOrder } from './orders.js';

const SUFFIX = { cr: '\r', lf: '\n', crlf: '\r\n' } as const;
const TAGS = {
  honeywell: ['PRECA2', 'PREBK2', 'SUFCA2', 'SUFBK2', 'TERMID', 'BEPLVL', 'TRGMOD'],
  newland: ['AIDENA', 'TSUENA', 'TSUSET', 'QRYSYS', 'BEEPON', 'SCNTRG', 'SCNMOD'],
} as const;

/** A scanner that sends its codes as lines, and takes the text commands of its make between them. */
export class TextBody implements ScannerBody {
  private readonly make: 'plain' | 'honeywell' | 'newland';
  private readonly readers = new Readers();
  private readonly heard = new Heard();
  private suffix: keyof typeof SUFFIX = 'cr';
  private answers: 'all' | 'none' | 'refuses' = 'all';
  private nextReply: 'whole' | 'cut' | 'late' = 'whole';
  private kept = '';

  constructor(make: 'plain' | 'honeywell' | 'newland') {
    this.make = make;
  }

  attach(line: Connection): void {
    this.readers.add(line);
    let waiting = '';
    line.onBytes((chunk) => {
      waiting = (waiting + Buffer.from(chunk).toString('latin1')).slice(-2_048);
      if (this.make === 'honeywell') waiting = this.takeHoneywell(waiting);
      if (this.make === 'newland') waiting = this.takeNewland(waiting);
    });
  }

  perform(order: BodyOrder): Performed {
    switch (order.do) {
      case 'scan': {
        const one = `${order.aim === undefined ? '' : `]${order.aim}`}${order.text}${SUFFIX[this.suffix]}`;
        return this.send(Buffer.from(one.repeat(order.times ?? 1), 'utf8'));
      }
      case 'cut':
        return this.send(firstHalf(Buffer.from(order.text, 'utf8')));
      case 'garble':
        return this.send(garbled(`${order.text}${SUFFIX[this.suffix]}`));
      case 'noise':
        return this.send(Buffer.from(order.hex, 'hex'));
      case 'suffix':
        this.suffix = order.suffix;
        return 'set';
      case 'silent':
      case 'refuse':
      case 'reply':
        return this.make === 'plain' ? 'not-this-style' : this.spoil(order);
      case 'normal':
        this.answers = 'all';
        this.nextReply = 'whole';
        return 'set';
      default:
        return 'not-this-style';
    }
  }

  state(): Readonly<Record<string, unknown>> {
    return { suffix: this.suffix, ...(this.make === 'plain' ? {} : { answers: this.answers, heard: this.heard.all }) };
  }

  powerOff(): void {
    this.kept = '';
  }

  private spoil(order: Extract<BodyOrder, { do: 'silent' | 'refuse' | 'reply' }>): Performed {
    if (order.do === 'silent') this.answers = 'none';
    else if (order.do === 'refuse') this.answers = 'refuses';
    else this.nextReply = order.next;
    return 'set';
  }

  private send(bytes: Uint8Array): Performed {
    this.readers.say(Buffer.concat([Buffer.from(this.kept, 'latin1'), bytes]));
    this.kept = '';
    return 'sent';
  }

  private reply(whole: string): void {
    const how = this.nextReply;
    if (this.answers === 'none') return;
    this.nextReply = 'whole';
    if (how === 'late') this.kept += whole;
    else this.readers.say(Buffer.from(how === 'cut' ? whole.slice(0, -2) : whole, 'latin1'));
  }

  /** ACK, or NAK where it is told to refuse, or ENQ for what it does not know. */
  private status(tag: string): string {
    if (this.make === 'plain' || !TAGS[this.make].some((known) => known === tag)) return '\x05';
    return this.answers === 'refuses' ? '\x15' : '\x06';
  }

  private takeHoneywell(text: string): string {
    const menu = /\x16M\r(?<command>[^.!]{1,200})(?<end>[.!])/u.exec(text);
    const short = /\x16(?<key>[TU\x07])\r/u.exec(text);
    const first = menu !== null && (short === null || menu.index < short.index) ? menu : short;
    if (first === null) return text;
    const { command, end = '!', key } = first.groups ?? {};
    if (key !== undefined) this.heard.add(key === 'T' ? 'trigger-on' : key === 'U' ? 'trigger-off' : 'beep');
    if (command !== undefined) {
      this.heard.add(command);
      const tag = command.slice(0, 6).toUpperCase();
      this.reply(`${command.toUpperCase().replace('?', tag === 'TERMID' ? '130' : '')}${this.status(tag)}${end}`);
    }
    return this.takeHoneywell(text.slice(first.index + first[0].length));
  }

  private takeNewland(text: string): string {
    const found = /~\x010000(?<sign>[@#])(?<command>[^;\x03]{1,200});\x03/u.exec(text);
    if (found === null) return text;
    const { sign = '#', command = '' } = found.groups ?? {};
    this.heard.add(command);
    const tag = command.slice(0, 6);
    const value = tag === 'QRYSYS' ? 'Product Name: FM430\r\nFirmware: 1.02.003' : '';
    this.reply(`\x02\x010000${sign}${command}${value}${this.status(tag)};\x03`);
    return this.takeNewland(text.slice(found.index + found[0].length));
  }
}
