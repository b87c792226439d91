import type { DeviceReport, Unsubscribe } from '../ports.js';

export class Listeners<T> {
  private readonly all = new Set<(value: T) => void>();

  add(listener: (value: T) => void): Unsubscribe {
    this.all.add(listener);
    return () => this.all.delete(listener);
  }

  tell(value: T): void {
    for (const listener of this.all) listener(value);
  }
}

/** The values count too: minutes of battery that go down are news. */
export function sameReport(one: DeviceReport, other: DeviceReport): boolean {
  return one.state === other.state && one.problem?.code === other.problem?.code && sameValues(one.problem?.values, other.problem?.values);
}

type Values = Readonly<Record<string, string>> | undefined;

function sameValues(one: Values, other: Values): boolean {
  const names = new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})]);
  return [...names].every((name) => one?.[name] === other?.[name]);
}
