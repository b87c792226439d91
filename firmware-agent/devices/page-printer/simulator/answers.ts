import type { IppAttribute, IppGroup } from 'ipp-encoder';
import { attribute, encode, flagOf, GROUP, groupOf, LANGUAGE, numberOf, OPERATION, STATUS, TAG, textOf, textsOf, type Message } from '../ipp.js';
import { JOB_STATES, type VirtualJob, type VirtualPagePrinter } from './printer.js';

const PRINTER_STATES = { idle: 3, processing: 4, stopped: 5 } as const;
const FORMATS = ['application/pdf', 'application/octet-stream'];
const MOST_COPIES = 99;

/** Answers IPP requests (RFC 8011) for a virtual printer at `uri`. */
export class IppAnswers {
  private readonly printer: VirtualPagePrinter;
  private readonly uri: () => string;

  constructor(printer: VirtualPagePrinter, uri: () => string) {
    this.printer = printer;
    this.uri = uri;
  }

  answer(request: Message): Buffer {
    const { major, minor } = request.version;
    if (major < 1 || major > 2) return reply(request, STATUS.versionNotSupported, [], { major: 2, minor: 0 });
    const [first, second] = [...groupOf(request, GROUP.operation).keys()];
    if (first !== 'attributes-charset' || second !== 'attributes-natural-language') return reply(request, STATUS.badRequest);
    return this.perform(request, { major, minor });
  }

  private perform(request: Message, version: Message['version']): Buffer {
    switch (request.code) {
      case OPERATION.getPrinter:
        return reply(request, STATUS.ok, [{ tag: GROUP.printer, attributes: asked(request, this.printerAttributes()) }], version);
      case OPERATION.printJob:
      case OPERATION.validateJob:
        return this.takeJob(request);
      case OPERATION.getJobs:
        return reply(request, STATUS.ok, this.listJobs(request));
      case OPERATION.getJob:
      case OPERATION.cancelJob:
        return this.aboutJob(request);
      default:
        return reply(request, STATUS.operationNotSupported);
    }
  }

  private takeJob(request: Message): Buffer {
    const operation = groupOf(request, GROUP.operation);
    const copies = numberOf(groupOf(request, GROUP.job), 'copies') ?? 1;
    if (this.printer.fault === 'refuse') return reply(request, STATUS.notAcceptingJobs);
    if (!FORMATS.includes(textOf(operation, 'document-format') ?? 'application/octet-stream')) return reply(request, STATUS.formatNotSupported);
    if ((copies < 1 || copies > MOST_COPIES) && flagOf(operation, 'ipp-attribute-fidelity') === true)
      return reply(request, STATUS.attributesNotSupported);
    if (request.code === OPERATION.validateJob) return reply(request, STATUS.ok);
    const job = this.printer.take({
      name: textOf(operation, 'job-name') ?? 'untitled',
      user: textOf(operation, 'requesting-user-name') ?? 'anonymous',
      copies: Math.min(MOST_COPIES, Math.max(1, copies)),
      pdf: request.data,
    });
    const told = ['job-id', 'job-uri', 'job-state', 'job-state-reasons'];
    return reply(request, STATUS.ok, [{ tag: GROUP.job, attributes: this.jobAttributes(job).filter(({ name }) => told.includes(name)) }]);
  }

  private listJobs(request: Message): readonly IppGroup[] {
    const which = textOf(groupOf(request, GROUP.operation), 'which-jobs') ?? 'not-completed';
    const jobs = this.printer.jobs.filter(({ endedS }) => (endedS === undefined) === (which === 'not-completed'));
    return jobs.map((job) => ({ tag: GROUP.job, attributes: asked(request, this.jobAttributes(job)) }));
  }

  private aboutJob(request: Message): Buffer {
    const operation = groupOf(request, GROUP.operation);
    const fromUri = /\/(\d{1,9})$/u.exec(textOf(operation, 'job-uri') ?? '')?.[1];
    const job = this.printer.find(numberOf(operation, 'job-id') ?? (fromUri === undefined ? undefined : Number(fromUri)));
    if (job === undefined) return reply(request, STATUS.notFound);
    if (request.code === OPERATION.cancelJob) return reply(request, this.printer.cancel(job) ? STATUS.ok : STATUS.notPossible);
    return reply(request, STATUS.ok, [{ tag: GROUP.job, attributes: asked(request, this.jobAttributes(job)) }]);
  }

  private printerAttributes(): readonly IppAttribute[] {
    const { printer } = this;
    const waiting = printer.jobs.filter(({ endedS }) => endedS === undefined).length;
    return [
      attribute(TAG.charset, 'charset-configured', 'utf-8'),
      attribute(TAG.charset, 'charset-supported', 'utf-8'),
      attribute(TAG.keyword, 'compression-supported', 'none'),
      attribute(TAG.integer, 'copies-default', 1),
      attribute(TAG.range, 'copies-supported', `\0\0\0\u0001\0\0\0${String.fromCharCode(MOST_COPIES)}`),
      attribute(TAG.mimeType, 'document-format-default', 'application/pdf'),
      attribute(TAG.mimeType, 'document-format-supported', FORMATS),
      attribute(TAG.language, 'generated-natural-language-supported', 'en'),
      attribute(TAG.keyword, 'ipp-versions-supported', ['1.1', '2.0']),
      // A collection (RFC 8010 §3.1.6): its members have no names of their own on the wire.
      attribute(TAG.beginCollection, 'media-col-default', ''),
      attribute(TAG.memberName, '', 'media-size-name'),
      attribute(TAG.keyword, '', 'iso_a4_210x297mm'),
      attribute(TAG.endCollection, '', ''),
      attribute(TAG.keyword, 'media-default', 'iso_a4_210x297mm'),
      attribute(TAG.keyword, 'media-supported', 'iso_a4_210x297mm'),
      attribute(TAG.language, 'natural-language-configured', 'en'),
      attribute(TAG.enum, 'operations-supported', Object.values(OPERATION)),
      attribute(TAG.keyword, 'pdl-override-supported', 'not-attempted'),
      attribute(TAG.text, 'printer-info', 'a virtual page printer'),
      attribute(TAG.boolean, 'printer-is-accepting-jobs', true),
      attribute(TAG.text, 'printer-location', ''),
      attribute(TAG.text, 'printer-make-and-model', 'Jharokha virtual page printer'),
      attribute(TAG.uri, 'printer-more-info', this.uri().replace('ipp:', 'http:')),
      attribute(TAG.name, 'printer-name', 'counter'),
      attribute(TAG.enum, 'printer-state', PRINTER_STATES[printer.state]),
      attribute(TAG.keyword, 'printer-state-reasons', printer.reasons),
      attribute(TAG.integer, 'printer-up-time', printer.upS),
      attribute(TAG.uri, 'printer-uri-supported', this.uri()),
      attribute(TAG.integer, 'queued-job-count', waiting),
      attribute(TAG.keyword, 'uri-authentication-supported', 'none'),
      attribute(TAG.keyword, 'uri-security-supported', 'none'),
    ];
  }

  private jobAttributes(job: VirtualJob): readonly IppAttribute[] {
    const isDead = this.printer.fault === 'dead' && job.endedS === undefined;
    return [
      attribute(TAG.integer, 'job-id', job.id),
      attribute(TAG.uri, 'job-uri', `${this.uri()}/${job.id}`),
      attribute(TAG.uri, 'job-printer-uri', this.uri()),
      attribute(TAG.name, 'job-name', job.name),
      attribute(TAG.name, 'job-originating-user-name', job.user),
      attribute(TAG.enum, 'job-state', JOB_STATES[job.state]),
      attribute(TAG.keyword, 'job-state-reasons', reasonOf(job)),
      attribute(TAG.text, 'job-printer-state-message', isDead ? 'The printer may not exist or is unavailable at this time.' : ''),
      attribute(TAG.integer, 'job-impressions-completed', job.sheets),
      attribute(TAG.integer, 'job-media-sheets-completed', job.sheets),
      attribute(TAG.integer, 'job-printer-up-time', this.printer.upS),
      attribute(TAG.integer, 'time-at-creation', job.createdS),
      time('time-at-processing', job.begunS),
      time('time-at-completed', job.endedS),
    ];
  }
}

function time(name: string, seconds: number | undefined): IppAttribute {
  return seconds === undefined ? attribute(TAG.noValue, name, '') : attribute(TAG.integer, name, seconds);
}

function reasonOf({ state }: VirtualJob): string {
  switch (state) {
    case 'processing':
      return 'job-printing';
    case 'stopped':
      return 'printer-stopped';
    case 'canceled':
      return 'job-canceled-by-user';
    case 'aborted':
      return 'aborted-by-system';
    case 'completed':
      return 'job-completed-successfully';
    default:
      return 'none';
  }
}

/** Only what was asked for; everything when nothing was named, or a whole group. */
function asked(request: Message, attributes: readonly IppAttribute[]): readonly IppAttribute[] {
  const names = textsOf(groupOf(request, GROUP.operation), 'requested-attributes');
  const isAll = names.length === 0 || names.some((name) => ['all', 'printer-description', 'job-description', 'job-template'].includes(name));
  let taken = '';
  return attributes.filter(({ name }) => {
    if (name !== '') taken = name;
    return isAll || names.includes(taken);
  });
}

function reply(request: Message, code: number, groups: readonly IppGroup[] = [], version = request.version): Buffer {
  return encode({ version, code, requestId: request.requestId, groups: [{ tag: GROUP.operation, attributes: LANGUAGE }, ...groups] });
}
