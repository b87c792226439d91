#!/usr/bin/env node
// Finds the pinned Node and runs the compiled command table with it. Plain JavaScript, any Node >= 20.
import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const node = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
const main = join(root, 'dist', 'bin', 'main.js');

if (!existsSync(main) || !existsSync(node)) {
  process.stderr.write('jharokha: not built yet. Run "npm run build" in ' + root + ' first (it installs what is needed).\n');
  process.exit(69);
}
const { nodeFlags } = await import('../dist/platform/process/node-flags.js');
const words = process.argv.slice(2);
const child = spawn(node, [...nodeFlags(words[0]), main, ...words], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
