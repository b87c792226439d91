import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
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
  await keepScreen(command, args);
}

/** A screen that ends sooner than this was no screen at all. */
const SHORT_MS = 2_000;
const MOST_SHORT = 3;

/** Shows a full-screen program until it is left. One that was killed or fell over is opened anew: the district behind it works on, as a counter would. */
export async function keepScreen(command: string, args: readonly string[]): Promise<void> {
  let asked: NodeJS.Signals | undefined;
  let screen: ChildProcess | undefined;
  // The terminal is the screen's: an interrupt typed there is not for us, and a hang-up must still stop what was started.
  const ignore = (): void => undefined;
  const pass = (signal: NodeJS.Signals): void => {
    asked = signal;
    screen?.kill(signal);
  };
  process.on('SIGINT', ignore).on('SIGTERM', pass).on('SIGHUP', pass);
  try {
    for (let short = 0; short < MOST_SHORT && asked === undefined;) {
      const began = performance.now();
      screen = spawn(command, args, { stdio: 'inherit' });
      const [code] = (await once(screen, 'close')) as [number | null];
      if (code === 0) return;
      short = performance.now() - began < SHORT_MS ? short + 1 : 0;
    }
  } finally {
    process.off('SIGINT', ignore).off('SIGTERM', pass).off('SIGHUP', pass);
  }
}
