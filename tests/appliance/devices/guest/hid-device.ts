import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';

/** Event types and sizes of /dev/uhid (linux, include/uapi/linux/uhid.h); all numbers little-endian. */
const TYPE = { destroy: 1, output: 6, getReport: 9, getReportReply: 10, create: 11, input: 12, setReport: 13, setReportReply: 14 } as const;
const EVENT_BYTES = 4_380;
const DATA_BYTES = 4_096;
const BUS_USB = 3;
const EIO = 5;
const LOOK_MS = 10;

export type HidIdentity = {
  readonly vendor: number;
  readonly product: number;
  readonly name: string;
  readonly serial: string;
  readonly descriptor: Uint8Array;
};

/**
 * A HID device made in the guest: to everybody else it is a /dev/hidraw like any other. Plugged in while it exists.
 * It answers what the kernel asks; feature reports it has none.
 */
export class HidDevice {
  private readonly file: number;
  private readonly timer: NodeJS.Timeout;
  private plugged: 'in' | 'out' = 'in';
  /** Output reports, number first, as they were written to it. */
  readonly outputs: Buffer[] = [];

  constructor(identity: HidIdentity) {
    this.file = openSync('/dev/uhid', constants.O_RDWR | constants.O_NONBLOCK);
    writeSync(this.file, createEvent(identity));
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** One input report, its number first. */
  report(bytes: Uint8Array): void {
    const event = eventOf(TYPE.input);
    event.writeUInt16LE(bytes.length, 4);
    event.set(bytes, 6);
    writeSync(this.file, event);
  }

  unplug(): void {
    if (this.plugged === 'out') return;
    this.plugged = 'out';
    clearInterval(this.timer);
    writeSync(this.file, eventOf(TYPE.destroy));
    closeSync(this.file);
  }

  private look(): void {
    const event = Buffer.alloc(EVENT_BYTES);
    try {
      while (readSync(this.file, event) > 0) this.obey(event);
    } catch {
      return; // Nothing more to read.
    }
  }

  private obey(event: Buffer): void {
    const type = event.readUInt32LE(0);
    if (type === TYPE.output) this.outputs.push(Buffer.from(event.subarray(4, 4 + event.readUInt16LE(4 + DATA_BYTES))));
    if (type === TYPE.getReport) this.refuse(TYPE.getReportReply, event.readUInt32LE(4));
    if (type === TYPE.setReport) this.refuse(TYPE.setReportReply, event.readUInt32LE(4));
  }

  private refuse(type: number, id: number): void {
    const event = eventOf(type);
    event.writeUInt32LE(id, 4);
    event.writeUInt16LE(EIO, 8);
    writeSync(this.file, event);
  }
}

function eventOf(type: number): Buffer {
  const event = Buffer.alloc(EVENT_BYTES);
  event.writeUInt32LE(type, 0);
  return event;
}

/** name[128] phys[64] uniq[64] size u16 bus u16 vendor u32 product u32 version u32 country u32 descriptor[4096] */
function createEvent({ vendor, product, name, serial, descriptor }: HidIdentity): Buffer {
  const event = eventOf(TYPE.create);
  event.write(name, 4, 'utf8');
  event.write(serial, 4 + 128 + 64, 'utf8');
  event.writeUInt16LE(descriptor.length, 260);
  event.writeUInt16LE(BUS_USB, 262);
  event.writeUInt32LE(vendor, 264);
  event.writeUInt32LE(product, 268);
  event.set(descriptor, 280);
  return event;
}
