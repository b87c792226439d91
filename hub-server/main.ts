import { openLog } from '#platform/log/log.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { LINK_PATH } from '#protocol/wire/frames.js';
import { SqliteBooks } from './books/sqlite/sqlite-books.js';
import { enrolmentRoutes } from './kiosks/enrolment/routes.js';
import { HubGrants } from './kiosks/link/grants.js';
import { Ingest } from './kiosks/link/ingest.js';
import { LinkServer } from './kiosks/link/link-server.js';
import { bookOutcome } from './kiosks/link/refunds.js';
import { watchOutcomes } from './kiosks/link/outcome-watch.js';
import { openHub } from './operations/hub-folder.js';
import { registeredConnectors } from './services/connector.js';
import { startPostingWorker, type PostingWorker } from './services/posting-worker.js';
import { startDoor } from './web/door.js';
import { receiptStatusRoute } from './web/receipt-status.js';

export type ServeOptions = { readonly dir: string; readonly listen: { readonly host: string; readonly port: number }; readonly logFile?: string };
export type RunningHub = { readonly port: number; readonly stop: () => Promise<void> };

/** Starts one district's hub. The only place in the hub where real things are made and wired. */
export async function startHub(options: ServeOptions): Promise<Result<RunningHub, Failure<'cannot-open' | 'cannot-listen'>>> {
  const log = openLog('hub', options.logFile);
  const opened = openHub(options.dir);
  if (!opened.ok) return failure('cannot-open', opened.error.detail);
  const hub = opened.value;
  const books = new SqliteBooks(hub.db, hub.district);
  const grants = new HubGrants(hub, books);
  const ingest = new Ingest(hub, books, grants);
  const connectors = registeredConnectors(hub);
  const onDefect = (what: string, error: unknown): void => log.error({ what, error: error instanceof Error ? error.stack : error }, 'defect');
  // The link wakes the worker, and the worker tells the link: one of the two must be reached through a name that is bound later.
  const later: { worker?: PostingWorker } = {};
  const link = new LinkServer({
    hub,
    grants,
    ingest,
    connectors,
    onDefect,
    onlineSales: () => later.worker?.wake(),
    onAlarm: (kiosk, what) => log.error({ kiosk, what }, 'alarm'),
  });
  const worker = startPostingWorker(hub, {
    connectors,
    book: bookOutcome(hub, books),
    onOutcome: (outcome, of) => link.tell(of.kiosk, outcome),
    onDefect: (error) => onDefect('posting worker', error),
  });
  later.worker = worker;
  const watch = watchOutcomes(hub, (kiosk, outcome) => link.tell(kiosk, outcome));
  try {
    const door = await startDoor({
      hub,
      listen: options.listen,
      routes: [...enrolmentRoutes(hub), receiptStatusRoute(hub)],
      upgrade: { [LINK_PATH]: link.upgrade },
      onDefect,
    });
    log.info({ port: door.port, district: hub.district }, 'hub open');
    return ok({
      port: door.port,
      stop: async () => {
        watch();
        link.close();
        await worker.stop();
        await door.close();
        hub.db.close();
      },
    });
  } catch (error) {
    watch();
    await worker.stop();
    hub.db.close();
    if (error instanceof Error && 'code' in error)
      return failure('cannot-listen', `${options.listen.host}:${options.listen.port} can not be had (${String(error.code)})`);
    throw error;
  }
}
