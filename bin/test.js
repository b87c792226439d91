// Runs the compiled suites with the pinned Node. Arguments are handed to mocha: `npm test -- --grep lease`.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const node = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
const own = process.argv.slice(2);
const suites = own.some((word) => word.endsWith('.test.js')) ? [] : ['dist/tests/**/*.test.js'];
const done = spawnSync(node, [mocha, '--config', 'tests/mocharc.json', ...own, ...suites], { cwd: root, stdio: 'inherit' });
process.exit(done.status ?? 1);
