import assert from 'node:assert/strict';
import { closeSync, constants, existsSync, openSync, readlinkSync } from 'node:fs';
import { SCANNER_DELAYS } from '../../../../firmware-agent/devices/scanner/driver.js';
import { startScanner } from '../../../../firmware-agent/devices/scanner/handle.js';
import { plainScanner } from '../../../../firmware-agent/devices/scanner/styles.js';
import type { ScannerHandle } from '../../../../firmware-agent/devices/ports.js';
import { serialTransport } from '../../../../firmware-agent/devices/transport/serial.js';
import { CdcDevice } from './cdc-device.js';
import { openDesk, type Desk } from './desk.js';
import { eventually } from './eventually.js';
import { reaches, Scans } from './scans.js';

const BILL = 'JVVNL|210108603354|E26110000002';
/** As long as the digits of a signed identity code. */
const LONG = '7'.repeat(5_000);
/** Patient inside a scan, since the processor is emulated; repeats are told. */
const DELAYS = { ...SCANNER_DELAYS, gapMs: 5_000, repeatMs: 0, backoffFirstMs: 20, backoffLongestMs: 100 };

/** A serial scanner's hand: what plugs it, and what it sends. */
type Hand = {
  readonly path: string;
  readonly plug: () => Promise<void>;
  readonly unplug: () => Promise<void>;
  readonly send: (bytes: Uint8Array) => Promise<void>;
  readonly end: () => Promise<void>;
};

function scannerContract(name: string, makeHand: () => Promise<Hand>): void {
  describe(`scanner over ${name}`, () => {
    let hand: Hand;
    let scanner: ScannerHandle;
    let scans: Scans;
    before(async () => {
      hand = await makeHand();
    });
    beforeEach(() => {
      scanner = startScanner(plainScanner(serialTransport({ path: hand.path, baudRate: 9_600, flow: 'none' })), { delays: DELAYS });
      scans = new Scans(scanner);
    });
    afterEach(async () => {
      await scanner.close();
      await hand.unplug();
      await eventually('the end of its node', () => (existsSync(hand.path) ? undefined : true));
    });
    after(() => hand.end());
    const say = (text: string): Promise<void> => hand.send(Buffer.from(text, 'utf8'));

    it('is plugged in while the driver runs; a scan arrives whole', async () => {
      assert.equal(scanner.state().state, 'absent');
      await hand.plug();
      await reaches(scanner, 'ready');
      await say(`]Q3${BILL}\r\n`);
      assert.deepEqual(await scans.next(), { kind: 'scan', text: BILL, aim: 'Q3' });
      await say('विद्युत\u001d42\r');
      assert.deepEqual(await scans.next(), { kind: 'scan', text: 'विद्युत\u001d42' });
      assert.deepEqual(scans.rest(), []);
    });

    it('reads the longest codes', async () => {
      await hand.plug();
      await reaches(scanner, 'ready');
      await say(`${LONG}\r`);
      assert.deepEqual(await scans.next(), { kind: 'scan', text: LONG });
    });

    it('pulled in the middle of a code tells no half of it; plugged in again it reads on', async () => {
      await hand.plug();
      await reaches(scanner, 'ready');
      await say(`${BILL}\r21001`);
      assert.deepEqual(await scans.next(), { kind: 'scan', text: BILL });
      await hand.unplug();
      await reaches(scanner, 'absent');
      await hand.plug();
      await reaches(scanner, 'ready');
      await say('2345678\r');
      // Of the half that had arrived it is said that it could not be read.
      let told = await scans.next();
      if (told.kind === 'unreadable') told = await scans.next();
      assert.deepEqual([told, ...scans.rest()], [{ kind: 'scan', text: '2345678' }]);
    });

    it('pulled in the moment that it was opened is absent, not ready for ever', async () => {
      for (let round = 0; round < 3; round += 1) {
        await hand.plug();
        await reaches(scanner, 'ready');
        await hand.unplug();
        await reaches(scanner, 'absent');
      }
    });

    it('is found by its serial number when the kernel gives it another number', async () => {
      await hand.plug();
      await reaches(scanner, 'ready');
      const before = readlinkSync(hand.path);
      // A program that still holds the old node keeps its number taken.
      const held = openSync(`/dev/${before.replace(/.*\//u, '')}`, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
      await hand.unplug();
      await reaches(scanner, 'absent');
      await hand.plug();
      await reaches(scanner, 'ready');
      assert.notEqual(readlinkSync(hand.path), before);
      await say(`${BILL}\r`);
      assert.deepEqual(await scans.next(), { kind: 'scan', text: BILL });
      closeSync(held);
    });
  });
}

scannerContract('a USB serial adapter (ftdi_sio)', async () => {
  const desk: Desk = await openDesk();
  let cable: 'in' | 'out' = 'out';
  return {
    path: '/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_JHAROKHA-1-if00-port0',
    async plug() {
      await desk.plug('serial-adapter');
      cable = 'in';
    },
    async unplug() {
      if (cable === 'in') await desk.unplug('serial-adapter');
      cable = 'out';
    },
    send: desk.send,
    end: desk.close,
  };
});

scannerContract('a USB serial device of its own (cdc_acm)', async () => new CdcDevice('JHAROKHA-S1'));
