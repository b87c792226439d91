import { PROBLEM_CODES } from '#protocol/counter/problem.js';
import { explain } from '../../../terminal-ui/text/catalogue.js';
import { englishRestarts } from '../../../terminal-ui/text/english-problems.js';

/** One row of the operator's table: code, what the screen says, whether the money is safe, what to do. */
export type ProblemRow = readonly [code: string, title: string, money: string, todo: string];

/** Every problem as the screen says it in English, without the values of one case. */
export function problemRows(): readonly ProblemRow[] {
  const rows = PROBLEM_CODES.map((code): ProblemRow => {
    const { title, money, todo } = explain('en', { code });
    return [code, title, money, todo];
  });
  const restarts = Object.keys(englishRestarts).map((code): ProblemRow => {
    const { title, money, todo } = englishRestarts[code as keyof typeof englishRestarts];
    return [`${code} after a restart`, title, money, todo];
  });
  return [...rows, ...restarts];
}

const BEGIN = '<!-- problems: begin -->';
const END = '<!-- problems: end -->';

/** The rows of the table that stands between the two marks; cells trimmed, so a formatter may widen them. */
export function rowsIn(document: string): readonly (readonly string[])[] {
  const [, rest = ''] = document.split(BEGIN);
  return (rest.split(END)[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

/** The document with its table written anew. */
export function withTable(document: string): string {
  const head = '| code | the screen says | is the money safe? | what to do |\n| --- | --- | --- | --- |';
  const body = problemRows().map(([code, title, money, todo]) => `| ${code.replace(/^[a-z-]+/u, '`$&`')} | ${title} | ${money} | ${todo} |`);
  const [before = '', rest = ''] = document.split(BEGIN);
  const after = rest.split(END)[1] ?? '';
  return `${before}${BEGIN}\n\n${head}\n${body.join('\n')}\n\n${END}${after}`;
}
