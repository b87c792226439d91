import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { HID_MODELS, hidReports, type HidModelName } from '../../../firmware-agent/devices/scanner/simulator/hid-models.js';
import { ended, startHidBed, UMOCKDEV_MISSING, type HidBed, type MockHid } from '../../support/umockdev.js';
import { tempFolder } from '../../unit/devices/world.js';

const READER = join(import.meta.dirname, 'hid-scanner-reader.js');
const ABSENT = { report: { state: 'absent', problem: { code: 'scanner-absent' } } };
const KEYBOARD = { report: { state: 'trouble', problem: { code: 'scanner-keyboard' } } };
const READY = { report: { state: 'ready' } };
const DONE = { outcome: { ok: true } };

function mock(model: HidModelName, serialNumber = 'SN0001', ids = { vendorId: 0x0c2e, productId: 0x0b61 }): MockHid {
  const { descriptor } = HID_MODELS[model];
  if (descriptor === undefined) throw new Error(`${model} tells no descriptor`);
  return { ...ids, serialNumber, product: 'Voyager', descriptor, outputBytes: 2 };
}

type Reader = {
  readonly say: (order: string) => void;
  /** Passes over what comes before it. */
  readonly tells: (fact: object) => Promise<void>;
  /** Every fact so far. */
  readonly all: () => readonly unknown[];
  readonly end: () => Promise<void>;
  /** For a test that failed. */
  readonly kill: () => Promise<void>;
};

function startReader(bed: HidBed, config: object): Reader {
  const child = spawn(
    process.execPath,
    [READER, JSON.stringify({ kind: 'scanner', transport: 'hid', vendorId: '0c2e', productId: '0b61', ...config })],
    {
      env: { ...process.env, ...bed.env },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const facts: unknown[] = [];
  let passed = 0;
  let wake: () => void = () => undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    facts.push(JSON.parse(line));
    wake();
  });
  return {
    say: (order) => child.stdin.write(`${order}\n`),
    async tells(fact) {
      for (;;) {
        const at = facts.findIndex((one, i) => i >= passed && isDeepStrictEqual(one, fact));
        if (at >= 0) {
          passed = at + 1;
          return;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    all: () => facts,
    async end() {
      child.stdin.write('close\n');
      child.stdin.end();
      await ended(child);
      assert.equal(child.exitCode, 0);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended(child);
    },
  };
}

/** A bed, and the orders that the devices on it were given. */
async function onBed(work: (bed: HidBed, read: (config: object) => Reader, reports: () => readonly string[]) => Promise<void>): Promise<void> {
  const folder = tempFolder();
  const bed = await startHidBed(folder.path);
  const reports: string[] = [];
  bed.onReport((number, report) => reports.push(`${number}: ${Buffer.from(report).toString('hex')}`));
  const readers: Reader[] = [];
  const read = (config: object): Reader => {
    const reader = startReader(bed, config);
    readers.push(reader);
    return reader;
  };
  try {
    await work(bed, read, () => reports);
  } finally {
    for (const reader of readers) await reader.kill();
    await bed.close();
    folder.remove();
  }
}

async function scan(bed: HidBed, number: number, model: HidModelName, text: string): Promise<void> {
  for (const report of hidReports(HID_MODELS[model], 'Q1', Buffer.from(text, 'utf8'))) await bed.say(number, report);
}

async function reported(reports: () => readonly string[], wanted: string): Promise<void> {
  while (!reports().includes(wanted)) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

const suite = UMOCKDEV_MISSING === undefined ? describe : describe.skip;
suite(
  `the scanner through node-hid's own addon on mock hidraw devices${UMOCKDEV_MISSING === undefined ? '' : ` — SKIPPED: ${UMOCKDEV_MISSING}`}`,
  () => {
    it('is found by what it says of itself, hears codes over several reports, and writes orders', () =>
      onBed(async (bed, read, reports) => {
        await bed.plug(0, mock('usual'));
        const reader = read({ serialNumber: 'SN0001' });
        await reader.tells(READY);
        await scan(bed, 0, 'usual', '210012345678');
        await reader.tells({ event: { kind: 'scan', text: '210012345678', aim: 'Q1' } });
        const long = 'विद्युत '.repeat(40);
        await scan(bed, 0, 'usual', long);
        await reader.tells({ event: { kind: 'scan', text: long, aim: 'Q1' } });
        reader.say('bad');
        await reader.tells(DONE);
        await reported(reports, '0: 0420');
        reader.say('off');
        await reader.tells(DONE);
        await reported(reports, '0: 0402');
        reader.say('status');
        const facts = { layout: 'by descriptor', orders: 'by report' };
        await reader.tells({ bench: { outcome: 'pass', detail: 'The scanner is connected and ready.', facts } });
        await reader.end();
      }));

    it("reads another maker's layout from the kernel's copy of its descriptor", () =>
      onBed(async (bed, read, reports) => {
        await bed.plug(0, mock('flag-first'));
        const reader = read({});
        await reader.tells(READY);
        await scan(bed, 0, 'flag-first', '0123456789'.repeat(20));
        await reader.tells({ event: { kind: 'scan', text: '0123456789'.repeat(20), aim: 'Q1' } });
        reader.say('good');
        await reader.tells(DONE);
        await reported(reports, '0: 0601');
        await reader.end();
      }));

    it('refuses a scanner that types, and takes it when it is set to HID POS', () =>
      onBed(async (bed, read) => {
        await bed.plug(0, mock('keyboard'));
        const reader = read({});
        await reader.tells(KEYBOARD);
        await bed.unplug(0);
        await reader.tells(ABSENT);
        await bed.plug(1, mock('usual'));
        await reader.tells(READY);
        await reader.end();
        assert.equal(reader.all().filter((fact) => isDeepStrictEqual(fact, READY)).length, 1);
      }));

    it("refuses one that types under another product number, and never the operator's own keyboard", () =>
      onBed(async (bed, read) => {
        await bed.plug(0, mock('keyboard', 'KB', { vendorId: 0x046d, productId: 0xc31c }));
        const reader = read({});
        await bed.plug(1, mock('keyboard', 'SN0001', { vendorId: 0x0c2e, productId: 0x0b01 }));
        await reader.tells(KEYBOARD);
        await bed.unplug(1);
        await reader.tells(ABSENT);
        await bed.plug(2, mock('usual'));
        await reader.tells(READY);
        await reader.end();
      }));

    it('is absent when pulled out in the middle of a code, and is found again under another name', () =>
      onBed(async (bed, read) => {
        await bed.plug(0, mock('usual'));
        const reader = read({ serialNumber: 'SN0001' });
        await reader.tells(READY);
        const [first] = hidReports(HID_MODELS.usual, 'Q1', Buffer.from('0123456789'.repeat(10)));
        if (first === undefined) throw new Error('no report');
        await bed.say(0, first);
        await reader.tells({ event: { kind: 'unreadable' } });
        await bed.unplug(0);
        await reader.tells(ABSENT);
        await bed.plug(3, mock('usual', 'SN0002'));
        await bed.plug(4, mock('usual', 'SN0001'));
        await reader.tells(READY);
        await scan(bed, 3, 'usual', 'of another counter');
        await scan(bed, 4, 'usual', '42');
        await reader.tells({ event: { kind: 'scan', text: '42', aim: 'Q1' } });
        assert.equal(JSON.stringify(reader.all()).includes('another counter'), false);
        await reader.end();
      }));
  },
);
