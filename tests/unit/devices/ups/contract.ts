import assert from 'node:assert/strict';
import { startUps, UPS_DELAYS, type UpsHandle } from '../../../../firmware-agent/devices/ups/handle.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import type { Transport } from '../../../../firmware-agent/devices/transport/transport.js';
import { until } from '../world.js';

export const QUICK_UPS = { ...UPS_DELAYS, pollMs: 30, backoffFirstMs: 10, backoffLongestMs: 40 };

/** A UPS behind any upsd, the virtual one or another maker's, whose variables a test can set. */
export type UpsBench = {
  readonly host: string;
  readonly port: number;
  readonly ups: string;
  readonly set: (variables: { readonly status: string; readonly charge: number; readonly runtime: number }) => Promise<void>;
  readonly login: { readonly username: string; readonly password: string };
  readonly logins: () => Promise<number>;
  readonly end: () => Promise<void>;
};

/** A transport that tells when it is opened for the second time: the first attempt has then failed. */
export function triedAgain(transport: Transport): { readonly transport: Transport; readonly again: Promise<void> } {
  let tries = 0;
  let tell: () => void = () => undefined;
  const again = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const open: Transport['open'] = () => {
    tries += 1;
    if (tries === 2) tell();
    return transport.open();
  };
  return { transport: { ...transport, open }, again };
}

/** What holds of every upsd. */
export function upsContract(name: string, open: () => Promise<UpsBench>): void {
  describe(`ups over ${name}`, function () {
    this.timeout(40_000);
    let bench: UpsBench;
    let ups: UpsHandle;
    before(async () => {
      bench = await open();
      await bench.set({ status: 'OL', charge: 100, runtime: 1_200 });
      ups = startUps(tcpTransport(bench), { ups: bench.ups, delays: QUICK_UPS });
    });
    after(async () => {
      await ups.close();
      await bench.end();
    });

    it('is ready on the mains, with its figures', async () => {
      await until(ups, ({ state }) => state === 'ready');
      const { source, chargePercent, runtimeSeconds } = ups.power();
      assert.deepEqual({ source, chargePercent, runtimeSeconds }, { source: 'mains', chargePercent: 100, runtimeSeconds: 1_200 });
    });

    it('warns on battery with the minutes that are left', async () => {
      await bench.set({ status: 'OB DISCHRG', charge: 61, runtime: 725 });
      const report = await until(ups, ({ problem }) => problem?.code === 'ups-on-battery' && problem.values?.['charge'] === '61');
      assert.deepEqual(report, { state: 'warning', problem: { code: 'ups-on-battery', values: { minutes: '12', charge: '61' } } });
    });

    it('is in trouble when the battery is nearly empty', async () => {
      await bench.set({ status: 'OB LB', charge: 9, runtime: 100 });
      await until(ups, ({ problem }) => problem?.code === 'ups-low');
      assert.equal(ups.state().state, 'trouble');
    });

    it('is not ready when the mains are back and the battery is empty, but when it is filled', async () => {
      await bench.set({ status: 'OL CHRG LB', charge: 12, runtime: 150 });
      await until(ups, ({ problem }) => problem?.code === 'ups-recharging' && problem.values?.['charge'] === '12');
      assert.equal(ups.state().state, 'trouble');
      await bench.set({ status: 'OL CHRG', charge: 40, runtime: 480 });
      await until(ups, ({ state }) => state === 'ready');
    });

    it('tells of a worn battery and of too much load', async () => {
      await bench.set({ status: 'OL RB', charge: 100, runtime: 1_200 });
      await until(ups, ({ problem }) => problem?.code === 'ups-battery-worn');
      await bench.set({ status: 'OL OVER', charge: 100, runtime: 1_200 });
      await until(ups, ({ problem }) => problem?.code === 'ups-overload');
    });

    it('reads every variable, quoted ones too', async () => {
      const read = await ups.variables();
      assert.ok(read.ok);
      assert.equal(read.value.get('ups.mfr'), 'Jharokha "virtual" \\ UPS');
    });

    it('is counted by upsd when it logs in', async () => {
      const other = startUps(tcpTransport(bench), { ups: bench.ups, login: bench.login, delays: QUICK_UPS });
      await until(other, ({ state }) => state !== 'absent');
      assert.equal(await bench.logins(), 1);
      await other.close();
    });

    it('stays absent with a wrong password, and with the name of another UPS', async () => {
      const { username } = bench.login;
      for (const wrong of [{ login: { username, password: 'wrong' }, ups: bench.ups }, { ups: 'elsewhere' }]) {
        const { transport, again } = triedAgain(tcpTransport(bench));
        const other = startUps(transport, { ...wrong, delays: QUICK_UPS });
        await again;
        assert.equal(other.state().problem?.code, 'ups-absent');
        await other.close();
      }
    });
  });
}
