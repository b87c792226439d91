/** Worlds that live at once: enough to wait together, few enough to leave each its share of two busy cores. */
const TOGETHER = 6;

type Ended = { readonly error?: unknown };

/**
 * Scenarios that mostly wait out a documented delay (a department that stalls, a printer that never confirms), each in a world of its own: several are
 * under way at once, and each test tells how its own ended.
 */
export function sideBySide(scenarios: Readonly<Record<string, () => Promise<void>>>): void {
  const ended = new Map(Object.keys(scenarios).map((title) => [title, Promise.withResolvers<Ended>()]));
  before(() => {
    const waiting = Object.entries(scenarios);
    const next = async (): Promise<void> => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        const [title, run] = one;
        const outcome = await run().then(
          (): Ended => ({}),
          (error: unknown): Ended => ({ error }),
        );
        ended.get(title)?.resolve(outcome);
      }
    };
    for (let i = 0; i < TOGETHER; i += 1) void next();
  });
  for (const title of Object.keys(scenarios))
    it(title, async function () {
      this.timeout(60_000);
      const { error } = (await ended.get(title)?.promise) ?? {};
      if (error !== undefined) throw error instanceof Error ? error : new Error('a scenario failed with what is not an error');
    });
  after(() => Promise.all([...ended.values()].map((one) => one.promise)));
}
