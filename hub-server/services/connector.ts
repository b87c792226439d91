import type { z } from 'zod';
import { bill, type Bill } from '#protocol/bill/bill.js';
import type { TransactionId } from '#protocol/identity/identity.js';
import { unreachable, type Failure, type Result } from '#protocol/result/result.js';
import type { Hub } from '../hub.js';
import type { DepartmentRecord } from './departments.js';
import { findDepartment } from './departments.js';
import {
  ERRORS,
  batchAnswerJson,
  billJson,
  errorJson,
  paymentToJson,
  presenceAnswerJson,
  presenceToJson,
  settledJson,
  type Payment,
  type Presence,
} from './department-http.js';
import { call, type CallTrouble, type Called } from './http-call.js';

/** What went wrong on the way, for the operator of the hub. Money hangs only on whether the answer is known. */
export type Trouble = CallTrouble | 'server-error' | 'unauthorised' | 'conflict' | 'not-understood';

export type BillAnswer =
  | { readonly kind: 'bill'; readonly bill: Bill }
  | { readonly kind: 'no-such-consumer' }
  | { readonly kind: 'already-paid' }
  | { readonly kind: 'down'; readonly cause: Trouble; readonly detail: string };

/** `unknown`: the department may or may not have booked it. It is asked again by the same request id, never by a new one. */
export type PaymentAnswer =
  | { readonly kind: 'confirmed'; readonly reference: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | Unknown;
export type Unknown = { readonly kind: 'unknown'; readonly cause: Trouble; readonly detail: string };
/** `not-known`: the department says that it never got this request. */
export type LookUpAnswer = PaymentAnswer | { readonly kind: 'not-known' };
/** `not-done`: the department says that it did not book this one. */
export type BatchItemAnswer = PaymentAnswer | { readonly kind: 'not-done' };
/** By request id. A payment that is not named is unknown. */
export type BatchAnswer = { readonly kind: 'answered'; readonly answers: ReadonlyMap<string, BatchItemAnswer> } | Unknown;

export type PresenceAnswer =
  | { readonly kind: 'known'; readonly reference: string }
  | { readonly kind: 'other'; readonly reason: string }
  | { readonly kind: 'down'; readonly cause: Trouble; readonly detail: string };

export type Asked = 'first' | 'again';

/** One department's HTTP door, seen from the hub. */
export type Connector = {
  readonly fetchBill: (service: string, consumer: string, signal?: AbortSignal) => Promise<BillAnswer>;
  /** `again`: looks the request up before it is sent once more. */
  readonly pay: (payment: Payment, asked: Asked, signal?: AbortSignal) => Promise<PaymentAnswer>;
  /** Whether the department knows the person by the capture; asked before any money is held, and never again by itself. */
  readonly checkPresence: (presence: Presence, signal?: AbortSignal) => Promise<PresenceAnswer>;
  readonly lookUp: (requestId: TransactionId, signal?: AbortSignal) => Promise<LookUpAnswer>;
  readonly payBatch: (batch: TransactionId, payments: readonly Payment[], signal?: AbortSignal) => Promise<BatchAnswer>;
};

export type ConnectorTimeouts = {
  /** A citizen waits for it. */
  readonly billTimeoutMs: number;
  readonly paymentTimeoutMs: number;
  readonly batchTimeoutMs: number;
};
export const CONNECTOR_TIMEOUTS: ConnectorTimeouts = { billTimeoutMs: 5_000, paymentTimeoutMs: 10_000, batchTimeoutMs: 60_000 };

const ANSWER_BYTES_MAX = 64 * 1024;
const BATCH_BYTES_MAX = 1024 * 1024;

/** Looks a department's connector up; undefined when it is not in the register. */
export type Connectors = (department: string) => Connector | undefined;

/** Connectors as the register stands at each call: a changed address or token is taken at once. */
export function registeredConnectors(hub: Hub, timeouts: ConnectorTimeouts = CONNECTOR_TIMEOUTS): Connectors {
  return (code) => {
    const record = findDepartment(hub, code);
    return record && connectDepartment(record, timeouts);
  };
}

type Door = {
  readonly department: DepartmentRecord;
  readonly ask: (method: 'GET' | 'POST', path: string, limits: Limits, body?: unknown) => Promise<Result<Called, Failure<CallTrouble>>>;
  readonly timeouts: ConnectorTimeouts;
};
type Limits = { readonly timeoutMs: number; readonly answerBytesMax: number; readonly signal: AbortSignal | undefined };

export function connectDepartment(
  department: Pick<DepartmentRecord, 'code' | 'baseUrl' | 'token'>,
  timeouts: ConnectorTimeouts = CONNECTOR_TIMEOUTS,
): Connector {
  const door: Door = {
    department: { name: { en: department.code, hi: department.code }, ...department },
    timeouts,
    ask: (method, path, { signal, ...limits }, body) =>
      call({
        url: department.baseUrl + path,
        method,
        token: department.token,
        ...limits,
        ...(body === undefined ? {} : { body }),
        ...(signal ? { signal } : {}),
      }),
  };
  return {
    fetchBill: (service, consumer, signal) => fetchBill(door, service, consumer, signal),
    checkPresence: (presence, signal) => checkPresence(door, presence, signal),
    lookUp: (requestId, signal) => lookUp(door, requestId, signal),
    payBatch: (batch, payments, signal) => payBatch(door, batch, payments, signal),
    pay: async (payment, asked, signal) => {
      if (asked === 'again') {
        const known = await lookUp(door, payment.requestId, signal);
        if (known.kind !== 'not-known') return known;
      }
      const limits = { timeoutMs: timeouts.paymentTimeoutMs, answerBytesMax: ANSWER_BYTES_MAX, signal };
      return readSettled(payment.requestId, await door.ask('POST', '/payments', limits, paymentToJson(payment)));
    },
  };
}

async function fetchBill(door: Door, service: string, consumer: string, signal: AbortSignal | undefined): Promise<BillAnswer> {
  const limits = { timeoutMs: door.timeouts.billTimeoutMs, answerBytesMax: ANSWER_BYTES_MAX, signal };
  const called = await door.ask('GET', `/bills/${encodeURIComponent(service)}/${encodeURIComponent(consumer)}`, limits);
  if (!called.ok) return { kind: 'down', cause: called.error.code, detail: called.error.detail };
  const { status, json } = called.value;
  if (says(called.value, 404, ERRORS.noSuchConsumer)) return { kind: 'no-such-consumer' };
  if (says(called.value, 410, ERRORS.alreadyPaid)) return { kind: 'already-paid' };
  if (status !== 200) return { ...statusTrouble(called.value), kind: 'down' };
  const read = readBill(json);
  if (read === undefined) return { kind: 'down', cause: 'garbage', detail: 'the answer is not a bill' };
  if (read.department !== door.department.code || read.service !== service || read.consumer !== consumer) {
    return { kind: 'down', cause: 'garbage', detail: `the answer is a bill of ${read.department} ${read.service} ${read.consumer}` };
  }
  return { kind: 'bill', bill: read };
}

function readBill(json: unknown): Bill | undefined {
  const read = billJson.safeParse(json);
  const checked = read.success ? bill.safeParse(read.data) : undefined;
  return checked?.success === true ? checked.data : undefined;
}

async function checkPresence(door: Door, presence: Presence, signal: AbortSignal | undefined): Promise<PresenceAnswer> {
  const limits = { timeoutMs: door.timeouts.billTimeoutMs, answerBytesMax: ANSWER_BYTES_MAX, signal };
  const called = await door.ask('POST', '/presence', limits, presenceToJson(presence));
  if (!called.ok) return { kind: 'down', cause: called.error.code, detail: called.error.detail };
  if (called.value.status !== 200) return { ...statusTrouble(called.value), kind: 'down' };
  const read = presenceAnswerJson.safeParse(called.value.json);
  if (!read.success || read.data.requestId !== presence.requestId)
    return { kind: 'down', cause: 'garbage', detail: 'the answer to a capture is not in the agreed form' };
  return read.data.person === 'known' ? { kind: 'known', reference: read.data.reference } : { kind: 'other', reason: read.data.reason };
}

async function lookUp(door: Door, requestId: TransactionId, signal: AbortSignal | undefined): Promise<LookUpAnswer> {
  const limits = { timeoutMs: door.timeouts.paymentTimeoutMs, answerBytesMax: ANSWER_BYTES_MAX, signal };
  const called = await door.ask('GET', `/payments/${requestId}`, limits);
  // Only the department's own word counts: any proxy on the way can say 404.
  if (called.ok && says(called.value, 404, ERRORS.unknownRequest)) return { kind: 'not-known' };
  return readSettled(requestId, called);
}

function readSettled(requestId: TransactionId, called: Result<Called, Failure<CallTrouble>>): PaymentAnswer {
  if (!called.ok) return { kind: 'unknown', cause: called.error.code, detail: called.error.detail };
  if (called.value.status !== 200) return statusTrouble(called.value);
  const read = settledJson.safeParse(called.value.json);
  if (!read.success) return { kind: 'unknown', cause: 'garbage', detail: 'the answer to a payment is not in the agreed form' };
  if (read.data.requestId !== requestId) return { kind: 'unknown', cause: 'garbage', detail: `the answer is for request ${read.data.requestId}` };
  const { data } = read;
  return data.status === 'confirmed' ? { kind: 'confirmed', reference: data.reference } : { kind: 'refused', reason: data.reason };
}

async function payBatch(door: Door, batch: TransactionId, payments: readonly Payment[], signal: AbortSignal | undefined): Promise<BatchAnswer> {
  const limits = { timeoutMs: door.timeouts.batchTimeoutMs, answerBytesMax: BATCH_BYTES_MAX, signal };
  const called = await door.ask('POST', '/payments/batch', limits, { batch, payments: payments.map(paymentToJson) });
  if (!called.ok) return { kind: 'unknown', cause: called.error.code, detail: called.error.detail };
  if (called.value.status !== 200) return statusTrouble(called.value);
  const read = batchAnswerJson.safeParse(called.value.json);
  if (!read.success || read.data.batch !== batch)
    return { kind: 'unknown', cause: 'garbage', detail: 'the answer to a batch is not in the agreed form' };
  const answers = new Map<string, BatchItemAnswer>();
  for (const result of read.data.results) answers.set(result.requestId, itemAnswer(result, answers.has(result.requestId)));
  return { kind: 'answered', answers };
}

type BatchItem = z.infer<typeof batchAnswerJson>['results'][number];

function itemAnswer(item: BatchItem, named: boolean): BatchItemAnswer {
  if (named) return { kind: 'unknown', cause: 'garbage', detail: 'the batch answers this payment twice' };
  switch (item.status) {
    case 'conflict':
      return { kind: 'unknown', cause: 'conflict', detail: CONFLICT };
    case 'not-done':
      return { kind: 'not-done' };
    case 'confirmed':
      return { kind: 'confirmed', reference: item.reference };
    case 'refused':
      return { kind: 'refused', reason: item.reason };
    default:
      return unreachable(item);
  }
}

const CONFLICT = 'the department holds another payment under this request id';

function says({ status, json }: Called, wanted: number, word: string): boolean {
  const read = errorJson.safeParse(json);
  return status === wanted && read.success && read.data.error === word;
}

function statusTrouble(called: Called): Unknown {
  const { status } = called;
  if (status === 401 || status === 403)
    return { kind: 'unknown', cause: 'unauthorised', detail: `the department does not take the token (status ${status})` };
  if (says(called, 409, ERRORS.differentContent)) return { kind: 'unknown', cause: 'conflict', detail: CONFLICT };
  if (status >= 500) return { kind: 'unknown', cause: 'server-error', detail: `the department answered with status ${status}` };
  return { kind: 'unknown', cause: 'not-understood', detail: `the department answered with status ${status}` };
}
