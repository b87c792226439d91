import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { PAGE_PRINTER_DELAYS } from '../../../firmware-agent/devices/page-printer/delays.js';
import { startPagePrinter } from '../../../firmware-agent/devices/page-printer/handle.js';
import { startPagePrinterSimulator } from '../../../firmware-agent/devices/page-printer/simulator/simulator.js';
import { testPage } from '../../../firmware-agent/devices/page-printer/test-page.js';
import { tempFolder, until } from '../../unit/devices/world.js';
import { eventually } from '../../support/world-value.js';

const QUICK = { ...PAGE_PRINTER_DELAYS, pollMs: 50, backoffFirstMs: 20, backoffLongestMs: 100, jobPollMs: 50, deadMs: 1_500 };

function run(program: string, words: readonly string[]): Promise<{ readonly code: number | null; readonly out: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out }));
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

async function freePort(): Promise<number> {
  const server = await listening();
  const port = portOf(server);
  await closed(server);
  return port;
}

type Cups = {
  readonly queue: (name: string, device: string) => Promise<string>;
  readonly jobs: (name: string) => Promise<string>;
  readonly end: () => Promise<void>;
};

/** A cupsd of its own: its folders in a temporary one, its door on the loopback. */
async function startCups(): Promise<Cups> {
  const folder = tempFolder();
  const at = (name: string): string => join(folder.path, name);
  // Its filters and backends run as lp.
  chmodSync(folder.path, 0o755);
  for (const name of ['root', 'state', 'cache', 'spool', 'spool/tmp', 'log']) mkdirSync(at(name), { recursive: true });
  const port = await freePort();
  writeFileSync(
    at('cupsd.conf'),
    `Listen 127.0.0.1:${port}\nBrowsing Off\nDefaultAuthType None\nWebInterface No\nLogLevel info\n<Location />\n  Order allow,deny\n  Allow all\n</Location>\n` +
      '<Policy default>\n  JobPrivateAccess all\n  JobPrivateValues none\n  <Limit All>\n    Order allow,deny\n    Allow all\n  </Limit>\n</Policy>\n',
  );
  writeFileSync(
    at('cups-files.conf'),
    `ServerRoot ${at('root')}\nRequestRoot ${at('spool')}\nTempDir ${at('spool/tmp')}\nStateDir ${at('state')}\nCacheDir ${at('cache')}\n` +
      `AccessLog ${at('log/access')}\nErrorLog ${at('log/error')}\nPageLog ${at('log/page')}\n`,
  );
  const daemon = spawn('/usr/sbin/cupsd', ['-f', '-c', at('cupsd.conf'), '-s', at('cups-files.conf')], { stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => daemon.once('close', () => resolve()));
  const server = `127.0.0.1:${port}`;
  await eventually('cupsd answers', async () => {
    assert.equal(daemon.exitCode, null, 'cupsd ended');
    return (await run('lpstat', ['-h', server, '-r'])).out.includes('is running');
  });
  return {
    async queue(name, device) {
      const made = await run('lpadmin', ['-h', server, '-p', name, '-E', '-v', device, '-o', 'printer-error-policy=retry-job']);
      assert.equal(made.code, 0, made.out);
      return `ipp://${server}/printers/${name}`;
    },
    jobs: async (name) => (await run('lpstat', ['-h', server, '-W', 'not-completed', '-o', name])).out,
    async end() {
      daemon.kill();
      await gone;
      folder.remove();
    },
  };
}

/** The raw port of a network printer: takes whatever is sent, as JetDirect boxes do. */
async function rawPrinter(): Promise<{ readonly port: number; readonly taken: () => Buffer; readonly end: () => Promise<void> }> {
  const server = await listening();
  const chunks: Buffer[] = [];
  server.on('connection', (socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  });
  return { port: portOf(server), taken: () => Buffer.concat(chunks), end: () => closed(server) };
}

const PRINT_JOB = 0x02;

/** A wire before a server of IPP that breaks as soon as a Print-Job is answered, with nothing of the answer let through. */
async function losesAnswersToJobs(port: number): Promise<{ readonly port: number; readonly lost: () => number; readonly end: () => Promise<void> }> {
  const server = await listening();
  let lost = 0;
  server.on('connection', (near) => {
    const far = connect(port, '127.0.0.1');
    let isJob = false;
    near.on('data', (bytes) => {
      const head = bytes.indexOf('\r\n\r\n');
      if (head >= 0 && head + 8 <= bytes.length) isJob ||= bytes.readUInt16BE(head + 6) === PRINT_JOB;
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (!isJob) return void near.write(bytes);
      lost += 1;
      far.destroy();
      near.destroy();
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  return { port: portOf(server), lost: () => lost, end: () => closed(server) };
}

const HAS_IPPTOOL = spawnSync('ipptool', ['--version']).status !== null;
const HAS_CUPS = existsSync('/usr/sbin/cupsd') && spawnSync('lpadmin', ['--version']).status !== null;

if (HAS_IPPTOOL) {
  describe("the virtual page printer before CUPS's ipptool", function () {
    this.timeout(60_000);

    it('tells all that RFC 8011 wants of a printer, and prints what a stranger sends', async () => {
      const folder = tempFolder();
      const sim = await startPagePrinterSimulator({ host: '127.0.0.1', port: 0, pageMs: 20, folder: folder.path });
      const file = join(folder.path, 'sent.pdf');
      writeFileSync(file, await testPage());
      for (const test of ['get-printer-attributes.test', 'print-job-and-wait.test', 'get-completed-jobs.test']) {
        const { code, out } = await run('ipptool', ['-t', '-f', file, sim.url, test]);
        assert.equal(code, 0, out);
        assert.doesNotMatch(out, /FAIL/u);
      }
      assert.ok(existsSync(join(folder.path, 'job-0001.pdf')));
      await sim.close();
      folder.remove();
    });
  });
} else {
  it.skip("the virtual page printer before CUPS's ipptool (ipptool is not installed: Debian cups-ipp-utils)");
}

if (HAS_CUPS && process.getuid?.() === 0) {
  describe('the page printer on a CUPS of its own', function () {
    this.timeout(120_000);
    let cups: Cups;
    before(async () => {
      cups = await startCups();
    });
    after(() => cups.end());

    it('follows a job to its end, and every byte reaches the printer', async () => {
      const raw = await rawPrinter();
      const printer = startPagePrinter(await cups.queue('good', `socket://127.0.0.1:${raw.port}/?waiteof=false`), { delays: QUICK });
      await until(printer, ({ state }) => state === 'ready');
      const pdf = Buffer.from(await testPage());
      assert.deepEqual(await printer.print({ pdf, title: 'प्रमाण-पत्र', copies: 1 }), { outcome: 'printed' });
      await eventually('the bytes are there', () => raw.taken().equals(pdf));
      await printer.close();
      await raw.end();
    });

    it('finds its job again when the answer to it was lost', async () => {
      const raw = await rawPrinter();
      const url = new URL(await cups.queue('lossy', `socket://127.0.0.1:${raw.port}/?waiteof=false`));
      const lossy = await losesAnswersToJobs(Number(url.port));
      const printer = startPagePrinter(`ipp://127.0.0.1:${lossy.port}${url.pathname}`, { delays: QUICK });
      await until(printer, ({ state }) => state === 'ready');
      const pdf = Buffer.from(await testPage());
      assert.deepEqual(await printer.print({ pdf, title: 'lost and found', copies: 1 }), { outcome: 'printed' });
      assert.equal(lossy.lost(), 1);
      await eventually('the bytes are there, once', () => raw.taken().equals(pdf));
      await printer.close();
      await lossy.end();
      await raw.end();
    });

    it('finds a dead printer by its own deadline and takes the job back', async () => {
      const printer = startPagePrinter(await cups.queue('dead', `socket://127.0.0.1:${await freePort()}/`), { delays: QUICK });
      await until(printer, ({ state }) => state === 'ready');
      const done = await printer.print({ pdf: await testPage(), title: 'to nobody', copies: 1 });
      assert.deepEqual(done.outcome === 'unknown' ? done.cause : done, 'page-printer-absent');
      await eventually('the queue is empty', async () => (await cups.jobs('dead')).trim() === '');
      await until(printer, ({ problem }) => problem?.code === 'page-printer-absent');
      await printer.close();
    });

    it('is in trouble before a queue that there is not', async () => {
      const url = (await cups.queue('other', 'socket://127.0.0.1:9/')).replace('other', 'nowhere');
      const printer = startPagePrinter(url, { delays: QUICK });
      await until(printer, ({ problem }) => problem?.code === 'page-printer-error');
      const done = await printer.print({ pdf: await testPage(), title: 'nowhere', copies: 1 });
      assert.equal(done.outcome, 'not-started');
      await printer.close();
    });
  });
} else {
  it.skip('the page printer on a CUPS of its own (needs cupsd and lpadmin, Debian cups-daemon and cups-client, and root)');
}
