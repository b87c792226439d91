import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ok } from '#protocol/result/result.js';
import type { DeviceReport } from '../../../firmware-agent/devices/ports.js';
import { delaysForBaud, PRINTER_DELAYS } from '../../../firmware-agent/devices/printer/delays.js';
import { PrinterDriver, type Leftover } from '../../../firmware-agent/devices/printer/driver.js';
import { startPrinter } from '../../../firmware-agent/devices/printer/handle.js';
import type { LifeLogEvent } from '../../../firmware-agent/devices/life/live-driver.js';
import { paperBitmap } from '../../../firmware-agent/devices/raster/paper.js';
import { systemTimers } from '../../../firmware-agent/devices/timers.js';
import { characterDeviceTransport } from '../../../firmware-agent/devices/transport/character-device.js';
import { serialTransport } from '../../../firmware-agent/devices/transport/serial.js';
import { tcpTransport } from '../../../firmware-agent/devices/transport/tcp.js';
import { Line, type Connection } from '../../../firmware-agent/devices/transport/transport.js';
import { eventually } from '../../support/world-value.js';
import { differences, HINDI_RECEIPT, IMPATIENT, QUICK, simulatorWorld, SLIP, tempFolder, until } from './world.js';

const SLIP_PAPER = paperBitmap(SLIP, '58mm');

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

/** What a test opened is closed after it, also when it failed. */
const opened: (() => Promise<void>)[] = [];
function kept<T extends { readonly close: () => Promise<void> }>(resource: T): T {
  opened.push(() => resource.close());
  return resource;
}
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

describe('printer: life', () => {
  it('says why there is no line, and logs each reason once', async () => {
    const port = await freePort();
    const logged: LifeLogEvent[] = [];
    const tcp = tcpTransport({ host: '127.0.0.1', port });
    let tries = 0;
    const open = (): ReturnType<typeof tcp.open> => {
      tries += 1;
      return tcp.open();
    };
    const counted = { ...tcp, open };
    const printer = kept(startPrinter(counted, { width: '58mm', delays: QUICK, log: (event) => logged.push(event) }));
    await eventually('it was tried again and again', () => tries > 4);
    assert.match(printer.whyAway() ?? '', /ECONNREFUSED/u);
    assert.deepEqual(
      logged.map(({ event }) => event),
      ['not-connected'],
    );
    const world = kept(await simulatorWorld('58mm', '127.0.0.1', port));
    await until(printer, ({ state }) => state === 'ready');
    assert.equal(printer.whyAway(), undefined);
    await world.close();
    await until(printer, ({ state }) => state === 'absent');
    assert.notEqual(printer.whyAway(), undefined);
  });

  it('is absent until something listens, then ready, absent when it goes, and ready again', async () => {
    const port = await freePort();
    const logged: LifeLogEvent[] = [];
    const printer = kept(
      startPrinter(tcpTransport({ host: '127.0.0.1', port }), { width: '58mm', delays: QUICK, log: (event) => logged.push(event) }),
    );
    const seen: DeviceReport[] = [];
    printer.onChange((report) => seen.push(report));
    try {
      assert.deepEqual(printer.state(), { state: 'absent', problem: { code: 'printer-absent' } });
      const refused = await printer.print(SLIP);
      assert.equal(refused.outcome, 'not-started');
      const first = kept(await simulatorWorld('58mm', '127.0.0.1', port));
      await until(printer, ({ state }) => state === 'ready');
      await first.close();
      await until(printer, ({ state }) => state === 'absent');
      kept(await simulatorWorld('58mm', '127.0.0.1', port));
      await until(printer, ({ state }) => state === 'ready');
      assert.deepEqual(
        seen.map(({ state }) => state),
        ['ready', 'absent', 'ready'],
      );
      assert.deepEqual(
        logged.map(({ event }) => event).filter((event) => event !== 'not-connected'),
        ['connected', 'lost', 'connected'],
      );
    } finally {
      await printer.close();
    }
    assert.equal((await printer.print(SLIP)).outcome, 'not-started', 'a closed printer refuses');
  });

  it('ends a job under way as unknown when it is closed', async () => {
    const { sim } = kept(await simulatorWorld());
    const printer = kept(startPrinter(tcpTransport(sim), { width: '58mm', delays: QUICK }));
    await until(printer, ({ state }) => state === 'ready');
    await sim.order({ do: 'never-confirm' });
    const printed = new Promise<void>((resolve) => {
      sim.onPaper(() => resolve());
    });
    const printing = printer.print(SLIP);
    await printed;
    await printer.close();
    const outcome = await printing;
    assert.deepEqual([outcome.outcome, outcome.outcome === 'unknown' && outcome.cause], ['unknown', 'printer-absent']);
  });

  it('opens a silent line anew and finds the printer that came back on it', async () => {
    const { sim } = kept(await simulatorWorld());
    const logged: LifeLogEvent[] = [];
    const delays = { ...IMPATIENT, answerMs: 100 };
    await sim.order({ do: 'silent' });
    const printer = kept(startPrinter(tcpTransport(sim), { width: '58mm', delays, log: (event) => logged.push(event) }));
    await until(printer, ({ problem }) => problem?.code === 'printer-silent');
    while (!logged.some(({ event }) => event === 'lost')) await new Promise((resolve) => void setTimeout(resolve, 5));
    assert.equal(printer.state().problem?.code, 'printer-silent', 'a silent printer is not called absent while it is tried anew');
    await sim.order({ do: 'normal' });
    await until(printer, ({ state }) => state === 'ready');
  });

  for (const habit of ['no-names', 'no-changes', 'no-clear'] as const) {
    it(`works with a printer that has the habit ${habit}, after a broken job too`, async () => {
      const world = kept(await simulatorWorld());
      await world.sim.order({ do: 'habit', habit });
      const printer = kept(startPrinter(tcpTransport(world.sim), { width: '58mm', delays: habit === 'no-names' ? IMPATIENT : QUICK }));
      await until(printer, ({ state }) => state === 'ready');
      assert.equal((await printer.print(SLIP)).outcome, 'printed');
      await world.sim.order({ do: 'paper-out', afterRows: 150 });
      const broken = await printer.print(HINDI_RECEIPT);
      assert.deepEqual([broken.outcome, broken.outcome === 'unknown' && broken.cause], ['unknown', 'paper-out']);
      await world.sim.order({ do: 'refill' });
      await until(printer, ({ state }) => state === 'ready');
      assert.equal((await printer.print(SLIP)).outcome, 'printed');
      const last = world.papers().at(-1) ?? SLIP_PAPER;
      assert.equal(differences(SLIP_PAPER, last).missing, 0);
      assert.ok(last.heightDots <= SLIP_PAPER.heightDots, 'the rest of the broken job is on the next paper');
    });
  }

  it('frees a printer that waits in the middle of a picture, even one that can not clear its buffer', async () => {
    const world = kept(await simulatorWorld());
    await world.sim.order({ do: 'habit', habit: 'no-clear' });
    const printer = kept(startPrinter(tcpTransport(world.sim), { width: '58mm', delays: IMPATIENT }));
    await until(printer, ({ state }) => state === 'ready');
    await world.sim.order({ do: 'unplug', afterBytes: 5_003 });
    assert.equal((await printer.print(HINDI_RECEIPT)).outcome, 'unknown');
    assert.notEqual((await world.sim.order({ do: 'state' }))['bufferedBytes'], 0, 'the cable was pulled inside a band');
    await world.sim.order({ do: 'plug' });
    await until(printer, ({ state }) => state === 'ready');
    assert.equal((await printer.print(SLIP)).outcome, 'printed');
    const last = world.papers().at(-1) ?? SLIP_PAPER;
    assert.equal(differences(SLIP_PAPER, last).missing, 0);
    assert.ok(last.heightDots <= SLIP_PAPER.heightDots);
  });
});

describe('printer: a line that takes nothing', () => {
  /** Answers DLE EOT and GS I as a sound printer does, and never takes another byte. */
  function stuckLine(): { readonly connection: Connection; readonly closed: () => string | undefined } {
    const line = new Line();
    const answer = (bytes: readonly number[]): void => queueMicrotask(() => line.bytes(Uint8Array.from(bytes)));
    return {
      closed: () => line.why,
      connection: {
        write: (bytes) => {
          const said = Buffer.from(bytes).toString('latin1');
          if (said.startsWith('\u0010\u0004')) answer([0x12]);
          else if (said.includes('\u001dI')) answer([...Buffer.from('_X\0')]);
          else return new Promise(() => undefined);
          return Promise.resolve(ok(undefined));
        },
        onBytes: (listener) => line.onBytes(listener),
        onClose: (listener) => line.onClose(listener),
        close: async () => line.end('closed'),
      },
    };
  }

  it('is given up by our own watch, as unknown, and closed', async () => {
    const { connection, closed } = stuckLine();
    const leftover: Leftover = { state: 'unsure' };
    const options = {
      confirmation: 'paper-status',
      drawerPin: 2,
      cutter: 'partial',
      delays: { ...QUICK, writeMs: 50 },
      timers: systemTimers,
    } as const;
    const driver = new PrinterDriver(connection, leftover, options);
    const outcome = await driver.print(SLIP_PAPER);
    assert.deepEqual([outcome.outcome, outcome.outcome === 'unknown' && outcome.cause], ['unknown', 'printer-silent']);
    assert.notEqual(closed(), undefined);
    assert.equal(leftover.state, 'remainder');
  });

  it('gives a slow serial line the time its speed needs', () => {
    const slow = delaysForBaud(PRINTER_DELAYS, 9_600);
    assert.ok(slow.confirmPerByteMs > 1 && slow.confirmPerByteMs < 1.1);
    assert.ok(slow.writeMs > 10_000);
  });
});

describe('transports: what is not there', () => {
  it('a character device must exist and be one; nothing is ever created', async () => {
    const { path, remove } = tempFolder();
    const missing = join(path, 'lp0');
    const opened = await characterDeviceTransport(missing, systemTimers).open();
    assert.deepEqual([opened.ok, !opened.ok && opened.error.code], [false, 'absent']);
    assert.equal(existsSync(missing), false);
    const file = join(path, 'file');
    writeFileSync(file, '');
    const wrong = await characterDeviceTransport(file, systemTimers).open();
    assert.match(!wrong.ok ? wrong.error.detail : '', /not a character device/u);
    remove();
  });

  it('a serial port that is not there, and a port where nobody listens', async () => {
    const serial = await serialTransport({ path: '/dev/jharokha-no-such-port', baudRate: 9_600, flow: 'none' }).open();
    assert.deepEqual([serial.ok, !serial.ok && serial.error.code], [false, 'absent']);
    const tcp = await tcpTransport({ host: '127.0.0.1', port: await freePort() }).open();
    assert.deepEqual([tcp.ok, !tcp.ok && tcp.error.code], [false, 'absent']);
  });
});
