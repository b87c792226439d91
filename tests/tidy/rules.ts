import { calleeName, dotted, isNode, lineOf, walk, type Offence, type Source, type SyntaxNode } from './source.js';

export const FILE_LINES_MAX = 400;
export const FILE_LINES_AIM = 300;
export const FUNCTION_LINES_MAX = 60;

/** Folders where sums are read, reckoned, kept or printed. */
export const MONEY_ROOMS = [
  'protocol/money/',
  'protocol/grant/',
  'protocol/rulebook/',
  'protocol/ledger/',
  'protocol/bill/',
  'protocol/receipt/',
  'protocol/posting/',
  'hub-server/books/',
  'hub-server/services/',
  'firmware-agent/ledger/',
  'firmware-agent/services/',
  'firmware-agent/counter/',
];

/** Mocha loads a reporter by its module's default: the one place that may have one. */
const DEFAULT_EXPORT_ALLOWED = ['tests/support/reporter.ts'];

type Find = (node: SyntaxNode, ancestors: readonly SyntaxNode[]) => string | undefined;

function offencesBy(rule: string, source: Source, find: Find): readonly Offence[] {
  const found: Offence[] = [];
  walk(source, (node, ancestors) => {
    const detail = find(node, ancestors);
    if (detail !== undefined) found.push({ rule, path: source.path, line: lineOf(source, node.start), detail });
  });
  return found;
}

const linesOf = (text: string): number => text.replace(/\n$/u, '').split('\n').length;

export function fileSize(source: Source): readonly Offence[] {
  const lines = linesOf(source.text);
  return lines <= FILE_LINES_MAX
    ? []
    : [{ rule: 'file-size', path: source.path, line: lines, detail: `${lines} lines; never over ${FILE_LINES_MAX}` }];
}

export function functionSize(source: Source): readonly Offence[] {
  return offencesBy('function-size', source, (node, ancestors) => {
    if (!isFunction(node) || isSuite(ancestors.at(-1)) || listsTests(node)) return undefined;
    const lines = linesOf(source.text.slice(node.start, node.end));
    return lines > FUNCTION_LINES_MAX ? `${lines} lines; a function has at most ${FUNCTION_LINES_MAX}` : undefined;
  });
}

const isFunction = (node: SyntaxNode): boolean => ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(node.type);
/** A suite's callback is a list of tests, not a function that does a thing. */
const isSuite = (parent: SyntaxNode | undefined): boolean => parent !== undefined && calleeName(parent) === 'describe';

/** So is a contract suite: a function whose own statements are suites and tests. */
function listsTests(node: SyntaxNode): boolean {
  const statements: unknown = isNode(node['body']) ? node['body']['body'] : undefined;
  if (!Array.isArray(statements)) return false;
  return statements.some((s) => isNode(s) && isNode(s['expression']) && /^(?:describe|it)$/u.test(calleeName(s['expression']) ?? ''));
}

export function noAny(source: Source): readonly Offence[] {
  return offencesBy('no-any', source, (node) => (node.type === 'TSAnyKeyword' ? 'any: say what it is, or unknown' : undefined));
}

export function noDefaultExport(source: Source): readonly Offence[] {
  if (DEFAULT_EXPORT_ALLOWED.includes(source.path)) return [];
  return offencesBy('no-default-export', source, (node) => {
    const renamed = node.type === 'ExportSpecifier' && isNode(node['exported']) && node['exported']['name'] === 'default';
    return node.type === 'ExportDefaultDeclaration' || renamed ? 'exports have names' : undefined;
  });
}

/**
 * XState's `assign` only makes an action; called as a statement it does nothing, and called in an action's body it hides a change of context.
 * So it stands where an action stands: as a value in `actions`, or as a named constant of the module.
 */
export function noImperativeAssign(source: Source): readonly Offence[] {
  if (!/from 'xstate'/u.test(source.text)) return [];
  return offencesBy('no-imperative-assign', source, (node, ancestors) => {
    const name = calleeName(node);
    if (name !== 'assign' && !(name?.endsWith('.assign') === true && !['Object.assign', 'enqueue.assign'].includes(name))) return undefined;
    return standsAsAction(ancestors) ? undefined : 'assign stands in actions, not in a function';
  });
}

const PASSING = ['ArrayExpression', 'ConditionalExpression', 'TSAsExpression', 'TSSatisfiesExpression'];

function standsAsAction(ancestors: readonly SyntaxNode[]): boolean {
  const holder = ancestors.findLast((a) => !PASSING.includes(a.type));
  if (holder?.type === 'Property') return true;
  return holder?.type === 'VariableDeclarator' && !ancestors.some(isFunction);
}

export function exactMoney(source: Source): readonly Offence[] {
  if (!MONEY_ROOMS.some((room) => source.path.startsWith(room))) return [];
  return offencesBy('exact-money', source, (node) => {
    const name = calleeName(node);
    const refused = name !== undefined && (['Number', 'parseFloat', 'Number.parseFloat'].includes(name) || name.endsWith('.toFixed'));
    return refused ? `${name}: a sum is a bigint of paise from reading to printing` : undefined;
  });
}

export function noConsole(source: Source): readonly Offence[] {
  return offencesBy('no-console', source, (node) =>
    node.type === 'MemberExpression' && isNode(node['object']) && dotted(node['object']) === 'console'
      ? 'write by platform/console or the log'
      : undefined,
  );
}

/** The ground floor asks no clock and throws no dice: both are passed in at the edges. */
export function pureProtocol(source: Source): readonly Offence[] {
  if (!source.path.startsWith('protocol/')) return [];
  const impure = [
    'Date.now',
    'Math.random',
    'performance.now',
    'randomBytes',
    'randomUUID',
    'setTimeout',
    'setInterval',
    'nacl.randomBytes',
    'fetch',
  ];
  return offencesBy('pure-protocol', source, (node) => {
    const name = calleeName(node);
    if (name !== undefined && impure.includes(name)) return `${name}: protocol has no clock, no chance and no I/O`;
    if (name === 'Date' && (node.type === 'CallExpression' || (Array.isArray(node['arguments']) && node['arguments'].length === 0)))
      return 'Date without a time reads the clock';
    return node.type === 'MemberExpression' && dotted(node)?.startsWith('process.') === true ? 'protocol knows no process' : undefined;
  });
}

export function wholeSuites(source: Source): readonly Offence[] {
  return offencesBy('no-only', source, (node) => {
    const name = calleeName(node);
    return name !== undefined && /^(?:describe|context|it)\.only$/u.test(name) ? `${name} leaves the other tests out` : undefined;
  });
}

/** Unfinished work is an issue, not a comment; and comments are English, examples in backticks or quotes aside. */
export function comments(source: Source): readonly Offence[] {
  return source.comments.flatMap((comment) => {
    const at = (rule: string, detail: string): Offence => ({ rule, path: source.path, line: lineOf(source, comment.start), detail });
    const plain = comment.value.replace(/`[^`]*`|"[^"]*"/gu, '');
    const unfinished = /\b(?:TODO|FIXME|XXX|HACK)\b/u.exec(comment.value);
    const foreign = /[\p{L}--[\p{Script=Latin}\p{Script=Greek}]]/v.exec(plain);
    return [
      ...(unfinished === null ? [] : [at('no-unfinished', `${unfinished[0]} in a comment`)]),
      ...(foreign === null ? [] : [at('english-comments', `"${foreign[0]}" in a comment`)]),
    ];
  });
}

export function fileName(source: Source): readonly Offence[] {
  const kebab = source.path
    .split('/')
    .every((part, i, all) => /^[a-z0-9]+(?:-[a-z0-9]+)*$/u.test(i === all.length - 1 ? part.replace(/(?:\.test|\.d)?\.tsx?$/u, '') : part));
  return kebab ? [] : [{ rule: 'kebab-case', path: source.path, line: 1, detail: 'files and folders are named in kebab-case' }];
}
