import { randomBytes } from 'node:crypto';
import type { BenchPrompt, BenchResult } from '#protocol/technician/bench.js';
import type { BenchCheck } from '../device.js';
import type { AadhaarHandle } from './handle.js';

const PRESS_MS = 15_000;

/** What a technician can try on an RD service. The block of the trial capture is overwritten at once. */
export function aadhaarBench(aadhaar: AadhaarHandle): readonly BenchCheck[] {
  return [
    { check: 'status', title: 'asks the RD service for its device', needs: 'nobody', run: () => askStatus(aadhaar) },
    { check: 'capture', title: 'captures a finger and throws it away', needs: 'somebody', run: (tell, signal) => tryCapture(aadhaar, tell, signal) },
  ];
}

async function askStatus(aadhaar: AadhaarHandle): Promise<BenchResult> {
  const service = await aadhaar.service();
  const { problem } = aadhaar.state();
  const told = service?.device;
  const { provider, service: id, version, model, serial } = told?.told === 'registered' ? told.facts : {};
  const facts = Object.fromEntries(
    Object.entries({
      port: service === undefined ? undefined : String(service.port),
      info: service?.info,
      provider,
      service: id,
      version,
      model,
      serial,
    }).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])),
  );
  if (problem !== undefined) {
    const why = problem.values?.['detail'];
    return { outcome: 'fail', detail: `the RD service is not ready: ${problem.code}${why === undefined ? '' : ` (${why})`}`, problem, facts };
  }
  if (told?.told !== 'registered')
    return { outcome: 'fail', detail: 'the service names no registered device', problem: { code: 'aadhaar-not-ready' }, facts };
  return { outcome: 'pass', detail: 'the RD service is ready and names its device', facts };
}

async function tryCapture(aadhaar: AadhaarHandle, tell: (prompt: BenchPrompt) => void, signal: AbortSignal): Promise<BenchResult> {
  tell('lay-finger');
  const done = await aadhaar.capture({ boundTo: randomBytes(32), timeoutMs: PRESS_MS, signal, onAttempt: () => undefined });
  const facts = { presses: String(done.attempts) };
  if (done.outcome === 'captured') {
    done.block.discard();
    const quality = done.quality === undefined ? 'not told' : String(done.quality);
    return { outcome: 'pass', detail: 'a finger was captured, and thrown away', facts: { ...facts, quality } };
  }
  if (done.outcome === 'not-captured') return { outcome: 'not-done', detail: done.detail.slice(0, 300), problem: done.problem, facts };
  const detail = done.outcome === 'poor' ? `quality ${done.quality} is too poor to send` : done.detail;
  return { outcome: 'fail', detail: detail.slice(0, 300), problem: done.problem, facts };
}
