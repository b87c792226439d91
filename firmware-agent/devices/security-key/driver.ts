import { mapOf, numberAt, readCborMap, type CborMap } from '#protocol/security-key/cbor-map.js';
import { ok, unreachable, type Result } from '#protocol/result/result.js';
import type { LiveDriver, Look } from '../life/live-driver.js';
import type { DeviceReport, Unsubscribe } from '../ports.js';
import type { HidConnection } from '../transport/hid.js';
import { KeyChannel, type ChannelFault, type ChannelOptions } from './channel.js';
import { clientPin, PIN_SUBS } from './codec/client-pin.js';
import {
  CTAP_COMMANDS,
  getAssertion,
  makeCredentialWithin,
  messageOf,
  PERMISSIONS,
  readAnswer,
  readInfo,
  readRegistered,
  type Verification,
} from './codec/messages.js';
import { CTAP, failureOf } from './codec/status.js';
import { FingerDrawer } from './fingers.js';
import { setPin } from './pin.js';
import type { AssertAsk, KeyAnswer, KeyFailure, KeyInfo, RegisterAsk, RegisteredKey, Retries, Touch } from './port.js';
import { getToken, keyError, triesOf, type Ask } from './token.js';

type KeyResult<T> = Promise<Result<T, KeyFailure>>;

/** One security key on one open line: one command at a time, every wait bounded, every failure an answer. */
export class KeyDriver implements LiveDriver {
  private readonly channel: KeyChannel;
  private readonly options: ChannelOptions;
  readonly fingers: FingerDrawer;

  constructor(connection: HidConnection, options: ChannelOptions) {
    this.channel = new KeyChannel(connection, options);
    this.options = options;
    this.fingers = new FingerDrawer(this.ask, () => this.info(), options.random);
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.channel.onLost(listener);
  }

  close(): Promise<void> {
    return this.channel.close();
  }

  async look(): Promise<Look> {
    const read = await this.retriesAndInfo();
    if (read.ok) return { found: 'answer', report: reportOf(read.value.info, read.value.finger) };
    const { code, detail } = read.error;
    if (code === 'key-absent') return { found: 'gone', why: detail };
    // Another program may be at work with it: nothing new is known.
    return { found: 'silence', report: { state: 'trouble', problem: { code: 'key-error' } } };
  }

  async info(): KeyResult<KeyInfo> {
    const answered = await this.ask(messageOf(CTAP_COMMANDS.getInfo), 'information', 'answer');
    if (!answered.ok) return answered;
    const read = readInfo(answered.value);
    return read.ok ? read : keyError(read.error.detail);
  }

  async register(ask: RegisterAsk, touch: Touch = {}): KeyResult<RegisteredKey> {
    const info = await this.info();
    if (!info.ok) return info;
    const verification = await this.verify(info.value, PERMISSIONS.makeCredential, ask.rpId, touch);
    if (!verification.ok) return verification;
    const message = makeCredentialWithin(info.value, ask, this.options.random(16), verification.value);
    const answered = await this.ask(message, 'registration', 'touch', touch);
    if (!answered.ok) return answered;
    const read = readRegistered(answered.value);
    return read.ok ? read : keyError(read.error.detail);
  }

  async assert(ask: AssertAsk, touch: Touch = {}): KeyResult<KeyAnswer> {
    const info = await this.info();
    if (!info.ok) return info;
    const verification = await this.verify(info.value, PERMISSIONS.getAssertion, ask.rpId, touch);
    if (!verification.ok) return verification;
    const answered = await this.ask(getAssertion(ask, verification.value), 'signature', 'touch', touch);
    if (!answered.ok) return answered;
    const read = readAnswer(answered.value, ask.allow);
    return read.ok ? read : keyError(read.error.detail);
  }

  async setPin(pin: string, old?: string): KeyResult<void> {
    const info = await this.info();
    return info.ok ? setPin(this.ask, info.value, this.options.random, { pin, old }) : info;
  }

  async retries(): KeyResult<Retries> {
    const info = await this.info();
    if (!info.ok) return info;
    const { pin, finger, verification, protocols } = info.value;
    const protocol = protocols[0] ?? 1;
    const fingerTries = verification === 'token' && finger === 'enrolled' ? await triesOf(this.ask, protocol, 'finger') : undefined;
    return ok({ pin: pin === 'set' ? await triesOf(this.ask, protocol, 'pin') : undefined, finger: fingerTries });
  }

  private async retriesAndInfo(): KeyResult<{ readonly info: KeyInfo; readonly finger: number | undefined }> {
    const info = await this.info();
    if (!info.ok) return info;
    if (info.value.finger !== 'enrolled' || info.value.verification !== 'token') return ok({ info: info.value, finger: undefined });
    const answered = await this.ask(clientPin(info.value.protocols[0] ?? 1, PIN_SUBS.getUvRetries), 'retries', 'answer');
    if (!answered.ok && answered.error.code === 'key-absent') return answered;
    return ok({ info: info.value, finger: answered.ok ? numberAt(answered.value, 5) : undefined });
  }

  /** How the next command will show that the owner's finger was checked; asks for the finger when the key gives tokens (CTAP 2.1). */
  private async verify({ finger, verification, protocols }: KeyInfo, permissions: number, rpId: string, touch: Touch): KeyResult<Verification> {
    if (finger !== 'enrolled')
      return {
        ok: false,
        error: { code: 'key-no-finger', detail: finger === 'no-sensor' ? 'the key has no fingerprint sensor' : 'no finger is enrolled' },
      };
    switch (verification) {
      case 'option':
        return ok({ by: 'option' });
      case 'token': {
        const wanted = { protocol: protocols[0] ?? 1, owner: { by: 'finger' }, permissions, rpId, form: 'permissions' } as const;
        const token = await getToken(this.ask, wanted, this.options.random, touch);
        return token.ok ? ok({ by: 'token', ...token.value }) : token;
      }
      default:
        return unreachable(verification);
    }
  }

  private readonly ask: Ask = async (message, during, wait, touch = {}) => {
    const answered = await this.channel.cbor(message, wait, touch);
    if (!answered.ok) return { ok: false, error: failureOfLine(answered.error, during) };
    const [status = CTAP.other] = answered.value;
    if (status !== CTAP.ok) return { ok: false, error: failureOf(status, during) };
    if (answered.value.length === 1) return ok(mapOf([]) satisfies CborMap);
    const read = readCborMap(answered.value.subarray(1));
    return read.ok ? read : keyError(`${during}: ${read.error.detail}`);
  };
}

function failureOfLine({ code, detail }: ChannelFault, during: string): KeyFailure {
  switch (code) {
    case 'lost':
      return { code: 'key-absent', detail: `${during}: ${detail}` };
    case 'late':
      return { code: 'key-not-touched', detail: `${during}: ${detail}` };
    case 'cancelled':
      return { code: 'key-cancelled', detail: `${during}: ${detail}` };
    case 'silent':
    case 'busy':
    case 'garbled':
      return { code: 'key-error', detail: `${during}: ${detail}` };
    default:
      return unreachable(code);
  }
}

/** A key without a finger on it is no fault of the counter's: it is plugged in, and its owner can not log in with it yet. */
function reportOf(info: KeyInfo, fingerTries: number | undefined): DeviceReport {
  if (info.finger !== 'enrolled') return { state: 'warning', problem: { code: 'key-no-finger' } };
  return fingerTries === 0 ? { state: 'trouble', problem: { code: 'key-blocked' } } : { state: 'ready' };
}
