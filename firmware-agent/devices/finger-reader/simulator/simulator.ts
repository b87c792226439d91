import { createServer, type Server, type Socket } from 'node:net';
import { unreachable } from '#protocol/result/result.js';
import { listen, startControl, type ControlAnswer, type ControlPlace } from '../../simulation/control.js';
import { OPCODE } from '../codec/commands.js';
import { noFaults } from './faults.js';
import { MODELS, type ModelName } from './models.js';
import { fingerOrder, type FingerOrder } from './orders.js';
import { VirtualModule } from './virtual-module.js';

export type FingerSimulatorOptions = {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly model: ModelName;
  /** Payload of a data packet; 128 as the modules leave the factory. */
  readonly packetBytes?: 32 | 64 | 128 | 256;
  readonly control?: ControlPlace;
};

export type FingerState = {
  readonly line: 'plugged' | 'unplugged';
  readonly glass: string;
  readonly light: string;
  /** Page and finger. */
  readonly pages: Readonly<Record<string, string>>;
  /** How often each command was heard, by its name in the codec. */
  readonly commands: Readonly<Record<string, number>>;
};

export type FingerSimulator = {
  readonly host: string;
  readonly port: number;
  readonly control: ControlPlace | undefined;
  readonly order: (order: FingerOrder) => Promise<FingerState>;
  readonly close: () => Promise<void>;
};

/** A module needs this long from power to its first word. */
const STARTING_MS = 40;

/** The wire: one program at the other end. Answers are late on order, and a module that starts speaks out of turn. */
class Wire {
  private readonly host: string;
  private readonly timers = new Set<NodeJS.Timeout>();
  private server: Server | undefined;
  private client: Socket | undefined;
  private power: 'starts-with-line' | 'starting' | 'on' = 'starts-with-line';
  module: VirtualModule | undefined;

  constructor(host: string) {
    this.host = host;
  }

  get isPlugged(): boolean {
    return this.server !== undefined;
  }

  async plug(port: number): Promise<number> {
    if (this.server !== undefined) return port;
    this.server = createServer((socket) => this.attach(socket));
    const place = await listen(this.server, { host: this.host, port });
    return 'port' in place ? place.port : port;
  }

  async unplug(): Promise<void> {
    const open = this.server;
    this.server = undefined;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.power = 'starts-with-line';
    this.module?.restart();
    if (open === undefined) return;
    const closed = new Promise<void>((resolve) => {
      open.close(() => resolve());
    });
    this.client?.destroy();
    await closed;
  }

  say(bytes: Uint8Array): void {
    const delayMs = this.module?.faults.delayMs ?? 0;
    if (delayMs === 0) this.write(bytes);
    else this.later(delayMs, () => this.write(bytes));
  }

  /** What a module really says when its power comes: a 00 of the rising line, and 55 when it is ready. Until then it is deaf. */
  start(): void {
    this.power = 'starting';
    this.write(Uint8Array.of(0x00));
    this.later(STARTING_MS, () => {
      this.power = 'on';
      this.write(Uint8Array.of(0x55));
    });
  }

  private attach(socket: Socket): void {
    this.client?.destroy();
    this.client = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      if (this.power === 'on') this.module?.receive(chunk);
    });
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.destroy());
    if (this.power === 'starts-with-line') this.start();
  }

  private write(bytes: Uint8Array): void {
    if (this.client !== undefined && !this.client.destroyed) this.client.write(bytes);
  }

  private later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, delayMs);
    this.timers.add(timer);
  }
}

/** A serial fingerprint module on a TCP port, as behind a serial server: true to the wire, and failing on order. */
export async function startFingerSimulator(options: FingerSimulatorOptions): Promise<FingerSimulator> {
  const wire = new Wire(options.host);
  const module = new VirtualModule(MODELS[options.model], options.packetBytes ?? 128, (bytes) => wire.say(bytes));
  wire.module = module;
  const port = await wire.plug(options.port);
  const order = async (wanted: FingerOrder): Promise<FingerState> => {
    if (wanted.do === 'unplug') await wire.unplug();
    else if (wanted.do === 'plug' || wanted.do === 'normal') await wire.plug(port);
    if (wanted.do === 'restart' || wanted.do === 'exchange') wire.start();
    obey(module, wanted);
    return stateOf(wire, module);
  };
  const perform = async (wanted: FingerOrder): Promise<ControlAnswer> => ({ ok: true, state: await order(wanted) });
  const control = options.control === undefined ? undefined : await startControl(options.control, fingerOrder, perform);
  return {
    host: options.host,
    port,
    control: control?.place,
    order,
    async close() {
      await control?.close();
      await wire.unplug();
    },
  };
}

function obey(module: VirtualModule, order: FingerOrder): void {
  const { faults } = module;
  switch (order.do) {
    case 'press':
      module.finger = { name: order.finger, quality: order.quality ?? 'good', until: order.until ?? 'lifted' };
      return;
    case 'lift':
      module.finger = undefined;
      return;
    case 'garble':
    case 'cut':
      faults.answers = { kind: order.do === 'cut' ? 'cut' : 'garbled', left: order.answers ?? Number.MAX_SAFE_INTEGER };
      return;
    case 'spoil-data':
      faults.data = order.how;
      return;
    case 'stale':
      faults.stale = Buffer.from(order.bytes, 'hex');
      return;
    case 'slow':
      faults.delayMs = order.delayMs;
      return;
    case 'silent':
      faults.hearing = 'deaf';
      return;
    case 'lose-answer':
    case 'lose-command':
      faults.lost = { opcode: order.opcode, done: order.do === 'lose-answer' ? 'done' : 'not-done' };
      return;
    case 'flash-error':
      faults.flash = 'broken';
      return;
    case 'enrol-mismatch':
      faults.samples = 'differ';
      return;
    case 'password':
      module.password = Number.parseInt(order.password, 16);
      module.restart();
      return;
    case 'restart':
      module.restart();
      return;
    case 'exchange':
      module.exchange();
      return;
    case 'normal':
      module.faults = noFaults();
      module.finger = undefined;
      return;
    case 'unplug':
    case 'plug':
    case 'state':
      return;
    default:
      unreachable(order);
  }
}

function stateOf(wire: Wire, module: VirtualModule): FingerState {
  const names = new Map<number, string>(Object.entries(OPCODE).map(([name, opcode]) => [opcode, name]));
  return {
    line: wire.isPlugged ? 'plugged' : 'unplugged',
    glass: module.finger?.name ?? '',
    light: module.light,
    pages: Object.fromEntries([...module.library].map(([page, template]) => [String(page), module.nameOf(template)])),
    commands: Object.fromEntries([...module.heard].map(([opcode, times]) => [names.get(opcode) ?? `0x${opcode.toString(16)}`, times])),
  };
}
