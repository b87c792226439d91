import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import WebSocket from 'ws';
import type { KioskCode } from '#protocol/identity/identity.js';
import { chainStart } from '#protocol/ledger/chain.js';
import type { Position } from '#protocol/ledger/entry.js';
import { signBytes } from '#protocol/signing/keys.js';
import { encodeWire, LINK_PATH, readHubFrame, SUBPROTOCOL, type HubFrame, type KioskFrame } from '#protocol/wire/frames.js';
import { EXPORTER_BYTES, EXPORTER_LABEL, proofBytes, type ProofFacts } from '#protocol/wire/proof.js';
import { HubSession, type SessionEvents, type Welcome } from '../../../firmware-agent/link/session.js';
import type { Ledger } from '../../../firmware-agent/ledger/ledger.js';
import type { KioskIdentity } from '../../../firmware-agent/station/identity.js';
import { LinkServer } from '../../../hub-server/kiosks/link/link-server.js';
import { startDoor, type Door, type UpgradeHandler } from '../../../hub-server/web/door.js';
import { Bench } from '../../unit/agent/bench.js';
import { chance } from '../../unit/protocol/samples.js';
import { type HubBench, KIOSKS } from '../../unit/hub/bench.js';

export const FIRST = KIOSKS[0] as KioskCode;
export const SECOND = KIOSKS[1] as KioskCode;
const PATIENCE_MS = 15_000;

/** Something that others wait for: each change wakes all who wait. */
export class Watched {
  readonly #waiting = new Set<() => void>();

  wake(): void {
    for (const look of this.#waiting) look();
  }

  until(what: string, test: () => boolean): Promise<void> {
    if (test()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (act: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        act();
      };
      const look = (): void => void (test() && end(resolve));
      const timer = setTimeout(() => end(() => reject(new Error(`it never came true: ${what}`))), PATIENCE_MS);
      this.#waiting.add(look);
    });
  }
}

/** A hub in memory behind its real door and link, on a free port. */
export class LinkWorld extends Watched {
  readonly bench: HubBench;
  readonly alarms: string[] = [];
  readonly defects: string[] = [];
  online = 0;
  readonly #ends: (() => Promise<void> | void)[] = [];
  #door: Door | undefined;
  #link: LinkServer | undefined;

  constructor(template: HubBench) {
    super();
    this.bench = template.fork();
  }

  static async open(template: HubBench): Promise<LinkWorld> {
    const world = new LinkWorld(template);
    await world.start();
    return world;
  }

  get port(): number {
    if (this.#door === undefined) throw new Error('the hub is down');
    return this.#door.port;
  }

  get link(): LinkServer {
    if (this.#link === undefined) throw new Error('the hub is down');
    return this.#link;
  }

  /** @param upgrade what answers at the link's path instead of the hub's own link */
  async start(port = 0, upgrade?: UpgradeHandler): Promise<void> {
    const { hub, grants, ingest } = this.bench;
    this.#link = new LinkServer({
      hub,
      grants,
      ingest,
      connectors: () => undefined,
      onlineSales: () => {
        this.online += 1;
      },
      onDefect: (what, error) => {
        this.defects.push(`${what}: ${String(error)}`);
        this.wake();
      },
      onAlarm: (kiosk, what) => {
        this.alarms.push(`${kiosk}: ${what}`);
        this.wake();
      },
    });
    this.#door = await startDoor({
      hub,
      listen: { host: '127.0.0.1', port },
      routes: [],
      upgrade: { [LINK_PATH]: upgrade ?? this.#link.upgrade },
      onDefect: (what, error) => this.defects.push(`${what}: ${String(error)}`),
    });
  }

  /** As a restart of the hub's process: every link ends; what was committed is there. */
  async stop(): Promise<void> {
    this.#link?.close();
    await this.#door?.close();
    this.#door = undefined;
  }

  /** Who a kiosk is, with its hub at this door. */
  identity(code: KioskCode = FIRST, port: number = this.port): KioskIdentity {
    const identity = this.bench.identity(code);
    return { ...identity, bundle: { ...identity.bundle, hub: `127.0.0.1:${port}` } };
  }

  /** A kiosk's ledger on the bench. */
  counter(code: KioskCode = FIRST): Bench {
    const bench = new Bench({ identity: this.identity(code), at: this.bench.clock.at });
    this.#ends.push(() => bench.close());
    return bench;
  }

  session(counter: Bench, identity: KioskIdentity = counter.identity): Session {
    const session = new Session(identity, counter.ledger);
    this.#ends.push(() => session.hub.close());
    return session;
  }

  async raw(port: number = this.port): Promise<RawKiosk> {
    const raw = new RawKiosk(port);
    this.#ends.push(() => raw.close());
    await raw.opened;
    return raw;
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0).toReversed()) await end();
    await this.stop();
    this.bench.close();
  }
}

/** A session of the product with what it told. */
export class Session extends Watched {
  readonly hub: HubSession;
  readonly welcomes: Welcome[] = [];
  readonly outcomes: unknown[] = [];
  readonly forks: number[] = [];
  acks = 0;
  closeLeases = 0;
  end: { readonly why: 'lost' | 'refused'; readonly detail: string } | undefined;

  constructor(identity: KioskIdentity, ledger: Ledger) {
    super();
    const told = (note: () => void): void => {
      note();
      this.wake();
    };
    const events: SessionEvents = {
      welcomed: (welcome) => told(() => this.welcomes.push(welcome)),
      outcome: (outcome) => told(() => this.outcomes.push(outcome)),
      closeLease: () => told(() => (this.closeLeases += 1)),
      acknowledged: () => told(() => (this.acks += 1)),
      forked: (seq) =>
        told(() => {
          this.forks.push(seq);
          ledger.markForked(seq);
        }),
      ended: (why, detail) => told(() => (this.end = { why, detail })),
    };
    this.hub = new HubSession(identity, ledger, events);
  }

  ended(): Promise<void> {
    return this.until('the session has ended', () => this.end !== undefined);
  }

  welcomed(): Promise<void> {
    return this.until('the hub has welcomed the kiosk', () => this.welcomes.length > 0);
  }
}

export type AuthFacts = Omit<Extract<KioskFrame, { readonly t: 'auth' }>, 't' | 'nonce' | 'signature'>;

/** A kiosk's end of the link without the kiosk's software: sends what it is told. */
export class RawKiosk extends Watched {
  readonly socket: WebSocket;
  readonly frames: HubFrame[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  readonly opened: Promise<void>;
  channel: Uint8Array = new Uint8Array();

  constructor(port: number) {
    super();
    this.socket = new WebSocket(`wss://127.0.0.1:${port}${LINK_PATH}`, SUBPROTOCOL, {
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      perMessageDeflate: false,
    });
    this.opened = once(this.socket, 'open').then(() => undefined);
    this.socket.on('upgrade', (response) => {
      this.channel = (response.socket as TLSSocket).exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0));
    });
    this.socket.on('message', (data: Buffer) => {
      const read = readHubFrame(data);
      if (!read.ok) throw new Error(`the hub sent what is not a frame: ${read.error.detail}`);
      this.frames.push(read.value);
      this.wake();
    });
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.wake();
    });
    this.socket.on('error', () => this.wake());
  }

  async frame<T extends HubFrame['t']>(t: T, nth = 1): Promise<Extract<HubFrame, { readonly t: T }>> {
    const fits = (): readonly HubFrame[] => this.frames.filter((one) => one.t === t);
    await this.until(
      `a frame "${t}"; there are ${this.frames.map((one) => one.t).join(', ')}`,
      () => fits().length >= nth || this.closed !== undefined,
    );
    const found = fits()[nth - 1];
    if (found === undefined) throw new Error(`the hub closed with ${this.closed?.code} ${this.closed?.reason ?? ''} instead of sending "${t}"`);
    return found as Extract<HubFrame, { readonly t: T }>;
  }

  async close4xxx(): Promise<number> {
    await this.until('the hub has closed the link', () => this.closed !== undefined);
    return this.closed?.code ?? 0;
  }

  send(frame: KioskFrame): void {
    this.socket.send(encodeWire(frame));
  }

  async factsFor(identity: KioskIdentity): Promise<ProofFacts> {
    const hello = await this.frame('hello');
    const { bundle, certificate } = identity;
    return { kiosk: bundle.kiosk, epoch: certificate.epoch, hubNonce: hello.nonce, kioskNonce: chance('nonce', 32), channel: this.channel };
  }

  /** Proves a kiosk's key, with whatever is to be wrong about it. */
  async auth(
    identity: KioskIdentity,
    more: { readonly proof?: Partial<ProofFacts>; readonly by?: 'kiosk' | 'hub'; readonly says?: Partial<AuthFacts>; readonly head?: Position } = {},
  ): Promise<void> {
    const facts = { ...(await this.factsFor(identity)), ...more.proof };
    const { bundle, certificate, key } = identity;
    this.send({
      t: 'auth',
      kiosk: bundle.kiosk,
      district: bundle.district,
      epoch: certificate.epoch,
      nonce: Uint8Array.from(facts.kioskNonce),
      signature: signBytes(key, proofBytes(more.by ?? 'kiosk', facts)),
      head: more.head ?? { seq: 0, hash: Uint8Array.from(chainStart(certificate).hash) },
      ruleBook: 1,
      ledger: 'whole',
      ...more.says,
    });
  }

  close(): void {
    this.socket.terminate();
  }
}
