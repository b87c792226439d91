import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { stoppedOnInterrupt } from '../measure/leavings.js';
import { AttendedCounter } from '../counter/attended.js';
import { aloneOf, pssOf } from '../measure/memory.js';
import { figureOf, type Measured } from '../report/figure.js';
import { SIZES, type Plan } from '../report/plan.js';

async function idleNode(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'setInterval(()=>{},1e6);console.log(1)'], { stdio: ['ignore', 'pipe', 'ignore'] });
  if (child.stdout !== null) await once(child.stdout, 'data');
  return child;
}

/** Memory of agent and screen after a warm-up of sales, beside two Node programs that do nothing. */
export async function measureMemory(plan: Plan): Promise<Measured> {
  const { sales } = SIZES.memory[plan];
  const counter = await AttendedCounter.open(sales);
  const idle = [await idleNode(), await idleNode()];
  const endIdle = (): void => idle.forEach((child) => child.kill('SIGKILL'));
  const forget = stoppedOnInterrupt(endIdle);
  try {
    for (let i = 0; i < sales; i += 1) await (i % 2 === 0 ? counter.scanned() : counter.typed());
    const pids = [counter.agentPid, counter.screen.pid];
    const idlePids = idle.map((child) => child.pid ?? 0);
    const pss = (of: readonly number[]): number => of.reduce((sum, pid) => sum + pssOf(pid), 0);
    const target = { on: 'value', is: 'at-most', limit: 160 } as const;
    const head = { bench: 'memory', unit: 'MB', target } as const;
    const name = `memory of agent + screen after ${sales} sales`;
    return {
      figures: [
        figureOf({ ...head, name: `${name}, PSS` }, 'two idle Nodes, PSS', [{ value: pss(pids), baseline: pss(idlePids) }], 1),
        figureOf({ ...head, name: `${name}, no other Node there` }, 'two idle Nodes', [{ value: aloneOf(pids), baseline: aloneOf(idlePids) }], 1),
      ],
      skipped: [],
    };
  } finally {
    endIdle();
    forget();
    await counter.close();
  }
}
