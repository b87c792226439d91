/** How much is measured. `short` shows that everything runs and gives rough figures; only `full` is for the record. */
export type Plan = 'full' | 'short';

/** Rounds and samples of each bench, full and short. */
export const SIZES = {
  commit: { full: { rounds: 9, sales: 150 }, short: { rounds: 3, sales: 60 } },
  repaint: { full: { rounds: 5, passes: 4 }, short: { rounds: 2, passes: 1 } },
  answer: { full: { rounds: 5, turnsEach: 40 }, short: { rounds: 2, turnsEach: 10 } },
  firstScreen: { full: { rounds: 9 }, short: { rounds: 3 } },
  keys: { full: { bills: 3 }, short: { bills: 1 } },
  memory: { full: { sales: 60 }, short: { sales: 6 } },
  receipt: { full: { warm: 5, delayed: 150, online: 60 }, short: { warm: 2, delayed: 20, online: 10 } },
  ingest: { full: { rounds: 5, pushes: 20 }, short: { rounds: 3, pushes: 5 } },
  link: { full: { kiosks: 4, sales: 100 }, short: { kiosks: 4, sales: 15 } },
} as const;
