import { z } from 'zod';
import { bill } from '../bill/bill.js';
import { kioskCode, language, localName, operatorLogin, serviceCode, transactionId } from '../identity/identity.js';
import { presenceWay } from '../presence/presence.js';
import { mode } from '../rulebook/rulebook.js';
import { cborPaise, cborSum, unixMs } from '../signing/cbor.js';
import { deviceKind, deviceState } from './device.js';
import { problem } from './problem.js';

/** State of the link to the hub, as the first row shows it. */
export const linkView = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('online') }),
  z.strictObject({ state: z.literal('connecting'), since: unixMs }),
  z.strictObject({ state: z.literal('offline'), since: unixMs }),
  /** The hub answered and would not have us (suspended, wrong key): trying again does not help. */
  z.strictObject({ state: z.literal('refused'), since: unixMs }),
]);
export type LinkView = z.infer<typeof linkView>;

/** One device of the counter. `name` tells several of a kind apart, as the kiosk's `devices.json` names them. */
export const deviceView = z.strictObject({ kind: deviceKind, name: z.string().max(24), state: deviceState, problem: problem.optional() });
export type DeviceView = z.infer<typeof deviceView>;

/** What stands on every screen: identity, link, devices, money kept here. */
export const headerView = z.strictObject({
  kiosk: kioskCode.nullable(),
  district: localName.nullable(),
  operator: operatorLogin.nullable(),
  language,
  now: unixMs,
  link: linkView,
  devices: z.array(deviceView),
  /** Entries that the hub has not acknowledged, and the money in them. */
  unsent: z.strictObject({ count: z.int(), sum: cborSum, oldest: unixMs.nullable() }),
  /** What may still be taken without the link; null when there is no lease. */
  leaseLeftPaise: cborSum.nullable(),
});
export type HeaderView = z.infer<typeof headerView>;

export const stepState = z.enum(['waiting', 'doing', 'done', 'attention', 'later']);
/** Saved, posted and printed fail separately, so they are shown separately. */
export const stepView = z.strictObject({ step: z.enum(['saved', 'posted', 'printed']), state: stepState, note: z.string().optional() });
export type StepView = z.infer<typeof stepView>;

export const serviceView = z.strictObject({
  code: serviceCode,
  name: localName,
  department: localName,
  aliases: z.array(z.string()),
  /** How it can be served right now; null when it can not (no lease, mode not allowed). */
  mode: mode.nullable(),
});
export type ServiceView = z.infer<typeof serviceView>;

export const quoteView = z.strictObject({
  transaction: transactionId,
  service: z.strictObject({ code: serviceCode, name: localName, department: localName }),
  bill,
  late: z.boolean(),
  billPaise: cborSum,
  citizenFeePaise: cborSum,
  departmentFeePaise: cborSum,
  totalPaise: cborSum,
  words: localName,
  partAllowed: z.boolean(),
  mode,
});
export type QuoteView = z.infer<typeof quoteView>;

export const saleView = z.strictObject({
  transaction: transactionId,
  receipt: z.string(),
  service: localName,
  totalPaise: cborSum,
  receivedPaise: cborSum,
  changePaise: cborSum,
  mode,
  steps: z.array(stepView),
});
export type SaleView = z.infer<typeof saleView>;

export const receiptRow = z.strictObject({
  receipt: z.string(),
  transaction: transactionId,
  at: unixMs,
  service: localName,
  consumerTail: z.string(),
  totalPaise: cborSum,
  state: z.enum(['received', 'posted', 'refused']),
  sent: z.boolean(),
  printed: z.enum(['no', 'yes', 'unknown']),
  copies: z.int(),
});
export type ReceiptRow = z.infer<typeof receiptRow>;

/** Pre-printed forms, counted: `loaded` = `printed` + `unsure` + `spoilt` + `left`. `next` is the number on the form that lies in the printer now. */
export const stockView = z.strictObject({
  printer: z.string().max(24),
  loaded: z.int(),
  printed: z.int(),
  unsure: z.int(),
  spoilt: z.int(),
  left: z.int(),
  next: z.string().nullable(),
  /** The oldest forms of which nobody has said what became. */
  unsureSerials: z.array(z.string()),
});
export type StockView = z.infer<typeof stockView>;

/** What the operator's screen shows now. A closed union: the screen draws it and knows nothing else. */
export const screenView = z.discriminatedUnion('screen', [
  z.strictObject({ screen: z.literal('starting'), doing: z.enum(['ledger', 'devices', 'link']) }),
  z.strictObject({ screen: z.literal('unenrolled') }),
  /** No sales; reading and export go on. */
  z.strictObject({ screen: z.literal('out-of-order'), problem, detail: z.string() }),
  /** Closed for want of power, everything on disk; it opens by itself. */
  z.strictObject({ screen: z.literal('resting'), problem }),
  z.strictObject({
    screen: z.literal('login'),
    problem: problem.nullable(),
    checking: z.boolean(),
    /** A log-in by security key: looked for, or waiting for its finger. */
    key: z.enum(['no', 'waiting', 'touch']),
    triesLeft: z.int().nullable(),
    lockedUntil: unixMs.nullable(),
  }),
  z.strictObject({ screen: z.literal('till-opening'), problem: problem.nullable() }),
  z.strictObject({
    screen: z.literal('menu'),
    services: z.array(serviceView),
    problem: problem.nullable(),
    today: z.strictObject({ count: z.int(), sum: cborSum }),
    tillPaise: cborPaise,
  }),
  z.strictObject({
    screen: z.literal('capture'),
    service: serviceView,
    label: localName,
    example: z.string(),
    typed: z.string(),
    problem: problem.nullable(),
  }),
  z.strictObject({ screen: z.literal('fetching'), service: localName, from: z.enum(['hub', 'master-file']), since: unixMs }),
  z.strictObject({ screen: z.literal('quote'), quote: quoteView, problem: problem.nullable() }),
  /** The person lays a finger for this very sum. `attempt`: one more than were in vain. `again`: the next press is asked for by hand; from `witnessFrom` on a witness may stand in. */
  z.strictObject({
    screen: z.literal('presence'),
    quote: quoteView,
    way: presenceWay,
    phase: z.enum(['pressing', 'again']),
    attempt: z.int().min(1),
    witnessFrom: z.int(),
    problem: problem.nullable(),
  }),
  z.strictObject({ screen: z.literal('tender'), quote: quoteView, problem: problem.nullable() }),
  /** Money is being secured, saved, posted, printed: nothing to press, but what is certain is shown. */
  z.strictObject({
    screen: z.literal('working'),
    sale: saleView,
    /** `printer-cooling`: its head is too warm; it pauses and goes on by itself. */
    waitsFor: z.enum(['grant', 'disk', 'hub', 'department', 'printer', 'printer-cooling']),
    since: unixMs,
  }),
  /** The sale is safe; the paper is not out, or nobody knows. `because`: what is wrong with the printer now, where only eyes can tell. */
  z.strictObject({ screen: z.literal('print-trouble'), sale: saleView, problem, because: problem.nullable(), ask: z.enum(['fix', 'did-it-print']) }),
  /** The department refused: the cash goes back and a slip is printed. */
  z.strictObject({ screen: z.literal('refused'), sale: saleView, reason: z.string(), problem: problem.nullable() }),
  z.strictObject({ screen: z.literal('handover'), sale: saleView, problem: problem.nullable() }),
  z.strictObject({ screen: z.literal('receipts'), rows: z.array(receiptRow), problem: problem.nullable() }),
  z.strictObject({
    screen: z.literal('queue'),
    rows: z.array(receiptRow),
    nextTryAt: unixMs.nullable(),
    lastAnswerAt: unixMs.nullable(),
    problem: problem.nullable(),
  }),
  /** `stock` is null where no printer has pre-printed forms. */
  z.strictObject({ screen: z.literal('stock'), stock: stockView.nullable(), problem: problem.nullable() }),
  z.strictObject({ screen: z.literal('till-closing'), expectedPaise: cborPaise, count: z.int(), problem: problem.nullable() }),
  z.strictObject({
    screen: z.literal('till-closed'),
    countedPaise: cborSum,
    expectedPaise: cborPaise,
    differencePaise: cborPaise,
    count: z.int(),
    sum: cborSum,
    unsent: z.int(),
  }),
]);
export type ScreenView = z.infer<typeof screenView>;
export type ScreenName = ScreenView['screen'];

export const counterView = z.strictObject({ header: headerView, body: screenView });
export type CounterView = z.infer<typeof counterView>;
