/** What a test has opened, closed behind it whatever became of it, the last first: a test that failed leaves nothing to the next. */
export class Openings {
  private closers: (() => Promise<void> | void)[] = [];

  keep<T>(thing: T, close: (thing: T) => Promise<void> | void): T {
    this.closers.push(() => close(thing));
    return thing;
  }

  async closeAll(): Promise<void> {
    const closers = this.closers.toReversed();
    this.closers = [];
    for (const close of closers) await close();
  }
}
