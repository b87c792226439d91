import Mocha from 'mocha';

/** Mocha's spec output, closed by the one line that continuous integration reads. */
export class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats ?? { passes: 0, failures: 0, pending: 0 };
      process.on('exit', () => process.stdout.write(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ''}\n`));
    });
  }
}

// Mocha takes a module's default or the module itself; named exports are the rule here, so the class is also the module's `default` key at run time.
export { CountingReporter as default };
