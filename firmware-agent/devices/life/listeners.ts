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

export function sameReport(one: DeviceReport, other: DeviceReport): boolean {
  return one.state === other.state && one.problem?.code === other.problem?.code;
}
