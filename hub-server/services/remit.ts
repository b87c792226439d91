import { ID_RANDOM_BYTES, newTransactionId } from '#protocol/identity/ids.js';
import type { TransactionId } from '#protocol/identity/identity.js';
import { ZERO, addPaise, type Paise } from '#protocol/money/paise.js';
import { unreachable } from '#protocol/result/result.js';
import type { Hub } from '../hub.js';
import type { BatchItemAnswer, Connector, Connectors, Unknown } from './connector.js';
import { BATCH_MAX } from './department-http.js';
import { listPostings, paymentOf, type PostingRecord } from './postings.js';
import { noteAsked, noteTrouble, settle, type BookOutcome } from './settle.js';

/** What one run did with one receipt. `left`: still due; the next run goes on with the same request id. */
export type RemittedReceipt = {
  readonly receipt: string;
  readonly transaction: TransactionId;
  readonly amountPaise: Paise;
} & (
  | { readonly result: 'posted'; readonly reference: string }
  | { readonly result: 'refund-due'; readonly reason: string }
  | { readonly result: 'left'; readonly reason: string }
);

export type RemittedBatch = {
  readonly department: string;
  readonly batch: TransactionId;
  readonly postedPaise: Paise;
  readonly receipts: readonly RemittedReceipt[];
};

export type RemitReport = {
  readonly batches: readonly RemittedBatch[];
  readonly posted: number;
  readonly postedPaise: Paise;
  readonly refundDue: number;
  readonly left: number;
};

export type RemitOptions = {
  readonly connectors: Connectors;
  /** Only this department's; all of them when absent. */
  readonly department?: string;
  readonly book: BookOutcome;
};

/**
 * Posts to the departments what counters took and only promised to post. May be run at any time, again, or twice at once: every payment goes
 * by its own request id, and one that was ever sent is looked up before it is sent again. What stays unknown stays due.
 */
export async function remit(hub: Hub, options: RemitOptions): Promise<RemitReport> {
  const byDepartment = new Map<string, PostingRecord[]>();
  for (const due of listPostings(hub, 'due', options.department)) {
    byDepartment.set(due.department, [...(byDepartment.get(due.department) ?? []), due]);
  }
  const done = await Promise.all([...byDepartment].map(([department, due]) => remitDepartment(hub, options, department, due)));
  const batches = done.flat();
  const receipts = batches.flatMap((b) => b.receipts);
  const count = (result: RemittedReceipt['result']): number => receipts.filter((r) => r.result === result).length;
  return {
    batches,
    posted: count('posted'),
    postedPaise: addPaise(ZERO, ...batches.map((b) => b.postedPaise)),
    refundDue: count('refund-due'),
    left: count('left'),
  };
}

async function remitDepartment(
  hub: Hub,
  options: RemitOptions,
  department: string,
  due: readonly PostingRecord[],
): Promise<readonly RemittedBatch[]> {
  const batches: RemittedBatch[] = [];
  for (let from = 0; from < due.length; from += BATCH_MAX) {
    const batch = newTransactionId(hub.now(), hub.random(ID_RANDOM_BYTES));
    const receipts = await remitBatch(hub, options, { batch, department, due: due.slice(from, from + BATCH_MAX) });
    const postedPaise = addPaise(ZERO, ...receipts.filter((r) => r.result === 'posted').map((r) => r.amountPaise));
    batches.push({ department, batch, postedPaise, receipts });
  }
  return batches;
}

const NO_ANSWER: Unknown = { kind: 'unknown', cause: 'garbage', detail: 'the batch was answered without this payment' };

type Batch = { readonly batch: TransactionId; readonly department: string; readonly due: readonly PostingRecord[] };

async function remitBatch(hub: Hub, { connectors, book }: RemitOptions, { batch, department, due }: Batch): Promise<readonly RemittedReceipt[]> {
  const connector = connectors(department);
  if (connector === undefined) return due.map((one) => left(one, `department ${department} is not in the register`));
  const asked = noteBatch(hub, batch, due);
  const answers = await lookUpAll(
    connector,
    asked.filter((one) => one.attempts > 0),
  );
  const toSend = asked.filter((one) => one.attempts === 0 || answers.get(one.transaction)?.kind === 'not-done');
  if (toSend.length > 0) await send(connector, batch, toSend, answers);
  return asked.map((one) => write(hub, one, answers.get(one.transaction) ?? NO_ANSWER, book));
}

/** All of them in one step, before a byte is sent. Those that another run has ended meanwhile fall out. */
function noteBatch(hub: Hub, batch: string, due: readonly PostingRecord[]): readonly PostingRecord[] {
  const note = hub.db.transaction(() =>
    due.flatMap((one) => {
      const attempts = noteAsked(hub, one.transaction, 'due', batch);
      return attempts === undefined ? [] : [{ ...one, attempts }];
    }),
  );
  return note.immediate();
}

async function send(
  connector: Connector,
  batch: TransactionId,
  toSend: readonly PostingRecord[],
  answers: Map<string, BatchItemAnswer>,
): Promise<void> {
  const answer = await connector.payBatch(batch, toSend.map(paymentOf));
  for (const one of toSend) {
    const own = answer.kind === 'answered' ? answer.answers.get(one.transaction) : answer;
    answers.set(one.transaction, own ?? NO_ANSWER);
  }
  const unknown = toSend.filter((one) => answers.get(one.transaction)?.kind === 'unknown');
  for (const [id, known] of await lookUpAll(connector, unknown)) answers.set(id, known);
}

/** What the department holds of these. After one look-up without an answer the rest are left unknown: each would wait as long again. */
async function lookUpAll(connector: Connector, sent: readonly PostingRecord[]): Promise<Map<string, BatchItemAnswer>> {
  const answers = new Map<string, BatchItemAnswer>();
  let silence: Unknown | undefined;
  for (const one of sent) {
    const known = silence ?? (await connector.lookUp(one.transaction));
    answers.set(one.transaction, known.kind === 'not-known' ? { kind: 'not-done' } : known);
    if (known.kind === 'unknown') silence = known;
  }
  return answers;
}

function write(hub: Hub, one: PostingRecord, answer: BatchItemAnswer, book: BookOutcome): RemittedReceipt {
  switch (answer.kind) {
    case 'not-done':
      return leave(hub, one, 'the department has not booked it');
    case 'unknown':
      return leave(hub, one, `${answer.cause}: ${answer.detail}`);
    case 'confirmed':
      settle(hub, one.transaction, answer, book);
      return { ...face(one), result: 'posted', reference: answer.reference };
    case 'refused':
      settle(hub, one.transaction, answer, book);
      return { ...face(one), result: 'refund-due', reason: answer.reason };
    default:
      return unreachable(answer);
  }
}

function leave(hub: Hub, one: PostingRecord, reason: string): RemittedReceipt {
  noteTrouble(hub, one.transaction, reason, hub.now());
  return left(one, reason);
}

function face(one: PostingRecord): Pick<RemittedReceipt, 'receipt' | 'transaction' | 'amountPaise'> {
  return { receipt: one.receipt, transaction: one.transaction, amountPaise: one.amountPaise };
}

function left(one: PostingRecord, reason: string): RemittedReceipt {
  return { ...face(one), result: 'left', reason };
}
