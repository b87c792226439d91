// Makes a checkout ready to run: packages, then compilation. Plain JavaScript, any Node >= 20, safe to run again.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const wants = new Set(process.argv.slice(2));
// A child npm must not take the outer npm's answers for its own.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

/** Lists of Debian packages: what the tests' independent checkers need, and what a machine to test devices in is made of. */
const DEBIAN_PACKAGES = { '--test': 'debian-packages.json', '--guest': 'debian-packages-guest.json' };

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env, ...options });
  if (done.error) throw done.error;
  return done.status ?? 1;
}

function mustRun(command, args, options) {
  const status = run(command, args, options);
  if (status !== 0) {
    process.stderr.write(`setup: "${command} ${args.join(' ')}" ended with ${status}\n`);
    process.exit(status);
  }
}

function isCurrent(stampFile, wanted) {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted;
}

function installPackages() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const stamp = createHash('sha256')
    .update(lock)
    .update(process.platform + process.arch)
    .digest('hex');
  const stampFile = join(root, 'node_modules', '.jharokha-installed');
  if (isCurrent(stampFile, stamp)) return;
  process.stdout.write('setup: installing packages (npm ci)\n');
  mustRun('npm', ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stampFile, stamp);
}

/** One digest over every source and the compiler's settings: what was compiled is current while it stays the same. */
function digestOfSources(folders) {
  const digest = createHash('sha256');
  const walk = (at) => {
    for (const item of readdirSync(at, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(at, item.name);
      if (item.isDirectory()) walk(path);
      else if (/\.tsx?$/.test(item.name)) digest.update(path).update('\0').update(readFileSync(path));
    }
  };
  for (const name of folders) if (existsSync(join(root, name))) walk(join(root, name));
  return digest.update(readFileSync(join(root, 'tsconfig.json'))).digest('hex');
}

function compile() {
  const sources = digestOfSources(['bin', 'protocol', 'platform', 'firmware-agent', 'terminal-ui', 'hub-server', 'provisioning', 'tests']);
  const stampFile = join(root, 'dist', '.jharokha-built');
  if (isCurrent(stampFile, sources)) return;
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  mkdirSync(join(root, 'dist'), { recursive: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  mustRun(process.execPath, [tsc, '-p', 'tsconfig.json']);
  writeFileSync(stampFile, sources);
}

function installDebianPackages(list) {
  const isDebian = existsSync('/etc/debian_version') && existsSync('/usr/bin/dpkg-query');
  if (!isDebian || process.getuid?.() !== 0) return;
  const missing = JSON.parse(readFileSync(join(root, 'bin', list), 'utf8')).filter((name) => {
    const seen = spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' });
    return !String(seen.stdout).includes('install ok installed');
  });
  if (missing.length === 0) return;
  process.stdout.write(`setup: installing Debian packages for the checks: ${missing.join(' ')}\n`);
  const apt = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
  const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0'];
  run('apt-get', [...quiet, 'update'], apt);
  // A suite whose checker is missing says so and is skipped: a refused package is no reason to run no tests.
  if (run('apt-get', [...quiet, 'install', '-y', '--no-install-recommends', ...missing], apt) !== 0) {
    process.stdout.write('setup: some Debian packages could not be installed; the suites that need them will say so\n');
  }
}

installPackages();
for (const [want, list] of Object.entries(DEBIAN_PACKAGES)) if (wants.has(want)) installDebianPackages(list);
if (!wants.has('--no-build')) compile();
