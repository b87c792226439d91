import { ok, type Result } from '#protocol/result/result.js';
import type { Random } from './channel.js';
import { BIO_SUBS, bioEnrollment, readFingers, readSample, type BioParams } from './codec/bio.js';
import { CTAP_COMMANDS, PERMISSIONS } from './codec/messages.js';
import { CTAP } from './codec/status.js';
import type { EnrolAsk, KeyFailure, KeyInfo, KeyOwner, StoredFinger, Touch } from './port.js';
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
    const bio = await this.open(owner, touch);
    if (!bio.ok) return bio;
    const begun = await bio.value(BIO_SUBS.begin, { timeoutMs: SAMPLE_MS }, 'enrolment', touch);
    if (!begun.ok) return this.abandon(bio.value, begun.error);
    let sample = readSample(begun.value);
    const { id } = sample;
    if (id === undefined) return keyError('enrolment: the key names no finger');
    onSample?.(sample);
    for (let looks = 1; sample.remaining > 0; looks += 1) {
      if (looks >= SAMPLES_MAX) return this.abandon(bio.value, { code: 'key-not-touched', detail: `no finger after ${looks} looks` });
      const next = await bio.value(BIO_SUBS.next, { id, timeoutMs: SAMPLE_MS }, 'enrolment', touch);
      if (!next.ok) return this.abandon(bio.value, next.error);
      sample = readSample(next.value);
      onSample?.(sample);
    }
    const named = await bio.value(BIO_SUBS.setName, { id, name }, 'naming the finger');
    return named.ok ? ok({ id, name }) : named;
  }

  async list(owner: KeyOwner, touch: Touch = {}): Promise<Result<readonly StoredFinger[], KeyFailure>> {
    const bio = await this.open(owner, touch);
    if (!bio.ok) return bio;
    const answered = await bio.value(BIO_SUBS.enumerate, {}, 'listing fingers');
    // A key without fingers says "invalid option" (§6.7.6).
    if (!answered.ok) return answered.error.status === CTAP.invalidOption ? ok([]) : answered;
    return ok(readFingers(answered.value));
  }

  async rename(owner: KeyOwner, { id, name }: StoredFinger, touch: Touch = {}): Promise<Result<void, KeyFailure>> {
    return this.change(owner, BIO_SUBS.setName, { id, name }, 'naming the finger', touch);
  }

  async remove(owner: KeyOwner, id: Uint8Array, touch: Touch = {}): Promise<Result<void, KeyFailure>> {
    return this.change(owner, BIO_SUBS.remove, { id }, 'removing the finger', touch);
  }

  private async change(owner: KeyOwner, sub: number, params: BioParams, during: string, touch: Touch): Promise<Result<void, KeyFailure>> {
    const bio = await this.open(owner, touch);
    if (!bio.ok) return bio;
    const done = await bio.value(sub, params, during);
    return done.ok ? ok(undefined) : done;
  }

  /** The key must not go on waiting for a finger that nobody will lay. */
  private async abandon(bio: Bio, error: KeyFailure): Promise<Result<never, KeyFailure>> {
    if (error.code !== 'key-absent') await bio(BIO_SUBS.cancel, {}, 'ending the enrolment');
    return { ok: false, error };
  }

  private async open(owner: KeyOwner, touch: Touch): Promise<Result<Bio, KeyFailure>> {
    const info = await this.info();
    if (!info.ok) return info;
    const { enrolment, protocols } = info.value;
    // Such a key answers any PIN, the right one too, as it answers a wrong one (§6.5.5.7.1).
    if (owner.by === 'pin' && info.value.pinChange === 'forced')
      return { ok: false, error: { code: 'key-pin-refused', detail: 'the key wants another PIN first; set it by jharokha agent key pin' } };
    if (enrolment === 'none') return { ok: false, error: { code: 'key-no-finger', detail: 'the key takes no fingers over this line' } };
    const command = enrolment === 'bio' ? CTAP_COMMANDS.bioEnrollment : CTAP_COMMANDS.bioPreview;
    const form = info.value.verification === 'token' ? 'permissions' : 'plain';
    if (form === 'plain' && owner.by === 'finger') return keyError('this key manages fingers by its PIN only');
    const wanted = { protocol: protocols[0] ?? 1, owner, permissions: PERMISSIONS.bioEnrollment, form } as const;
    const token = await getToken(this.ask, wanted, this.random, touch);
    return token.ok ? ok(this.bioWith(command, token.value)) : token;
  }

  private bioWith(command: number, { protocol, prove }: Token): Bio {
    return (sub, params, during, touch = {}) => {
      const wait = sub === BIO_SUBS.begin || sub === BIO_SUBS.next ? 'touch' : 'answer';
      const message = bioEnrollment(command, sub, params, protocol, prove);
      return this.ask(message, during, wait, touch);
    };
  }
}
