import type { Problem, ProblemCode } from '#protocol/counter/problem.js';
import { fill, type ProblemText, type Values } from '#protocol/counter/problem-text.js';
import type { Language, LocalName } from '#protocol/identity/identity.js';
import { english } from './english.js';
import { englishProblems, englishRestarts } from './english-problems.js';
import { hindi } from './hindi.js';
import { hindiProblems, hindiRestarts } from './hindi-problems.js';

export type WordKey = keyof typeof english;

export type ProblemTexts = Readonly<Record<ProblemCode, ProblemText>>;

/** Problems that mean something else when a restart of the counter caused them (value `cause` is `restart`). */
export type RestartTexts = Readonly<Record<'printer-silent' | 'print-unknown', ProblemText>>;

const WORDS: Readonly<Record<Language, Readonly<Record<WordKey, string>>>> = { en: english, hi: hindi };
const PROBLEMS: Readonly<Record<Language, ProblemTexts>> = { en: englishProblems, hi: hindiProblems };
const RESTARTS: Readonly<Record<Language, RestartTexts>> = { en: englishRestarts, hi: hindiRestarts };

export function say(language: Language, key: WordKey, values: Values = {}): string {
  return fill(WORDS[language][key], values);
}

export function explain(language: Language, problem: Problem): ProblemText {
  const { code } = problem;
  const byRestart = problem.values?.['cause'] === 'restart' && (code === 'printer-silent' || code === 'print-unknown');
  const text = byRestart ? RESTARTS[language][code] : PROBLEMS[language][code];
  const values = problem.values ?? {};
  return { title: fill(text.title, values), money: fill(text.money, values), todo: fill(text.todo, values) };
}

/** The names of the values that a problem's texts can quote. */
export function valuesOf(code: ProblemCode): readonly string[] {
  const all = [PROBLEMS.en[code], PROBLEMS.hi[code]].flatMap((text) => [text.title, text.money, text.todo]).join(' ');
  return [...new Set(Array.from(all.matchAll(/\{(\w+)\}/gu), (match) => match[1] ?? ''))].toSorted();
}

export function nameIn(language: Language, name: LocalName): string {
  return name[language];
}

export function otherLanguage(language: Language): Language {
  return language === 'en' ? 'hi' : 'en';
}

/** Good news is told in the same place as trouble, with another mark. */
export const GOOD_NEWS: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['saved-printed', 'refund-done', 'abandoned']);
