import { encodeCbor } from '#protocol/signing/cbor.js';
import { signPosting } from '#protocol/posting/posting.js';
import { receiptPrefix, verifyReceipt } from '#protocol/receipt/receipt.js';
import { printedTime } from '#protocol/time/time.js';
import type { Hub } from '../hub.js';
import { districtFacts } from '../operations/district.js';
import { secondFact } from '../services/postings.js';
import { cborReply, textReply, type Route } from './route.js';

/**
 * `GET /R/<Base32>`: what became of the money of the receipt that somebody holds (docs/formats/receipt-status.md). CBOR for programs, a few plain lines for a
 * browser until the citizen's page stands. The receipt must verify: a guessed number tells nothing.
 */
export function receiptStatusRoute(hub: Hub): Route {
  return {
    method: 'GET',
    path: '/R/:code',
    handle: (visit) => {
      const text = receiptPrefix(districtFacts(hub).receiptHost) + (visit.params['code'] ?? '');
      const checked = verifyReceipt(hub.districtKey, text);
      const fact = checked.ok ? secondFact(hub, checked.value.number) : undefined;
      if (!checked.ok || fact === undefined) return textReply(404, 'This hub does not hold such a receipt. The counter may not have sent it yet.\n');
      if (visit.headers.accept?.includes('application/cbor') === true)
        return cborReply(200, encodeCbor([hub.hubCertificate.bytes, signPosting(hub.hubKey, fact)]));
      return textReply(200, plain(checked.value.number, fact.state));
    },
  };
}

function plain(number: string, state: NonNullable<ReturnType<typeof secondFact>>['state']): string {
  switch (state.kind) {
    case 'posted':
      return `${number}: posted to the department on ${printedTime(state.at)}, reference ${state.reference}\n`;
    case 'received':
      return `${number}: received; will be posted to the department by ${printedTime(state.postBy)}\n`;
    case 'asking':
      return `${number}: received; the department has not answered yet and is being asked\n`;
    case 'refused':
      return `${number}: refused by the department (${state.reason}); the cash was given back at the counter\n`;
    case 'refund-due':
      return `${number}: not posted (${state.reason}); the money is owed back to you\n`;
  }
}
