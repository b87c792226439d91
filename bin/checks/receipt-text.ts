import type { PostingState } from '#protocol/posting/posting.js';
import { formatRupees } from '#protocol/money/paise.js';
import type { CheckedReceipt } from '#protocol/receipt/receipt.js';
import { unreachable } from '#protocol/result/result.js';
import { printedTime } from '#protocol/time/time.js';

/** What a good receipt proves, a line a fact. */
export function receiptLinesOf(receipt: CheckedReceipt): readonly string[] {
  const { certificate, state } = receipt;
  const fee =
    receipt.citizenFeePaise === 0n ? 'no fee of the citizen in it' : `of which Rs ${formatRupees(receipt.citizenFeePaise)} is the service fee`;
  return [
    `Receipt:     ${receipt.number}, check code ${receipt.code.replace(/^(.{4})/u, '$1 ')}`,
    `Counter:     kiosk ${certificate.subject}, epoch ${certificate.epoch}, district ${certificate.district}`,
    `Time:        ${printedTime(receipt.at)}`,
    `Paid:        Rs ${formatRupees(receipt.totalPaise)} (${fee})`,
    `For:         service ${receipt.service} of ${receipt.department}`,
    state.kind === 'posted'
      ? `State:       posted to the department, reference ${state.reference}`
      : `State:       received; to be posted to the department by ${printedTime(state.postBy)}`,
  ];
}

export function receiptJson(receipt: CheckedReceipt): unknown {
  const { certificate, entryHash, consumerDigest, ...rest } = receipt;
  const { subject, epoch, district } = certificate;
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return { ok: true, ...rest, kiosk: subject, epoch, district, entryHash: hex(entryHash), consumerDigest: hex(consumerDigest) };
}

/** The second fact in words. */
export function postingText(state: PostingState): string {
  switch (state.kind) {
    case 'asking':
      return 'the department has not answered yet; the hub keeps asking under the same request';
    case 'received':
      return `received; to be posted to the department by ${printedTime(state.postBy)}`;
    case 'posted':
      return `posted to the department on ${printedTime(state.at)}, reference ${state.reference}`;
    case 'refused':
      return `refused by the department (${state.reason}); nothing was paid`;
    case 'refund-due':
      return `not taken by the department (${state.reason}); the society owes the money back to the citizen`;
    default:
      return unreachable(state);
  }
}
