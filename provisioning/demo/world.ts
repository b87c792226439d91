import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { businessDate } from '#protocol/time/time.js';
import { controlOf, SIMULATED, startSimulators } from './simulators.js';
import { follow, must, startService, stopService, type Service } from './tool.js';

/** What the demonstration district is made of. Bills are generated; no person's data is in them. */
export const DEMO = {
  district: 'lgd:102',
  kiosk: 'd35k1111',
  login: 'd35k1111co01',
  pin: '482915',
  topUpRupees: '60000',
  departments: [
    { code: 'JVVNL', service: '101', en: 'Jaipur Vidyut Vitran Nigam Ltd', hi: 'जयपुर विद्युत वितरण निगम लि.', count: 2500, seed: 11 },
    { code: 'PHED', service: '102', en: 'Public Health Engineering Department', hi: 'जन स्वास्थ्य अभियांत्रिकी विभाग', count: 1500, seed: 12 },
    { code: 'BSNL', service: '103', en: 'Bharat Sanchar Nigam Ltd', hi: 'भारत संचार निगम लि.', count: 1200, seed: 13 },
  ],
} as const;

export type World = {
  readonly root: string;
  readonly hubDir: string;
  readonly kioskDir: string;
  readonly hubAddress: string;
  readonly printerControl: string;
  readonly scannerControl: string;
  readonly startHub: () => Promise<void>;
  readonly stopHub: () => Promise<void>;
  readonly startAgent: () => Promise<Service>;
  readonly stopAgent: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type WorldOptions = {
  readonly width: '58mm' | '80mm';
  /** `sale`: only the devices without which no citizen is served. */
  readonly devices: 'all' | 'sale';
  readonly say: (line: string) => void;
};

/** A port of the loopback that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

/** Builds a fresh district in `root` by the product's own commands and starts everything but the screen. What was there before goes. */
export async function buildWorld(root: string, options: WorldOptions): Promise<World> {
  rmSync(root, { recursive: true, force: true });
  const at = (name: string): string => join(root, name);
  for (const folder of ['logs', 'paper', 'bills', 'departments']) mkdirSync(at(folder), { recursive: true });
  const started: Service[] = [];
  const start = async (name: string, words: readonly string[]): Promise<Service> => {
    const service = await startService(name, words, at('logs'));
    started.push(service);
    return service;
  };
  const hubAddress = `127.0.0.1:${await freePort()}`;
  const hubDir = at('hub');
  const kioskDir = at('kiosk');
  try {
    options.say('hub: new district with its keys, books and rule book');
    await makeHub(hubDir, hubAddress);
    options.say('departments: three HTTP servers with generated bills, master files imported at the hub');
    for (const department of DEMO.departments) await makeDepartment(root, hubDir, department, start);
    const hub = await start('hub', ['hub', 'serve', '--dir', hubDir, '--listen', hubAddress]);
    options.say('kiosk: enrolled with a one-use claim, approved by its spoken fingerprint');
    await enrol(root, hubDir, kioskDir);
    const devices = SIMULATED.filter(({ needed }) => options.devices === 'all' || needed === 'sale');
    options.say(`devices: ${devices.map(({ name }) => name).join(', ')}`);
    await startSimulators(devices, { root, kioskDir, width: options.width }, start);
    return {
      root,
      hubDir,
      kioskDir,
      hubAddress,
      printerControl: controlOf(root, 'printer'),
      scannerControl: controlOf(root, 'scanner'),
      ...switches({ hub }, { hubDir, kioskDir, hubAddress }, start),
      close: () => closeAll(started),
    };
  } catch (error) {
    await closeAll(started);
    throw error;
  }
}

type Start = (name: string, words: readonly string[]) => Promise<Service>;

/** What the demonstration and the tests turn off and on. */
function switches(
  running: { hub: Service; agent?: Service },
  { hubDir, kioskDir, hubAddress }: Pick<World, 'hubDir' | 'kioskDir' | 'hubAddress'>,
  start: Start,
): Pick<World, 'startHub' | 'stopHub' | 'startAgent' | 'stopAgent'> {
  return {
    startHub: async () => {
      running.hub = await start('hub', ['hub', 'serve', '--dir', hubDir, '--listen', hubAddress]);
    },
    stopHub: () => stopService(running.hub),
    startAgent: async () => (running.agent = await start('agent', ['agent', 'run', '--dir', kioskDir])),
    stopAgent: async () => {
      if (running.agent !== undefined) await stopService(running.agent);
    },
  };
}

/** The agent first, so that it ends its day properly; then all others. */
async function closeAll(started: readonly Service[]): Promise<void> {
  for (const service of started.toReversed()) await stopService(service);
}

async function makeHub(hubDir: string, address: string): Promise<void> {
  await must([
    'hub',
    'init',
    '--dir',
    hubDir,
    '--district',
    DEMO.district,
    '--name',
    'Jaipur',
    '--name-hi',
    'जयपुर',
    '--society',
    'District e-Governance Society, Jaipur',
    '--society-hi',
    'जिला ई-गवर्नेंस सोसायटी, जयपुर',
    '--address',
    address,
  ]);
  const dir = ['--dir', hubDir];
  await must(['hub', 'lsp', 'add', 'AKSH', '--name', 'Demonstration operator', '--name-hi', 'प्रदर्शन संचालक', ...dir]);
  await must([
    'hub',
    'kiosk',
    'add',
    DEMO.kiosk,
    '--lsp',
    'AKSH',
    '--site',
    'Chandpole, Jaipur',
    '--site-hi',
    'चाँदपोल, जयपुर',
    '--at',
    // Where the virtual receiver stands.
    '26.9240,75.8146',
    ...dir,
  ]);
  await must(['hub', 'operator', 'add', DEMO.login, '--name', 'Demonstration operator', '--pin-from-stdin', ...dir], `${DEMO.pin}\n`);
  await must(['hub', 'wallet', 'topup', '--kiosk', DEMO.kiosk, '--amount', DEMO.topUpRupees, '--reference', 'DEMO-TOPUP-1', ...dir]);
  await must(['hub', 'lease-policy', '--target', '20000', '--percent', '50', '--sale-max', '20000', '--authority', 'demonstration', ...dir]);
}

async function makeDepartment(root: string, hubDir: string, department: (typeof DEMO.departments)[number], start: Start): Promise<void> {
  const { code, service } = department;
  const bills = join(root, 'bills', `${code}.csv`);
  const token = `demo-token-${code.toLowerCase()}`;
  await must([
    'hub',
    'bills',
    'generate',
    '--department',
    code,
    '--service',
    service,
    '--count',
    String(department.count),
    '--seed',
    String(department.seed),
    '--on',
    businessDate(Date.now()),
    '--out',
    bills,
  ]);
  const part = code === 'PHED' ? ['--part'] : [];
  const server = await start(`department-${code}`, [
    'hub',
    'department-server',
    '--department',
    code,
    '--service',
    service,
    '--listen',
    '127.0.0.1:0',
    '--bills',
    bills,
    '--token',
    token,
    '--state',
    join(root, 'departments', `${code}.sqlite`),
    ...part,
  ]);
  const url = /http:\/\/\S+?:\d+/u.exec(server.ready)?.[0] ?? '';
  await must([
    'hub',
    'department',
    'add',
    '--code',
    code,
    '--en',
    department.en,
    '--hi',
    department.hi,
    '--url',
    url,
    '--token',
    token,
    '--dir',
    hubDir,
  ]);
  await must(['hub', 'bills', 'import', '--department', code, '--service', service, bills, '--dir', hubDir]);
}

/** The technician's part and the administrator's, each by its own command, with the fingerprint read from the technician's screen. */
async function enrol(root: string, hubDir: string, kioskDir: string): Promise<void> {
  const claim = JSON.parse(await must(['hub', 'claim', 'issue', DEMO.kiosk, '--json', '--dir', hubDir])) as { readonly claim: string };
  const seen = { text: '' };
  const technician = follow(['provision', 'enrol', '--claim', claim.claim, '--dir', kioskDir], (text) => (seen.text += text));
  const fingerprint = await technician.until(() => /(?:[0-9a-f]{4} ){5}[0-9a-f]{4}/u.exec(seen.text)?.[0]);
  await must(['hub', 'kiosk', 'approve', DEMO.kiosk, '--fingerprint', fingerprint, '--dir', hubDir]);
  const code = await technician.ended;
  writeFileSync(join(root, 'enrolment.txt'), seen.text);
  if (code !== 0) throw new Error(`enrolment ended with ${code}: ${seen.text}`);
}
