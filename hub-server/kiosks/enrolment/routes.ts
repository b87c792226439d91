import { setTimeout as pause } from 'node:timers/promises';
import {
  ENROL_BYTES_MAX,
  ENROL_PATH,
  ENROL_WAIT_PATH,
  encodeEnrolAnswer,
  enrolAskProven,
  enrolWaitProven,
  readEnrolAsk,
  readEnrolWait,
  type EnrolAnswer,
  type EnrolNoCode,
} from '#protocol/enrolment/enrolment.js';
import type { Hub } from '../../hub.js';
import { RateLimit } from '../../web/rate-limit.js';
import { cborReply, type Reply, type Route, type Visit } from '../../web/route.js';
import { answerForKey, askToEnrol } from './ask.js';

export type EnrolmentRouteOptions = {
  /** Requests one address may make in a minute. */
  readonly perMinute?: number;
  /** How often a waiting request looks into the store: the approval is made by another process. */
  readonly lookMs?: number;
  /** Waiting requests held at once; further ones are answered at once. */
  readonly waitersMax?: number;
};

const DEFAULTS = { perMinute: 60, lookMs: 250, waitersMax: 500 } as const;

const STATUS: Readonly<Record<EnrolNoCode, number>> = {
  malformed: 400,
  'bad-proof': 401,
  'claim-unknown': 404,
  'claim-locked': 403,
  'claim-used': 409,
  'claim-expired': 410,
  'claim-withdrawn': 410,
  'slot-active': 409,
  'slot-pending': 409,
  'key-in-use': 409,
  'not-enrolled': 404,
  'enrolment-refused': 403,
  'kiosk-suspended': 403,
  'kiosk-retired': 403,
  'too-many-requests': 429,
  internal: 500,
};

function reply(answer: EnrolAnswer): Reply {
  return cborReply(answer.t === 'no' ? STATUS[answer.code] : 200, encodeEnrolAnswer(answer));
}

const BAD_PROOF: EnrolAnswer = { t: 'no', code: 'bad-proof', detail: 'the device did not prove, on this connection, that it holds the key it names' };

/** The hub's side of `provision enrol`: one claim, one device, one administrator's word. */
export function enrolmentRoutes(hub: Hub, options: EnrolmentRouteOptions = {}): readonly Route[] {
  const { perMinute, lookMs, waitersMax } = { ...DEFAULTS, ...options };
  const limit = new RateLimit({ perMinute, now: hub.now });
  let waiters = 0;

  const admit = (visit: { readonly address: string }): Reply | undefined => {
    const seconds = limit.take(visit.address);
    if (seconds === 0) return undefined;
    const refused = reply({ t: 'no', code: 'too-many-requests', detail: `too many requests from this address; try again in ${seconds} s` });
    return { ...refused, headers: { 'retry-after': String(seconds) } };
  };

  const ask = (visit: Visit): Reply => {
    const request = readEnrolAsk(visit.body);
    if (!request.ok) return reply({ t: 'no', code: 'malformed', detail: request.error.detail.slice(0, 300) });
    if (!enrolAskProven(request.value, visit.channel())) return reply(BAD_PROOF);
    return reply(askToEnrol(hub, request.value, visit.address));
  };

  const wait = async (visit: Visit): Promise<Reply> => {
    const request = readEnrolWait(visit.body);
    if (!request.ok) return reply({ t: 'no', code: 'malformed', detail: request.error.detail.slice(0, 300) });
    if (!enrolWaitProven(request.value, visit.channel())) return reply(BAD_PROOF);
    const first = answerForKey(hub, request.value.key);
    if (first.t !== 'pending' || waiters >= waitersMax) return reply(first);
    waiters += 1;
    try {
      return reply(await nextAnswer(hub, request.value.key, Math.ceil(request.value.waitMs / lookMs), lookMs, visit.gone));
    } finally {
      waiters -= 1;
    }
  };

  return [
    { method: 'POST', path: ENROL_PATH, bodyBytesMax: ENROL_BYTES_MAX, admit, handle: ask },
    { method: 'POST', path: ENROL_WAIT_PATH, bodyBytesMax: ENROL_BYTES_MAX, admit, handle: wait },
  ];
}

/** Looks a bounded number of times; ends early when the answer is no longer `pending` or the asker has hung up. */
async function nextAnswer(hub: Hub, key: Uint8Array, looks: number, lookMs: number, gone: AbortSignal): Promise<EnrolAnswer> {
  for (let look = 0; look < looks && !gone.aborted; look += 1) {
    await pause(lookMs, undefined, { signal: gone }).catch(() => undefined);
    if (gone.aborted) break;
    const answer = answerForKey(hub, key);
    if (answer.t !== 'pending') return answer;
  }
  return answerForKey(hub, key);
}
