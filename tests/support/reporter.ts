import Mocha from 'mocha';

/** What tests leave behind may end by itself within this time. */
const LEFT_RUNNING_MS = 15_000;

/** Mocha's spec output, closed by the one line that continuous integration reads. */
export class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats ?? { passes: 0, failures: 0, pending: 0 };
      process.on('exit', () => process.stdout.write(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ''}\n`));
      // Does not hold the process up by itself: it fires only when a test has left something running.
      setTimeout(() => {
        process.stdout.write(`a test left something running: ${process.getActiveResourcesInfo().join(', ')}\n`);
        process.exit(1);
      }, LEFT_RUNNING_MS).unref();
    });
  }
}

// Mocha takes a module's default or the module itself; named exports are the rule here, so the class is also the module's `default` key at run time.
export { CountingReporter as default };
