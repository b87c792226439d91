import assert from 'node:assert/strict';
import { scannerBench } from '../../../../firmware-agent/devices/scanner/bench.js';
import { scannerConfig } from '../../../../firmware-agent/devices/scanner/device.js';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { until } from '../world.js';
import { MOST_BEEPS } from '../../../../firmware-agent/devices/scanner/handle.js';
import { DELAYS, onScanner, UNREADABLE } from './world.js';

const LONG = '0123456789'.repeat(60);
const ERROR = { code: 'scanner-error' } as const;

describe('scanner faults: HID POS', () => {
  for (const model of ['shifted', 'no-descriptor', 'flag-first', 'unnumbered', 'no-orders'] as const) {
    it(`hears a ${model} model`, () =>
      onScanner('hid-pos', async ({ order, next, scanner, stands }) => {
        await order({ do: 'model', model });
        await until(scanner, ({ state }) => state === 'absent');
        await until(scanner, ({ state }) => state === 'ready');
        await stands(({ readers }) => readers !== 0);
        await order({ do: 'scan', text: LONG, aim: 'Q3' });
        assert.deepEqual(await next(1), [{ kind: 'scan', text: LONG, aim: 'Q3' }]);
        const beep = await scanner.beep?.('good');
        assert.equal(beep?.ok, model !== 'unnumbered' && model !== 'no-orders');
      }));
  }

  it('says so when it types like a keyboard, and takes it back when it is set right', () =>
    onScanner('hid-pos', async ({ order, scanner }) => {
      await order({ do: 'model', model: 'keyboard' });
      const report = await until(scanner, ({ problem }) => problem?.code === 'scanner-keyboard');
      assert.equal(report.state, 'trouble');
      const beep = await scanner.beep?.('bad');
      assert.equal(beep?.ok === false && beep.error.code, 'scanner-keyboard');
      await order({ do: 'model', model: 'usual' });
      await until(scanner, ({ state }) => state === 'ready');
    }));

  it('never makes a code of one whose last report is lost', () =>
    onScanner('hid-pos', async ({ order, next }) => {
      await order({ do: 'lose-continuation', text: LONG });
      assert.deepEqual(await next(1), [UNREADABLE]);
      // The first may still pass for the rest of what was lost; of two that are told, the second is a repetition.
      await order({ do: 'scan', text: '42', times: 2 });
      assert.deepEqual(await next(1), [{ kind: 'scan', text: '42', aim: 'Q1' }]);
    }));

  it('stays switched off over a loss of the line', () =>
    onScanner('hid-pos', async ({ order, scanner, stands, sim }) => {
      assert.equal((await scanner.reading?.('off'))?.ok, true);
      await stands(({ reading }) => reading === 'off');
      assert.equal((await sim.order({ do: 'scan', text: '42' })).ok, false);
      await order({ do: 'unplug' });
      await until(scanner, ({ state }) => state === 'absent');
      await order({ do: 'plug' });
      await stands(({ reading, readers }) => reading === 'off' && readers !== 0);
      await until(scanner, ({ state }) => state === 'ready');
      await scanner.reading?.('on');
      await stands(({ reading }) => reading === 'on');
    }));
});

describe('scanner faults: SSI', () => {
  it('asks again for a packet with a wrong checksum, and tells the code once', () =>
    onScanner('ssi', async ({ order, next, stands, heard }) => {
      await order({ do: 'wrong-checksum', text: '42', times: 2 });
      assert.deepEqual(await next(1), [{ kind: 'scan', text: '42' }]);
      await stands(({ waiting }) => waiting === 0);
      await order({ do: 'retransmit', text: LONG });
      assert.deepEqual(await next(1), [{ kind: 'scan', text: LONG }]);
      await stands(({ waiting }) => waiting === 0);
      assert.deepEqual(heard(), []);
    }));

  it('never makes a code of one whose last packet is lost', () =>
    onScanner('ssi', async ({ order, next }) => {
      await order({ do: 'lose-continuation', text: LONG });
      assert.deepEqual(await next(1), [UNREADABLE]);
      // The first may still pass for the rest of what was lost; of two that are told, the second is a repetition.
      await order({ do: 'scan', text: '42', times: 2 });
      assert.deepEqual(await next(1), [{ kind: 'scan', text: '42' }]);
    }));

  it('is in trouble while it refuses every order, and hears codes all the same', () =>
    onScanner('ssi', async ({ order, scanner, next }) => {
      for (const cause of ['denied', 'resend'] as const) {
        await order({ do: 'refuse', cause });
        const report = await until(scanner, ({ state }) => state === 'trouble');
        assert.deepEqual(report.problem, ERROR);
        const beep = await scanner.beep?.('bad');
        assert.equal(beep?.ok === false && beep.error.code, 'scanner-error');
        await order({ do: 'scan', text: `while ${cause}` });
        assert.deepEqual(await next(1), [{ kind: 'scan', text: `while ${cause}` }]);
        await order({ do: 'normal' });
        await until(scanner, ({ state }) => state === 'ready');
      }
    }));

  it('is in trouble while its packets come broken, until one comes whole', () =>
    onScanner(
      'ssi',
      async ({ order, scanner, next }) => {
        const trouble = until(scanner, ({ state }) => state === 'trouble');
        await order({ do: 'wrong-checksum', text: '42', times: 6 });
        assert.deepEqual((await trouble).problem, ERROR);
        assert.deepEqual(await next(1), [{ kind: 'scan', text: '42' }]);
        await until(scanner, ({ state }) => state === 'ready');
        await order({ do: 'noise', hex: '05f30000310000ffff' });
        await order({ do: 'scan', text: '43' });
        assert.deepEqual(await next(1), [{ kind: 'scan', text: '43' }]);
      },
      { delays: { ...DELAYS, pollMs: 60_000 } },
    ));

  it('gives the newest beeps alone to a scanner that is slow to obey, and is in trouble when it does not at all', () =>
    onScanner(
      'ssi',
      async ({ order, scanner, stands }) => {
        await order({ do: 'silent' });
        const beeps = Array.from({ length: 200 }, async () => scanner.beep?.('bad'));
        const trouble = until(scanner, ({ state }) => state === 'trouble');
        const dropped = await Promise.all(beeps.slice(0, -MOST_BEEPS));
        assert.ok(
          dropped.every((outcome) => outcome?.ok === false && outcome.error.detail.startsWith('dropped')),
          'at once',
        );
        const tried = await Promise.all(beeps.slice(-MOST_BEEPS));
        assert.ok(tried.every((outcome) => outcome?.ok === false && !outcome.error.detail.startsWith('dropped')));
        assert.deepEqual((await trouble).problem, ERROR);
        await order({ do: 'normal' });
        await until(scanner, ({ state }) => state === 'ready');
        const few = await Promise.all(Array.from({ length: MOST_BEEPS }, async () => scanner.beep?.('good')));
        assert.ok(few.every((outcome) => outcome?.ok === true));
        await stands(({ heard }) => JSON.stringify(heard).includes('beep 0'));
      },
      { delays: { ...DELAYS, answerMs: 60 } },
    ));

  it('is opened anew when it has gone silent', () =>
    onScanner(
      'ssi',
      async ({ order, scanner }) => {
        await order({ do: 'silent' });
        assert.deepEqual((await until(scanner, ({ state }) => state === 'trouble')).problem, ERROR);
        await order({ do: 'normal' });
        await until(scanner, ({ state }) => state === 'ready');
      },
      { delays: { ...DELAYS, answerMs: 60 } },
    ));
});

describe('scanner faults: text commands', () => {
  for (const style of ['honeywell', 'newland'] as const) {
    const setUp =
      style === 'honeywell' ? ['PRECA2', 'PREBK2995C81', 'SUFCA2', 'SUFBK2990D', 'TERMID?'] : ['AIDENA1', 'TSUENA1', 'TSUSET0D', 'QRYSYS'];

    it(`${style}: is set up in order, and says what it is`, () =>
      onScanner(style, async ({ scanner, order }) => {
        const { heard } = await order({ do: 'state' });
        assert.deepEqual((heard as readonly string[]).slice(0, setUp.length), setUp);
        assert.match(scanner.facts()['says'] ?? '', style === 'honeywell' ? /^130$/u : /^Product Name: FM430/u);
      }));

    it(`${style}: a late reply is no part of the next code`, () =>
      onScanner(
        style,
        async ({ scanner, order, next }) => {
          await order({ do: 'reply', next: 'late' });
          const asked = until(scanner, ({ state }) => state === 'warning');
          assert.deepEqual((await asked).problem, ERROR);
          await order({ do: 'scan', text: '42', aim: 'C1' });
          assert.deepEqual(await next(1), [{ kind: 'scan', text: '42', aim: 'C1' }]);
          await until(scanner, ({ state }) => state === 'ready');
        },
        { delays: { ...DELAYS, answerMs: 60 } },
      ));

    it(`${style}: hears codes while it answers nothing, or refuses`, () =>
      onScanner(
        style,
        async ({ scanner, order, next }) => {
          await order({ do: 'silent' });
          await until(scanner, ({ state }) => state === 'warning');
          await order({ do: 'scan', text: '42' });
          assert.deepEqual(await next(1), [{ kind: 'scan', text: '42' }]);
          if (style === 'newland') {
            await order({ do: 'refuse' });
            const beep = await scanner.beep?.('bad');
            assert.equal(beep?.ok === false && beep.error.code, 'scanner-error');
          }
          await order({ do: 'normal' });
          await until(scanner, ({ state }) => state === 'ready');
        },
        { delays: { ...DELAYS, answerMs: 400 } },
      ));
  }
});

describe('scanner bench', () => {
  it('passes a scanner that stands and reads, and shows no code in clear', () =>
    onScanner('ssi', async ({ scanner, order, stands }) => {
      const [status, scan, beep] = scannerBench(scanner, systemTimers);
      const { signal } = new AbortController();
      assert.deepEqual(await status?.run(() => undefined, signal), {
        outcome: 'pass',
        detail: 'The scanner is connected and ready.',
        facts: { firmware: 'PAABLS00-001-R00' },
      });
      const done = await scan?.run((prompt) => {
        assert.equal(prompt, 'scan-a-code');
        setImmediate(() => void order({ do: 'scan', text: '210012345678', aim: 'C1' }));
      }, signal);
      assert.equal(done?.outcome, 'pass');
      assert.deepEqual({ ...done?.facts, sha256: '' }, { characters: '12', sha256: '', aim: 'C1' });
      assert.equal(JSON.stringify(done).includes('210012345678'), false);
      assert.equal((await beep?.run(() => undefined, signal))?.outcome, 'pass');
      await stands(({ heard }) => JSON.stringify(heard).includes('beep 15'));
    }));

  it('gives up when told to, and fails a scanner that is not there', () =>
    onScanner('plain', async ({ scanner, order }) => {
      const checks = scannerBench(scanner, systemTimers);
      assert.deepEqual(
        checks.map(({ check }) => check),
        ['status', 'scan-a-code'],
      );
      assert.equal((await checks[1]?.run(() => undefined, AbortSignal.abort()))?.outcome, 'not-done');
      await order({ do: 'unplug' });
      await until(scanner, ({ state }) => state === 'absent');
      const failed = await checks[0]?.run(() => undefined, AbortSignal.abort());
      assert.deepEqual([failed?.outcome, failed?.problem], ['fail', { code: 'scanner-absent' }]);
    }));
});

describe('scanner configuration', () => {
  it('takes USB ids as lsusb prints them, and set-up only where there is one', () => {
    const hid = scannerConfig.parse({ kind: 'scanner', transport: 'hid', vendorId: '0c2e', productId: '0B61' });
    assert.deepEqual(hid, { kind: 'scanner', transport: 'hid', vendorId: 0x0c2e, productId: 0x0b61 });
    assert.equal(scannerConfig.safeParse({ kind: 'scanner', transport: 'hid', vendorId: 'c2e', productId: '0b61' }).success, false);
    const line = { kind: 'scanner', transport: 'tcp', host: 'x', port: 1, setUp: 'aim-and-cr' };
    assert.equal(scannerConfig.safeParse({ ...line, style: 'honeywell' }).success, true);
    assert.equal(scannerConfig.safeParse({ ...line, style: 'ssi' }).success, false);
    assert.equal(scannerConfig.safeParse(line).success, false);
  });
});
