// Runs the compiled suites with the pinned Node. Arguments are handed to mocha: `npm test -- --grep lease`.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const node = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
const own = process.argv.slice(2);

/** Most suites wait for devices and links rather than for the processor: two runs at a time. Each has a folder for temporary files of its own. */
const LANES = Math.min(2, availableParallelism());
const COUNTED = /\n(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/u;

/** Suites by their folder two steps below `tests`, so that each run is one room of tests; the largest first, so that none is left for the end. */
function rooms() {
  const { ignore } = JSON.parse(readFileSync(join(root, 'tests', 'mocharc.json'), 'utf8'));
  const left = ignore.map((pattern) => pattern.replace('**', ''));
  const byRoom = new Map();
  for (const name of readdirSync(join(root, 'dist', 'tests'), { recursive: true })) {
    const file = `dist/tests/${name}`;
    if (!file.endsWith('.test.js') || left.some((folder) => file.startsWith(folder))) continue;
    const room = dirname(file).split('/').slice(0, 4).join('/');
    byRoom.set(room, [...(byRoom.get(room) ?? []), file]);
  }
  return [...byRoom.values()].sort((a, b) => b.length - a.length);
}

/** One run of mocha. What it says is shown at its end, whole, unless it is the only one. */
function run(files, stdio) {
  return new Promise((resolve) => {
    const temporary = mkdtempSync(join(tmpdir(), 't-'));
    // As /tmp itself: servers that tests start give up root, and must still come through to their own folders.
    chmodSync(temporary, 0o1777);
    const child = spawn(node, [mocha, '--config', 'tests/mocharc.json', ...own, ...files], {
      cwd: root,
      stdio: ['inherit', stdio, stdio],
      env: { ...process.env, TMPDIR: temporary },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (said += text));
    child.once('close', (status) => {
      rmSync(temporary, { recursive: true, force: true });
      resolve({ status: status ?? 1, said });
    });
  });
}

async function runAll() {
  const waiting = rooms();
  const sum = { passed: 0, failed: 0, skipped: 0 };
  let status = 0;
  const lane = async () => {
    for (let files = waiting.shift(); files !== undefined; files = waiting.shift()) {
      const done = await run(files, 'pipe');
      const [, passed, failed, skipped = '0'] = COUNTED.exec(done.said) ?? [];
      process.stdout.write(`${done.said.replace(COUNTED, '')}\n`);
      if (passed === undefined) process.stdout.write(`${dirname(files[0])}: mocha ended without counting its tests\n`);
      sum.passed += Number(passed ?? 0);
      sum.failed += Number(failed ?? 1);
      sum.skipped += Number(skipped);
      status ||= done.status;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  process.stdout.write(`\n${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}\n`);
  return status || (sum.failed > 0 ? 1 : 0);
}

process.exitCode = own.some((word) => word.endsWith('.test.js')) ? (await run([], 'inherit')).status : await runAll();
