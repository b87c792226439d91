import { createServer, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import { unreachable } from '#protocol/result/result.js';
import { listen, startControl, type ControlAnswer, type ControlPlace } from '../../simulation/control.js';
import { hidOver } from '../../transport/hid-socket.js';
import type { HidConnection } from '../../transport/hid.js';
import { connectionOf } from '../../transport/tcp.js';
import { SAMPLE_STATUS } from '../codec/bio.js';
import { PIN_CODE_POINTS_MIN } from '../codec/pin-uv.js';
import { Authenticator } from './authenticator.js';
import { HidDevice } from './hid-device.js';
import { Person } from './person.js';

/** What another process or a test may do with the virtual key. One JSON object a line on its control socket. */
export const keyOrder = z.discriminatedUnion('do', [
  /** A finger on the sensor, now: does something only while the key waits for it. */
  z
    .strictObject({ do: z.literal('finger'), finger: z.enum(['right', 'wrong']).default('right') })
    .describe('a finger is laid on it, the right or a wrong one'),
  /** While a finger is enrolled: how the sensor saw it. */
  z.strictObject({ do: z.literal('sample'), sample: z.enum(SAMPLE_STATUS) }).describe('how the next finger at an enrolment is read'),
  /** What the finger does by itself whenever the key waits: nothing, or come. */
  z.strictObject({ do: z.literal('habit'), habit: z.enum(['waits', 'right', 'wrong']) }).describe('what it does whenever it asks for a finger'),
  /** How long the key waits for a finger. */
  z.strictObject({ do: z.literal('patience'), patienceMs: z.int().min(10).max(60_000) }).describe('how long it waits for a finger'),
  z.strictObject({ do: z.literal('unplug') }).describe('it is pulled'),
  /** Pulled the moment the key waits for a finger, once. */
  z.strictObject({ do: z.literal('unplug-at-touch') }).describe('it is pulled while it waits for a finger'),
  z.strictObject({ do: z.literal('plug') }).describe('it is put back'),
  /** No finger tries left. */
  z.strictObject({ do: z.literal('blocked') }).describe('too many wrong fingers: no finger is taken'),
  z
    .strictObject({ do: z.literal('wire'), fault: z.enum(['none', 'busy', 'wrong-channel', 'garbage', 'silent', 'bad-sequence']) })
    .describe('a fault of its messages'),
  z.strictObject({ do: z.literal('counter'), counting: z.enum(['rising', 'stuck', 'falling', 'none']) }).describe('how its signature counter moves'),
  z.strictObject({ do: z.literal('signature'), signature: z.enum(['good', 'bad']) }).describe('its signatures are good or bad'),
  /** All credentials gone, as after a reset. */
  z.strictObject({ do: z.literal('forget') }).describe('it loses its credentials'),
  z.strictObject({ do: z.literal('no-fingers') }).describe('no finger is enrolled on it'),
  /** Whoever issues the key wants longer PINs. One that is set and shorter must be changed. */
  z.strictObject({ do: z.literal('pin-length'), codePoints: z.int().min(4).max(63) }).describe('the shortest PIN that it takes'),
  z.strictObject({ do: z.literal('enrolment-by'), owner: z.enum(['finger-or-pin', 'pin']) }).describe('by what its owner may manage its fingers'),
  z.strictObject({ do: z.literal('level'), level: z.enum(['2.0', '2.1']) }).describe('which CTAP it speaks'),
  /** Every fault mended, one finger enrolled; credentials stay. */
  z.strictObject({ do: z.literal('normal') }).describe('every fault is mended'),
  z.strictObject({ do: z.literal('state') }).describe('how it stands'),
]);
export type KeyOrder = z.input<typeof keyOrder>;
type Order = z.output<typeof keyOrder>;

export type KeySimulator = {
  readonly host: string;
  readonly port: number;
  readonly control: ControlPlace | undefined;
  readonly order: (order: KeyOrder) => Promise<ControlAnswer>;
  /** Resolves at the next moment when the key waits for a finger. */
  readonly awaitsFinger: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** As CTAP 2.1 §11.2.8.1 has it: usage page F1D0, usage 01, 64 bytes in and out without a number. */
export const KEY_DESCRIPTOR = Uint8Array.from(Buffer.from('06d0f10901a1010920150026ff007508954081020921150026ff00750895409102c0', 'hex'));

/** A security key on a socket. As with hidraw, every program that has it open hears all that it says. */
class VirtualKey {
  readonly person = new Person();
  readonly authenticator = new Authenticator(this.person);
  readonly device = new HidDevice(this.authenticator, (report) => this.say(report));
  private readonly hosts = new Set<HidConnection>();
  private readonly place: { readonly host: string };
  private server: Server | undefined;
  port: number;

  constructor(host: string, port: number) {
    this.place = { host };
    this.port = port;
    this.normal();
  }

  get isPlugged(): boolean {
    return this.server !== undefined;
  }

  normal(): void {
    const { person, authenticator, device } = this;
    person.habit = 'waits';
    person.patienceMs = 30_000;
    device.fault = 'none';
    authenticator.counting = 'rising';
    authenticator.signatures = 'good';
    authenticator.level = '2.1';
    authenticator.enrolmentBy = 'finger-or-pin';
    authenticator.secrets.uvTries = 5;
    authenticator.secrets.setPinCodePointsMin(PIN_CODE_POINTS_MIN);
    if (authenticator.fingers.stored.size === 0) authenticator.fingers.add('first');
  }

  async plug(): Promise<void> {
    if (this.server !== undefined) return;
    const server = createServer((socket) => this.attach(socket));
    this.server = server;
    const place = await listen(server, { host: this.place.host, port: this.port });
    if ('port' in place) this.port = place.port;
  }

  async unplug(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    this.device.reset();
    await Promise.all([...this.hosts].map((host) => host.close()));
    this.hosts.clear();
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }

  private attach(socket: Socket): void {
    const host = hidOver(connectionOf(socket, 'host'), KEY_DESCRIPTOR);
    this.hosts.add(host);
    host.onClose(() => this.hosts.delete(host));
    // The first byte is the report's number.
    host.onReport((report) => this.device.take(report.subarray(1)));
  }

  private say(report: Uint8Array): void {
    for (const host of this.hosts) void host.write(report);
  }
}

/** A FIDO2 key with a fingerprint sensor, true to the wire, which fails on order. */
export async function startKeySimulator(line: { readonly host: string; readonly port: number }, controlPlace?: ControlPlace): Promise<KeySimulator> {
  const key = new VirtualKey(line.host, line.port);
  await key.plug();
  const order = (wanted: Order): Promise<ControlAnswer> => perform(key, wanted);
  const control = controlPlace === undefined ? undefined : await startControl(controlPlace, keyOrder, order);
  return {
    host: line.host,
    port: key.port,
    control: control?.place,
    order: (wanted) => order(keyOrder.parse(wanted)),
    awaitsFinger: () => key.person.awaited(),
    async close() {
      await control?.close();
      await key.unplug();
    },
  };
}

async function perform(key: VirtualKey, order: Order): Promise<ControlAnswer> {
  const { person, authenticator, device } = key;
  const nobodyWaits: ControlAnswer = { ok: false, error: 'the key does not wait for a finger' };
  switch (order.do) {
    case 'finger':
      if (!person.do({ kind: 'press', press: order.finger })) return nobodyWaits;
      break;
    case 'sample':
      if (!person.do({ kind: 'sample', status: SAMPLE_STATUS.indexOf(order.sample) })) return nobodyWaits;
      break;
    case 'habit':
      person.habit = order.habit;
      break;
    case 'patience':
      person.patienceMs = order.patienceMs;
      break;
    case 'unplug':
      await key.unplug();
      break;
    case 'unplug-at-touch':
      void person.awaited().then(() => key.unplug());
      break;
    case 'plug':
      await key.plug();
      break;
    case 'wire':
      device.fault = order.fault;
      break;
    case 'normal':
      key.normal();
      break;
    case 'state':
      break;
    default:
      setUp(authenticator, order);
  }
  return { ok: true, state: stateOf(key) };
}

type Setting = 'blocked' | 'counter' | 'signature' | 'forget' | 'no-fingers' | 'pin-length' | 'enrolment-by' | 'level';

/** What is inside the key, whatever its line and its owner do. */
function setUp(authenticator: Authenticator, order: Extract<Order, { readonly do: Setting }>): void {
  switch (order.do) {
    case 'blocked':
      authenticator.secrets.uvTries = 0;
      return;
    case 'counter':
      authenticator.counting = order.counting;
      return;
    case 'signature':
      authenticator.signatures = order.signature;
      return;
    case 'forget':
      authenticator.credentials.clear();
      return;
    case 'no-fingers':
      authenticator.fingers.stored.clear();
      return;
    case 'pin-length':
      authenticator.secrets.setPinCodePointsMin(order.codePoints);
      return;
    case 'enrolment-by':
      authenticator.enrolmentBy = order.owner;
      return;
    case 'level':
      authenticator.level = order.level;
      return;
    default:
      unreachable(order);
  }
}

function stateOf({ isPlugged, person, authenticator, device }: VirtualKey): Record<string, unknown> {
  return {
    line: isPlugged ? 'plugged' : 'unplugged',
    waits: person.isAwaited ? 'for-finger' : device.isWorking ? 'no-and-works' : 'no',
    habit: person.habit,
    level: authenticator.level,
    wire: device.fault,
    counter: authenticator.counter,
    counting: authenticator.counting,
    credentials: authenticator.credentials.size,
    fingers: [...authenticator.fingers.stored.values()].map(({ name }) => name),
    fingerTries: authenticator.secrets.uvTries,
    pin: authenticator.secrets.pinHash === undefined ? 'not-set' : 'set',
  };
}
