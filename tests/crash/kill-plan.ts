import type { CounterView } from '#protocol/counter/view.js';
import type { Chance } from '../support/crash-chance.js';
import { newestSale, type Truth } from '../support/crash-truth.js';

/** Moments of one life of the agent at which a kill can be armed; it falls `delayMs` after the first time the moment is reached. */
export type Moment =
  | 'spawned'
  | 'ready'
  | 'logging-in'
  | 'recovery'
  | 'menu'
  | 'asked-for-bill'
  | 'quote'
  | 'tender'
  | 'cash-given'
  | 'asking'
  | 'printing'
  | 'refused'
  | 'giving-back'
  | 'handover';

/** What else goes wrong, so that a step lasts long enough for the kill to fall into it. */
export type Trouble =
  | 'none'
  /** The hub takes bytes and answers none, from the cash on. */
  | 'hub-frozen-at-cash'
  | 'hub-frozen-at-asking'
  /** The department books and keeps its answer, keeps the request, loses its answer, or cuts the line. */
  | 'department-stall'
  | 'department-stall-unbooked'
  | 'department-lose-answer'
  | 'department-drop'
  | 'department-refuse'
  | 'printer-slow'
  /** The printer gets the first part of a job; the rest is lost with the line at the kill. */
  | 'printer-cut';

export type KillPlan = {
  readonly moment: Moment;
  readonly delayMs: number;
  /** What the operator does meanwhile: looks at the screen, or has pressed the next key already. */
  readonly operator: 'waits' | 'goes on';
  readonly trouble: Trouble;
  readonly link: 'up' | 'any';
};

type Choice = {
  readonly weight: number;
  readonly moment: Moment;
  readonly longestMs: number;
  readonly troubles: readonly Trouble[];
  readonly link: 'up' | 'any';
};

const CHOICES: readonly Choice[] = [
  { weight: 1, moment: 'spawned', longestMs: 900, troubles: ['none'], link: 'any' },
  { weight: 0.5, moment: 'ready', longestMs: 60, troubles: ['none'], link: 'any' },
  { weight: 1, moment: 'logging-in', longestMs: 250, troubles: ['none'], link: 'any' },
  { weight: 2.5, moment: 'recovery', longestMs: 500, troubles: ['printer-slow', 'none'], link: 'any' },
  { weight: 0.5, moment: 'menu', longestMs: 10, troubles: ['none'], link: 'any' },
  { weight: 1.5, moment: 'asked-for-bill', longestMs: 25, troubles: ['none'], link: 'any' },
  { weight: 2, moment: 'quote', longestMs: 2, troubles: ['none'], link: 'any' },
  { weight: 1, moment: 'tender', longestMs: 5, troubles: ['none'], link: 'any' },
  { weight: 4, moment: 'cash-given', longestMs: 25, troubles: ['none'], link: 'any' },
  { weight: 1.5, moment: 'cash-given', longestMs: 300, troubles: ['hub-frozen-at-cash'], link: 'up' },
  {
    weight: 3.5,
    moment: 'asking',
    longestMs: 400,
    troubles: ['department-stall', 'department-stall-unbooked', 'department-lose-answer', 'department-drop', 'hub-frozen-at-asking'],
    link: 'up',
  },
  { weight: 3, moment: 'printing', longestMs: 700, troubles: ['printer-slow'], link: 'any' },
  { weight: 2, moment: 'printing', longestMs: 300, troubles: ['printer-cut'], link: 'any' },
  { weight: 1, moment: 'refused', longestMs: 30, troubles: ['department-refuse'], link: 'up' },
  { weight: 1.5, moment: 'giving-back', longestMs: 400, troubles: ['department-refuse'], link: 'up' },
  { weight: 1, moment: 'asking', longestMs: 100, troubles: ['department-refuse'], link: 'up' },
  { weight: 3, moment: 'handover', longestMs: 30, troubles: ['none'], link: 'any' },
];

/** Moments at which the agent waits for the operator. */
const SHOWN: readonly Moment[] = ['menu', 'recovery', 'quote', 'tender', 'refused', 'handover'];

export function planKill(chance: Chance): KillPlan {
  const { moment, longestMs, troubles, link } = chance.weighted(CHOICES);
  const operator = SHOWN.includes(moment) && chance.happens(65) ? 'waits' : 'goes on';
  return { moment, delayMs: chance.between(0, longestMs), operator, trouble: chance.pick(troubles), link };
}

/** Where a kill fell: what the screen showed last and what the chain holds, the chain having the last word. */
export const STEPS = [
  'starting',
  'log-in',
  'menu',
  'fetching',
  'quote',
  'tender',
  'securing',
  'committing',
  'asking',
  'printing',
  'print-trouble',
  'did-it-print',
  'refused',
  'slip',
  'handover',
] as const;
export type Step = (typeof STEPS)[number];

/** Kills must have fallen into each of these groups for a long run to count. */
export const MUST_REACH: readonly (readonly Step[])[] = [['quote'], ['securing', 'committing'], ['asking'], ['printing'], ['handover']];

export function stepOf(truth: Truth, last: CounterView | undefined): Step {
  if (last === undefined) return 'starting';
  const { body } = last;
  if (body.screen === 'login' || body.screen === 'till-opening') return 'log-in';
  const newest = truth.transactions.at(-1);
  if (newest?.state === 'quoted') return stepOfQuote(body.screen);
  const sale = newestSale(truth);
  const sheet = sale?.sheets.at(-1);
  if (sheet?.end === 'open') return sheet.marked === 'slip' ? 'slip' : 'printing';
  switch (body.screen) {
    case 'print-trouble':
      return body.ask === 'fix' ? 'print-trouble' : 'did-it-print';
    case 'refused':
      return 'refused';
    case 'handover':
      return 'handover';
    case 'capture':
    case 'fetching':
      return 'fetching';
    case 'working':
    case 'tender':
      return stepOfSale(sale?.outcome, sheet !== undefined);
    default:
      return 'menu';
  }
}

function stepOfQuote(screen: string): Step {
  if (screen === 'working') return 'securing';
  return screen === 'tender' ? 'tender' : 'quote';
}

function stepOfSale(outcome: string | undefined, wasPrinted: boolean): Step {
  if (outcome === 'refused' || outcome === 'returned') return outcome === 'returned' ? 'slip' : 'refused';
  if (wasPrinted) return 'handover';
  return outcome === 'asking' ? 'asking' : 'committing';
}
