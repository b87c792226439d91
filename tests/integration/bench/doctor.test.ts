import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Ran } from '../../../provisioning/demo/tool.js';
import { BenchClient } from '../../../provisioning/technician/doctor/client.js';
import { inWorld, World } from '../../support/world.js';
import { eventually, valueOf } from '../../support/world-value.js';

const doctor = (...words: readonly string[]): Promise<Ran> => run(['provision', 'doctor', '--unattended', ...words]);

type Line = {
  readonly event: string;
  readonly device?: string;
  readonly check?: string;
  readonly outcome?: string;
  readonly verdict?: string;
  readonly form?: string;
  readonly undone?: readonly { readonly device: string; readonly check: string; readonly needs: string }[];
};
const jsonLines = (out: string): readonly Line[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('the doctor beside a running agent', function () {
  this.timeout(60_000);
  let world: World;
  before(async () => {
    world = await World.open();
    await world.kiosk().start();
    const screen = await world.kiosk().screen();
    await screen.when(({ header }) => header.devices.every((d) => d.state === 'ready') && header.link.state === 'online', 'devices and link');
  });
  after(() => world.close());
  afterEach(() => world.kiosk().printer.order({ do: 'normal' }));

  const dir = (): readonly string[] => ['--dir', world.kiosk().folder];

  it('ends well with a whole kiosk, says that what needs somebody was not done, and its signed sheet verifies offline', async () => {
    const sheet = join(world.root, 'good.sheet');
    const done = await doctor(...dir(), '--out', sheet);
    assert.equal(done.code, 0, done.out + done.err);
    assert.match(done.out, /reaches its hub, and no stranger: the hub answers/u);
    assert.match(done.out, /agrees with the hub's clock/u);
    assert.match(done.out, /Signed by the kiosk/u);
    const checked = await run(['provision', 'doctor', 'verify', sheet, '--district-key', join(world.hubDir, 'district.pub')]);
    assert.equal(checked.code, 0, checked.err);
    assert.match(checked.out, /PARTIAL/u);
    assert.match(checked.out, /not done: print-test-page\n/u);
    const bytes = readFileSync(sheet);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(sheet, bytes);
    assert.equal((await run(['provision', 'doctor', 'verify', sheet, '--district-key', join(world.hubDir, 'district.pub')])).code, 1);
    assert.equal(
      (await run(['provision', 'doctor', 'verify', join(world.root, 'none'), '--district-key', join(world.hubDir, 'district.pub')])).code,
      2,
    );
  });

  const FAULTS = [
    [{ do: 'paper-out' }, 'paper-out', /The printer has no paper/u, /प्रिंटर में कागज़ नहीं है/u],
    [{ do: 'cover-open' }, 'cover-open', /The lid of the printer is open/u, /प्रिंटर का ढक्कन खुला है/u],
    [{ do: 'unplug' }, 'printer-absent', /The printer is not connected/u, /प्रिंटर जुड़ा नहीं है/u],
    [{ do: 'error', recovery: 'unrecoverable' }, 'printer-error', /The printer reports a fault/u, /प्रिंटर में खराबी है/u],
  ] as const;
  for (const [order, code, english, hindi] of FAULTS) {
    it(`fails with plain words for ${code}`, async () => {
      const screen = await world.kiosk().screen();
      await world.kiosk().printer.order(order);
      await screen.when(({ header }) => header.devices.some(({ problem }) => problem?.code === code), code);
      const en = await doctor(...dir());
      assert.equal(en.code, 1);
      assert.match(en.out, english);
      if (code === 'printer-absent') assert.match(en.out, /why tcp 127\.0\.0\.1:\d+: .*ECONNREFUSED/u);
      assert.match((await doctor(...dir(), '--language', 'hi')).out, hindi);
      await world.kiosk().printer.order({ do: 'normal' });
      await screen.when(({ header }) => header.devices.every((d) => d.state === 'ready'), 'the printer again');
    });
  }

  it('says that devices.json was changed or broken under the agent, which goes on with what it opened', async () => {
    const path = join(world.kiosk().folder, 'devices.json');
    const whole = readFileSync(path, 'utf8');
    try {
      writeFileSync(path, whole.replaceAll('mm"', 'cm"'));
      const broken = await doctor(...dir());
      assert.equal(broken.code, 1);
      assert.match(broken.out, /\[FAIL\] has a devices\.json that can be read: .*"width" can not be "\d\dcm"/u);
      writeFileSync(path, JSON.stringify([...(JSON.parse(whole) as unknown[]), { kind: 'speaker' }]));
      assert.match((await doctor(...dir())).out, /was changed since the agent started: start the agent anew/u);
    } finally {
      writeFileSync(path, whole);
    }
    assert.equal((await doctor(...dir())).code, 0);
  });

  it('speaks JSON lines', async () => {
    const lines = jsonLines((await doctor(...dir(), '--json')).out);
    assert.deepEqual(lines.filter(({ event }) => event === 'device').map(({ device, event }) => device ?? event).length, 2);
    assert.ok(lines.some(({ device, check, outcome }) => device === 'printer' && check === 'status' && outcome === 'pass'));
    assert.deepEqual([lines.at(-1)?.event, lines.at(-1)?.verdict, lines.at(-1)?.form], ['sheet', 'partial', 'signed']);
    const undone = lines.at(-1)?.undone?.map(({ device, check, needs }) => `${device} ${check} ${needs}`);
    assert.deepEqual(undone, ['printer print-test-page somebody', 'scanner scan-a-code somebody']);
  });

  it('prints the sheet when asked, through the printer itself', async () => {
    const done = await doctor(...dir(), '--print');
    assert.match(done.out, /The sheet was printed/u);
  });

  it('is for the owner of the folder alone, and cuts off whoever sends nonsense', async () => {
    const path = join(world.kiosk().folder, 'technician.sock');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(path, () => socket.write(Buffer.from([0, 0, 0, 2, 0xff, 0xff])));
      socket.once('close', () => resolve()).once('error', reject);
      socket.resume();
    });
    assert.equal((await doctor(...dir())).code, 0);
  });

  it('keeps a second opening of the devices out while the agent runs', async () => {
    const second = await run(['agent', 'bench', ...dir()]);
    assert.equal(second.code, 75);
  });
});

describe('the doctor and a sale', () => {
  it('leaves the printer alone from the choice of a service to the receipt, and says why', async function () {
    this.timeout(60_000);
    await inWorld({}, async (world) => {
      const kiosk = world.kiosk();
      await kiosk.start();
      const screen = await kiosk.openCounter();
      const client = valueOf(await BenchClient.connect(join(kiosk.folder, 'technician.sock')));
      await client.ask({ do: 'run', device: 'printer', check: 'status' }).answer;
      valueOf(await client.ask({ do: 'sheet' }).answer);
      await kiosk.toQuote(screen, world.nextBill('JVVNL'));
      const refused = await client.ask({ do: 'print-sheet', language: 'en' }).answer;
      assert.equal(refused.ok ? '' : refused.error.code, 'counter-busy');
      assert.ok((await client.ask({ do: 'run', device: 'printer', check: 'status' }).answer).ok);
      screen.send({ do: 'back' });
      await eventually('the counter is free', async () => (await client.ask({ do: 'print-sheet', language: 'en' }).answer).ok);
      client.close();
    });
  });
});

/** Every check of every virtual device. */
const DEMO_ROWS = [
  'printer status',
  'printer print-test-page',
  'printer drawer',
  'scanner status',
  'scanner scan-a-code',
  'finger-reader status',
  'finger-reader light',
  'finger-reader any-finger',
  'finger-reader enrol-and-match',
  'security-key status',
  'security-key sign',
  'aadhaar status',
  'aadhaar capture',
  'ups status',
  'gnss status',
  'gnss fix',
  'page-printer status',
  'page-printer print-test-page',
  'document-scanner status',
  'document-scanner scan-page',
  'camera status',
  'camera photograph',
  'speaker status',
  'speaker say',
];

describe('the doctor without an agent', function () {
  this.timeout(60_000);
  let root = '';
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'jharokha-doctor-test-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('opens the devices itself, also on a machine that is not enrolled, and says that the sheet is not signed', async () => {
    const sheet = join(root, 'x.sheet');
    const done = await run(['provision', 'doctor', '--demo', '--out', sheet]);
    assert.equal(done.code, 3, done.out + done.err);
    assert.match(done.out, /PARTIAL/u);
    assert.match(done.out, /no agent runs/u);
    assert.match(done.out, /NOT SIGNED/u);
    const lines = jsonLines((await run(['provision', 'doctor', '--demo', '--json'])).out);
    const rows = lines.filter(({ event, device }) => event === 'checked' && device !== '@station');
    assert.deepEqual(
      rows.map(({ device, check, outcome }) => `${device} ${check} ${outcome}`),
      DEMO_ROWS.map((row) => `${row} pass`),
    );
    assert.deepEqual(
      lines.filter(({ event }) => event === 'skipped'),
      [],
    );
    // What only eyes or ears can tell, and nothing else.
    assert.deepEqual(
      lines.at(-1)?.undone?.map(({ device, check }) => `${device} ${check}`),
      ['printer print-test-page', 'printer drawer', 'page-printer print-test-page', 'speaker say'],
    );
  });

  it('calls every check by a Hindi name in Hindi', async () => {
    const { out } = await run(['provision', 'doctor', '--demo', '--unattended', '--language', 'hi']);
    const told = out.split('\n').filter((line) => /^ {2}\[/u.test(line));
    assert.ok(told.length > DEMO_ROWS.length, out);
    for (const line of told) assert.match(line.split(':')[0]?.replace(/^ {2}\[[^\]]*\]/u, '') ?? '', /[\u0900-\u097f]/u, line);
  });

  it('tells before anything is tried that the sheet can not be written, or that the folder is none', async () => {
    const folder = join(root, 'kiosk');
    mkdirSync(folder);
    for (const out of [folder, join(root, 'none', 'x.sheet')]) {
      const done = await doctor('--dir', folder, '--out', out);
      assert.equal(done.code, 2);
      assert.match(done.err, /the sheet can not be written to .*; nothing was tried yet/u);
      assert.equal(done.out, '');
    }
    writeFileSync(join(root, 'file'), '');
    const file = await doctor('--dir', join(root, 'file'));
    assert.equal(file.code, 2);
    assert.match(file.err, /is a file: --dir names the kiosk's folder/u);
  });

  it('ends with 1 when devices.json can not be read, and with 2 when there is nothing to open', async () => {
    const folder = join(root, 'kiosk');
    mkdirSync(folder);
    const bare = await doctor('--dir', folder);
    assert.equal(bare.code, 1);
    assert.match(bare.out, /devices\.json is missing/u);
    writeFileSync(join(folder, 'devices.json'), '[{"kind":"printr"},{"kind":"scanner","transport":"serial","path":"/dev/x","bauds":1}]');
    const broken = await doctor('--dir', folder);
    assert.equal(broken.code, 1);
    assert.match(broken.out, /devices\.json: device 1 \(printr\): "kind" .*page-printer; device 2 \(scanner\): knows no "bauds"/u);
    assert.equal((await doctor('--dir', join(root, 'none'))).code, 2);
    assert.equal((await doctor()).code, 2);
  });
});
