import { connect, createServer, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import { unreachable } from '#protocol/result/result.js';
import { listen, startControl, type ControlAnswer, type ControlPlace } from '../../simulation/control.js';

/** What another process or a test may do with the virtual scanner. One JSON object a line on its control socket. */
export const scannerOrder = z.discriminatedUnion('do', [
  z
    .strictObject({
      do: z.literal('scan'),
      text: z.string().min(1).max(20_000),
      aim: z.string().length(2).optional(),
      times: z.int().min(1).max(100).optional(),
    })
    .describe('a code before the window; aim is its symbology, such as C1; times is a finger that stays on the trigger'),
  z.strictObject({ do: z.literal('cut'), text: z.string().min(2) }).describe('the first half of a code, and then nothing'),
  z.strictObject({ do: z.literal('garble'), text: z.string().min(1) }).describe('a code with bytes in it that are no text'),
  z.strictObject({ do: z.literal('suffix'), suffix: z.enum(['cr', 'lf', 'crlf']) }).describe('what the codes end with, from now on'),
  z.strictObject({ do: z.literal('unplug') }).describe('the cable is pulled'),
  z.strictObject({ do: z.literal('plug') }).describe('the cable is put back'),
  z.strictObject({ do: z.literal('state') }).describe('how it stands'),
]);
export type ScannerOrder = z.infer<typeof scannerOrder>;

/** `serve`: waits for the reader, like a scanner behind a serial server. `dial`: calls the reader. */
export type ScannerLine = { readonly way: 'serve' | 'dial'; readonly host: string; readonly port: number };

export type ScannerSimulator = {
  readonly host: string;
  readonly port: number;
  readonly control: ControlPlace | undefined;
  readonly order: (order: ScannerOrder) => Promise<ControlAnswer>;
  readonly close: () => Promise<void>;
};

const SUFFIX = { cr: '\r', lf: '\n', crlf: '\r\n' } as const;

class Cable {
  private readonly line: ScannerLine;
  private server: Server | undefined;
  readonly readers = new Set<Socket>();
  port: number;

  constructor(line: ScannerLine) {
    this.line = line;
    this.port = line.port;
  }

  get isPlugged(): boolean {
    return this.server !== undefined || this.readers.size > 0;
  }

  async plug(): Promise<void> {
    if (this.isPlugged) return;
    if (this.line.way === 'dial') return this.dial();
    this.server = createServer((socket) => this.attach(socket));
    const place = await listen(this.server, { host: this.line.host, port: this.port });
    if ('port' in place) this.port = place.port;
  }

  async unplug(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const reader of this.readers) reader.destroy();
    this.readers.clear();
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }

  private dial(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: this.line.host, port: this.port });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        this.attach(socket);
        resolve();
      });
    });
  }

  private attach(socket: Socket): void {
    this.readers.add(socket);
    socket.setNoDelay(true);
    socket.resume();
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.readers.delete(socket));
  }
}

/** A barcode scanner's bytes on a TCP line, true to the wire, which fail on order. */
export async function startScannerSimulator(line: ScannerLine, controlPlace?: ControlPlace): Promise<ScannerSimulator> {
  const cable = new Cable(line);
  await cable.plug();
  let suffix: keyof typeof SUFFIX = 'cr';
  let sent = 0;

  const send = (bytes: Uint8Array): ControlAnswer => {
    if (cable.readers.size === 0) return { ok: false, error: 'nothing is connected to the scanner' };
    for (const reader of cable.readers) reader.write(bytes);
    sent += 1;
    return state();
  };
  const state = (): ControlAnswer => ({
    ok: true,
    state: { line: cable.isPlugged ? 'plugged' : 'unplugged', readers: cable.readers.size, sent, suffix },
  });

  const order = async (wanted: ScannerOrder): Promise<ControlAnswer> => {
    switch (wanted.do) {
      case 'scan': {
        const one = `${wanted.aim === undefined ? '' : `]${wanted.aim}`}${wanted.text}${SUFFIX[suffix]}`;
        return send(Buffer.from(one.repeat(wanted.times ?? 1), 'utf8'));
      }
      case 'cut':
        return send(Buffer.from(wanted.text, 'utf8').subarray(0, Math.ceil(wanted.text.length / 2)));
      case 'garble':
        return send(Buffer.concat([Buffer.from([0xff, 0xc0]), Buffer.from(`${wanted.text}${SUFFIX[suffix]}`, 'utf8')]));
      case 'suffix':
        suffix = wanted.suffix;
        return state();
      case 'unplug':
        await cable.unplug();
        return state();
      case 'plug':
        await cable.plug();
        return state();
      case 'state':
        return state();
      default:
        return unreachable(wanted);
    }
  };
  const control = controlPlace === undefined ? undefined : await startControl(controlPlace, scannerOrder, order);
  return {
    host: line.host,
    port: cable.port,
    control: control?.place,
    order,
    async close() {
      await control?.close();
      await cable.unplug();
    },
  };
}
