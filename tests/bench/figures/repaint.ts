import type { Language } from '#protocol/identity/identity.js';
import { FakeAgent } from '../../terminal/fake-agent.js';
import { bodyNamed, viewOf } from '../../unit/terminal/fixtures.js';
import { halfAndTail, type Measured, type Round } from '../report/figure.js';
import { SIZES, type Plan } from '../report/plan.js';
import { echoTimes, openEcho, openTerminal } from '../terminal/programs.js';
import { inEmptyField, type ScreenState, type TimedScreen } from '../terminal/timed-screen.js';

const DOWN = '\x1b[B';
const UP = '\x1b[A';
const BACKSPACE = '\x7f';
const LIST = /^\W*>> (\d{3})/u;
/** What operators type to find a service: a code, and a Hindi word in Latin letters. */
const FILTERS = ['523', 'bijli', 'pani'];

/** The code of the selected row; undefined while the cursor is not back in the filter, which is where every frame ends. */
function selected(state: ScreenState, home: number): string | undefined {
  if (state.row !== home) return undefined;
  return state.rows.map((row) => LIST.exec(row)?.[1]).find((code) => code !== undefined);
}

class Menu {
  readonly #screen: TimedScreen;
  readonly #row: number;
  readonly #column: number;

  private constructor(screen: TimedScreen) {
    this.#screen = screen;
    const { row, column } = screen.state();
    this.#row = row;
    this.#column = column;
  }

  /** The menu of 52 services in one language, on a screen of its own. */
  static async open(agent: FakeAgent): Promise<Menu> {
    const screen = openTerminal(agent.path);
    await screen.wait((state) => inEmptyField(state) && selected(state, state.row) === '500', 'the menu');
    return new Menu(screen);
  }

  async arrows(passes: number): Promise<readonly number[]> {
    const times: number[] = [];
    const steps = [
      ...Array.from({ length: 15 }, (_, i) => [DOWN, 501 + i] as const),
      ...Array.from({ length: 15 }, (_, i) => [UP, 514 - i] as const),
    ];
    for (let pass = 0; pass < passes; pass += 1) {
      for (const [key, code] of steps)
        times.push(await this.#screen.press(key, (state) => selected(state, this.#row) === String(code), `row ${code}`));
    }
    return times;
  }

  /** Each letter narrows the list and each backspace widens it again. */
  async typeAhead(passes: number): Promise<readonly number[]> {
    const times: number[] = [];
    for (let pass = 0; pass < passes; pass += 1) {
      for (const word of FILTERS) {
        for (let length = 1; length <= word.length; length += 1) times.push(await this.#filter(word.charAt(length - 1), word.slice(0, length)));
        for (let length = word.length - 1; length >= 0; length -= 1) times.push(await this.#filter(BACKSPACE, word.slice(0, length)));
      }
    }
    return times;
  }

  #filter(key: string, typed: string): Promise<number> {
    const column = this.#column + typed.length;
    const seen = (state: ScreenState): boolean =>
      state.row === this.#row && state.column === column && state.rows[this.#row]?.slice(this.#column, column) === typed;
    return this.#screen.press(key, seen, `the filter "${typed}"`);
  }

  close(): Promise<void> {
    return this.#screen.close();
  }
}

type Way = 'arrows' | 'typeAhead';
const WAYS: readonly { readonly language: Language; readonly way: Way; readonly name: string }[] = [
  { language: 'en', way: 'arrows', name: 'key to repaint, English, arrow keys' },
  { language: 'en', way: 'typeAhead', name: 'key to repaint, English, type-ahead' },
  { language: 'hi', way: 'arrows', name: 'key to repaint, Hindi, arrow keys' },
  { language: 'hi', way: 'typeAhead', name: 'key to repaint, Hindi, type-ahead' },
];

/** From a key on a real pseudo-terminal to the last byte of the frame that shows its effect, against a program that only echoes. */
export async function measureRepaint(plan: Plan): Promise<Measured> {
  const { rounds, passes } = SIZES.repaint[plan];
  const body = bodyNamed('menu, 52 services');
  const agents = { en: await FakeAgent.start(viewOf(body, 'en')), hi: await FakeAgent.start(viewOf(body, 'hi')) };
  const echo = await openEcho();
  const menus = { en: await Menu.open(agents.en), hi: await Menu.open(agents.hi) };
  const taken = new Map<string, Round[]>(WAYS.map(({ name }) => [name, []]));
  try {
    // A cold program compiles what the first keys touch; an operator's day has one such minute.
    for (const { language, way } of WAYS) await menus[language][way](1);
    await echoTimes(echo, 30);
    for (let round = 0; round < rounds; round += 1) {
      for (const { language, way, name } of round % 2 === 0 ? WAYS : WAYS.toReversed()) {
        const baseline = await echoTimes(echo, 20 * passes);
        taken.get(name)?.push({ samples: await menus[language][way](passes), baseline });
      }
    }
  } finally {
    await Promise.all([menus.en.close(), menus.hi.close(), echo.close()]);
    await Promise.all([agents.en.close(), agents.hi.close()]);
  }
  const figures = WAYS.flatMap(({ name }) =>
    halfAndTail({ bench: 'repaint', name, unit: 'ms' }, 'bare echo', taken.get(name) ?? [], {
      p50: { on: 'value', is: 'at-most', limit: 4 },
      p99: { on: 'value', is: 'at-most', limit: 16 },
    }),
  );
  return { figures, skipped: [] };
}
