import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { readBills } from './bills.js';
import { commandLine } from './tool.js';
import { DEMO, type World } from './world.js';

/** Gives the operator's screen to the person at this terminal until they leave it (F12, then Y). What they need to know stands on the screen itself. */
export async function workByHand(world: World): Promise<void> {
  const consumer = (department: string): string => readBills(world.root, department)[1]?.consumer ?? '';
  const bills = `Bills to try: 101: ${consumer('JVVNL')}  102: ${consumer('PHED')}  103: ${consumer('BSNL')}`;
  const notes = {
    login: `Demonstration: log in as ${DEMO.login}, PIN ${DEMO.pin}.  F12 then Y leaves.`,
    'till-opening': 'Demonstration: type any sum of small change, such as 500, then Enter.',
    menu: bills,
    capture: bills,
  };
  const words = Object.entries(notes).flatMap(([screen, text]) => ['--note', `${screen}=${text}`]);
  const [command, args] = commandLine('terminal', '--socket', join(world.kioskDir, 'counter.sock'), '--leave-key', ...words);
  const screen = spawn(command, args, { stdio: 'inherit' });
  // The terminal is the screen's: an interrupt typed there is not for us, and a hang-up must still stop what was started.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => screen.kill(signal));
  await new Promise((resolve) => screen.once('close', resolve));
}
