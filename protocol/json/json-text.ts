import { failure, ok, type Failure, type Result } from '../result/result.js';

/**
 * Reads JSON that a person wrote, with or without a byte order mark. The detail of a failure names the fault and its place: line and column from 1, or the last
 * line alone where the text ends too early.
 * @param reviver as JSON.parse has it
 */
export function parseJsonText(text: string, reviver?: (key: string, value: unknown) => unknown): Result<unknown, Failure<'not-json'>> {
  const bare = text.replace(/^\uFEFF/u, '');
  try {
    return ok(JSON.parse(bare, reviver));
  } catch (error) {
    return failure('not-json', `is not JSON: ${error instanceof Error ? placed(error.message, bare) : ''}`);
  }
}

const TOKEN = /^Unexpected token '.+?'(?=,)/su;

/** V8 names the place itself, but where the text ends too early (its last line) and where something stands that can not: its place is searched for. */
function placed(message: string, text: string): string {
  const token = TOKEN.exec(message)?.[0];
  if (token === undefined) return message.includes('line ') ? message : `${message} (line ${linesOf(text.trimEnd()).length})`;
  // The shortest beginning of the text that has the same fault ends with it.
  let [good, bad] = [0, text.length];
  while (bad - good > 1) {
    const half = Math.floor((good + bad) / 2);
    if (TOKEN.test(faultOf(text.slice(0, half)))) bad = half;
    else good = half;
  }
  const before = linesOf(text.slice(0, bad));
  return `${token} (line ${before.length} column ${before.at(-1)?.length ?? 0})`;
}

function linesOf(text: string): readonly string[] {
  return text.split('\n');
}

function faultOf(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}
