import assert from 'node:assert/strict';
import type { Failure, Result } from '#protocol/result/result.js';

export function valueOf<T>(result: Result<T, Failure<string>>): T {
  assert.ok(result.ok, result.ok ? '' : `${result.error.code}: ${result.error.detail}`);
  return result.value;
}

const LOOK_MS = 10;
const PATIENCE_MS = 18_000;

/** Waits until something that tells nobody of its changes (a table, a file) is as it should be. */
export async function eventually(what: string, test: () => boolean | Promise<boolean>): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await test())) {
    if (performance.now() > until) throw new Error(`it never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** The code of a failure; undefined for a success. */
export function codeOf(result: Result<unknown, Failure<string>>): string | undefined {
  return result.ok ? undefined : result.error.code;
}
