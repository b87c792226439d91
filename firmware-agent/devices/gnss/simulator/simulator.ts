import type { Socket } from 'node:net';
import { z } from 'zod';
import { unreachable } from '#protocol/result/result.js';
import { startControl, type ControlAnswer, type ControlPlace } from '../../simulation/control.js';
import { Door } from '../../simulation/door.js';
import { checksumOf } from '../codec.js';

/** What another process or a test may do with the virtual receiver. One JSON object a line on its control socket. */
export const gnssOrder = z.discriminatedUnion('do', [
  z
    .strictObject({ do: z.literal('place'), latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) })
    .describe('the counter is carried to another place; degrees north and east'),
  z
    .strictObject({ do: z.literal('sky'), satellites: z.int().min(0).max(30), hdop: z.number().min(0.5).max(50).optional() })
    .describe('how much of the sky it sees; fewer than four satellites give no place'),
  z.strictObject({ do: z.literal('no-fix') }).describe('a roof over it: no place'),
  z.strictObject({ do: z.literal('garble') }).describe('every sentence comes with a wrong letter in it'),
  z.strictObject({ do: z.literal('noise') }).describe('bytes of nothing between the sentences'),
  z.strictObject({ do: z.literal('silent') }).describe('says nothing any more'),
  z.strictObject({ do: z.literal('unplug') }).describe('the cable is pulled'),
  z.strictObject({ do: z.literal('plug') }).describe('the cable is put back'),
  z.strictObject({ do: z.literal('normal') }).describe('every fault is mended; it stays where it is'),
  z.strictObject({ do: z.literal('state') }).describe('how it stands'),
]);
export type GnssOrder = z.infer<typeof gnssOrder>;

export type GnssSimulatorOptions = {
  readonly host: string;
  readonly port: number;
  readonly control?: ControlPlace;
  /** Where it stands at first; Chandpole in Jaipur when left out. */
  readonly latitude?: number;
  readonly longitude?: number;
  /** Between two reports; a second in real receivers. */
  readonly everyMs?: number;
};

export type GnssSimulator = {
  readonly host: string;
  readonly port: number;
  readonly control: ControlPlace | undefined;
  readonly order: (order: GnssOrder) => Promise<ControlAnswer>;
  readonly close: () => Promise<void>;
};

type Sky = { latitude: number; longitude: number; satellites: number; hdop: number; fault: 'none' | 'garble' | 'noise' | 'silent' };

/** A receiver on a TCP line that says GGA, RMC and GSA each second, and fails on order. */
export async function startGnssSimulator(options: GnssSimulatorOptions): Promise<GnssSimulator> {
  const sky: Sky = { latitude: options.latitude ?? 26.924, longitude: options.longitude ?? 75.8146, satellites: 9, hdop: 0.9, fault: 'none' };
  const clients = new Set<Socket>();
  const door = new Door(options.host, options.port, (socket) => {
    clients.add(socket);
    socket.on('close', () => clients.delete(socket));
  });
  await door.plug();
  const report = (): void => {
    const bytes = Buffer.from(reportOf(sky, new Date()), 'latin1');
    for (const client of clients) if (bytes.length > 0) client.write(bytes);
  };
  const timer = setInterval(report, options.everyMs ?? 1_000);

  const order = async (wanted: GnssOrder): Promise<ControlAnswer> => {
    switch (wanted.do) {
      case 'place':
      case 'sky':
      case 'no-fix':
      case 'garble':
      case 'noise':
      case 'silent':
        turn(sky, wanted);
        break;
      case 'unplug':
        await door.unplug();
        break;
      case 'plug':
        await door.plug();
        break;
      case 'normal':
        Object.assign(sky, { satellites: 9, hdop: 0.9, fault: 'none' });
        await door.plug();
        break;
      case 'state':
        break;
      default:
        return unreachable(wanted);
    }
    report();
    return { ok: true, state: { line: door.standing, ...sky } };
  };
  const control = options.control === undefined ? undefined : await startControl(options.control, gnssOrder, order);
  return {
    host: door.host,
    port: door.port,
    control: control?.place,
    order,
    async close() {
      clearInterval(timer);
      await control?.close();
      await door.unplug();
    },
  };
}

function turn(sky: Sky, wanted: Extract<GnssOrder, { do: 'place' | 'sky' | 'no-fix' | 'garble' | 'noise' | 'silent' }>): void {
  switch (wanted.do) {
    case 'place':
      Object.assign(sky, { latitude: wanted.latitude, longitude: wanted.longitude });
      break;
    case 'sky':
      Object.assign(sky, { satellites: wanted.satellites, hdop: wanted.hdop ?? sky.hdop });
      break;
    case 'no-fix':
      sky.satellites = 0;
      break;
    default:
      sky.fault = wanted.do;
  }
}

/** One second of a receiver: three sentences of NMEA 0183. */
export function reportOf({ latitude, longitude, satellites, hdop, fault }: Sky, at: Date): string {
  if (fault === 'silent') return '';
  const time = `${at.toISOString().slice(11, 19).replaceAll(':', '')}.00`;
  const date = `${at.toISOString().slice(8, 10)}${at.toISOString().slice(5, 7)}${at.toISOString().slice(2, 4)}`;
  const fixed = satellites >= 4;
  const north = fixed ? `${angle(latitude, 2)},${latitude < 0 ? 'S' : 'N'}` : ',';
  const east = fixed ? `${angle(longitude, 3)},${longitude < 0 ? 'W' : 'E'}` : ',';
  const seen = String(satellites).padStart(2, '0');
  const sentences = [
    sentence(`GNGGA,${time},${north},${east},${fixed ? 1 : 0},${seen},${fixed ? hdop.toFixed(1) : ''},${fixed ? '431.0,M,-52.0,M' : ',M,,M'},,`),
    sentence(`GNRMC,${time},${fixed ? 'A' : 'V'},${north},${east},0.0,,${date},,,${fixed ? 'A' : 'N'}`),
    sentence(`GNGSA,A,${fixed ? 3 : 1},,,,,,,,,,,,,${(hdop * 1.6).toFixed(1)},${hdop.toFixed(1)},${(hdop * 1.3).toFixed(1)}`),
  ];
  const whole = sentences.join('');
  if (fault === 'garble') return sentences.map((one) => `${one.slice(0, 12)}#${one.slice(13)}`).join('');
  return fault === 'noise' ? `\u0000\u00ff$GP${whole}$GNGGA,1` : whole;
}

function sentence(text: string): string {
  return `$${text}*${checksumOf(text)}\r\n`;
}

/** `ddmm.mmmmm` */
function angle(degrees: number, digits: 2 | 3): string {
  const hundredThousandths = Math.round(Math.abs(degrees) * 60 * 1e5);
  const whole = Math.floor(hundredThousandths / 6_000_000);
  const minutes = ((hundredThousandths - whole * 6_000_000) / 1e5).toFixed(5).padStart(8, '0');
  return `${String(whole).padStart(digits, '0')}${minutes}`;
}
