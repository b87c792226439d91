import { z } from 'zod';
import { openPosting, type Posting } from '#protocol/posting/posting.js';
import type { CheckedReceipt } from '#protocol/receipt/receipt.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { readCbor } from '#protocol/signing/cbor.js';
import { certifiedAt, readCertificate } from '#protocol/signing/certificate.js';
import type { VerifyKey } from '#protocol/signing/keys.js';

/** The hub's answer about one receipt (docs/formats/receipt-status.md): its certificate and the signed posting. */
const answerShape = z.tuple([z.instanceof(Uint8Array), z.instanceof(Uint8Array)]);

export type AnswerError =
  | 'not-an-answer'
  | 'bad-certificate'
  | 'other-district'
  | 'bad-posting'
  | 'outside-certificate'
  | 'other-receipt'
  | 'other-reference';

/** Checks the answer under the district's key alone; the connection it came by proves nothing and need not. */
export function readPostingAnswer(district: VerifyKey, receipt: CheckedReceipt, body: Uint8Array): Result<Posting, Failure<AnswerError>> {
  const read = readCbor(answerShape, body);
  if (!read.ok) return failure('not-an-answer', 'the answer is not a certificate and a posting');
  const certificate = readCertificate(district, read.value[0], 'hub');
  if (!certificate.ok) return certificate;
  if (certificate.value.district !== receipt.certificate.district) return failure('other-district', 'the hub that answered is of another district');
  const posting = openPosting(certificate.value.key, read.value[1]);
  if (!posting.ok) return posting;
  const { value } = posting;
  if (!certifiedAt(certificate.value, value.at)) return failure('outside-certificate', 'the hub was not certified when it signed the answer');
  const same =
    value.receipt === receipt.number &&
    value.kiosk === receipt.certificate.subject &&
    value.district === receipt.certificate.district &&
    value.department === receipt.department;
  if (!same) return failure('other-receipt', `the answer is about receipt ${value.receipt} of ${value.department}`);
  if (receipt.state.kind === 'posted' && value.state.kind === 'posted' && receipt.state.reference !== value.state.reference)
    return failure('other-reference', `the receipt says reference ${receipt.state.reference} and the hub says ${value.state.reference}`);
  return ok(value);
}
