import { spawn } from 'node:child_process';
import { FakeAgent } from '../../terminal/fake-agent.js';
import { bodyNamed, viewOf } from '../../unit/terminal/fixtures.js';
import { figureOf, type Measured } from '../report/figure.js';
import { SIZES, type Plan } from '../report/plan.js';
import { openTerminal } from '../terminal/programs.js';
import { inEmptyField, shows } from '../terminal/timed-screen.js';

/** Milliseconds from start to end of a Node program that does nothing. */
function emptyNode(): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
    child.once('error', reject);
    child.once('close', () => resolve(performance.now() - begun));
  });
}

async function firstScreen(agent: FakeAgent): Promise<number> {
  const screen = openTerminal(agent.path);
  try {
    return await screen.since((state) => inEmptyField(state) && shows('>> 500')(state), 'the first screen');
  } finally {
    await screen.close();
  }
}

/** From the start of the screen program to its first whole menu, with the agent there already. Files are in the system's cache, as after a restart of the screen. */
export async function measureFirstScreen(plan: Plan): Promise<Measured> {
  const { rounds } = SIZES.firstScreen[plan];
  const agent = await FakeAgent.start(viewOf(bodyNamed('menu, 52 services'), 'hi'));
  const taken: { readonly value: number; readonly baseline: number }[] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const pair = { baseline: await emptyNode(), value: await firstScreen(agent) };
      // The first round only fills the system's file cache.
      if (round > 0) taken.push(pair);
    }
  } finally {
    await agent.close();
  }
  const head = { bench: 'first-screen', name: 'first screen, Hindi', unit: 'ms', target: { on: 'value', is: 'at-most', limit: 300 } } as const;
  return { figures: [figureOf(head, 'node -e 0', taken, taken.length)], skipped: [] };
}
