// Boots the guest in which the drivers work on real kernel devices, with the pinned Node. `--short`, or names of suites: `npm run test:devices-guest -- printer`.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const node = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
const program = join(root, 'dist', 'tests', 'appliance', 'devices', 'host', 'run.js');
const child = spawn(node, [program, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
// It ends the guest before itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
