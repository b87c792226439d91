import { createInterface } from 'node:readline/promises';
import { print } from '#platform/console/command.js';
import type { Language } from '#protocol/identity/identity.js';
import type { Person } from './examine.js';
import { checkName, JUDGE_WORDS, PROMPT_WORDS, say } from './wording.js';

export type PersonAtTerminal = Person & {
  /** Another path for a sheet that could not be written; `undefined` when none is given. */
  readonly otherPath: () => Promise<string | undefined>;
  readonly close: () => void;
};

const JUDGEMENTS: Readonly<Record<string, 'good' | 'bad' | 'unsure'>> = {
  y: 'good',
  yes: 'good',
  हाँ: 'good',
  हां: 'good',
  n: 'bad',
  no: 'bad',
  नहीं: 'bad',
  नही: 'bad',
  '': 'unsure',
};
const READY: Readonly<Record<string, 'go' | 'skip'>> = { '': 'go', s: 'skip' };
const AGAIN: Readonly<Record<string, 'again' | 'on'>> = { '': 'on', t: 'again' };

/**
 * Someone at this terminal. What is no answer is asked again. An input that ends, by Ctrl-D or by Ctrl-C at a question, answers every question with the
 * careful answer; while nothing is asked, Ctrl-C is `onInterrupt`.
 */
export function personAtTerminal(language: Language, onInterrupt: () => void): PersonAtTerminal {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  let state: 'asking' | 'quiet' | 'ended' = 'quiet';
  reader.on('SIGINT', () => (state === 'asking' ? reader.close() : onInterrupt()));
  const ended = new Promise<undefined>((resolve) => {
    reader.once('close', () => {
      if (state === 'asking') print();
      state = 'ended';
      resolve(undefined);
    });
  });
  const question = async (text: string): Promise<string | undefined> => {
    if (state === 'ended') return undefined;
    state = 'asking';
    const typed = await Promise.race([reader.question(text).catch(() => undefined), ended]);
    if (state === 'asking') state = 'quiet';
    return typed;
  };
  const choose = async <T>(text: string, answers: Readonly<Record<string, T>>, choices: 'ready' | 'judge' | 'again'): Promise<T | undefined> => {
    let typed = await question(`${text}${say(language, choices)} `);
    while (typed !== undefined) {
      const given = answers[typed.normalize('NFC').trim().toLowerCase()];
      if (given !== undefined) return given;
      typed = await question(`         "${typed.trim().slice(0, 20)}" ${say(language, 'no-answer')} ${say(language, choices)} `);
    }
    return undefined;
  };
  return {
    ready: async (check) => {
      print(`  ${checkName(check, language)}`);
      return (await choose('         ', READY, 'ready')) ?? 'skip';
    },
    act: (_check, prompt) => print(`      >> ${PROMPT_WORDS[prompt][language]}`),
    judge: async (_check, prompt) => (await choose(`      ?? ${JUDGE_WORDS[prompt][language]} `, JUDGEMENTS, 'judge')) ?? 'unsure',
    again: async () => (await choose('         ', AGAIN, 'again')) ?? 'on',
    otherPath: async () => {
      const typed = (await question(`${say(language, 'other-path')} `))?.trim();
      return typed === '' ? undefined : typed;
    },
    close: () => reader.close(),
  };
}
