/** Worlds that live at once: enough to wait together, few enough to leave each its share of two busy cores. */
const TOGETHER = 6;

export type Scenarios = Readonly<Record<string, () => Promise<void>>>;
type Ended = { readonly error?: unknown };

/**
 * Groups of scenarios that mostly wait out a documented delay (a department that stalls, a printer that never confirms), each in a world of its own:
 * several are under way at once, in the order given, and each test tells how its own ended. Name the longest first. For the body of a `describe`.
 */
export function sideBySide(groups: Readonly<Record<string, Scenarios>>): void {
  const all = Object.values(groups).flatMap((scenarios) => Object.values(scenarios));
  const ended = new Map(all.map((run) => [run, Promise.withResolvers<Ended>()]));
  before(() => {
    const waiting = [...all];
    const next = async (): Promise<void> => {
      for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
        const outcome = await run().then(
          (): Ended => ({}),
          (error: unknown): Ended => ({ error }),
        );
        ended.get(run)?.resolve(outcome);
      }
    };
    for (let i = 0; i < TOGETHER; i += 1) void next();
  });
  for (const [group, scenarios] of Object.entries(groups))
    describe(group, () => {
      for (const [title, run] of Object.entries(scenarios))
        it(title, async function () {
          this.timeout(60_000);
          const { error } = (await ended.get(run)?.promise) ?? {};
          if (error !== undefined) throw error instanceof Error ? error : new Error('a scenario failed with what is not an error');
        });
    });
  after(() => Promise.all([...ended.values()].map((one) => one.promise)));
}
