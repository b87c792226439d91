import { randomBytes } from 'node:crypto';
import type { ClientRequestArgs } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import WebSocket from 'ws';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { equalBytes, signBytes, spki, verifyBytes } from '#protocol/signing/keys.js';
import {
  encodeWire,
  FRAME_BYTES_MAX,
  LINK_PATH,
  PUSH_ENTRIES_MAX,
  PUSH_WINDOW,
  readHubFrame,
  SUBPROTOCOL,
  type Answer,
  type Ask,
  type HubFrame,
  type Outcome,
} from '#protocol/wire/frames.js';
import { EXPORTER_BYTES, EXPORTER_LABEL, proofBytes, type ProofFacts } from '#protocol/wire/proof.js';
import type { Ledger } from '../ledger/ledger.js';
import type { KioskIdentity } from '../station/identity.js';

export type Welcome = { readonly now: number; readonly ruleBook: Uint8Array | null; readonly state: 'active' | 'suspended' };

/** What a session tells its owner. After `ended` it tells nothing more. */
export type SessionEvents = {
  readonly welcomed: (welcome: Welcome) => void;
  readonly outcome: (outcome: Outcome) => void;
  readonly closeLease: () => void;
  readonly acknowledged: () => void;
  /** @param head what the hub signed for, when it said so */
  readonly forked: (seq: number, head?: Uint8Array) => void;
  /** `refused`: the hub would not have us, or is not the hub that we trust. */
  readonly ended: (why: 'lost' | 'refused', detail: string) => void;
};

/** Documented delays of one session, milliseconds. */
export const SESSION_DELAYS = {
  /** From dialling to the hub's welcome. */
  welcomeMs: 8_000,
  /** Between pings; two unanswered ones end the session. */
  pingMs: 10_000,
} as const;

type Connected = (error: Error | null, socket: Duplex) => void;

const REFUSALS = new Set([4401, 4403, 4404, 4409, 4411]);

/** One WebSocket to the hub: proves both ends on this very channel, then pushes the ledger's tail in order and carries questions. */
export class HubSession {
  readonly #identity: KioskIdentity;
  readonly #ledger: Ledger;
  readonly #events: SessionEvents;
  readonly #socket: WebSocket;
  #tls: TLSSocket | undefined;
  #channel: Uint8Array | undefined;
  #proof: ProofFacts | undefined;
  #state: 'dialling' | 'proving' | 'open' | 'ended' = 'dialling';
  /** Newest entry pushed on this session. */
  #pushed = 0;
  /** Number of the last entry of each push that is not acknowledged yet. */
  #inFlight: readonly number[] = [];
  #nextAsk = 1;
  #unanswered = 0;
  readonly #asks = new Map<number, (answer: Answer) => void>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #stopListening: () => void;

  constructor(identity: KioskIdentity, ledger: Ledger, events: SessionEvents) {
    this.#identity = identity;
    this.#ledger = ledger;
    this.#events = events;
    // The hub is known by its pinned key, not by a name or a date: a kiosk whose clock stands in 1970 must still reach it.
    this.#socket = new WebSocket(`wss://${identity.bundle.hub}${LINK_PATH}`, SUBPROTOCOL, {
      createConnection: (to: ClientRequestArgs, connected: Connected) => this.#dial(to, connected),
      perMessageDeflate: false,
      maxPayload: FRAME_BYTES_MAX,
      handshakeTimeout: SESSION_DELAYS.welcomeMs,
    });
    this.#socket.on('message', (data, isBinary) => this.#take(isBinary && Buffer.isBuffer(data) ? data : undefined));
    this.#socket.on('close', (code, reason) => this.#end(REFUSALS.has(code) ? 'refused' : 'lost', `${code} ${reason.toString()}`.trim()));
    this.#socket.on('error', (error) => this.#end('lost', error.message));
    this.#timers.push(setTimeout(() => this.#state !== 'open' && this.#end('lost', 'no welcome in time'), SESSION_DELAYS.welcomeMs));
    this.#stopListening = ledger.onChange(() => this.#pump());
  }

  /** Opens TLS, and hands the connection on only when the hub's key is at its other end: to another not one byte of ours goes. */
  #dial({ host, port }: ClientRequestArgs, connected: Connected): undefined {
    const to = { host: host ?? '', port: Number.parseInt(String(port), 10), servername: isIP(host ?? '') === 0 ? (host ?? '') : '' };
    const tls = connect({ ...to, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
    this.#tls = tls;
    tls.once('error', (error: Error) => connected(error, tls));
    tls.once('secureConnect', () => {
      const shown = tls.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
      if (shown === undefined || !equalBytes(shown, spki(this.#identity.hubCertificate.key.publicKey))) {
        this.#end('refused', 'the server shows another key than the hub we were enrolled with');
        return;
      }
      this.#channel = Uint8Array.from(tls.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0)));
      connected(null, tls);
    });
    return undefined;
  }

  #take(data: Buffer | undefined): void {
    if (this.#state === 'ended') return;
    const read = data === undefined ? failure('not-cbor', 'a text message') : readHubFrame(data);
    if (!read.ok) {
      this.#end('lost', `the hub sent what is not a frame: ${read.error.detail}`);
      return;
    }
    this.#handle(read.value);
  }

  #handle(frame: HubFrame): void {
    if (this.#state !== 'open' && frame.t !== 'hello' && frame.t !== 'welcome') return this.#end('lost', `${frame.t} before the welcome`);
    switch (frame.t) {
      case 'hello':
        this.#prove(frame.nonce);
        return;
      case 'welcome':
        this.#welcome(frame);
        return;
      case 'ack':
        this.#acknowledge(frame.head);
        return;
      case 'nack':
        this.#notTaken(frame.expected, frame.code, frame.detail);
        return;
      case 'answer':
        this.#asks.get(frame.id)?.(frame.answer);
        this.#asks.delete(frame.id);
        return;
      case 'outcome':
        this.#events.outcome(frame.outcome);
        return;
      case 'close-lease':
        this.#events.closeLease();
        return;
      case 'pong':
        this.#unanswered = 0;
        return;
    }
  }

  #prove(hubNonce: Uint8Array): void {
    if (this.#channel === undefined || this.#state !== 'dialling') return this.#end('lost', 'hello out of turn');
    const { bundle, certificate, key } = this.#identity;
    const nonce = Uint8Array.from(randomBytes(32));
    this.#proof = { kiosk: bundle.kiosk, epoch: certificate.epoch, hubNonce, kioskNonce: nonce, channel: this.#channel };
    this.#state = 'proving';
    const { seq, hash } = this.#ledger.tip;
    this.#send({
      t: 'auth',
      kiosk: bundle.kiosk,
      district: bundle.district,
      epoch: certificate.epoch,
      nonce,
      signature: signBytes(key, proofBytes('kiosk', this.#proof)),
      head: { seq, hash: Uint8Array.from(hash) },
      ruleBook: this.#ledger.ruleBookVersion,
      ledger: this.#ledger.health.state,
    });
  }

  #welcome(frame: Extract<HubFrame, { t: 'welcome' }>): void {
    if (this.#state !== 'proving' || this.#proof === undefined) return this.#end('lost', 'welcome out of turn');
    if (!verifyBytes(this.#identity.hubCertificate.key, proofBytes('hub', this.#proof), frame.signature)) {
      return this.#end('refused', 'the hub could not prove its key on this channel');
    }
    this.#state = 'open';
    this.#events.welcomed({ now: frame.now, ruleBook: frame.ruleBook, state: frame.state });
    this.#pushed = frame.have.seq;
    const own = this.#ledger.hashAt(frame.have.seq);
    if (own === undefined || !equalBytes(own, frame.have.hash)) return this.#forked(frame);
    this.#acknowledge(frame.head);
    this.#timers.push(setInterval(() => this.#ping(), SESSION_DELAYS.pingMs));
    this.#pump();
  }

  /** Our newest entry in a place that the hub holds goes to it, which keeps both as proof; after it nothing is sent and nothing sold. */
  #forked({ have, head }: Extract<HubFrame, { t: 'welcome' }>): void {
    const place = Math.min(have.seq, this.#ledger.tip.seq);
    const own = this.#ledger.entryBytes(place);
    if (own !== undefined) this.#send({ t: 'push', from: place, entries: [Uint8Array.from(own)] });
    this.#timers.push(setInterval(() => this.#ping(), SESSION_DELAYS.pingMs));
    this.#events.forked(Math.min(have.seq, this.#ledger.tip.seq + 1), head);
  }

  #acknowledge(head: Uint8Array): void {
    const taken = this.#ledger.acknowledge(head);
    if (!taken.ok) return;
    this.#inFlight = this.#inFlight.filter((last) => last > taken.value.count);
    this.#events.acknowledged();
    this.#pump();
  }

  #notTaken(expected: number, code: string, detail: string): void {
    if (code === 'fork') return this.#events.forked(expected);
    if (code !== 'gap') return this.#end('refused', `${code}: ${detail}`);
    this.#pushed = expected - 1;
    this.#inFlight = [];
    this.#pump();
  }

  #pump(): void {
    if (this.#ledger.health.state === 'broken') return;
    while (this.#state === 'open' && this.#inFlight.length < PUSH_WINDOW) {
      const entries = this.#ledger.entriesAfter(this.#pushed, PUSH_ENTRIES_MAX).map((b) => Uint8Array.from(b));
      if (entries.length === 0) return;
      this.#send({ t: 'push', from: this.#pushed + 1, entries });
      this.#pushed += entries.length;
      this.#inFlight = [...this.#inFlight, this.#pushed];
    }
  }

  #ping(): void {
    if (this.#unanswered >= 2) return this.#end('lost', 'two pings without an answer');
    this.#unanswered += 1;
    this.#send({ t: 'ping', n: this.#unanswered });
  }

  #send(frame: Parameters<typeof encodeWire>[0]): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(encodeWire(frame));
  }

  /** Asks the hub. `down` when the session ends or the time runs out first; what was asked may still have happened. */
  ask(question: Ask, timeoutMs: number): Promise<Result<Answer, Failure<'down'>>> {
    if (this.#state !== 'open') return Promise.resolve(failure('down', 'the link is not up'));
    const id = this.#nextAsk++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#asks.delete(id);
        resolve(failure('down', `no answer within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#asks.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer.answer === 'no' && answer.code === 'link-ended' ? failure('down', answer.detail) : ok(answer));
      });
      this.#send({ t: 'ask', id, ask: question });
    });
  }

  close(): void {
    this.#end('lost', 'closed here');
  }

  #end(why: 'lost' | 'refused', detail: string): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#stopListening();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const answer of this.#asks.values()) answer({ answer: 'no', code: 'link-ended', detail });
    this.#asks.clear();
    this.#socket.terminate();
    this.#tls?.destroy();
    this.#events.ended(why, detail);
  }
}
