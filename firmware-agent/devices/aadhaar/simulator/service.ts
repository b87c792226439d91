import type { Socket } from 'node:net';
import { Door } from '../../simulation/door.js';
import { capturedXml, deviceInfoXml, DOCTYPE_BOMB, errorXml, serviceXml, type Block, type Identity, type Maker } from './answers.js';
import { response, serveOne, type HttpRequest } from './http.js';

export const RD_FAULTS = ['none', 'garbage', 'doctype', 'truncate', 'drip', 'silent', 'no-data', 'oversize', 'status-500', 'not-http'] as const;
export type RdServiceFault = (typeof RD_FAULTS)[number];
export type RdServicePlan = { readonly maker: Maker; readonly modality: 'finger' | 'iris'; readonly port: number };

type Waiting = { readonly reply: (bytes: Uint8Array) => void; readonly stop: () => void };

const DRIP_MS = 20;
/** Sixteen fingers' images: more than can be handed on, and less than a frame of the link. */
const OVERSIZE_BYTES = 200 * 1024;

/** One RD service on one port, with its one device. It serves one capture at a time; a second one is told 710. */
export class RdService {
  status: 'READY' | 'USED' | 'NOTREADY' = 'READY';
  fault: RdServiceFault = 'none';
  /** Whether its device has registered with its maker; without, DEVICEINFO names no provider and a capture ends with 720. */
  registered: 'yes' | 'no' = 'yes';
  readonly door: Door;
  private readonly plan: RdServicePlan;
  private codes: number[] = [];
  private fingers: number[] = [];
  private waiting: Waiting | undefined;
  private captures = 0;
  /** Lines with a question that is not answered yet. */
  private readonly asked = new Set<Socket>();
  private mostAtOnce = 0;
  private lastBlock: Block | undefined;
  private lastOptions = '';

  constructor(host: string, plan: RdServicePlan) {
    this.plan = plan;
    this.door = new Door(host, plan.port, (socket) => this.greet(socket));
  }

  get identity(): Identity {
    return { ...this.plan, port: this.door.port };
  }

  /** A finger on the glass, for the capture that waits or the next ones. */
  lay(quality: number, times: number): void {
    this.fingers.push(...Array.from({ length: times }, () => quality));
    this.serveWaiting();
  }

  /** The next captures end with this code. */
  fail(code: number, times: number): void {
    this.codes.push(...Array.from({ length: times }, () => code));
    this.serveWaiting();
  }

  /** The service ends, and with it the capture that waits. */
  async unplug(): Promise<void> {
    this.waiting?.stop();
    this.waiting = undefined;
    await this.door.unplug();
  }

  mend(): void {
    this.status = 'READY';
    this.registered = 'yes';
    this.fault = 'none';
    this.codes = [];
    this.fingers = [];
  }

  state(): Record<string, unknown> {
    const { port, maker, modality } = this.identity;
    const { status, fault, registered, captures, mostAtOnce, lastOptions } = this;
    const capture = this.waiting === undefined ? 'none' : 'waits for a finger';
    return {
      port,
      maker,
      modality,
      line: this.door.standing,
      status,
      fault,
      registered,
      capture,
      captures,
      mostAtOnce,
      lastOptions,
      lastDataSha256: this.lastBlock?.dataSha256,
    };
  }

  async close(): Promise<void> {
    this.waiting?.stop();
    await this.door.unplug();
  }

  private greet(socket: Socket): void {
    if (this.fault === 'not-http') return void socket.end('SSH-2.0-not a web server\r\n');
    return serveOne(socket, (request, reply) => {
      this.asked.add(socket);
      this.mostAtOnce = Math.max(this.mostAtOnce, this.asked.size);
      socket.on('close', () => this.asked.delete(socket));
      const answer = (bytes: Uint8Array): void => {
        this.asked.delete(socket);
        reply(bytes);
      };
      this.serve(request, answer, socket);
    });
  }

  private serve(request: HttpRequest, reply: (bytes: Uint8Array) => void, socket: Socket): void {
    const { identity } = this;
    if (this.fault === 'silent') return undefined;
    if (request.verb === 'RDSERVICE') return reply(response(200, serviceXml(identity, this.waiting === undefined ? this.status : 'USED')));
    if (request.verb === 'DEVICEINFO') return reply(response(200, deviceInfoXml(identity, this.registered)));
    if (request.verb !== 'CAPTURE') return reply(response(405, ''));
    this.lastOptions = request.body;
    this.captures += 1;
    if (this.waiting !== undefined) return reply(response(200, errorXml(identity, 710, 'Device is busy')));
    if (this.status === 'NOTREADY' || this.registered === 'no') return reply(response(200, errorXml(identity, 720, 'Device not ready')));
    if (this.status === 'USED') return reply(response(200, errorXml(identity, 710, 'Being used by another application')));
    const timeoutMs = Number.parseInt(/timeout="(\d{1,6})"/u.exec(request.body)?.[1] ?? '10000', 10);
    const timer = setTimeout(() => this.finish(response(200, errorXml(identity, 700, 'Capture timed out'))), timeoutMs);
    this.waiting = { stop: () => clearTimeout(timer), reply: (bytes) => this.send(socket, reply, bytes) };
    return this.serveWaiting();
  }

  private serveWaiting(): void {
    if (this.waiting === undefined) return;
    const code = this.codes.shift();
    if (code !== undefined) return this.finish(response(200, errorXml(this.identity, code, `code ${code} by order`)));
    const quality = this.fingers.shift();
    if (quality !== undefined) this.finish(this.captured(quality));
  }

  private captured(quality: number): Buffer {
    const block = capturedXml(this.identity, quality);
    this.lastBlock = block;
    switch (this.fault) {
      case 'garbage':
        return response(200, '\u0000<PidData><Resp errCode=0></PidDat');
      case 'doctype':
        return response(200, DOCTYPE_BOMB);
      case 'no-data':
        return response(200, block.xml.replace(/<Data.*<\/Data>/u, ''));
      case 'oversize':
        return response(200, block.xml + ' '.repeat(OVERSIZE_BYTES));
      case 'status-500':
        return response(500, '');
      default:
        return response(200, block.xml);
    }
  }

  private finish(bytes: Uint8Array): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.stop();
    waiting?.reply(bytes);
  }

  private send(socket: Socket, reply: (bytes: Uint8Array) => void, bytes: Uint8Array): void {
    if (this.fault === 'truncate') return reply(bytes.subarray(0, bytes.length >> 1));
    return this.fault === 'drip' ? drip(socket, bytes) : reply(bytes);
  }
}

/** A byte now and then: never ends within anybody's patience. */
function drip(socket: Socket, bytes: Uint8Array): void {
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    if (socket.destroyed || sent > bytes.length) clearInterval(timer);
    else socket.write(bytes.subarray(sent - 1, sent));
  }, DRIP_MS);
}
