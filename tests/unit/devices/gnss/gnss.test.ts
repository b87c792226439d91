import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judgePlace, distanceMetres, metresFrom, type ApprovedPlace } from '#protocol/place/place.js';
import { checksumOf, readSentence } from '../../../../firmware-agent/devices/gnss/codec.js';
import { GNSS_DELAYS, startGnss } from '../../../../firmware-agent/devices/gnss/handle.js';
import type { Fix, GnssHandle } from '../../../../firmware-agent/devices/gnss/port.js';
import { reportOf, startGnssSimulator, type GnssSimulator } from '../../../../firmware-agent/devices/gnss/simulator/simulator.js';
import { LineCutter } from '../../../../firmware-agent/devices/transport/lines.js';
import { serialTransport } from '../../../../firmware-agent/devices/transport/serial.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import type { Transport } from '../../../../firmware-agent/devices/transport/transport.js';
import { eventually } from '../../../support/world-value.js';
import { HAS_SOCAT, ptyTo } from '../pty.js';
import { until } from '../world.js';

const signed = (text: string): string => `$${text}*${checksumOf(text)}`;
const SKY = { latitude: 26.924, longitude: 75.8146, satellites: 9, hdop: 0.9, fault: 'none' } as const;

describe('gnss: sentences', () => {
  it('reads the example that every manual prints', () => {
    // SiRF's reference manual prints this GGA with its checksum 18.
    const read = readSentence('$GPGGA,161229.487,3723.2475,N,12158.3416,W,1,07,1.0,9.0,M,,,,0000*18');
    assert.ok(read?.kind === 'fix' && read.quality === 'satellites');
    assert.ok(Math.abs(read.latitude - 37.387458) < 1e-6 && Math.abs(read.longitude + 121.97236) < 1e-6);
    assert.deepEqual([read.satellites, read.hdop], [7, 1]);
  });

  const refused: readonly (readonly [string, string])[] = [
    ['a wrong checksum', '$GPGGA,161229.487,3723.2475,N,12158.3416,W,1,07,1.0,9.0,M,,,,0000*19'],
    ['no checksum', '$GPGGA,161229.487,3723.2475,N,12158.3416,W,1,07,1.0,9.0,M,,,,0000'],
    ['a talker of something else', signed('HEGGA,1,2,3')],
    ['61 minutes', signed('GPGGA,1,3761.2475,N,12158.3416,W,1,07,1.0,,,,,,')],
    ['91 degrees', signed('GPGGA,1,9123.2475,N,12158.3416,W,1,07,1.0,,,,,,')],
    ['no half of the world', signed('GPGGA,1,3723.2475,,12158.3416,W,1,07,1.0,,,,,,')],
  ];
  for (const [what, line] of refused) it(`does not believe ${what}`, () => assert.equal(readSentence(line), undefined));

  it('takes no dilution, or none at all, for a poor sky and never for a sure place', () => {
    for (const dilution of ['0', '0.0', '', 'x']) {
      const read = readSentence(signed(`GPGGA,1,3723.2475,N,12158.3416,W,1,07,${dilution},,,,,,`));
      assert.ok(read?.kind === 'fix' && read.quality === 'satellites' && read.hdop === 10, dilution);
    }
  });

  it('knows NavIC, BeiDou and all together', () => {
    for (const talker of ['GI', 'GB', 'BD', 'GN', 'GA', 'GL', 'GQ'])
      assert.equal(readSentence(signed(`${talker}GGA,1,2655.44,N,07548.87,E,2,05,1.4,,,,,,`))?.kind, 'fix', talker);
  });

  it('takes any line without an error, and never a place out of a turned letter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (line) => void readSentence(line)),
      { numRuns: 2_000 },
    );
    const line = reportOf(SKY, new Date(0)).split('\r\n')[0] ?? '';
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.integer({ min: 33, max: 126 }), (at, code) => {
        fc.pre(line.charCodeAt(at) !== code);
        const turned = `${line.slice(0, at)}${String.fromCharCode(code)}${line.slice(at + 1)}`;
        const read = readSentence(turned);
        // Letters of the checksum may change their case.
        assert.ok(read === undefined || turned.toUpperCase() === line.toUpperCase());
      }),
    );
  });

  it('reads every place back to a metre, however the bytes are cut, with garbage before', () => {
    const place = fc.record({ latitude: fc.double({ min: -89, max: 89, noNaN: true }), longitude: fc.double({ min: -179, max: 179, noNaN: true }) });
    fc.assert(
      fc.property(place, fc.nat(120), fc.uint8Array({ maxLength: 60 }), ({ latitude, longitude }, cut, garbage) => {
        const bytes = Buffer.concat([garbage, Buffer.from('\n'), Buffer.from(reportOf({ ...SKY, latitude, longitude }, new Date(0)), 'latin1')]);
        const cutter = new LineCutter(120);
        const lines = [...cutter.read(bytes.subarray(0, cut)), ...cutter.read(bytes.subarray(cut))];
        const fixes = lines.flatMap((line) => readSentence(line ?? '') ?? []).filter((one) => one.kind === 'fix' && one.quality !== 'none');
        assert.equal(fixes.length, 1);
        const [fix] = fixes;
        assert.ok(fix !== undefined && 'latitude' in fix && distanceMetres(fix, { latitude, longitude }) < 1);
      }),
      { numRuns: 300 },
    );
  });
});

describe('place: the location lock (R113)', () => {
  it('measures as others do', () => {
    // One degree of latitude on the mean sphere, and Paris to London by the haversine formula (343.6 km).
    assert.ok(Math.abs(distanceMetres({ latitude: 0, longitude: 0 }, { latitude: 1, longitude: 0 }) - 111_195.08) < 0.1);
    const paris = { latitude: 48.8566, longitude: 2.3522 };
    const london = { latitude: 51.5074, longitude: -0.1278 };
    assert.ok(Math.abs(distanceMetres(paris, london) - 343_556) < 100);
    assert.equal(distanceMetres(paris, paris), 0);
    assert.ok(distanceMetres({ latitude: 0, longitude: 179.9995 }, { latitude: 0, longitude: -179.9995 }) < 120, 'across the date line');
  });

  const PLACE: ApprovedPlace = { latitudeMicrodegrees: 26_924_000, longitudeMicrodegrees: 75_814_600, radiusMetres: 150 };
  const north = (metres: number, accuracyMetres: number) => ({ latitude: 26.924 + metres / 111_195, longitude: 75.8146, accuracyMetres });

  for (const [metres, accuracy, verdict] of [
    [0, 10, 'inside'],
    [135, 10, 'inside'],
    [145, 10, 'unsure'],
    [155, 10, 'unsure'],
    [170, 10, 'outside'],
    [5_000, 60, 'outside'],
    [50, 400, 'unsure'],
  ] as const) {
    it(`${metres} m away, known to ${accuracy} m: ${verdict}`, () => {
      assert.equal(judgePlace(PLACE, north(metres, accuracy)), verdict);
      assert.ok(Math.abs(metresFrom(PLACE, north(metres, accuracy)) - metres) < 0.5);
    });
  }
});

const QUICK = { ...GNSS_DELAYS, pollMs: 20, backoffFirstMs: 10, backoffLongestMs: 40, silentMs: 300, staleMs: 400 };

type Wired = { readonly transport: Transport; readonly end: () => Promise<void> };

/** `once`: a line that can not be opened a second time. */
function contract(name: string, opens: 'again' | 'once', wire: (sim: GnssSimulator) => Promise<Wired>): void {
  describe(`gnss over ${name}`, () => {
    const on = async (work: (sim: GnssSimulator, gnss: GnssHandle) => Promise<void>): Promise<void> => {
      const sim = await startGnssSimulator({ host: '127.0.0.1', port: 0, everyMs: 20 });
      const { transport, end } = await wire(sim);
      const gnss = startGnss(transport, { delays: QUICK });
      try {
        await until(gnss, ({ state }) => state === 'ready');
        await work(sim, gnss);
      } finally {
        await gnss.close();
        await end();
        await sim.close();
      }
    };
    const placed = (gnss: GnssHandle): Fix => {
      const fix = gnss.place();
      assert.ok(fix !== undefined);
      return fix;
    };

    it('tells the place and how sure it is, and follows when it is carried away', () =>
      on(async (sim, gnss) => {
        assert.ok(distanceMetres(placed(gnss), SKY) < 1);
        assert.equal(placed(gnss).accuracyMetres, 9);
        await sim.order({ do: 'place', latitude: -33.9, longitude: -70.6 });
        await eventually('the new place', () => Math.abs((gnss.place()?.latitude ?? 0) + 33.9) < 1e-4);
        await sim.order({ do: 'sky', satellites: 20, hdop: 0.5 });
        await eventually('no better than a receiver can', () => gnss.place()?.accuracyMetres === 5);
        await sim.order({ do: 'sky', satellites: 4, hdop: 6 });
        await eventually('the poorer sky', () => gnss.place()?.accuracyMetres === 60);
      }));

    for (const [order, code] of [
      [{ do: 'no-fix' }, 'gnss-no-fix'],
      [{ do: 'garble' }, 'gnss-absent'],
      [{ do: 'silent' }, 'gnss-absent'],
      [{ do: 'unplug' }, 'gnss-absent'],
    ] as const) {
      if (opens === 'once' && code === 'gnss-absent') continue;
      it(`${order.do}: no place is made up, ${code}; well again after normal`, () =>
        on(async (sim, gnss) => {
          await sim.order(order);
          await until(gnss, ({ problem }) => problem?.code === code);
          await eventually('the old place is forgotten', () => gnss.place() === undefined);
          await sim.order({ do: 'normal' });
          await until(gnss, ({ state }) => state === 'ready');
        }));
    }

    it('reads on through noise', () =>
      on(async (sim, gnss) => {
        await sim.order({ do: 'noise' });
        await sim.order({ do: 'place', latitude: 27, longitude: 76 });
        await eventually('the place behind the noise', () => Math.abs((gnss.place()?.latitude ?? 0) - 27) < 1e-4);
      }));
  });
}

contract('tcp', 'again', async (sim) => ({ transport: tcpTransport(sim), end: async () => undefined }));
if (HAS_SOCAT) {
  contract('a serial line', 'once', async ({ host, port }) => {
    const { path, end } = await ptyTo(host, port);
    return { transport: serialTransport({ path, baudRate: 9_600, flow: 'none' }), end };
  });
} else {
  it.skip('gnss over a serial line needs socat (Debian package socat), which is not installed here');
}
