/**
 * What a person is told: what happened, whether the money is safe, what to do. `{name}` is filled from the problem's values; a part
 * between « and » is left out when a value in it is missing, so every sentence stands without its values too.
 */
export type ProblemText = { readonly title: string; readonly money: string; readonly todo: string };

export type Values = Readonly<Record<string, string>>;

/** Puts values into a text. Parts between « and » that name a missing or empty value vanish. */
export function fill(text: string, values: Values): string {
  const whole = text.replace(/«([^»]*)»/gu, (_part, inner: string) => {
    const names = Array.from(inner.matchAll(/\{(\w+)\}/gu), (match) => match[1] ?? '');
    return names.every((name) => (values[name] ?? '') !== '') ? inner : '';
  });
  return whole.replace(/\{(\w+)\}/gu, (_place, name: string) => values[name] ?? '');
}
