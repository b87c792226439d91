import { createHash } from 'node:crypto';
import type { BenchResult } from '#protocol/technician/bench.js';
import type { BenchCheck } from '../device.js';
import { KEY_CAUSES, type KeyFailure, type KeyInfo, type SecurityKeyHandle } from './port.js';

/** Credentials made for a try are never kept: nobody asks for this name again. */
const BENCH_RP = 'bench.jharokha.invalid';

/** What a technician can try on a security key. */
export function keyChecks(key: SecurityKeyHandle): readonly BenchCheck[] {
  return [
    {
      check: 'status',
      title: 'tells what it is and whether a finger is enrolled',
      needs: 'nobody',
      async run() {
        const info = await key.info();
        if (!info.ok) return failed(info.error);
        const retries = await key.retries();
        const facts = {
          ...factsOf(info.value),
          ...(retries.ok ? { 'pin-tries': String(retries.value.pin ?? '-'), 'finger-tries': String(retries.value.finger ?? '-') } : {}),
        };
        if (info.value.finger === 'enrolled') return { outcome: 'pass', detail: 'the key answers and checks fingers', facts };
        const detail =
          info.value.finger === 'no-sensor' ? 'the key has no fingerprint sensor: it can not log in here' : 'no finger is enrolled on the key yet';
        return { outcome: 'fail', detail, problem: { code: 'key-no-finger' }, facts };
      },
    },
    {
      check: 'sign',
      title: 'makes a trial credential and signs with it, a finger on it',
      needs: 'somebody',
      async run(tell, signal) {
        const touch = { onTouch: () => tell('touch-key'), signal };
        const clientDataHash = createHash('sha256').update('bench').digest();
        const made = await key.register({ rpId: BENCH_RP, userName: 'bench', clientDataHash }, touch);
        if (!made.ok) return failed(made.error);
        const answer = await key.assert({ rpId: BENCH_RP, clientDataHash, allow: [made.value.id] }, touch);
        if (!answer.ok) return failed(answer.error);
        return { outcome: 'pass', detail: 'the key signed with its owner’s finger', facts: { algorithm: made.value.key.algorithm } };
      },
    },
  ];
}

function factsOf(info: KeyInfo): Record<string, string> {
  return { versions: info.versions.join(' ').slice(0, 120), model: info.aaguid, finger: info.finger, pin: info.pin, verification: info.verification };
}

function failed({ code, detail }: KeyFailure): BenchResult {
  const cause = KEY_CAUSES.find((one) => one === code);
  const outcome = code === 'key-cancelled' || code === 'key-not-touched' ? 'not-done' : 'fail';
  return { outcome, detail: detail.slice(0, 300), ...(cause === undefined ? {} : { problem: { code: cause } }), facts: {} };
}
