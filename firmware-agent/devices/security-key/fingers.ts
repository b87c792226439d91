import { ok, type Result } from '#protocol/result/result.js';
import type { Random } from './channel.js';
import { BIO_SUBS, bioEnrollment, readFingers, readNameBytesMax, readSample, sensorInfo, type BioParams } from './codec/bio.js';
import { CTAP_COMMANDS, PERMISSIONS } from './codec/messages.js';
import { CTAP } from './codec/status.js';
import type { EnrolAsk, KeyFailure, KeyInfo, KeyOwner, PickFinger, StoredFinger, Touch } from './port.js';
import { getToken, keyError, type Ask, type Token } from './token.js';

/** Longest that a key may wait for one look at a finger. */
const SAMPLE_MS = 15_000;
/** More looks than any sensor needs, bad ones among them: a key that never ends is given up. */
const SAMPLES_MAX = 40;

type Bio = (sub: number, params: BioParams, during: string, touch?: Touch) => ReturnType<Ask>;

/** The fingers stored on a key (CTAP 2.1 §6.7). Each piece of work needs its owner: a finger that is enrolled, or the PIN. */
export class FingerDrawer {
  private readonly ask: Ask;
  private readonly info: () => Promise<Result<KeyInfo, KeyFailure>>;
  private readonly random: Random;

  constructor(ask: Ask, info: () => Promise<Result<KeyInfo, KeyFailure>>, random: Random) {
    this.ask = ask;
    this.info = info;
    this.random = random;
  }

  async enrol({ owner, name, onSample }: EnrolAsk, touch: Touch = {}): Promise<Result<StoredFinger, KeyFailure>> {
    const opened = await this.open(owner, touch, name);
    if (!opened.ok) return opened;
    const bio = opened.value;
    const begun = await bio(BIO_SUBS.begin, { timeoutMs: SAMPLE_MS }, 'enrolment', touch);
    if (!begun.ok) return this.abandon(bio, begun.error);
    let sample = readSample(begun.value);
    const { id } = sample;
    if (id === undefined) return keyError('enrolment: the key names no finger');
    onSample?.(sample);
    for (let looks = 1; sample.remaining > 0; looks += 1) {
      if (sample.quality === 'store-full') return this.abandon(bio, { code: 'key-fingers-full', detail: 'the key holds as many fingers as it can' });
      if (looks >= SAMPLES_MAX) return this.abandon(bio, { code: 'key-not-touched', detail: `no finger after ${looks} looks` });
      const next = await bio(BIO_SUBS.next, { id, timeoutMs: SAMPLE_MS }, 'enrolment', touch);
      if (!next.ok) return this.abandon(bio, next.error);
      sample = readSample(next.value);
      onSample?.(sample);
    }
    const named = await bio(BIO_SUBS.setName, { id, name }, 'naming the finger');
    if (named.ok) return ok({ id, name });
    return { ok: false, error: { ...named.error, detail: `the finger is on the key, and has no name: ${named.error.detail}` } };
  }

  async list(owner: KeyOwner, touch: Touch = {}): Promise<Result<readonly StoredFinger[], KeyFailure>> {
    const bio = await this.open(owner, touch);
    return bio.ok ? this.stored(bio.value) : bio;
  }

  async rename(owner: KeyOwner, pick: PickFinger, name: string, touch: Touch = {}): Promise<Result<StoredFinger, KeyFailure>> {
    const bio = await this.open(owner, touch, name);
    if (!bio.ok) return bio;
    const stored = await this.stored(bio.value);
    const finger = stored.ok ? pick(stored.value) : stored;
    if (!finger.ok) return finger;
    const { id } = finger.value;
    const done = await bio.value(BIO_SUBS.setName, { id, name }, 'naming the finger');
    return done.ok ? ok({ id, name }) : done;
  }

  async remove(owner: KeyOwner, pick: PickFinger, touch: Touch = {}): Promise<Result<readonly StoredFinger[], KeyFailure>> {
    const bio = await this.open(owner, touch);
    if (!bio.ok) return bio;
    const stored = await this.stored(bio.value);
    const finger = stored.ok ? pick(stored.value) : stored;
    if (!finger.ok) return finger;
    const done = await bio.value(BIO_SUBS.remove, { id: finger.value.id }, 'removing the finger');
    return done.ok ? this.stored(bio.value) : done;
  }

  private async stored(bio: Bio): Promise<Result<readonly StoredFinger[], KeyFailure>> {
    const answered = await bio(BIO_SUBS.enumerate, {}, 'listing fingers');
    // A key without fingers says "invalid option" (§6.7.6).
    if (!answered.ok) return answered.error.status === CTAP.invalidOption ? ok([]) : answered;
    return ok(readFingers(answered.value));
  }

  /** The key must not go on waiting for a finger that nobody will lay. */
  private async abandon(bio: Bio, error: KeyFailure): Promise<Result<never, KeyFailure>> {
    if (error.code !== 'key-absent') await bio(BIO_SUBS.cancel, {}, 'ending the enrolment');
    return { ok: false, error };
  }

  /** @param name that a finger is to have: looked at before the owner is troubled, since behind an enrolment it would be too late */
  private async open(owner: KeyOwner, touch: Touch, name?: string): Promise<Result<Bio, KeyFailure>> {
    const info = await this.info();
    if (!info.ok) return info;
    const { enrolment, enrolmentBy, protocols, verification } = info.value;
    const fault = faultBefore(info.value, owner);
    if (fault !== undefined) return { ok: false, error: fault };
    const command = enrolment === 'bio' ? CTAP_COMMANDS.bioEnrollment : CTAP_COMMANDS.bioPreview;
    const form = verification === 'token' ? 'permissions' : 'plain';
    if (owner.by === 'finger' && (form === 'plain' || enrolmentBy === 'pin'))
      return { ok: false, error: { code: 'key-pin-needed', detail: 'this key lets its owner manage fingers by PIN alone (--by-pin)' } };
    const tooLong = name === undefined ? undefined : await this.tooLong(command, name);
    if (tooLong !== undefined) return { ok: false, error: tooLong };
    const wanted = { protocol: protocols[0] ?? 1, owner, permissions: PERMISSIONS.bioEnrollment, form } as const;
    const token = await getToken(this.ask, wanted, this.random, touch);
    return token.ok ? ok(this.bioWith(command, token.value)) : token;
  }

  private async tooLong(command: number, name: string): Promise<KeyFailure | undefined> {
    const answered = await this.ask(sensorInfo(command), 'sensor', 'answer');
    const most = answered.ok ? readNameBytesMax(answered.value) : undefined;
    const bytes = Buffer.byteLength(name, 'utf8');
    if (most === undefined || bytes <= most) return undefined;
    return { code: 'key-finger-name', detail: `the name has ${bytes} bytes; the key takes ${most}` };
  }

  private bioWith(command: number, { protocol, prove }: Token): Bio {
    return (sub, params, during, touch = {}) => {
      const wait = sub === BIO_SUBS.begin || sub === BIO_SUBS.next ? 'touch' : 'answer';
      const message = bioEnrollment(command, sub, params, protocol, prove);
      return this.ask(message, during, wait, touch);
    };
  }
}

/** Why nobody needs to be asked for a finger or a PIN. */
function faultBefore({ enrolment, finger, pinChange }: KeyInfo, owner: KeyOwner): KeyFailure | undefined {
  if (enrolment === 'none') return { code: 'key-no-finger', detail: 'the key takes no fingers over this line' };
  if (owner.by === 'finger' && finger === 'none-enrolled')
    return { code: 'key-no-finger', detail: 'no finger is on the key yet; its owner is known by its PIN alone (--by-pin)' };
  // Such a key answers any PIN, the right one too, as it answers a wrong one (§6.5.5.7.1).
  if (owner.by === 'pin' && pinChange === 'forced')
    return { code: 'key-pin-refused', detail: 'the key wants another PIN first; set it by jharokha agent key pin' };
  return undefined;
}
