import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { systemTimers, within } from '../../../../firmware-agent/devices/timers.js';
import { run } from '../image/command.js';
import { makeInitrd } from '../image/initrd.js';
import { debianKernel, type Kernel } from '../image/kernel.js';
import { Desk, startDesk } from './desk.js';
import { QEMU, startMachine, type Machine, type MachineParts } from './machine.js';

/** The repository, from the compiled `dist/tests/appliance/devices/host`. */
const ROOT = realpathSync(join(import.meta.dirname, '../../../../..'));
const SUITES = 'dist/tests/appliance/devices/guest';
const CACHE = join(ROOT, 'var', 'guest');
const CONSOLE_LOG = join(CACHE, 'console.log');
const CONSOLE_LINES = 60;

/** `--short` is one suite: each driver comes for its device, two scans arrive and one paper is printed. Otherwise those whose names are given, or all. */
const SHORT = { suites: ['drivers'], limitMs: 180_000 };
const WHOLE_LIMIT_MS = 1_200_000;

const TOOLS = { [QEMU]: 'qemu-system-x86', depmod: 'kmod' };

/** The guest ends itself at its limit; the harness a little later, should even that hang. */
const GRACE_MS = 15_000;

function say(text: string): void {
  process.stdout.write(`devices in a guest: ${text}\n`);
}

/** `required`: whoever starts this has seen to it that the guest can be had, so one that can not is a failure. */
const DEMAND = z.enum(['required', 'optional']).default('optional').parse(process.env['JHAROKHA_GUEST']);
/** As test runners commonly tell a skipped test from one that passed (Automake's exit status for it). */
const SKIPPED = 77;

/** Nothing to boot is no failure of the product, and no pass either: said aloud, with a status of its own. */
function skip(why: string): number {
  say(DEMAND === 'required' ? `FAILED, nothing was tested and JHAROKHA_GUEST wants it tested: ${why}` : `SKIPPED, nothing was tested: ${why}`);
  return DEMAND === 'required' ? 1 : SKIPPED;
}

async function main(words: readonly string[]): Promise<number> {
  if (process.arch !== 'x64') return skip(`it is a PC with Debian's amd64 kernel; this is ${process.arch}`);
  for (const [tool, debianPackage] of Object.entries(TOOLS)) {
    const answered = run(tool, ['--version']);
    if (!answered.ok) return skip(`no ${tool} here (Debian package ${debianPackage}): ${answered.error}`);
  }
  const kernel = debianKernel(CACHE);
  if (!kernel.ok) return skip(`Debian's kernel package can not be had: ${kernel.error}`);
  const folder = mkdtempSync(join(tmpdir(), 'jharokha-guest-'));
  try {
    return await boot(words, kernel.value, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function boot(words: readonly string[], kernel: Kernel, folder: string): Promise<number> {
  const { suites: names, limitMs } = words.includes('--short') ? SHORT : { suites: words, limitMs: WHOLE_LIMIT_MS };
  const packages = realpathSync(join(ROOT, 'node_modules'));
  const suites = readdirSync(join(ROOT, SUITES))
    .filter((file) => file.endsWith('.test.js') && (names.length === 0 || names.includes(file.replace('.test.js', ''))))
    .map((file) => `${SUITES}/${file}`);
  if (suites.length === 0) throw new Error(`no suite of that name in ${SUITES}`);
  const initrd = makeInitrd(kernel, { tree: ROOT, packages, suites, limitMs });
  if (!initrd.ok) return skip(`the guest can not be made: ${initrd.error}`);
  const initrdFile = join(folder, 'initrd');
  writeFileSync(initrdFile, initrd.value);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(CONSOLE_LOG, '');
  say(`starting Debian's kernel ${kernel.release} in ${QEMU}, software emulation; its console: ${CONSOLE_LOG}`);

  const machineParts = { folder, kernelImage: kernel.image, initrd: initrdFile, consoleLog: CONSOLE_LOG, tree: ROOT, packages };
  const startedMs = performance.now();
  const status = await runGuest(machineParts, limitMs);
  say(`${status === 0 ? 'passed' : 'FAILED'} after ${Math.round((performance.now() - startedMs) / 1_000)} s`);
  if (status !== 0) showConsole();
  return status;
}

/** Gives mocha's status, or 1 when the guest never told one. */
async function runGuest(parts: Omit<MachineParts, 'deskPath'>, limitMs: number): Promise<number> {
  let ready: (desk: Desk) => void = () => undefined;
  const orders = await startDesk(
    parts.folder,
    new Promise((resolve) => {
      ready = resolve;
    }),
  );
  let machine: Machine | undefined;
  try {
    machine = await startMachine({ ...parts, deskPath: orders.path });
    const { qmp, report, ended, kill } = machine;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, kill);
    const desk = new Desk(parts.folder, qmp);
    ready(desk);
    report.pipe(process.stdout, { end: false });
    const end = await within(systemTimers, limitMs + GRACE_MS, ended);
    desk.close();
    if (end !== undefined) say(end === 'late' ? `the guest did not end within ${limitMs + GRACE_MS} ms` : `QEMU: ${end}`);
    return end === undefined ? (desk.status ?? 1) : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    machine?.kill();
    await orders.close();
  }
}

function showConsole(): void {
  const lines = readFileSync(CONSOLE_LOG, 'utf8').trimEnd().split('\n').slice(-CONSOLE_LINES);
  say(`the end of the guest's console:\n${lines.join('\n')}`);
}

process.exitCode = await main(process.argv.slice(2));
