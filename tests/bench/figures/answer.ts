import { AttendedCounter } from '../counter/attended.js';
import { BENCH_SERVICE } from '../counter/entries.js';
import { halfAndTail, type Measured, type Round } from '../report/figure.js';
import { SIZES, type Plan } from '../report/plan.js';
import { echoTimes, openEcho } from '../terminal/programs.js';
import { inEmptyField, shows, type Seen, type TimedScreen } from '../terminal/timed-screen.js';

const ENTER = '\r';
const ESCAPE = '\x1b';

/** The whole frame of a screen with an empty field. */
function frameOf(text: string): Seen {
  return (state) => inEmptyField(state) && shows(text)(state);
}

const MENU = frameOf('SERVICE: type a code');
const FIELD = frameOf('K number');

/** There and back between the services and a service's field: each key is a command to the agent, answered by a new view. */
async function turns(screen: TimedScreen, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    screen.type(BENCH_SERVICE);
    await screen.wait(shows(`[ ${BENCH_SERVICE} `), 'the code');
    times.push(await screen.press(ENTER, FIELD, 'the field'));
    await screen.press(ESCAPE, MENU, 'the services');
  }
  return times;
}

/** A key that asks the agent, with the link cut, when every service's mode is reckoned from the lease. Esc is not timed: a terminal waits to tell it from other keys. */
export async function measureAnswer(plan: Plan): Promise<Measured> {
  const { rounds, turnsEach } = SIZES.answer[plan];
  const counter = await AttendedCounter.open(1);
  const echo = await openEcho();
  try {
    const { screen, district } = counter;
    await district.ready(counter.kiosk);
    await district.stopHub();
    await screen.wait(shows('OFFLINE'), 'the loss of the link');
    await screen.wait(MENU, 'the services');
    await turns(screen, 5);
    const taken: Round[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const baseline = await echoTimes(echo, turnsEach);
      taken.push({ baseline, samples: await turns(screen, turnsEach) });
    }
    const head = { bench: 'answer', name: 'Enter to next screen, through the agent, link cut', unit: 'ms' } as const;
    const targets = { p50: { on: 'value', is: 'at-most', limit: 4 }, p99: { on: 'value', is: 'at-most', limit: 16 } } as const;
    return { figures: halfAndTail(head, 'bare echo', taken, targets), skipped: [] };
  } finally {
    await echo.close();
    await counter.close();
  }
}
