import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { startControl, type ControlAnswer, type ControlPlace } from '../../simulation/control.js';
import { Door } from '../../simulation/door.js';
import { systemTimers } from '../../timers.js';
import { decode, OPERATION } from '../ipp.js';
import { IppAnswers } from './answers.js';
import { pagePrinterOrder, type PagePrinterOrder } from './orders.js';
import { VirtualPagePrinter } from './printer.js';

export type PagePrinterSimulator = {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly control: ControlPlace | undefined;
  readonly order: (order: PagePrinterOrder) => Promise<ControlAnswer>;
  readonly close: () => Promise<void>;
};

export type PagePrinterSimulatorOptions = {
  readonly host: string;
  readonly port: number;
  /** Where each completed job is kept as a PDF; nowhere when left out. */
  readonly folder?: string;
  /** How long one sheet takes. */
  readonly pageMs?: number;
  readonly control?: ControlPlace;
};

const MOST_REQUEST_BYTES = 100 * 1024 * 1024;
const GARBAGE = Buffer.from('02000000000000ff01ff00ffff80000000', 'hex');

/** What is wrong on the way to the printer, beside what is wrong with it. */
type Wire = { drop: 'none' | 'sending' | 'answering' | 'printing'; answers: 'ipp' | 'garbage'; delayMs: number };
const wellWire = (): Wire => ({ drop: 'none', answers: 'ipp', delayMs: 0 });

/** A printer of sheets that speaks IPP/2.0 over HTTP, keeps the PDFs, and fails on order. */
export async function startPagePrinterSimulator(options: PagePrinterSimulatorOptions): Promise<PagePrinterSimulator> {
  const { host, port, folder, pageMs = 1_000 } = options;
  const printer = new VirtualPagePrinter({ timers: systemTimers, pageMs, folder });
  const wire = wellWire();
  const server = createServer();
  const door = new Door(host, port, (socket) => void server.emit('connection', socket));
  const uri = (): string => `ipp://${host}:${door.port}/ipp/print`;
  const answers = new IppAnswers(printer, uri);
  const pauses = new Set<NodeJS.Timeout>();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => serve(request, response, { printer, answers, wire, pauses }));
  await door.plug();

  const order = async (wanted: PagePrinterOrder): Promise<ControlAnswer> => {
    switch (wanted.do) {
      case 'drop':
        wire.drop = wanted.when;
        break;
      case 'garbage':
        wire.answers = 'garbage';
        break;
      case 'slow':
        wire.delayMs = wanted.delayMs;
        break;
      case 'unplug':
        await door.unplug();
        break;
      case 'plug':
        await door.plug();
        break;
      case 'normal':
        Object.assign(wire, wellWire());
        printer.fault = 'none';
        await door.plug();
        break;
      case 'state':
        break;
      default:
        printer.fault = wanted.do;
    }
    const jobs = printer.jobs.map(({ id, name, copies, state, sheets }) => ({ id, name, copies, state, sheets }));
    return { ok: true, state: { line: door.standing, printer: printer.state, fault: printer.fault, wire: { ...wire }, jobs } };
  };
  const control = options.control === undefined ? undefined : await startControl(options.control, pagePrinterOrder, order);
  return {
    host,
    port: door.port,
    url: uri(),
    control: control?.place,
    order,
    async close() {
      await control?.close();
      printer.stop();
      for (const pause of pauses) clearTimeout(pause);
      await door.unplug();
    },
  };
}

type Serving = { readonly printer: VirtualPagePrinter; readonly answers: IppAnswers; readonly wire: Wire; readonly pauses: Set<NodeJS.Timeout> };

function serve(request: IncomingMessage, response: ServerResponse, { printer, answers, wire, pauses }: Serving): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('error', () => request.socket.destroy());
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    chunks.push(chunk);
    const isJob = (chunks[0]?.readUInt16BE(2) ?? 0) === OPERATION.printJob;
    if (length > MOST_REQUEST_BYTES || (wire.drop === 'sending' && isJob)) request.socket.destroy();
  });
  request.on('end', () => {
    if (request.socket.destroyed) return;
    const message = decode(Buffer.concat(chunks));
    if (request.method !== 'POST' || message === undefined) return void response.writeHead(400).end();
    const isPrinting = printer.jobs.some(({ endedS }) => endedS === undefined);
    if (wire.drop === 'printing' && isPrinting) return void request.socket.destroy();
    const answer = wire.answers === 'garbage' ? GARBAGE : answers.answer(message);
    if (wire.drop === 'answering' && message.code === OPERATION.printJob) return void request.socket.destroy();
    const send = (): void => void response.writeHead(200, { 'content-type': 'application/ipp', 'content-length': answer.length }).end(answer);
    if (wire.delayMs === 0) return send();
    const pause = setTimeout(() => {
      pauses.delete(pause);
      send();
    }, wire.delayMs);
    pauses.add(pause);
  });
}
