import assert from 'node:assert/strict';
import { plainScanner, ssiScanner, textScanner, type ScannerStyle } from '../../../../firmware-agent/devices/scanner/styles.js';
import type { SimulatedStyle } from '../../../../firmware-agent/devices/scanner/simulator/simulator.js';
import { serialTransport } from '../../../../firmware-agent/devices/transport/serial.js';
import { HAS_SOCAT, ptyTo } from '../pty.js';
import { until } from '../world.js';
import { onScanner, overTcp, UNREADABLE, type Wiring } from './world.js';

/** What every scanner does, however it speaks. `beeps` when its style takes orders. */
function contract(name: string, style: SimulatedStyle, wire: Wiring, beeps: 'beeps' | 'is only heard'): void {
  describe(`scanner: ${name}`, () => {
    const on = (work: Parameters<typeof onScanner>[1]): Promise<void> => onScanner(style, work, { wire });

    it('hears each code once, with its symbology', () =>
      on(async ({ order, next }) => {
        await order({ do: 'scan', text: '210012345678', aim: 'C1', times: 5 });
        await order({ do: 'scan', text: 'विद्युत\u001d42', aim: 'Q3' });
        assert.deepEqual(await next(2), [
          { kind: 'scan', text: '210012345678', aim: 'C1' },
          { kind: 'scan', text: 'विद्युत\u001d42', aim: 'Q3' },
        ]);
      }));

    it('hears the longest code whole', () =>
      on(async ({ order, next }) => {
        const text = '0123456789'.repeat(600);
        await order({ do: 'scan', text, aim: 'Q1' });
        assert.deepEqual(await next(1), [{ kind: 'scan', text, aim: 'Q1' }]);
      }));

    it('never makes a code of half a code, or of what is no text', () =>
      on(async ({ order, next, stands }) => {
        await order({ do: 'garble', text: '210012345678' });
        assert.deepEqual(await next(1), [UNREADABLE]);
        await order({ do: 'cut', text: '210012345678' });
        // SSI asks again for what it did not understand; the others say that a code is lost.
        if (style !== 'ssi') assert.deepEqual(await next(1), [UNREADABLE]);
        // The first may still pass for the rest of what was cut; of two that are told, the second is a repetition.
        await order({ do: 'scan', text: '210012345679', aim: 'C1', times: 2 });
        assert.deepEqual(await next(1), [{ kind: 'scan', text: '210012345679', aim: 'C1' }]);
        await stands(({ waiting }) => waiting === undefined || waiting === 0);
      }));

    it('is absent when unplugged, and hears again when it is back', () =>
      on(async ({ order, scanner, next, stands }) => {
        await order({ do: 'unplug' });
        const gone = await until(scanner, ({ state }) => state === 'absent');
        assert.deepEqual(gone, { state: 'absent', problem: { code: 'scanner-absent' } });
        const beep = await scanner.beep?.('bad');
        if (beeps === 'beeps') assert.equal(beep?.ok === false && beep.error.code, 'scanner-absent');
        await order({ do: 'plug' });
        await until(scanner, ({ state }) => state === 'ready');
        await stands(({ readers }) => readers !== 0);
        await order({ do: 'scan', text: 'A1', aim: 'C1' });
        assert.deepEqual(await next(1), [{ kind: 'scan', text: 'A1', aim: 'C1' }]);
      }));

    it(beeps === 'beeps' ? 'beeps for a code that is refused' : 'takes no orders', () =>
      on(async ({ scanner, stands }) => {
        if (beeps === 'is only heard') return assert.equal(scanner.beep, undefined);
        assert.deepEqual(await scanner.beep?.('bad'), { ok: true, value: undefined });
        await stands(({ heard }) => JSON.stringify(heard).includes(BAD_BEEP[style] ?? ''));
      }),
    );
  });
}

/** How each simulator names what it was told. */
const BAD_BEEP: Partial<Record<SimulatedStyle, string>> = {
  'hid-pos': '"bad-beep"',
  ssi: '"beep 15"',
  honeywell: '"beep","beep","beep"',
  newland: '"BEEPON0800F400T20V"',
};

contract('lines over tcp', 'plain', overTcp('plain'), 'is only heard');
contract('HID POS over a socket', 'hid-pos', overTcp('hid-pos'), 'beeps');
contract('SSI over tcp', 'ssi', overTcp('ssi'), 'beeps');
contract('Honeywell over tcp', 'honeywell', overTcp('honeywell'), 'beeps');
contract('Newland over tcp', 'newland', overTcp('newland'), 'beeps');

if (HAS_SOCAT) {
  const serial =
    (make: (transport: ReturnType<typeof serialTransport>) => ScannerStyle): Wiring =>
    async ({ host, port }) => {
      const { path, end } = await ptyTo(host, port);
      return { style: make(serialTransport({ path, baudRate: 9_600, flow: 'none' })), end };
    };
  const onLine = (name: string, style: SimulatedStyle, make: (transport: ReturnType<typeof serialTransport>) => ScannerStyle): void => {
    describe(`scanner: ${name} over a serial line`, () => {
      it('hears codes, asks and is answered', () =>
        onScanner(
          style,
          async ({ order, next, scanner }) => {
            await order({ do: 'scan', text: '210012345678', aim: 'C1', times: 3 });
            assert.deepEqual(await next(1), [{ kind: 'scan', text: '210012345678', aim: 'C1' }]);
            if (scanner.beep !== undefined) assert.equal((await scanner.beep('good')).ok, true);
            const text = '0123456789'.repeat(300);
            await order({ do: 'scan', text });
            assert.deepEqual(await next(1), [{ kind: 'scan', text }]);
          },
          { wire: serial(make) },
        ));
    });
  };
  onLine('lines', 'plain', plainScanner);
  onLine('SSI', 'ssi', ssiScanner);
  onLine('Honeywell', 'honeywell', (transport) => textScanner(transport, 'honeywell', 'aim-and-cr'));
  onLine('Newland', 'newland', (transport) => textScanner(transport, 'newland', 'leave'));
} else {
  it.skip('scanner over a serial line needs socat (Debian package socat), which is not installed here');
}
