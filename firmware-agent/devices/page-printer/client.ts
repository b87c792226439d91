import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { IppAttribute, IppGroup } from 'ipp-encoder';
import type { Timers } from '../timers.js';
import type { PagePrinterDelays } from './delays.js';
import {
  attribute,
  decode,
  encode,
  GROUP,
  groupOf,
  LANGUAGE,
  numberOf,
  OPERATION,
  STATUS,
  TAG,
  textOf,
  type Attributes,
  type Message,
  type Version,
} from './ipp.js';
import type { PageJob } from './port.js';
import { postIpp, type Peer, type PostFault } from './post.js';
import { JOB_ATTRIBUTES, PRINTER_ATTRIBUTES } from './status.js';

/** `no`: the printer answered and did not do it; `missing`: it knows no such job. `garbled`: HTTP answered, and not with IPP. */
export type IppFault = PostFault | Failure<'no' | 'missing' | 'garbled'>;

/** IPP's scheme for the printer's name, HTTP's for the way to it (RFC 8010 §4.2; RFC 3510; RFC 7472 for ipps). */
export function placesOf(text: string): { readonly uri: string; readonly url: URL } {
  const given = new URL(text);
  const isSecure = given.protocol === 'ipps:' || given.protocol === 'https:';
  const isIpp = given.protocol === 'ipp:' || given.protocol === 'ipps:';
  const port = given.port !== '' ? given.port : isIpp ? '631' : isSecure ? '443' : '80';
  const rest = `${given.hostname}:${port}${given.pathname === '' ? '/' : given.pathname}${given.search}`;
  return { uri: `${isSecure ? 'ipps' : 'ipp'}://${rest}`, url: new URL(`${isSecure ? 'https' : 'http'}://${rest}`) };
}

const USER = attribute(TAG.name, 'requesting-user-name', 'jharokha');
const TITLE_BYTES = 200;
/** The newest are listed first (RFC 8011 §4.2.6.1). */
const MOST_LISTED = 50;

/** The five operations of one printer (RFC 8011 §4.2.1, §4.2.5, §4.2.6, §4.3.3, §4.3.4). Each bounds its wait; none is sent twice when it may have been heard. */
export class IppClient {
  private readonly uri: string;
  private readonly to: Peer;
  private readonly delays: PagePrinterDelays;
  private readonly timers: Timers;
  private readonly closing = new AbortController();
  private version: Version = { major: 2, minor: 0 };
  private requests = 0;

  /** `place` and the certificate that it must show, if that is pinned. */
  constructor(place: string, pin: string | undefined, { delays, timers }: { readonly delays: PagePrinterDelays; readonly timers: Timers }) {
    const { uri, url } = placesOf(place);
    this.uri = uri;
    this.to = { url, pin };
    this.delays = delays;
    this.timers = timers;
  }

  async printer(): Promise<Result<Attributes, IppFault>> {
    const answered = await this.askOne(OPERATION.getPrinter, [attribute(TAG.keyword, 'requested-attributes', PRINTER_ATTRIBUTES)], GROUP.printer);
    if (!answered.ok) return answered;
    return numberOf(answered.value, 'printer-state') === undefined ? failure('garbled', 'the printer tells no state of itself') : answered;
  }

  /** The number of the job that the printer made of it. `mark` ends the job's name: by it the job is found again when the answer is lost. */
  async printJob({ pdf, title, copies }: PageJob, mark: string): Promise<Result<number, IppFault>> {
    const asked = [
      USER,
      attribute(TAG.name, 'job-name', `${shortened(title)} ${mark}`),
      // More copies than one, or none at all: a printer that can not count is not to print one and be done.
      ...(copies === 1 ? [] : [attribute(TAG.boolean, 'ipp-attribute-fidelity', true)]),
      attribute(TAG.mimeType, 'document-format', 'application/pdf'),
    ];
    const template: readonly IppGroup[] = copies === 1 ? [] : [{ tag: GROUP.job, attributes: [attribute(TAG.integer, 'copies', copies)] }];
    const answered = await this.askOne(OPERATION.printJob, asked, GROUP.job, { template, data: pdf, limitMs: this.delays.sendMs });
    if (!answered.ok) return answered;
    const id = numberOf(answered.value, 'job-id');
    return id === undefined ? failure('garbled', 'the printer took the job and gave it no number') : ok(id);
  }

  job(id: number): Promise<Result<Attributes, IppFault>> {
    const asked = [attribute(TAG.integer, 'job-id', id), USER, attribute(TAG.keyword, 'requested-attributes', JOB_ATTRIBUTES)];
    return this.askOne(OPERATION.getJob, asked, GROUP.job);
  }

  /** The number of the job whose name ends with `mark`, among those that wait and those that ended; undefined when the printer lists none. */
  async findJob(mark: string): Promise<Result<number | undefined, IppFault>> {
    for (const which of ['not-completed', 'completed']) {
      const listed = await this.ask(OPERATION.getJobs, [
        USER,
        attribute(TAG.integer, 'limit', MOST_LISTED),
        attribute(TAG.keyword, 'which-jobs', which),
        attribute(TAG.keyword, 'requested-attributes', ['job-id', 'job-name']),
      ]);
      if (!listed.ok) return listed;
      const jobs = listed.value.groups.filter(({ tag }) => tag === GROUP.job).map(({ attributes }) => attributes);
      const ours = jobs.find((job) => textOf(job, 'job-name')?.endsWith(` ${mark}`) === true);
      const id = ours === undefined ? undefined : numberOf(ours, 'job-id');
      if (id !== undefined) return ok(id);
    }
    return ok(undefined);
  }

  cancelJob(id: number): Promise<Result<Attributes, IppFault>> {
    return this.askOne(OPERATION.cancelJob, [attribute(TAG.integer, 'job-id', id), USER], GROUP.job);
  }

  /** Ends whatever is under way. */
  close(): void {
    this.closing.abort();
  }

  private async askOne(code: number, asked: readonly IppAttribute[], wanted: number, more?: Further): Promise<Result<Attributes, IppFault>> {
    const answered = await this.ask(code, asked, more);
    return answered.ok ? ok(groupOf(answered.value, wanted)) : answered;
  }

  private async ask(code: number, asked: readonly IppAttribute[], more: Further = NOTHING_FURTHER): Promise<Result<Message, IppFault>> {
    const first = await this.askOnce(code, asked, more);
    const isTooNew = !first.ok && first.error.code === 'no' && first.error.detail.startsWith(nameOf(STATUS.versionNotSupported));
    if (!isTooNew || this.version.major === 1) return first;
    // It has refused, and done nothing: older printers speak 1.1 alone.
    this.version = { major: 1, minor: 1 };
    return this.askOnce(code, asked, more);
  }

  private async askOnce(code: number, asked: readonly IppAttribute[], more: Further): Promise<Result<Message, IppFault>> {
    this.requests += 1;
    const requestId = this.requests;
    const attributes = [...LANGUAGE, attribute(TAG.uri, 'printer-uri', this.uri), ...asked];
    const head = encode({ version: this.version, code, requestId, groups: [{ tag: GROUP.operation, attributes }, ...more.template] });
    const body = more.data === undefined ? head : Buffer.concat([head, more.data]);
    const limitMs = more.limitMs ?? this.delays.answerMs;
    const posted = await postIpp({ to: this.to, body, limitMs, timers: this.timers, signal: this.closing.signal });
    if (!posted.ok) return posted;
    const message = decode(posted.value);
    if (message === undefined || message.requestId !== requestId) return failure('garbled', `${this.to.url.host} does not answer in IPP`);
    if (message.code <= STATUS.lastOk) return ok(message);
    const said = textOf(groupOf(message, GROUP.operation), 'status-message') ?? '';
    return failure(message.code === STATUS.notFound ? 'missing' : 'no', `${nameOf(message.code)} ${said}`.trim().slice(0, 200));
  }
}

type Further = { readonly template: readonly IppGroup[]; readonly data?: Uint8Array; readonly limitMs?: number };
const NOTHING_FURTHER: Further = { template: [] };

function nameOf(status: number): string {
  return `IPP status 0x${status.toString(16).padStart(4, '0')}`;
}

/** A name has at most 255 octets (RFC 8011 §5.1.3). */
function shortened(title: string): string {
  let short = title.replaceAll(/\p{Cc}/gu, ' ');
  while (Buffer.byteLength(short) > TITLE_BYTES) short = short.slice(0, -1);
  return short.isWellFormed() ? short : short.toWellFormed();
}
