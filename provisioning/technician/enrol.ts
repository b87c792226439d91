import { join, resolve } from 'node:path';
import {
  ENROL_PATH,
  ENROL_WAIT_MAX_MS,
  ENROL_WAIT_PATH,
  writeEnrolAsk,
  writeEnrolWait,
  type EnrolAnswer,
  type EnrolNoCode,
  type MachineHints,
} from '#protocol/enrolment/enrolment.js';
import { parseClaim, type Claim } from '#protocol/identity/claim.js';
import type { LocalName } from '#protocol/identity/identity.js';
import { failure, ok, unreachable, type Failure, type Result } from '#protocol/result/result.js';
import { equalBytes, spokenFingerprint, verifyKey } from '#protocol/signing/keys.js';
import { MINUTE_MS, SECOND_MS, type UnixMs } from '#protocol/time/time.js';
import { checkBundle, type CheckedBundle } from './check-bundle.js';
import { callHub, type HubCallError, type PinnedHub } from './hub-call.js';
import {
  KIOSK_FILES,
  ensureKeys,
  readDistrictKey,
  readKeys,
  readState,
  readTrust,
  storeTrust,
  writeState,
  type DeviceKeys,
  type KioskState,
} from './kiosk-folder.js';

/** Time-outs of the talk with the hub, and the pauses after a cut: doubled each time, with chance, up to the longest. */
export const ENROL_TIMES = {
  connectMs: 10 * SECOND_MS,
  answerMs: 15 * SECOND_MS,
  pauseMs: SECOND_MS,
  pauseMaxMs: 30 * SECOND_MS,
  clockMs: 5 * MINUTE_MS,
} as const;

/** What the technician is told on the way. */
export type EnrolStep =
  | { readonly step: 'pending'; readonly fingerprint: string; readonly kiosk: string; readonly site: LocalName; readonly district: LocalName }
  | { readonly step: 'cut'; readonly detail: string }
  | { readonly step: 'clock-wrong'; readonly hubNow: UnixMs };

export type EnrolOptions = {
  readonly folder: string;
  /** Absent when an enrolment that was begun goes on. */
  readonly claim?: string | undefined;
  readonly hints: MachineHints;
  /** How long to wait for the administrator before telling to run the command again. */
  readonly waitMs: number;
  readonly tell: (step: EnrolStep) => void;
  readonly now: () => UnixMs;
  /** Milliseconds that only go forward. */
  readonly monotonicMs: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly pause: (ms: number) => Promise<void>;
};

export type EnrolError =
  | EnrolNoCode
  | HubCallError
  | 'not-a-claim'
  | 'mistyped-claim'
  | 'claim-missing'
  | 'other-hub'
  | 'other-district'
  | 'bad-bundle'
  | 'folder-damaged'
  | 'not-yet-approved';
export type Enrolled = CheckedBundle & { readonly outcome: 'enrolled' | 'already-enrolled' };

type Begun = { readonly hub: PinnedHub; readonly keys: DeviceKeys; readonly claim: Claim | undefined };

/**
 * Enrols this machine: makes its keys, shows the claim to the pinned hub alone, waits for the administrator, checks and stores the bundle. Safe to
 * run again at any point: it goes on where it stood.
 */
export async function enrol(options: EnrolOptions): Promise<Result<Enrolled, Failure<EnrolError>>> {
  const folder = resolve(options.folder);
  const claim = options.claim === undefined ? ok(undefined) : parseClaim(options.claim);
  if (!claim.ok) return claim;
  const state = readState(folder);
  if (!state.ok) return state;
  const hub = pinnedHub(claim.value, state.value);
  if (hub === undefined) return failure('claim-missing', `nothing was begun in ${folder}: give the claim with --claim JC1/...`);
  if (state.value?.state === 'enrolled') return alreadyEnrolled(folder, state.value, hub);
  const keys = ensureKeys(folder, options.random);
  if (!keys.ok) return keys;
  const begun: Begun = { hub, keys: keys.value, claim: claim.value };
  const answer = await firstAnswer(folder, options, begun);
  if (!answer.ok) return answer;
  return settle(folder, options, begun, answer.value);
}

function pinnedHub(claim: Claim | undefined, state: KioskState | undefined): PinnedHub | undefined {
  if (claim !== undefined) return { address: claim.hub, fingerprint: claim.hubFingerprint };
  return state === undefined ? undefined : { address: state.hub, fingerprint: Buffer.from(state.hubFingerprint, 'hex') };
}

/** Checks an enrolled folder against itself, without the network. */
export function checkFolder(folder: string, state: KioskState): Result<CheckedBundle, Failure<'bad-bundle' | 'folder-damaged'>> {
  const keys = readKeys(folder);
  if (!keys.ok) return keys;
  const trust = readTrust(folder);
  if (!trust.ok) return trust;
  return checkBundle(trust.value.bundle, {
    districtKey: trust.value.districtKey,
    hubFingerprint: Buffer.from(state.hubFingerprint, 'hex'),
    publicKey: keys.value.key.publicKey,
  });
}

function alreadyEnrolled(folder: string, state: KioskState & { readonly state: 'enrolled' }, hub: PinnedHub): Result<Enrolled, Failure<EnrolError>> {
  if (Buffer.from(hub.fingerprint).toString('hex') !== state.hubFingerprint)
    return failure('other-hub', `${folder} is enrolled as kiosk ${state.kiosk} with another hub; for this claim use an empty folder`);
  const checked = checkFolder(folder, state);
  return checked.ok ? ok({ ...checked.value, outcome: 'already-enrolled' }) : checked;
}

/** Shows the claim, or asks how an enrolment stands that was begun earlier. */
function firstAnswer(folder: string, options: EnrolOptions, begun: Begun): Promise<Result<EnrolAnswer, Failure<HubCallError>>> {
  const { hub, keys, claim } = begun;
  if (claim === undefined) return askAgain(begun, 0);
  return callHub({
    hub,
    path: ENROL_PATH,
    body: (channel) => {
      // Written once the right hub is at the other end, and before the claim is spent: a later run needs no claim.
      const hubFingerprint = Buffer.from(hub.fingerprint).toString('hex');
      writeState(folder, { v: 1, state: 'asked', hub: hub.address, hubFingerprint, assurance: 'soft', askedAt: options.now() });
      return writeEnrolAsk(keys.key, { code: claim.code, sealingKey: keys.sealing.publicKey, hints: options.hints }, channel);
    },
    connectTimeoutMs: ENROL_TIMES.connectMs,
    answerTimeoutMs: ENROL_TIMES.answerMs,
  });
}

function askAgain(begun: Begun, waitMs: number): Promise<Result<EnrolAnswer, Failure<HubCallError>>> {
  return callHub({
    hub: begun.hub,
    path: ENROL_WAIT_PATH,
    body: (channel) => writeEnrolWait(begun.keys.key, waitMs, channel),
    connectTimeoutMs: ENROL_TIMES.connectMs,
    answerTimeoutMs: waitMs + ENROL_TIMES.answerMs,
  });
}

async function settle(folder: string, options: EnrolOptions, begun: Begun, first: EnrolAnswer): Promise<Result<Enrolled, Failure<EnrolError>>> {
  if (first.t !== 'no' && Math.abs(first.now - options.now()) > ENROL_TIMES.clockMs) options.tell({ step: 'clock-wrong', hubNow: first.now });
  if (first.t === 'pending') {
    const fingerprint = spokenFingerprint(begun.keys.key.publicKey);
    options.tell({ step: 'pending', fingerprint, kiosk: first.kiosk, site: first.site, district: first.districtName });
  }
  const last = first.t === 'pending' ? await waitForWord(options, begun) : ok(first);
  if (!last.ok) return last;
  switch (last.value.t) {
    case 'approved':
      return take(folder, options, begun, last.value);
    case 'no':
      return failure(last.value.code, last.value.detail);
    case 'pending':
      return failure('not-yet-approved', 'the administrator has not approved the device yet; nothing is lost, run the command again without a claim');
    default:
      return unreachable(last.value);
  }
}

/** Asks until the administrator has spoken or the time is over. A cut link is waited out; a hub with another key is not. */
async function waitForWord(options: EnrolOptions, begun: Begun): Promise<Result<EnrolAnswer, Failure<HubCallError>>> {
  const until = options.monotonicMs() + options.waitMs;
  let pauseMs: number = ENROL_TIMES.pauseMs;
  for (;;) {
    const leftMs = Math.max(0, until - options.monotonicMs());
    const askMs = Math.min(ENROL_WAIT_MAX_MS, Math.floor(leftMs));
    const begunMs = options.monotonicMs();
    const answer = await askAgain(begun, askMs);
    const trouble = passing(answer);
    if (trouble === undefined && (!answer.ok || answer.value.t !== 'pending')) return answer;
    if (options.monotonicMs() >= until) return answer;
    if (trouble === undefined) {
      pauseMs = ENROL_TIMES.pauseMs;
      // A hub that holds too many waiting devices answers at once: it is not asked again at once.
      if (options.monotonicMs() - begunMs < askMs / 2) await options.pause(pauseMs);
      continue;
    }
    options.tell({ step: 'cut', detail: trouble });
    const chance = (options.random(1)[0] ?? 0) / 256;
    await options.pause(Math.min(pauseMs * (0.5 + chance), Math.max(0, until - options.monotonicMs())));
    pauseMs = Math.min(pauseMs * 2, ENROL_TIMES.pauseMaxMs);
  }
}

/** What is worth waiting out, in words; undefined when it is not. */
function passing(answer: Result<EnrolAnswer, Failure<HubCallError>>): string | undefined {
  if (!answer.ok) return answer.error.code === 'hub-unreachable' ? answer.error.detail : undefined;
  return answer.value.t === 'no' && answer.value.code === 'too-many-requests' ? answer.value.detail : undefined;
}

function take(
  folder: string,
  options: EnrolOptions,
  begun: Begun,
  approved: EnrolAnswer & { readonly t: 'approved' },
): Result<Enrolled, Failure<EnrolError>> {
  const districtKey = verifyKey(approved.districtKey);
  const known = readDistrictKey(folder);
  if (!known.ok) return known;
  if (known.value !== undefined && !equalBytes(known.value.publicKey, districtKey.publicKey))
    return failure('other-district', `${join(folder, KIOSK_FILES.district)} is of another district; for this claim use an empty folder`);
  const checked = checkBundle(approved.bundle, { districtKey, hubFingerprint: begun.hub.fingerprint, publicKey: begun.keys.key.publicKey });
  if (!checked.ok) return checked;
  const { bundle } = checked.value;
  storeTrust(
    folder,
    { districtKey, bundle: Uint8Array.from(approved.bundle) },
    {
      v: 1,
      state: 'enrolled',
      hub: begun.hub.address,
      hubFingerprint: Buffer.from(begun.hub.fingerprint).toString('hex'),
      assurance: 'soft',
      district: bundle.district,
      kiosk: bundle.kiosk,
      epoch: bundle.epoch,
      bundle: bundle.number,
      enrolledAt: options.now(),
    },
  );
  return ok({ ...checked.value, outcome: 'enrolled' });
}
