import { failure, ok, type Result } from '#protocol/result/result.js';
import { Life } from '../life/life.js';
import type { ConnectFault, LifeLogEvent } from '../life/live-driver.js';
import type { DeviceReport } from '../ports.js';
import { DocumentScannerDriver, listDevices, type SaneOptions } from './driver.js';
import { isDocumentScannerCause, type DocumentScannerCause, type DocumentScannerHandle } from './face.js';
import { ABSENT, reportAfter } from './status.js';

/** Which of SANE's devices: by its name, or the first of a maker and model, since the names of USB devices change with each plugging. */
export type WhichScanner =
  | { readonly by: 'name'; readonly device: string }
  | { readonly by: 'model'; readonly vendor: string; readonly model: string };

/** Starts the life of a document scanner and gives the narrow face of it that the counter sees. */
export function startDocumentScanner(which: WhichScanner, options: SaneOptions, log: (event: LifeLogEvent) => void): DocumentScannerHandle {
  const closing = new AbortController();
  const life = new Life<DocumentScannerDriver>({
    name: whereOf(which),
    connect: (givenUp) => connect(which, options, AbortSignal.any([closing.signal, givenUp])),
    absent: ABSENT,
    delays: options.delays,
    timers: options.timers,
    log,
  });
  return {
    ...life.face(),
    scan: (request) =>
      life.take(
        (scanner) => scanner.scan(request),
        (report, detail) => failure(causeIn(report), detail),
      ),
    close() {
      closing.abort();
      return life.close();
    },
  };
}

export function whereOf(which: WhichScanner): string {
  return which.by === 'name' ? `SANE ${which.device}` : `SANE ${makeOf(which)}`;
}

async function connect(which: WhichScanner, options: SaneOptions, signal: AbortSignal): Promise<Result<DocumentScannerDriver, ConnectFault>> {
  const device = which.by === 'name' ? ok(which.device) : await nameOf(which, options, signal);
  if (!device.ok) return device;
  const driver = new DocumentScannerDriver(device.value, options);
  const stop = (): void => void driver.close();
  signal.addEventListener('abort', stop, { once: true });
  const fault = await driver.open();
  signal.removeEventListener('abort', stop);
  if (fault === undefined) return ok(driver);
  return { ok: false, error: { detail: fault.detail, ...(fault.code === 'cancelled' ? {} : { report: reportAfter(fault) }) } };
}

type ByModel = Extract<WhichScanner, { by: 'model' }>;

const makeOf = ({ vendor, model }: Omit<ByModel, 'by'>): string => [vendor, model].filter((part) => part !== '').join(' ');

async function nameOf({ vendor, model }: ByModel, options: SaneOptions, signal: AbortSignal): Promise<Result<string, ConnectFault>> {
  const listed = await listDevices(options, signal);
  if (!listed.ok) return listed;
  const has = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase());
  const found = listed.value.find((one) => has(one.vendor, vendor) && has(one.model, model));
  return found === undefined ? { ok: false, error: { detail: `SANE lists no ${makeOf({ vendor, model })}` } } : ok(found.device);
}

function causeIn({ problem }: DeviceReport): DocumentScannerCause {
  return problem !== undefined && isDocumentScannerCause(problem.code) ? problem.code : 'document-scanner-absent';
}
