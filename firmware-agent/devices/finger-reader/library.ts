import { failure, ok, type Result } from '#protocol/result/result.js';
import type { Timers } from '../timers.js';
import { capture, noFinger } from './capture.js';
import * as say from './codec/commands.js';
import { TEMPLATE_BYTES_MOST } from './dialogue.js';
import { refused, type FingerModule } from './module.js';
import type { Enrolled, EnrolRequest, LibraryFailure } from './port.js';

export const SAMPLES_LEAST = 2;
export const SAMPLES_MOST = 5;

/** So often one sample is asked for before an enrolment is given up. */
const TRIES = 3;

/** Where the merged template is, and where one from elsewhere is put. */
const BUFFER = 1;

export async function enrol(module: FingerModule, timers: Timers, request: EnrolRequest): Promise<Result<Enrolled, LibraryFailure>> {
  const { samples = SAMPLES_LEAST, onStep = () => undefined } = request;
  const prepared = await module.prepare();
  if (!prepared.ok) return prepared;
  const page = await freePage(module, request.page);
  if (!page.ok) return page;
  for (let sample = 1; sample <= samples; sample += 1) {
    const taken = await takeSample(module, timers, sample, samples, request);
    if (!taken.ok) return taken;
    onStep({ step: 'taken', sample, of: samples });
  }
  const merged = await merge(module);
  if (!merged.ok) return merged;
  onStep({ step: 'merged' });
  if (request.signal?.aborted === true) return noFinger('cancelled');
  const stored = await store(module, page.value);
  return stored.ok ? ok({ page: page.value, samples }) : stored;
}

/** The finger is lifted before each sample, so that the samples are of different layings. */
async function takeSample(
  module: FingerModule,
  timers: Timers,
  sample: number,
  of: number,
  { timeoutMs, signal, onStep = () => undefined }: EnrolRequest,
): Promise<Result<void, LibraryFailure>> {
  let why = '';
  for (let tries = 0; tries < TRIES; tries += 1) {
    const captured = await capture(module, sample, { timers, timeoutMs, signal }, (step) => onStep({ step, sample, of }));
    if (!captured.ok) return captured;
    if (captured.value.found === 'features') return ok(undefined);
    if (captured.value.found === 'none') return noFinger(captured.value.why);
    ({ why } = captured.value);
    onStep({ step: 'unclear', sample, of, why: captured.value.why });
  }
  return failure('finger-unclear', `sample ${sample} of ${of} was ${why} ${TRIES} times`);
}

async function merge(module: FingerModule): Promise<Result<void, LibraryFailure>> {
  const command = say.merge();
  const answer = await module.ask(command);
  if (!answer.ok) return answer;
  if (answer.value.confirmation === 'samples-differ') return failure('finger-unclear', 'the samples do not agree with each other');
  return answer.value.confirmation === 'ok' ? ok(undefined) : refused(command, answer.value);
}

export async function templateUp(module: FingerModule, page: number): Promise<Result<Uint8Array, LibraryFailure>> {
  const prepared = await module.prepare();
  if (!prepared.ok) return prepared;
  const held = await module.holds(page);
  if (!held.ok) return held;
  if (held.value === 'no') return failure('finger-not-enrolled', `page ${page} holds no finger`);
  const loaded = await module.demand(say.load(BUFFER, page));
  if (!loaded.ok) return loaded;
  const template = await module.readBuffer(BUFFER);
  if (!template.ok) return template;
  // Packets have no numbers and lengths differ between makes: only a second reading shows that none was lost.
  const again = await module.readBuffer(BUFFER);
  if (!again.ok) return again;
  return Buffer.from(template.value).equals(again.value) ? template : failure('finger-reader-error', `page ${page} read twice gave two templates`);
}

export async function templateDown(module: FingerModule, page: number, template: Uint8Array): Promise<Result<void, LibraryFailure>> {
  if (template.length === 0 || template.length > TEMPLATE_BYTES_MOST)
    return failure('template-refused', `a template has 1 to ${TEMPLATE_BYTES_MOST} bytes, not ${template.length}`);
  const prepared = await module.prepare();
  if (!prepared.ok) return prepared;
  const free = await freePage(module, page);
  if (!free.ok) return free;
  const written = await module.writeBuffer(BUFFER, template);
  return written.ok ? store(module, page) : written;
}

export async function erase(module: FingerModule, page: number | 'all'): Promise<Result<void, LibraryFailure>> {
  const prepared = await module.prepare();
  if (!prepared.ok) return prepared;
  if (page !== 'all') {
    const held = await module.holds(page);
    if (!held.ok || held.value === 'no') return held.ok ? ok(undefined) : held;
  }
  const command = page === 'all' ? say.empty() : say.erase(page, 1);
  const answer = await module.ask(command);
  if (!answer.ok && answer.error.code !== 'finger-reader-silent') return answer;
  const left = await module.pages();
  if (!left.ok) return left;
  const gone = page === 'all' ? left.value.length === 0 : !left.value.includes(page);
  if (gone) return ok(undefined);
  return answer.ok ? refused(command, answer.value) : answer;
}

/** Stores buffer 1. Without an answer the index tells whether it was stored; it is never stored twice, since the page was free before. */
async function store(module: FingerModule, page: number): Promise<Result<void, LibraryFailure>> {
  const command = say.store(page);
  const answer = await module.ask(command);
  if (!answer.ok && answer.error.code !== 'finger-reader-silent') return answer;
  if (answer.ok && answer.value.confirmation !== 'ok') return refused(command, answer.value);
  const held = await module.holds(page);
  if (!held.ok || held.value === 'yes') return held.ok ? ok(undefined) : held;
  return answer.ok ? failure('finger-reader-error', `the module said that it stored page ${page}, and its index says that it did not`) : answer;
}

async function freePage(module: FingerModule, wanted: number | 'first-free'): Promise<Result<number, LibraryFailure>> {
  if (wanted !== 'first-free') {
    const held = await module.holds(wanted);
    if (!held.ok) return held;
    return held.value === 'no' ? ok(wanted) : failure('page-taken', `page ${wanted} holds a finger; erase it first`);
  }
  const used = await module.pages();
  if (!used.ok) return used;
  const taken = new Set(used.value);
  for (let page = 0; page < module.parameters.capacity; page += 1) if (!taken.has(page)) return ok(page);
  return failure('finger-library-full', `all ${module.parameters.capacity} pages hold fingers`);
}
