import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LineCutter } from '../../../../firmware-agent/devices/transport/lines.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import { flagsOf, numberOf, quoted, wordsOf } from '../../../../firmware-agent/devices/ups/codec.js';
import { startUps, type UpsHandle } from '../../../../firmware-agent/devices/ups/handle.js';
import { readingOf } from '../../../../firmware-agent/devices/ups/status.js';
import { Battery } from '../../../../firmware-agent/devices/ups/simulator/battery.js';
import { startUpsSimulator, type UpsSimulator } from '../../../../firmware-agent/devices/ups/simulator/simulator.js';
import { upsBench } from '../../../../firmware-agent/devices/ups/bench.js';
import { until } from '../world.js';
import { QUICK_UPS, triedAgain, upsContract } from './contract.js';

const LOW = { chargePercent: 20, runtimeSeconds: 180 };

describe('ups: lines and words', () => {
  const rows: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['VAR j ups.status "OL CHRG"', ['VAR', 'j', 'ups.status', 'OL CHRG']],
    ['VAR j ups.mfr "Ac\\"me \\\\ co"', ['VAR', 'j', 'ups.mfr', 'Ac"me \\ co']],
    ['A ""  B', ['A', '', 'B']],
    ['', []],
    ['A "unclosed', undefined],
    ['A \\', undefined],
  ];
  for (const [line, words] of rows) it(JSON.stringify(line), () => assert.deepEqual(wordsOf(line), words));

  it('reads back whatever was quoted', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => assert.deepEqual(wordsOf(words.map(quoted).join(' ')), words)));
  });

  it('cuts any bytes the same way however they come, in bounded memory', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), (chunks) => {
        const one = new LineCutter(40);
        const whole = new LineCutter(40).read(Buffer.concat(chunks));
        assert.deepEqual(
          chunks.flatMap((chunk) => one.read(chunk)),
          whole,
        );
        for (const line of whole) wordsOf(line ?? '');
      }),
    );
    assert.deepEqual(new LineCutter(3).read(Buffer.from('abc\r\n\nabcd\nef\r')), ['abc', undefined, 'ef']);
  });
});

describe('ups: reading', () => {
  const rows: readonly (readonly [string, string, string, string | undefined, string | undefined])[] = [
    ['OL', '100', '1200', 'mains', undefined],
    ['OL CHRG LB', '5', '60', 'mains', 'ups-recharging'],
    ['OL LB', 'NA', '', 'mains', 'ups-recharging'],
    ['OL CHRG', '19', '1200', 'mains', 'ups-recharging'],
    ['OL CHRG', '29', '1200', 'mains', 'ups-recharging'],
    ['OL CHRG', '30', '299', 'mains', 'ups-recharging'],
    ['OL CHRG', '30', '300', 'mains', undefined],
    ['OL CHRG', 'NA', '', 'mains', undefined],
    ['OL RB LB', '95', '40', 'mains', 'ups-battery-worn'],
    ['OB DISCHRG', '90', '1200', 'battery', 'ups-on-battery'],
    ['OB LB', '90', '1200', 'battery', 'ups-low'],
    ['OB', '19', '1200', 'battery', 'ups-low'],
    ['OB', '90', '179', 'battery', 'ups-low'],
    ['OB', 'NA', '', 'battery', 'ups-on-battery'],
    ['OB CAL LB', '5', '60', 'battery', 'ups-on-battery'],
    ['FSD', '50', '600', 'battery', 'ups-low'],
    ['FSD OL', '50', '600', 'mains', 'ups-low'],
    ['OL OVER RB', '100', '600', 'mains', 'ups-overload'],
    ['OL RB', '100', '600', 'mains', 'ups-battery-worn'],
    ['BYPASS', '100', '600', 'mains', undefined],
    ['WAIT', '100', '600', undefined, undefined],
    ['', '100', '600', undefined, undefined],
    ['SOL', '100', '600', undefined, undefined],
  ];
  for (const [status, charge, runtime, source, code] of rows)
    it(`${status} ${charge} ${runtime}`, () => {
      const variables = new Map([
        ['ups.status', status],
        ['battery.charge', charge],
        ['battery.runtime', runtime],
      ]);
      const reading = readingOf(variables, LOW);
      assert.equal(reading?.power.source, source);
      assert.equal(reading?.report.problem?.code, code);
    });

  it('takes no figure out of its bounds', () => {
    assert.deepEqual(
      ['-1', '101', '1e3', '0x10', ' 5', '55.5', '100'].map((text) => numberOf(text, 100)),
      [undefined, undefined, undefined, undefined, undefined, 55.5, 100],
    );
    assert.deepEqual([...flagsOf('OB  DISCHRG TRIM')], ['OB', 'DISCHRG']);
  });
});

/** The virtual UPS behind the contract: its status comes from orders, as its real cousins' come from their batteries. */
upsContract('the virtual upsd', async () => {
  let nowMs = 0;
  const sim = await startUpsSimulator({ host: '127.0.0.1', port: 0, nowMs: () => nowMs, others: ['spare'] });
  const flags = ['RB', 'OVER', 'FSD', 'CAL'] as const;
  return {
    host: sim.host,
    port: sim.port,
    ups: 'counter',
    login: { username: 'counter', password: 'counter' },
    async set({ status, charge, runtime }) {
      nowMs += 1;
      await sim.order({ do: 'battery', chargePercent: charge, drainPerMinute: (charge * 60) / runtime });
      await sim.order({ do: 'mains', mains: status.includes('OB') ? 'off' : 'on' });
      for (const flag of flags) await sim.order({ do: 'flag', flag, set: status.split(' ').includes(flag) ? 'on' : 'off' });
    },
    logins: async () => (await stateOf(sim)).logins,
    end: () => sim.close(),
  };
});

async function stateOf(sim: UpsSimulator): Promise<{ readonly logins: number }> {
  const answer = await sim.order({ do: 'state' });
  assert.ok(answer.ok);
  return answer.state as { logins: number };
}

describe('ups: faults', () => {
  const on = async (delays: Partial<typeof QUICK_UPS>, work: (sim: UpsSimulator, ups: UpsHandle) => Promise<void>): Promise<void> => {
    const sim = await startUpsSimulator({ host: '127.0.0.1', port: 0 });
    const ups = startUps(tcpTransport(sim), { delays: { ...QUICK_UPS, ...delays } });
    try {
      await until(ups, ({ state }) => state === 'ready');
      await work(sim, ups);
    } finally {
      await ups.close();
      await sim.close();
    }
  };
  const absent = (ups: UpsHandle): Promise<unknown> => until(ups, ({ problem }) => problem?.code === 'ups-absent');

  for (const fault of ['stale', 'silent', 'half', 'garble', 'unplug'] as const)
    it(`${fault} on the mains is absent, and ready again when it is over`, () =>
      on({ answerMs: 60 }, async (sim, ups) => {
        await sim.order({ do: fault });
        await absent(ups);
        assert.deepEqual(ups.power(), { source: 'unknown' });
        await sim.order({ do: 'normal' });
        await until(ups, ({ state }) => state === 'ready');
      }));

  it('a UPS that falls silent on battery counts as empty', () =>
    on({}, async (sim, ups) => {
      await sim.order({ do: 'mains', mains: 'off' });
      await until(ups, ({ problem }) => problem?.code === 'ups-on-battery');
      await sim.order({ do: 'stale' });
      await until(ups, ({ problem }) => problem?.code === 'ups-low');
    }));

  it('an upsd that can not be reached for long on battery counts as empty too, and not at once', () =>
    on({ deadAfterMs: 150 }, async (sim, ups) => {
      const codes: (string | undefined)[] = [];
      ups.onChange(({ problem }) => codes.push(problem?.code));
      await sim.order({ do: 'mains', mains: 'off' });
      await until(ups, ({ problem }) => problem?.code === 'ups-on-battery');
      await sim.order({ do: 'unplug' });
      await until(ups, ({ problem }) => problem?.code === 'ups-low');
      assert.deepEqual(codes, ['ups-on-battery', 'ups-absent', 'ups-low']);
    }));

  it('asks for its name where upsd serves several', async () => {
    const sim = await startUpsSimulator({ host: '127.0.0.1', port: 0, others: ['spare'] });
    const { transport, again } = triedAgain(tcpTransport(sim));
    const ups = startUps(transport, { delays: QUICK_UPS });
    await again;
    assert.equal(ups.state().state, 'absent');
    await ups.close();
    await sim.close();
  });

  it('on a low battery is in trouble, between the marks and their margin in warning only', () => {
    const state = (charge: string): string | undefined =>
      readingOf(
        new Map([
          ['ups.status', 'OL'],
          ['battery.charge', charge],
        ]),
        LOW,
      )?.report.state;
    assert.deepEqual([state('19'), state('20'), state('29'), state('30')], ['trouble', 'warning', 'warning', 'ready']);
  });

  it('says on the bench that nothing is encrypted on the way to another machine, and names a password', () =>
    on({}, async (_, ups) => {
      const detail = async (host: string, login: 'yes' | 'no'): Promise<string> => {
        const result = await upsBench(ups, { host, login })[0]?.run(() => undefined, new AbortController().signal);
        return `${result?.outcome} ${result?.facts['line'] ?? ''}`;
      };
      for (const host of ['127.0.0.1', 'localhost', '::1']) assert.equal(await detail(host, 'yes'), 'pass ');
      assert.equal(await detail('10.0.0.9', 'yes'), 'pass its password goes unencrypted to 10.0.0.9');
      assert.equal(await detail('ups.local', 'no'), 'pass unencrypted from ups.local');
    }));

  it('passes and fails its bench check', () =>
    on({}, async (sim, ups) => {
      const [check] = upsBench(ups);
      const run = async (): Promise<string | undefined> => {
        const result = await check?.run(() => undefined, new AbortController().signal);
        return `${result?.outcome} ${result?.problem?.code ?? ''} ${result?.facts['model'] ?? ''}`;
      };
      assert.equal(await run(), 'pass  VU-600');
      await sim.order({ do: 'flag', flag: 'RB', set: 'on' });
      await until(ups, ({ problem }) => problem?.code === 'ups-battery-worn');
      assert.equal(await run(), 'fail ups-battery-worn VU-600');
      await sim.order({ do: 'unplug' });
      await absent(ups);
      assert.equal(await run(), 'fail ups-absent ');
    }));
});

describe('ups: virtual battery', () => {
  it('runs down off the mains and fills on them', () => {
    let nowMs = 0;
    const battery = new Battery(() => nowMs);
    battery.set({ mains: 'off', drainPerMinute: 10 });
    nowMs = 3 * 60_000;
    assert.equal(battery.chargePercent, 70);
    assert.equal(battery.runtimeSeconds, 420);
    battery.set({ mains: 'on' });
    nowMs += 60_000;
    assert.equal(battery.chargePercent, 71);
  });
});
