import type { DeviceProblemCode } from '#protocol/counter/device.js';
import type { CaptureAnswer } from './messages.js';
import type { RdFault } from './client.js';

/** What one answer, or its absence, means. `again`: the maker's own passing trouble (a negative code), worth another call a moment later. */
export type Verdict =
  | { readonly verdict: 'captured' }
  | { readonly verdict: 'not-captured'; readonly detail: string }
  | { readonly verdict: 'failed'; readonly code: DeviceProblemCode; readonly detail: string }
  | { readonly verdict: 'again'; readonly detail: string };

/** The error codes of the specification; the rest are the makers' own. */
const CODES: Readonly<Record<number, Verdict>> = {
  0: { verdict: 'captured' },
  210: { verdict: 'failed', code: 'aadhaar-error', detail: 'the service does not know the protobuf format (210)' },
  700: { verdict: 'not-captured', detail: 'no finger in time (700)' },
  710: { verdict: 'failed', code: 'aadhaar-busy', detail: 'used by another program (710)' },
  720: { verdict: 'failed', code: 'aadhaar-not-ready', detail: 'device not ready (720)' },
  730: { verdict: 'not-captured', detail: 'the capture failed (730)' },
  740: { verdict: 'failed', code: 'aadhaar-not-ready', detail: 'device must be started anew (740)' },
  750: { verdict: 'failed', code: 'aadhaar-error', detail: 'fingerprints are not supported (750)' },
  770: { verdict: 'failed', code: 'aadhaar-error', detail: 'the service does not know this address (770)' },
  999: { verdict: 'failed', code: 'aadhaar-error', detail: 'internal error of the service (999)' },
};

export function verdictOf({ errCode, errInfo }: CaptureAnswer): Verdict {
  const known = CODES[errCode];
  if (known !== undefined) return known;
  const detail = errInfo === '' ? `code ${errCode}` : `${errInfo} (${errCode})`;
  return errCode < 0 ? { verdict: 'again', detail } : { verdict: 'failed', code: 'aadhaar-error', detail };
}

export function verdictOfFault({ code, detail }: RdFault): Verdict {
  const codes = {
    refused: 'aadhaar-absent',
    'too-large': 'aadhaar-too-large',
    lost: 'aadhaar-absent',
    late: 'aadhaar-error',
    garbled: 'aadhaar-error',
  } as const;
  return { verdict: 'failed', code: codes[code], detail };
}
