import assert from 'node:assert/strict';
import type { BenchResult } from '#protocol/technician/bench.js';
import { benchResult } from '#protocol/technician/bench.js';
import type { BenchCheck } from '../../../../firmware-agent/devices/device.js';
import { printerBench, TEST_PAPER } from '../../../../firmware-agent/devices/printer/bench.js';
import { startEscpPrinter } from '../../../../firmware-agent/devices/printer/escp/handle.js';
import { startPrinter } from '../../../../firmware-agent/devices/printer/handle.js';
import { missingCharacters } from '../../../../firmware-agent/devices/raster/words.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import { QUICK, simulatorWorld, until } from '../world.js';
import { ESCP_IMPATIENT, OneWayLine, pageOf } from './escp-world.js';

async function run(checks: readonly BenchCheck[], name: string): Promise<BenchResult & { readonly asked: readonly string[] }> {
  const check = checks.find((one) => one.check === name);
  assert.ok(check !== undefined);
  const asked: string[] = [];
  const result = await check.run((prompt) => asked.push(prompt), new AbortController().signal);
  return { ...benchResult.parse(result), asked };
}

describe("the technician's checks of a printer", () => {
  it('pass on a printer that is well: its status, a test paper that it confirms, its drawer', async () => {
    const world = await simulatorWorld();
    const printer = startPrinter(tcpTransport(world.sim), { width: '58mm', delays: QUICK });
    await until(printer, ({ state }) => state === 'ready');
    const checks = printerBench(printer, 'escpos', 'here');
    assert.deepEqual(
      checks.map(({ check, needs }) => [check, needs]),
      [
        ['status', 'nobody'],
        ['print-test-page', 'somebody'],
        ['drawer', 'somebody'],
      ],
    );
    assert.equal((await run(checks, 'status')).outcome, 'pass');
    const paper = await run(checks, 'print-test-page');
    assert.deepEqual([paper.outcome, paper.asked, world.papers().length], ['pass', ['look-at-paper'], 1]);
    const drawer = await run(checks, 'drawer');
    assert.deepEqual([drawer.outcome, drawer.asked], ['pass', ['look-at-drawer']]);
    assert.equal(printerBench(printer, 'escpos', 'none').length, 2, 'where no drawer hangs, none is missed');
    assert.equal((await world.sim.order({ do: 'state' }))['drawerPulses'], 1);
    await printer.close();
    await world.close();
  });

  it('fail with the cause on one that is not', async () => {
    const world = await simulatorWorld();
    const printer = startPrinter(tcpTransport(world.sim), { width: '58mm', delays: QUICK });
    await until(printer, ({ state }) => state === 'ready');
    await world.sim.order({ do: 'cover-open' });
    await until(printer, ({ state }) => state === 'trouble');
    const checks = printerBench(printer, 'escpos', 'here');
    for (const { check } of checks) {
      const result = await run(checks, check);
      assert.deepEqual([result.outcome, result.problem?.code, result.asked], ['fail', 'cover-open', []], check);
    }
    await printer.close();
    await world.close();
  });

  it('leave to the eyes what a dot-matrix printer can not say', async () => {
    const line = new OneWayLine();
    const printer = startEscpPrinter(line.transport, { page: pageOf(24), delays: ESCP_IMPATIENT });
    await until(printer, ({ state }) => state === 'ready');
    const checks = printerBench(printer, 'escp', 'none');
    assert.deepEqual(
      checks.map(({ check }) => check),
      ['status', 'print-test-page'],
    );
    assert.equal((await run(checks, 'status')).outcome, 'pass');
    const paper = await run(checks, 'print-test-page');
    assert.deepEqual([paper.outcome, paper.asked], ['not-done', ['look-at-paper']]);
    line.state = 'busy';
    assert.equal((await run(checks, 'print-test-page')).problem?.code, 'printer-silent');
    await printer.close();
  });

  it('print no letter that the font does not have', () => {
    for (const line of TEST_PAPER) {
      if (line.kind === 'text') assert.deepEqual(missingCharacters(line.text), []);
      if (line.kind === 'pair') assert.deepEqual(missingCharacters(line.left + line.right), []);
    }
  });
});
