/** The outcome of something that is expected to fail now and then. Unexpected failures throw. */
export type Result<T, E> = Ok<T> | Err<E>;
export type Ok<T> = { readonly ok: true; readonly value: T };
export type Err<E> = { readonly ok: false; readonly error: E };

export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

export function err<E>(error: E): Err<E> {
  return { ok: false, error };
}

/** A failure with a stable code for programs and a sentence for people (what, where, what to do). */
export type Failure<C extends string> = { readonly code: C; readonly detail: string };

export function failure<C extends string>(code: C, detail: string): Err<Failure<C>> {
  return err({ code, detail });
}

/** Closes every switch over a union: a missing case does not compile, an impossible value throws. */
export function unreachable(value: never): never {
  throw new Error(`unreachable value: ${String(value)}`);
}

/** States what must hold; a broken assertion is a defect and ends the process. */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}
