import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';

/** The Python programs stand beside their sources, not in `dist/`. */
const FOLDER = join(import.meta.dirname, '../../../../tests/conformance/formats');
const PYTHON = '/usr/bin/python3';

const probe = spawnSync(PYTHON, ['-c', 'import cbor2, cryptography'], { encoding: 'utf8' });
/** Why the Python verifiers can not run here; undefined when they can. */
export const MISSING = probe.status === 0 ? undefined : 'needs /usr/bin/python3 with python3-cbor2 and python3-cryptography';

/** Says aloud in the suite's own title that it was skipped, and why. */
export const titled = (title: string): string => (MISSING === undefined ? title : `${title} — SKIPPED: ${MISSING}`);

const verdict = z.looseObject({ ok: z.boolean() });
export type PythonVerdict = z.infer<typeof verdict>;

/** Runs one verifier once over many inputs: a verdict for each, in order. */
export function runPython(script: string, args: readonly string[], input = ''): readonly PythonVerdict[] {
  const done = spawnSync(PYTHON, ['-B', join(FOLDER, script), ...args], { encoding: 'utf8', input, maxBuffer: 64 * 1024 * 1024 });
  if (done.error !== undefined) throw done.error;
  if (done.stderr !== '') throw new Error(`${script} wrote to stderr: ${done.stderr}`);
  return done.stdout
    .trimEnd()
    .split('\n')
    .map((line) => verdict.parse(JSON.parse(line)));
}
