/**
 * Scenarios that mostly wait out a documented delay (a department that stalls, a printer that never confirms), each in a world of its own: all are
 * begun together, and each test tells how its own ended.
 */
export function sideBySide(scenarios: Readonly<Record<string, () => Promise<void>>>): void {
  const ended = new Map<string, Promise<{ readonly error?: unknown }>>();
  before(() => {
    for (const [title, run] of Object.entries(scenarios))
      ended.set(
        title,
        run().then(
          () => ({}),
          (error: unknown) => ({ error }),
        ),
      );
  });
  for (const title of Object.keys(scenarios))
    it(title, async function () {
      this.timeout(60_000);
      const { error } = (await ended.get(title)) ?? {};
      if (error !== undefined) throw error;
    });
  after(() => Promise.all(ended.values()));
}
