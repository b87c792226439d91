import { createHash } from 'node:crypto';
import type { BenchResult } from '#protocol/technician/bench.js';
import type { BenchCheck } from '../device.js';
import type { ScanEvent } from '../ports.js';
import type { Timers } from '../timers.js';
import type { StartedScanner } from './handle.js';

/** How long a device that was just opened may take to be found, and a person to scan something. */
const FOUND_MS = 8_000;
const SCANNED_MS = 60_000;

/** What a technician can try on a scanner. */
export function scannerBench(scanner: StartedScanner, timers: Timers): readonly BenchCheck[] {
  const { beep } = scanner;
  const checks: BenchCheck[] = [
    { check: 'status', title: 'is found and says that it is ready', needs: 'nobody', run: (_, signal) => status(scanner, timers, signal) },
    {
      check: 'scan-a-code',
      title: 'reads a code that is held before it',
      needs: 'somebody',
      async run(tell, signal) {
        tell('scan-a-code');
        return scanned(await next(scanner, timers, signal));
      },
    },
  ];
  if (beep === undefined) return checks;
  const listen: BenchCheck = {
    check: 'beep',
    title: 'sounds its tone for a refused code',
    needs: 'somebody',
    async run(tell) {
      tell('listen');
      const outcome = await beep('bad');
      return outcome.ok
        ? { outcome: 'pass', detail: 'The scanner took the order to beep.', facts: {} }
        : { outcome: 'fail', detail: `No beep: ${outcome.error.detail}`.slice(0, 300), problem: { code: outcome.error.code }, facts: {} };
    },
  };
  return [...checks, listen];
}

async function status(scanner: StartedScanner, timers: Timers, signal: AbortSignal): Promise<BenchResult> {
  await until(timers, FOUND_MS, signal, (done) => {
    if (scanner.state().state === 'ready') done();
    return scanner.onChange(({ state }) => (state === 'ready' ? done() : undefined));
  });
  const { state, problem } = scanner.state();
  const facts = scanner.facts();
  if (state === 'ready') return { outcome: 'pass', detail: 'The scanner is connected and ready.', facts };
  return { outcome: 'fail', detail: `The scanner is not ready: ${state}.`, ...(problem === undefined ? {} : { problem }), facts };
}

async function next(scanner: StartedScanner, timers: Timers, signal: AbortSignal): Promise<ScanEvent | undefined> {
  let heard: ScanEvent | undefined;
  await until(timers, SCANNED_MS, signal, (done) =>
    scanner.onScan((event) => {
      heard ??= event;
      done();
    }),
  );
  return heard;
}

/** A code may be somebody's consumer number: the sheet shows its length and the beginning of its hash, which tells two codes apart. */
function scanned(event: ScanEvent | undefined): BenchResult {
  if (event === undefined) return { outcome: 'not-done', detail: 'No code was scanned.', facts: {} };
  if (event.kind === 'unreadable') {
    return { outcome: 'fail', detail: 'A code came broken. Look at its line settings and suffix.', problem: { code: 'scanner-error' }, facts: {} };
  }
  const { text, aim } = event;
  const facts = {
    characters: String([...text].length),
    sha256: createHash('sha256').update(text).digest('hex').slice(0, 12),
    aim: aim ?? 'not sent',
  };
  return { outcome: 'pass', detail: 'A code was read whole.', facts };
}

/** Until `listen` calls its argument, the limit is over or the signal aborts. */
function until(timers: Timers, limitMs: number, signal: AbortSignal, listen: (done: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => {
    let stopListening: () => void = () => undefined;
    let over = false;
    const done = (): void => {
      over = true;
      stopClock();
      stopListening();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const stopClock = timers.after(limitMs, done);
    signal.addEventListener('abort', done);
    stopListening = listen(done);
    if (over || signal.aborted) done();
  });
}
