import { WebSocket, WebSocketServer } from 'ws';
import { openKioskProof } from './proof.js';
import type { Position } from '#protocol/ledger/entry.js';
import { equalBytes, signBytes } from '#protocol/signing/keys.js';
import { SECOND_MS } from '#protocol/time/time.js';
import {
  CLOSE,
  encodeWire,
  FRAME_BYTES_MAX,
  readKioskFrame,
  SUBPROTOCOL,
  type HubFrame,
  type KioskFrame,
  type Outcome,
} from '#protocol/wire/frames.js';
import { proofBytes } from '#protocol/wire/proof.js';
import { newestRuleBook } from '../../operations/rule-books.js';
import { channelOf, type UpgradeHandler } from '../../web/door.js';
import { answerAsk, type AnswerPorts } from './answers.js';
import { linkDevice, type LinkDevice } from './device.js';
import type { Pushed } from './ingest.js';

export type LinkServerInput = AnswerPorts & {
  /** A push with online sales was committed: departments can be asked. */
  readonly onlineSales: () => void;
  /** Something threw that should not; the link is ended, nothing was committed. */
  readonly onDefect: (what: string, error: unknown) => void;
  /** For people: a fork or a bad entry was seen. */
  readonly onAlarm: (kiosk: string, what: string) => void;
};

/** How long a kiosk may take to prove itself, and to be silent. */
export const LINK_DELAYS = { authMs: 8 * SECOND_MS, silenceMs: 45 * SECOND_MS } as const;
/** A kiosk that does not read is dropped rather than buffered for. */
const BUFFERED_BYTES_MAX = 4 * 1024 * 1024;

/** The hub's end of every kiosk link: one proven session for each kiosk, the newest wins. */
export class LinkServer {
  readonly #input: LinkServerInput;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  readonly #sessions = new Map<string, LinkSession>();
  readonly #open = new Set<LinkSession>();

  constructor(input: LinkServerInput) {
    this.#input = input;
  }

  /** Give to the door for `LINK_PATH`. */
  readonly upgrade: UpgradeHandler = (request, socket, head) => {
    const channel = channelOf(socket);
    this.#sockets.handleUpgrade(request, socket, head, (ws) => {
      const session = new LinkSession(this.#input, ws, channel, {
        proven: (device) => this.#proven(session, device),
        ended: () => this.#ended(session),
      });
      this.#open.add(session);
    });
  };

  #proven(session: LinkSession, device: LinkDevice): void {
    this.#sessions.get(device.kiosk)?.end(CLOSE.duplicate, 'the same kiosk has connected anew');
    this.#sessions.set(device.kiosk, session);
  }

  #ended(session: LinkSession): void {
    this.#open.delete(session);
    for (const [kiosk, known] of this.#sessions) if (known === session) this.#sessions.delete(kiosk);
  }

  /** Tells a kiosk what became of a sale, if it is connected; otherwise it asks when it comes back. */
  tell(kiosk: string, outcome: Outcome): void {
    this.#sessions.get(kiosk)?.send({ t: 'outcome', outcome });
  }

  askToCloseLease(kiosk: string): 'told' | 'not-connected' {
    const session = this.#sessions.get(kiosk);
    session?.send({ t: 'close-lease' });
    return session === undefined ? 'not-connected' : 'told';
  }

  get connected(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  close(): void {
    for (const session of this.#open) session.end(1001, 'the hub is stopping');
    this.#sockets.close();
  }
}

type SessionEvents = { readonly proven: (device: LinkDevice) => void; readonly ended: () => void };

class LinkSession {
  readonly #input: LinkServerInput;
  readonly #socket: WebSocket;
  readonly #channel: Uint8Array;
  readonly #events: SessionEvents;
  readonly #nonce: Uint8Array<ArrayBuffer>;
  #device: LinkDevice | undefined;
  /** After the end nothing is heard any more: frames that were on their way must not act beside a newer session of the same kiosk. */
  #state: 'open' | 'ended' = 'open';
  /** A kiosk whose chain is broken, or is not the one we hold, sells nothing and so needs no money set apart. */
  #chain: 'whole' | 'broken' = 'whole';
  #silence: NodeJS.Timeout;

  constructor(input: LinkServerInput, socket: WebSocket, channel: Uint8Array, events: SessionEvents) {
    this.#input = input;
    this.#socket = socket;
    this.#channel = channel;
    this.#events = events;
    this.#nonce = input.hub.random(32);
    this.#silence = setTimeout(() => this.end(CLOSE.authTimeout, 'no proof in time'), LINK_DELAYS.authMs);
    socket.on('message', (data, isBinary) => this.#take(isBinary && Buffer.isBuffer(data) ? data : Buffer.alloc(0)));
    socket.on('close', () => this.#gone());
    socket.on('error', () => this.#gone());
    this.send({ t: 'hello', nonce: this.#nonce, now: input.hub.now(), district: input.hub.district });
  }

  #gone(): void {
    this.#state = 'ended';
    clearTimeout(this.#silence);
    this.#events.ended();
  }

  send(frame: HubFrame): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > BUFFERED_BYTES_MAX) return this.end(CLOSE.overloaded, 'too slow a reader');
    this.#socket.send(encodeWire(frame));
  }

  end(code: number, reason: string): void {
    this.#state = 'ended';
    clearTimeout(this.#silence);
    this.#socket.close(code, reason.slice(0, 120));
    this.#events.ended();
  }

  #take(data: Buffer): void {
    if (this.#state === 'ended') return;
    const read = readKioskFrame(data);
    if (!read.ok) return this.end(CLOSE.protocol, read.error.detail);
    try {
      this.#handle(read.value);
    } catch (error) {
      this.#input.onDefect('kiosk link', error);
      this.end(1011, 'the hub failed; nothing of this was kept');
    }
  }

  #handle(frame: KioskFrame): void {
    if (frame.t === 'auth') return this.#device === undefined ? this.#prove(frame) : this.end(CLOSE.protocol, 'proven already');
    const device = this.#device;
    if (device === undefined) return this.end(CLOSE.auth, 'prove yourself first');
    this.#silence.refresh();
    switch (frame.t) {
      case 'push':
        return this.#push(device, frame.from, frame.entries);
      case 'ask': {
        if (this.#chain === 'broken' && (frame.ask.ask === 'hold' || frame.ask.ask === 'lease')) {
          const detail = 'the ledger of this kiosk is broken or forked: no money is set apart for it';
          return this.send({ t: 'answer', id: frame.id, answer: { answer: 'no', code: 'suspended', detail } });
        }
        answerAsk(this.#input, device, frame.ask).then(
          (answer) => this.send({ t: 'answer', id: frame.id, answer }),
          (error: unknown) => {
            this.#input.onDefect(`ask ${frame.ask.ask}`, error);
            this.send({ t: 'answer', id: frame.id, answer: { answer: 'no', code: 'internal', detail: 'the hub failed to answer' } });
          },
        );
        return;
      }
      case 'ping':
        return this.send({ t: 'pong', n: frame.n });
    }
  }

  #prove(frame: Extract<KioskFrame, { t: 'auth' }>): void {
    const { hub, ingest } = this.#input;
    const device = frame.district === hub.district ? linkDevice(hub, frame.kiosk, frame.epoch) : undefined;
    if (device === undefined) return this.end(CLOSE.unknown, 'no such kiosk or epoch in this district');
    const facts = { kiosk: frame.kiosk, epoch: frame.epoch, hubNonce: this.#nonce, kioskNonce: frame.nonce, channel: this.#channel };
    if (!openKioskProof(device, facts, frame.signature)) return this.end(CLOSE.auth, 'the proof does not belong to this kiosk and channel');
    if (device.state === 'retired') return this.end(CLOSE.suspended, 'this device was retired; another one works in its place');
    this.#chain = frame.ledger;
    if (frame.ledger === 'broken') this.#input.onAlarm(device.kiosk, 'the kiosk says that its ledger is broken');
    this.#device = device;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.end(CLOSE.authTimeout, 'silent for too long'), LINK_DELAYS.silenceMs);
    this.#events.proven(device);
    const tip = ingest.tip(device);
    const rules = newestRuleBook(hub);
    this.send({
      t: 'welcome',
      signature: signBytes(hub.hubKey, proofBytes('hub', facts)),
      now: hub.now(),
      have: { seq: tip.seq, hash: Uint8Array.from(tip.hash) },
      head: ingest.headOf(device, tip),
      ruleBook: rules.book.version > frame.ruleBook ? rules.bytes : null,
      state: device.state === 'active' ? 'active' : 'suspended',
    });
    const fault = frame.ledger === 'broken' ? undefined : this.#faultOf(device, frame.head, tip);
    if (fault === undefined) return;
    this.#chain = 'broken';
    this.#input.onAlarm(device.kiosk, fault);
  }

  /** What the kiosk's own head says against it. Entries that the hub does not hold yet are judged when they come. */
  #faultOf(device: LinkDevice, head: Position, tip: Position): string | undefined {
    const ours = this.#input.ingest.hashAt(device, head.seq);
    if (ours === undefined) return undefined;
    if (!equalBytes(ours, head.hash)) return `fork: another entry ${head.seq} than the hub holds`;
    if (head.seq === tip.seq) return undefined;
    return `an older copy of its ledger was put back, or entries were lost: it has ${head.seq} entries, the hub holds ${tip.seq}`;
  }

  #push(device: LinkDevice, from: number, entries: readonly Uint8Array[]): void {
    const pushed = this.#input.ingest.push(device, from, entries);
    switch (pushed.kind) {
      case 'taken':
        this.send({ t: 'ack', head: pushed.head });
        if (pushed.hasOnlineSale) this.#input.onlineSales();
        return;
      case 'gap':
        return this.send({ t: 'nack', expected: pushed.expected, code: 'gap', detail: 'entries are missing before these' });
      default:
        return this.#alarm(device, pushed);
    }
  }

  #alarm(device: LinkDevice, pushed: Extract<Pushed, { kind: 'fork' | 'bad-entry' }>): void {
    const seq = pushed.kind === 'fork' ? pushed.seq : pushed.fault.seq;
    const detail = pushed.kind === 'fork' ? 'another entry stands in this place' : pushed.fault.detail;
    this.#input.onAlarm(device.kiosk, `${pushed.kind} at entry ${seq}: ${detail}`);
    this.send({ t: 'nack', expected: seq, code: pushed.kind, detail });
  }
}
