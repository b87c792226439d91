import { z } from 'zod';
import { bill, type Bill } from '#protocol/bill/bill.js';
import { serviceCode, transactionId } from '#protocol/identity/identity.js';
import { paise } from '#protocol/money/paise.js';

// The shapes that go over a department's HTTP door, as docs/formats/department-http.md lays them down. Fields that are not known are passed over.

/** A sum in JSON: paise as a string of digits, since a JSON number is a floating-point one. */
export const paiseText = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,17})$/u, 'a sum is a string of paise')
  .transform((text) => paise(BigInt(text)));

export const billJson = z.object({ ...bill.shape, amountPaise: paiseText, lateAmountPaise: paiseText, arrearsPaise: paiseText });

export function billToJson(one: Bill): z.input<typeof billJson> {
  return {
    ...one,
    amountPaise: one.amountPaise.toString(),
    lateAmountPaise: one.lateAmountPaise.toString(),
    arrearsPaise: one.arrearsPaise.toString(),
  };
}

const instant = z.iso.datetime().transform((text) => Date.parse(text));

export const paymentJson = z.object({
  /** Names this payment for ever; the sale's transaction id. */
  requestId: transactionId,
  service: serviceCode,
  consumer: z.string().min(1).max(24),
  billNumber: z.string().min(1).max(24),
  amountPaise: paiseText,
  paidAt: instant,
  /** Kiosk code. */
  counter: z.string().min(1).max(16),
});
/** A payment as the hub puts it to a department. Sums in paise, `paidAt` in milliseconds since 1970. */
export type Payment = z.infer<typeof paymentJson>;

export function paymentToJson(payment: Payment): z.input<typeof paymentJson> {
  return { ...payment, amountPaise: payment.amountPaise.toString(), paidAt: new Date(payment.paidAt).toISOString() };
}

export const settledJson = z.discriminatedUnion('status', [
  z.object({ requestId: transactionId, status: z.literal('confirmed'), reference: z.string().regex(/^[\x20-\x7e]{1,40}$/u) }),
  z.object({ requestId: transactionId, status: z.literal('refused'), reason: z.string().transform((text) => text.slice(0, 120)) }),
]);
export type SettledJson = z.infer<typeof settledJson>;

export const presenceJson = z.object({
  requestId: transactionId,
  service: serviceCode,
  consumer: z.string().min(1).max(24),
  amountPaise: paiseText,
  /** What the person agreed to, as hexadecimal digits: SHA-256 over transaction, service, consumer and sum. */
  bound: z.string().regex(/^[0-9a-f]{64}$/u),
  /** The encrypted block as the registered device gave it, in base64. */
  block: z.base64().max(200_000),
});
/** A capture as the hub hands it on: bytes, which it neither opens nor keeps. */
export type Presence = Omit<z.infer<typeof presenceJson>, 'bound' | 'block'> & { readonly bound: Uint8Array; readonly block: Uint8Array };

export function presenceToJson({ bound, block, ...rest }: Presence): z.input<typeof presenceJson> {
  return {
    ...rest,
    amountPaise: rest.amountPaise.toString(),
    bound: Buffer.from(bound).toString('hex'),
    block: Buffer.from(block).toString('base64'),
  };
}

export const presenceAnswerJson = z.discriminatedUnion('person', [
  z.object({ requestId: transactionId, person: z.literal('known'), reference: z.string().regex(/^[\x20-\x7e]{1,40}$/u) }),
  z.object({ requestId: transactionId, person: z.literal('other'), reason: z.string().transform((text) => text.slice(0, 120)) }),
]);

/** Payments in one batch, at most. */
export const BATCH_MAX = 200;

export const batchJson = z.object({ batch: transactionId, payments: z.array(paymentJson).min(1).max(BATCH_MAX) });

/** `not-done`: this one was not booked. One that is missing must be looked up. */
export const batchAnswerJson = z.object({
  batch: transactionId,
  results: z.array(z.union([settledJson, z.object({ requestId: transactionId, status: z.enum(['not-done', 'conflict']) })])).max(BATCH_MAX),
});

export const errorJson = z.object({ error: z.string().max(60) });
/** Words of `error` that mean something to the hub. */
export const ERRORS = {
  noSuchConsumer: 'no-such-consumer',
  alreadyPaid: 'already-paid',
  unknownRequest: 'unknown-request',
  differentContent: 'different-content',
} as const;
