import { importOffences } from './imports.js';
import {
  comments,
  exactMoney,
  fileName,
  fileSize,
  functionSize,
  noAny,
  noConsole,
  noDefaultExport,
  noImperativeAssign,
  pureProtocol,
  wholeSuites,
} from './rules.js';
import { parseSource, type Offence, type Source } from './source.js';

/** Every rule by its title; each is shown a bad example in `rules.test.ts`, so that it can fail. */
export const RULES: Readonly<Record<string, (source: Source) => readonly Offence[]>> = {
  'imports only go down': importOffences,
  'files stay small': fileSize,
  'functions stay small': functionSize,
  'nothing is any': noAny,
  'exports have names': noDefaultExport,
  'assign stands in actions': noImperativeAssign,
  'sums are never floating-point numbers': exactMoney,
  'nothing writes by console': noConsole,
  'protocol has no clock, no chance, no I/O': pureProtocol,
  'no suite is left out': wholeSuites,
  'comments are English and nothing is left unfinished': comments,
  'files are named in kebab-case': fileName,
};

export function offencesIn(path: string, text: string): readonly string[] {
  const source = parseSource(path, text);
  return Object.values(RULES).flatMap((rule) => rule(source).map((o) => o.rule));
}

export function tell(offences: readonly Offence[]): string {
  return offences.map((o) => `${o.path}:${o.line} [${o.rule}] ${o.detail}`).join('\n');
}
