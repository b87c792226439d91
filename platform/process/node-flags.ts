/**
 * A counter appliance has little memory and two programs that run for weeks. Left alone, V8 lets the space for new objects grow to tens of megabytes on a
 * machine that has plenty, and puts off collecting the old ones; both programs live in a tenth of that. In MB.
 */
const COUNTER_PROGRAM = ['--max-semi-space-size=4', '--max-old-space-size=256'] as const;

/** Node's own flags for a program of `jharokha`, by its word; they only count on the command line that starts it. */
export function nodeFlags(word: string | undefined): readonly string[] {
  return word === 'agent' || word === 'terminal' ? COUNTER_PROGRAM : [];
}
