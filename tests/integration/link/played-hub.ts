import assert from 'node:assert/strict';
import { WebSocketServer, type WebSocket } from 'ws';
import { signBytes } from '#protocol/signing/keys.js';
import { encodeWire, readKioskFrame, type HubFrame, type KioskFrame } from '#protocol/wire/frames.js';
import { proofBytes } from '#protocol/wire/proof.js';
import { channelOf, type UpgradeHandler } from '../../../hub-server/web/door.js';
import { valueOf, type Bench } from '../../unit/agent/bench.js';
import { chance } from '../../unit/protocol/samples.js';
import { Watched, type LinkWorld } from './world.js';

/** A hub with the right key that says what a test tells it, and hears what the kiosk says. */
export class PlayedHub extends Watched {
  readonly heard: KioskFrame[] = [];
  #socket: WebSocket | undefined;
  #channel: Uint8Array = new Uint8Array();
  readonly #world: LinkWorld;
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'jharokha.v1' });
  readonly upgrade: UpgradeHandler = (request, socket, head) => {
    this.#channel = channelOf(socket);
    this.#sockets.handleUpgrade(request, socket, head, (ws) => {
      this.#socket = ws;
      ws.on('message', (data: Buffer) => {
        this.heard.push(valueOf(readKioskFrame(data)));
        this.wake();
      });
      ws.on('close', () => this.wake());
      this.say({ t: 'hello', nonce: chance('hub nonce', 32), now: 1, district: this.#world.bench.hub.district });
    });
  };

  constructor(world: LinkWorld) {
    super();
    this.#world = world;
  }

  say(frame: HubFrame): void {
    this.#socket?.send(encodeWire(frame));
  }

  sayBytes(bytes: Uint8Array | string): void {
    this.#socket?.send(bytes);
  }

  async hear<T extends KioskFrame['t']>(t: T, nth = 1): Promise<Extract<KioskFrame, { readonly t: T }>> {
    const fits = (): readonly KioskFrame[] => this.heard.filter((one) => one.t === t);
    await this.until(`the kiosk says "${t}" ${nth} times`, () => fits().length >= nth);
    return fits()[nth - 1] as Extract<KioskFrame, { readonly t: T }>;
  }

  count(t: KioskFrame['t']): number {
    return this.heard.filter((one) => one.t === t).length;
  }

  /** @param by whose proof is sent in the hub's place */
  async welcome(counter: Bench, by: 'hub' | 'kiosk' = 'hub'): Promise<void> {
    const auth = await this.hear('auth');
    const facts = { kiosk: auth.kiosk, epoch: auth.epoch, hubNonce: chance('hub nonce', 32), kioskNonce: auth.nonce, channel: this.#channel };
    const { hub, ingest } = this.#world.bench;
    const tip = ingest.tip(this.#world.bench.device(counter.identity.bundle.kiosk));
    this.say({
      t: 'welcome',
      signature: signBytes(hub.hubKey, proofBytes(by, facts)),
      now: hub.now(),
      have: { seq: tip.seq, hash: Uint8Array.from(tip.hash) },
      head: ingest.headOf(this.#world.bench.device(counter.identity.bundle.kiosk), tip),
      ruleBook: null,
      state: 'active',
    });
  }

  /** Takes what was pushed in, as the hub would; gives the acknowledgement. */
  take(push: Extract<KioskFrame, { readonly t: 'push' }>): HubFrame {
    const pushed = this.#world.bench.ingest.push(this.#world.bench.device(), push.from, push.entries);
    assert.ok(pushed.kind === 'taken');
    return { t: 'ack', head: pushed.head };
  }
}
