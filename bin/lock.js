// `npm run lock`: writes package-lock.json anew, without addresses, and drops optional platform packages that the registry in use does not hold:
// npm ci refuses a lock file that names them, on every platform, although none of ours is among them.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const file = join(root, 'package-lock.json');

const made = spawnSync('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit' });
if (made.status !== 0) process.exit(made.status ?? 1);

const lock = JSON.parse(readFileSync(file, 'utf8'));
const held = new Set(Object.keys(lock.packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)));
let dropped = 0;
for (const entry of Object.values(lock.packages)) {
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    if (held.has(name)) continue;
    delete entry.optionalDependencies[name];
    dropped += 1;
  }
}
if (readFileSync(file, 'utf8').includes('"resolved"')) throw new Error('the lock file names addresses; see .npmrc');
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`package-lock.json: ${held.size} packages, ${dropped} absent optional ones left out\n`);
