import { spawnSync } from 'node:child_process';
import type { Result } from '#protocol/result/result.js';

/** Longest that one tool of the image builder may take; the kernel package is some 70 MB. */
const TOOL_LIMIT_MS = 120_000;

/** What a tool wrote, or why it failed, in one line. Never throws: a tool that is not there is a reason like another. */
export function run(program: string, args: readonly string[], folder?: string): Result<string, string> {
  const done = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: TOOL_LIMIT_MS,
    maxBuffer: 64 * 1024 * 1024,
    // Administrators' tools lie in sbin, which is not on everyone's path.
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' },
    ...(folder === undefined ? {} : { cwd: folder }),
  });
  if (done.error !== undefined) return { ok: false, error: `${program}: ${done.error.message}` };
  if (done.status === 0) return { ok: true, value: done.stdout };
  return { ok: false, error: `${program} ${args.join(' ')} ended with ${done.status}: ${done.stderr.trim().split('\n').at(-1) ?? ''}` };
}
