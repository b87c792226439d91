import type { HidConnection } from '../../transport/hid.js';
import { hidOver } from '../../transport/hid-socket.js';
import type { Connection } from '../../transport/transport.js';
import { garbled, Heard, type Performed, type ScannerBody } from './body.js';
import { HID_MODELS, hidReports, type HidModel, type HidModelName } from './hid-models.js';
import type { BodyOrder } from './orders.js';

/** A HID POS scanner, or the same in keyboard mode: its reports over a socket. */
export class HidBody implements ScannerBody {
  private readonly lines = new Map<Connection, HidConnection>();
  private readonly heard = new Heard();
  private model: HidModelName = 'usual';
  private reading: 'on' | 'off' = 'on';

  attach(line: Connection): void {
    const hid = hidOver(line, HID_MODELS[this.model].descriptor);
    this.lines.set(line, hid);
    line.onClose(() => this.lines.delete(line));
    hid.onReport((report) => this.take(report));
  }

  perform(order: BodyOrder): Performed {
    switch (order.do) {
      case 'scan':
        return this.code(Buffer.from(order.text, 'utf8'), order.aim, (reports) => Array.from({ length: order.times ?? 1 }, () => reports).flat());
      case 'garble':
        return this.code(garbled(order.text), undefined, (reports) => reports);
      case 'cut':
        return this.code(Buffer.from(order.text, 'utf8'), undefined, ([first]) =>
          first === undefined ? [] : [first.subarray(0, first.length >> 1)],
        );
      case 'lose-continuation':
        return this.code(Buffer.from(order.text, 'utf8'), undefined, (reports) => reports.slice(0, -1));
      case 'model':
        this.model = order.model;
        this.reading = 'on';
        // Another interface is another device to the host: this one goes away.
        for (const line of this.lines.keys()) void line.close();
        return 'set';
      case 'normal':
        return 'set';
      default:
        return 'not-this-style';
    }
  }

  state(): Readonly<Record<string, unknown>> {
    return { model: this.model, reading: this.reading, heard: this.heard.all };
  }

  powerOff(): void {
    this.reading = 'on';
  }

  private code(bytes: Uint8Array, aim: string | undefined, choose: (reports: readonly Uint8Array[]) => readonly Uint8Array[]): Performed {
    if (this.reading === 'off') return 'not-reading';
    for (const report of choose(hidReports(HID_MODELS[this.model], aim ?? 'Q1', bytes))) {
      for (const line of this.lines.values()) void line.write(report);
    }
    return 'sent';
  }

  private take(report: Uint8Array): void {
    const { orders }: HidModel = HID_MODELS[this.model];
    if (orders === undefined || report[0] !== orders.reportId) return this.heard.add(`unknown report ${Buffer.from(report).toString('hex')}`);
    const bits = report[1] ?? 0;
    this.reading = (bits & orders.prevent) === 0 ? 'on' : 'off';
    if ((bits & orders.good) !== 0) this.heard.add('good-beep');
    if ((bits & orders.error) !== 0) this.heard.add('bad-beep');
    this.heard.add((bits & orders.initiate) === 0 ? 'trigger-off' : 'trigger-on');
  }
}
