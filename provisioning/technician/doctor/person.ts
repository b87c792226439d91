import { createInterface } from 'node:readline/promises';
import { print } from '#platform/console/command.js';
import type { Language } from '#protocol/identity/identity.js';
import { isJudged } from '#protocol/technician/bench.js';
import type { Person } from './examine.js';
import { checkName, JUDGE_WORDS, PROMPT_WORDS, say } from './wording.js';

export type PersonAtTerminal = Person & { readonly close: () => void };

/** Someone at this terminal. An input that ends answers every question with the careful answer. */
export function personAtTerminal(language: Language, onInterrupt: () => void): PersonAtTerminal {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  reader.on('SIGINT', onInterrupt);
  const ended = new Promise<undefined>((resolve) => reader.once('close', () => resolve(undefined)));
  const question = (text: string): Promise<string | undefined> => Promise.race([reader.question(text), ended]);
  return {
    ready: async (check) => {
      print(`  ${checkName(check, language)}`);
      const typed = await question(`         ${say(language, 'ready')} `);
      return typed === undefined || typed.trim().toLowerCase() === 's' ? 'skip' : 'go';
    },
    act: (_check, prompt) => print(`      >> ${PROMPT_WORDS[prompt][language]}`),
    judge: async (_check, prompt) => {
      if (!isJudged(prompt)) return 'unsure';
      const typed = await question(`      ?? ${JUDGE_WORDS[prompt][language]} ${say(language, 'judge')} `);
      const first = typed?.trim().toLowerCase().charAt(0);
      return first === 'y' ? 'good' : first === 'n' ? 'bad' : 'unsure';
    },
    close: () => reader.close(),
  };
}
