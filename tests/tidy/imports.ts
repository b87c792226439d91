import { posix } from 'node:path';
import { isNode, lineOf, walk, type Offence, type Source, type SyntaxNode } from './source.js';

const PROGRAMS = ['firmware-agent', 'terminal-ui', 'hub-server', 'provisioning'];

/** Node's own modules that read no file, clock or network: all that the ground floor may use. */
const PURE_BUILTINS = ['node:crypto'];

/** Imports only go down (ARCHITECTURE §1). */
export function importOffences(source: Source): readonly Offence[] {
  const found: Offence[] = [];
  walk(source, (node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return;
    const detail = refused(source.path, specifier);
    if (detail !== undefined) found.push({ rule: 'import-direction', path: source.path, line: lineOf(source, node.start), detail });
  });
  return found;
}

function specifierOf(node: SyntaxNode): string | undefined {
  const kinds = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression', 'TSImportType'];
  if (!kinds.includes(node.type)) return undefined;
  const from = node['source'] ?? node['argument'];
  return isNode(from) && typeof from['value'] === 'string' ? from['value'] : undefined;
}

function refused(path: string, specifier: string): string | undefined {
  const from = path.split('/')[0] ?? '';
  const target = targetOf(path, specifier);
  if (target === undefined) return from === 'protocol' ? impure(specifier) : undefined;
  const to = target.split('/')[0] ?? '';
  if (from === 'tests' || to === from) return undefined;
  const lower = to === 'protocol' || to === 'platform';
  if (PROGRAMS.includes(from)) return lower ? undefined : `${from} may import protocol and platform, not ${target}`;
  if (from === 'bin') return lower || isCommands(target) ? undefined : `bin may import a program's commands only, not ${target}`;
  return `${from} imports nothing of ours, not ${target}`;
}

/** Of a program, or of the measurements, which drive all programs as the tests do. */
function isCommands(target: string): boolean {
  const [room = '', inside] = target.split('/');
  return (PROGRAMS.includes(room) || (room === 'tests' && inside === 'bench')) && /(?:^|[/-])commands$/u.test(target.replace(/\.[jt]sx?$/u, ''));
}

/** The file that an import names, from the repository's root; undefined for a package or a module of Node. */
function targetOf(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1);
  return specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), specifier)) : undefined;
}

function impure(specifier: string): string | undefined {
  return specifier.startsWith('node:') && !PURE_BUILTINS.includes(specifier) ? `protocol does no I/O: ${specifier}` : undefined;
}
