import { ok, type Result } from '#protocol/result/result.js';
import type { ConnectFault } from '../life/live-driver.js';
import type { FingerReaderDriver } from './driver.js';
import type { Secret } from './module.js';
import { isFingerReaderCause, type LibraryFailure } from './port.js';

/** Passwords of one module as they are written down, on a disk that outlives this program. */
export type PasswordBook = {
  readonly read: () => Readonly<Secret>;
  /** When it returns, what it wrote is there after a power cut. Throws when it can not write. */
  readonly write: (secret: Readonly<Secret>) => void;
};

/** Opens the module by what `secret` holds, and leaves in its `password` the one that opened it. */
export type OpenModule = (secret: Secret) => Promise<Result<FingerReaderDriver, ConnectFault>>;

/**
 * Gives a module another password (0: none). A module whose password is lost is scrap, so at every moment, whatever ends here, the book holds the one
 * that the module has:
 *
 * 1. The module is opened by what the book holds. Where a change was broken off before, that is two, and the one that opens it is written down alone:
 *    a third would push one of them out of the book.
 * 2. The new one is written down as pending, beside the old, and flushed. Only then
 * 3. SetPwd, and VfyPwd to see what became of it: the answer may be lost though the module took it.
 * 4. What VfyPwd said is written down alone.
 *
 * Killed before 3 the module has the old one, behind it the new one; the book has both until 4, and whoever opens the module tries both. Where nothing can
 * be verified any more (the cable was pulled in 3) the book is left with both, and the next run begins at 1.
 *
 * @param next undefined: only ends a change that was broken off
 */
export async function changePassword(book: PasswordBook, open: OpenModule, next: number | undefined): Promise<Result<void, LibraryFailure>> {
  const secret: Secret = { ...book.read() };
  const broken = secret.pending !== undefined;
  const opened = await open(secret);
  if (!opened.ok) return { ok: false, error: failureOf(opened.error) };
  const driver = opened.value;
  try {
    secret.pending = undefined;
    if (broken) book.write(secret);
    if (next === undefined || next === secret.password) return ok(undefined);
    book.write({ password: secret.password, pending: next });
    // The module holds `secret` since it was opened, and keeps in it what it came to know.
    const done = await driver.work((module) => module.setPassword(next));
    if (isSettled(secret)) book.write(secret);
    return done;
  } finally {
    await driver.close();
  }
}

function isSettled({ pending }: Secret): boolean {
  return pending === undefined;
}

function failureOf({ detail, report }: ConnectFault): LibraryFailure {
  const code = report?.problem?.code;
  return { code: code !== undefined && isFingerReaderCause(code) ? code : 'finger-reader-absent', detail };
}
