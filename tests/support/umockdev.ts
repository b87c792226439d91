import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** The Python program stands beside its source, not in `dist/`. */
const BED = join(import.meta.dirname, '../../../tests/support/umockdev_bed.py');
const PYTHON = '/usr/bin/python3';
const PRELOAD = 'libumockdev-preload.so.0';
const RAW_NAME_BYTES = 256;
const DESCRIPTOR_ROOM_BYTES = 4_096;
const BUS_USB = 3;

const probe = spawnSync('umockdev-wrapper', [PYTHON, '-c', "import gi; gi.require_version('UMockdev', '1.0'); from gi.repository import UMockdev"]);
/** Why mock HID devices can not be made here; undefined when they can. */
export const UMOCKDEV_MISSING = probe.status === 0 ? undefined : 'needs umockdev, python3-gi and gir1.2-umockdev-1.0';

/** A USB HID device as the kernel would show it. */
export type MockHid = {
  readonly vendorId: number;
  readonly productId: number;
  readonly serialNumber: string;
  readonly product: string;
  readonly descriptor: Uint8Array;
  /** Of one output report as the kernel is given it, with its number in front (0 where reports have none). */
  readonly outputBytes: number;
};

const told = z.union([z.object({ root: z.string() }), z.object({ done: z.string() }), z.object({ device: z.string(), report: z.string() })]);

export type HidBed = {
  /** For a process that shall see the mock devices instead of the machine's own. */
  readonly env: Readonly<Record<string, string>>;
  /** Plugs a device in as /dev/hidraw<number>. */
  readonly plug: (number: number, device: MockHid) => Promise<void>;
  readonly unplug: (number: number) => Promise<void>;
  /** An input report. */
  readonly say: (number: number, report: Uint8Array) => Promise<void>;
  /** Told every output report. */
  readonly onReport: (listener: (number: number, report: Uint8Array) => void) => void;
  readonly close: () => Promise<void>;
};

/** Starts a bed of mock HID devices; `folder` takes its files. */
export async function startHidBed(folder: string): Promise<HidBed> {
  const python = spawn('umockdev-wrapper', [PYTHON, '-B', BED], { stdio: ['pipe', 'pipe', 'inherit'] });
  const listeners: ((number: number, report: Uint8Array) => void)[] = [];
  const waiting: ((root: string) => void)[] = [];
  createInterface({ input: python.stdout }).on('line', (line) => {
    const fact = told.parse(JSON.parse(line));
    if ('report' in fact) for (const listener of listeners) listener(Number(fact.device), Uint8Array.from(Buffer.from(fact.report, 'hex')));
    else waiting.shift()?.('root' in fact ? fact.root : '');
  });
  const died = new Promise<never>((_resolve, reject) => {
    python.once('exit', (code) => reject(new Error(`the bed of mock devices ended with ${code}`)));
  });
  // Only those who wait for an answer care.
  died.catch(() => undefined);
  const answer = (): Promise<string> => Promise.race([died, new Promise<string>((resolve) => waiting.push(resolve))]);
  const order = async (what: object): Promise<void> => {
    const done = answer();
    python.stdin.write(`${JSON.stringify(what)}\n`);
    await done;
  };
  const root = await answer();
  return {
    env: { LD_PRELOAD: PRELOAD, UMOCKDEV_DIR: root },
    plug(number, device) {
      const ioctl = join(folder, `hidraw${number}.ioctl`);
      writeFileSync(ioctl, ioctlsOf(number, device));
      const { describe, sysfs, usb } = describeHid(number, device);
      return order({ do: 'add', device: String(number), describe, sysfs, usb, node: nodeOf(number), ioctl, reportBytes: device.outputBytes });
    },
    unplug: (number) => order({ do: 'remove', device: String(number) }),
    say: (number, report) => order({ do: 'say', device: String(number), hex: Buffer.from(report).toString('hex') }),
    onReport: (listener) => listeners.push(listener),
    async close() {
      python.stdin.end();
      await ended(python);
    },
  };
}

export function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    process.once('exit', () => resolve());
  });
}

function nodeOf(number: number): string {
  return `/dev/hidraw${number}`;
}

/** sysfs as udev would tell it: the hidraw node, its HID device, the USB interface and the USB device. */
function describeHid(
  number: number,
  { vendorId, productId, serialNumber, product, descriptor }: MockHid,
): { readonly describe: string; readonly sysfs: string; readonly usb: string } {
  const [vendor, model] = [vendorId, productId].map((id) => id.toString(16).toUpperCase().padStart(4, '0'));
  const usb = `/devices/pci0000:00/0000:00:14.0/usb1/1-${number + 1}`;
  const part = `${usb}/1-${number + 1}:1.0`;
  const hid = `${part}/0003:${vendor}:${model}.000${number + 1}`;
  const sysfs = `${hid}/hidraw/hidraw${number}`;
  const facts = [
    'DRIVER=hid-generic',
    `HID_ID=0003:0000${vendor}:0000${model}`,
    `HID_NAME=${product}`,
    `HID_PHYS=usb-0000:00:14.0-${number + 1}/input0`,
    `HID_UNIQ=${serialNumber}`,
  ];
  const raw = `P: ${sysfs}
N: hidraw${number}
E: DEVNAME=${nodeOf(number)}
E: MAJOR=240
E: MINOR=${number}
E: SUBSYSTEM=hidraw
A: dev=240:${number}
L: device=../../../0003:${vendor}:${model}.000${number + 1}
`;
  const parent = `P: ${hid}
E: SUBSYSTEM=hid
${facts.map((fact) => `E: ${fact}`).join('\n')}
H: report_descriptor=${Buffer.from(descriptor).toString('hex').toUpperCase()}
A: uevent=${facts.join('\\n')}
`;
  const plugged = `P: ${part}
E: SUBSYSTEM=usb
E: DEVTYPE=usb_interface
A: bInterfaceNumber=00

P: ${usb}
E: SUBSYSTEM=usb
E: DEVTYPE=usb_device
A: product=${product}
A: serial=${serialNumber}
A: bcdDevice=0100
A: idVendor=${vendor?.toLowerCase()}
A: idProduct=${model?.toLowerCase()}
`;
  const describe = [raw, parent, plugged].join('\n');
  return { describe, sysfs: `/sys${sysfs}`, usb: `/sys${usb}` };
}

/** What the kernel answers to the questions that hidraw's ioctls ask (linux/hidraw.h). */
function ioctlsOf(number: number, { vendorId, productId, product, descriptor }: MockHid): string {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(descriptor.length);
  const room = Buffer.alloc(DESCRIPTOR_ROOM_BYTES);
  room.set(descriptor);
  const info = Buffer.alloc(8);
  info.writeUInt32LE(BUS_USB);
  info.writeUInt16LE(vendorId, 4);
  info.writeUInt16LE(productId, 6);
  const name = Buffer.alloc(RAW_NAME_BYTES);
  name.write(product, 'utf8');
  const lines = [
    ['HIDIOCGRDESCSIZE', size],
    ['HIDIOCGRDESC', Buffer.concat([size, room])],
    ['HIDIOCGRAWINFO', info],
    ['HIDIOCGRAWNAME', name],
  ] as const;
  return [`@DEV ${nodeOf(number)}`, ...lines.map(([ioctl, data]) => `${ioctl} 0 ${data.toString('hex').toUpperCase()}`), ''].join('\n');
}
