import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { Lock } from '../life/lock.js';
import type { Unsubscribe } from '../ports.js';
import { pause, within, type Timers } from '../timers.js';
import type { HidConnection } from '../transport/hid.js';
import { BROADCAST, HID_COMMANDS, HID_ERRORS, KEEPALIVE, MessageReader, readInitAnswer, reportsOf } from './codec/frames.js';
import { CTAP } from './codec/status.js';
import type { KeyDelays } from './delays.js';
import type { Touch } from './port.js';

/**
 * - `lost`: the line ended. `silent`: not a word in time. `late`: it waited for a finger and none came.
 * - `cancelled`: by whoever asked. `busy`: another program has it. `garbled`: it answers, and what it says can not be used.
 */
export type ChannelFault = Failure<'lost' | 'silent' | 'late' | 'cancelled' | 'busy' | 'garbled'>;

export type Random = (bytes: number) => Uint8Array<ArrayBuffer>;
export type ChannelOptions = { readonly delays: KeyDelays; readonly timers: Timers; readonly random: Random };

type Exchange = {
  readonly channel: number;
  readonly command: number;
  readonly payload: Uint8Array;
  readonly limitMs: number;
  readonly touch: Touch;
  /** Whether an answer is ours: on the broadcast channel others are answered too. */
  readonly isOurs: (payload: Uint8Array) => boolean;
};

/**
 * CTAPHID as a host speaks it (CTAP 2.1 §11.2): one message and its answer at a time. A channel that misbehaved once is not used again: the next
 * message asks for a new one, so late answers to the old one fall on deaf ears.
 */
export class KeyChannel {
  private readonly connection: HidConnection;
  private readonly options: ChannelOptions;
  /** A look at the key may be under way when work for it comes: both must not talk at once. */
  private readonly lock = new Lock();
  private channel: number | undefined;

  constructor(connection: HidConnection, options: ChannelOptions) {
    this.connection = connection;
    this.options = options;
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.connection.onClose(listener);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** Has a channel given to us, if none is held. `garbled` for a key that knows no CTAP2 (U2F only). */
  async ready(): Promise<Result<number, ChannelFault>> {
    if (this.channel !== undefined) return ok(this.channel);
    const nonce = this.options.random(8);
    const answered = await this.patiently({
      channel: BROADCAST,
      command: HID_COMMANDS.init,
      payload: nonce,
      limitMs: this.options.delays.answerMs,
      touch: {},
      isOurs: (payload) => readInitAnswer(payload, nonce) !== undefined,
    });
    if (!answered.ok) return answered;
    const init = readInitAnswer(answered.value, nonce);
    if (init?.takesCbor !== true) return failure('garbled', 'the key speaks U2F only; FIDO2 is needed');
    this.channel = init.channel;
    return ok(init.channel);
  }

  /** One CTAP2 message and its answer: a status byte, and CBOR behind it when it is 0. */
  cbor(payload: Uint8Array, wait: 'answer' | 'touch', touch: Touch = {}): Promise<Result<Uint8Array<ArrayBuffer>, ChannelFault>> {
    return this.lock.hold(() => this.talk(payload, wait, touch));
  }

  private async talk(payload: Uint8Array, wait: 'answer' | 'touch', touch: Touch): Promise<Result<Uint8Array<ArrayBuffer>, ChannelFault>> {
    if (touch.signal?.aborted === true) return failure('cancelled', 'called off before it began');
    const channel = await this.ready();
    if (!channel.ok) return channel;
    const { touchMs, answerMs } = this.options.delays;
    const limitMs = wait === 'touch' ? touchMs : answerMs;
    const plan = { channel: channel.value, command: HID_COMMANDS.cbor, payload, limitMs, touch, isOurs: () => true };
    const answered = await this.patiently(plan);
    if (!answered.ok && answered.error.code !== 'busy') this.channel = undefined;
    return answered;
  }

  /** Asks again while another program has the key. */
  private async patiently(plan: Exchange): Promise<Result<Uint8Array<ArrayBuffer>, ChannelFault>> {
    const { timers, delays } = this.options;
    const until = timers.now() + delays.busyMs;
    for (;;) {
      const answered = await this.exchange(plan);
      if (answered.ok || answered.error.code !== 'busy' || timers.now() >= until) return answered;
      await pause(timers, delays.busyRetryMs);
      if (plan.touch.signal?.aborted === true) return failure('cancelled', 'called off while another program had the key');
    }
  }

  private exchange(plan: Exchange): Promise<Result<Uint8Array<ArrayBuffer>, ChannelFault>> {
    const { delays, timers } = this.options;
    const { touch } = plan;
    return new Promise((resolve) => {
      const reader = new MessageReader(plan.channel);
      let calledOff: ChannelFault | undefined;
      let touched: 'no' | 'yes' = 'no';
      let stopQuiet: Unsubscribe = () => undefined;
      const exchange: { state: 'open' | 'over' } = { state: 'open' };
      const stops: Unsubscribe[] = [];
      const release = (): void => stops.splice(0).forEach((stop) => stop());
      const finish = (result: Result<Uint8Array<ArrayBuffer>, ChannelFault>): void => {
        exchange.state = 'over';
        release();
        resolve(result);
      };
      const fail = (code: ChannelFault['code'], detail: string): void => finish({ ok: false, error: calledOff ?? { code, detail } });
      const listen = (): void => {
        stopQuiet();
        stopQuiet = timers.after(delays.quietMs, () => fail('silent', `not a word from the key for ${delays.quietMs} ms`));
      };
      const callOff = (code: 'late' | 'cancelled', detail: string): void => {
        if (calledOff !== undefined) return;
        calledOff = { code, detail };
        stops.push(timers.after(delays.cancelMs, () => fail(code, detail)));
        void this.send(plan.channel, HID_COMMANDS.cancel, Uint8Array.of());
      };
      const onAbort = (): void => callOff('cancelled', 'called off');
      stops.push(
        this.connection.onClose((why) => finish(failure('lost', why))),
        timers.after(plan.limitMs, () => callOff('late', `no answer within ${plan.limitMs} ms`)),
        () => touch.signal?.removeEventListener('abort', onAbort),
        () => stopQuiet(),
        this.connection.onReport((report) => {
          const heard = reader.read(report);
          if (heard.kind === 'foreign') return;
          if (heard.kind === 'noise') return heard.why === 'no-beginning' ? undefined : fail('garbled', `a report makes no sense (${heard.why})`);
          listen();
          if (heard.kind === 'part') return;
          const { command, payload } = heard.message;
          if (command === HID_COMMANDS.keepalive) {
            if (payload[0] !== KEEPALIVE.touch || touched === 'yes') return;
            touched = 'yes';
            touch.onTouch?.();
          } else if (command === HID_COMMANDS.error) fail(payload[0] === HID_ERRORS.busy ? 'busy' : 'garbled', `CTAPHID error ${payload[0] ?? '?'}`);
          else if (command === plan.command && plan.isOurs(payload)) {
            // Called off, and yet answered: what a finger did in the last moment counts only when nobody gave up.
            if (calledOff?.code === 'cancelled' || (calledOff !== undefined && payload[0] !== CTAP.ok)) fail(calledOff.code, '');
            else finish(ok(payload));
          }
        }),
      );
      // A line that ended before this says so at once, while the above was still being set up.
      if (exchange.state === 'over') return release();
      touch.signal?.addEventListener('abort', onAbort, { once: true });
      listen();
      void this.send(plan.channel, plan.command, plan.payload).then((sent) => (sent.ok ? undefined : finish(sent)));
    });
  }

  private async send(channel: number, command: number, payload: Uint8Array): Promise<Result<void, ChannelFault>> {
    const { delays, timers } = this.options;
    for (const report of reportsOf(channel, command, payload)) {
      const sent = await within(timers, delays.writeMs, this.connection.write(Uint8Array.from([0, ...report])));
      if (sent === 'late') return failure('silent', `the key took no report within ${delays.writeMs} ms`);
      if (!sent.ok) return failure('lost', sent.error.detail);
    }
    return ok(undefined);
  }
}
