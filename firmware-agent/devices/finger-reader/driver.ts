import { err, ok, type Result } from '#protocol/result/result.js';
import type { ConnectFault, LiveDriver, Look } from '../life/live-driver.js';
import { Lock } from '../life/lock.js';
import type { DeviceReport, Unsubscribe } from '../ports.js';
import type { Timers } from '../timers.js';
import type { Connection } from '../transport/transport.js';
import type { FingerDelays } from './delays.js';
import { Dialogue } from './dialogue.js';
import { FingerModule, type Identity } from './module.js';
import { isFingerReaderCause, type FingerReaderCause, type LibraryFailure } from './port.js';

export type DriverOptions = { readonly address: number; readonly identity: Identity; readonly delays: FingerDelays; readonly timers: Timers };

/** One fingerprint module on one open line, unlocked and known: one piece of work at a time, every wait bounded. */
export class FingerReaderDriver implements LiveDriver {
  private readonly module: FingerModule;
  private readonly timers: Timers;
  private readonly lock = new Lock();

  private constructor(module: FingerModule, timers: Timers) {
    this.module = module;
    this.timers = timers;
  }

  /** Takes over the line; closes it when the module can not be used. */
  static async open(connection: Connection, options: DriverOptions): Promise<Result<FingerReaderDriver, ConnectFault>> {
    const { address, identity, delays, timers } = options;
    const module = await FingerModule.open(new Dialogue(connection, address, delays, timers), delays, identity);
    if (module.ok) return ok(new FingerReaderDriver(module.value, timers));
    await connection.close();
    return err({ detail: module.error.detail, report: reportOf(module.error) });
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.module.dialogue.onLost(listener);
  }

  close(): Promise<void> {
    return this.module.dialogue.close();
  }

  async look(): Promise<Look> {
    const seen = await this.lock.hold(() => this.module.prepare());
    if (seen.ok) return { found: 'answer', report: { state: 'ready' } };
    const { code, detail } = seen.error;
    if (code === 'finger-reader-absent') return { found: 'gone', why: detail };
    return { found: code === 'finger-reader-silent' ? 'silence' : 'answer', report: reportOf(seen.error) };
  }

  work<T>(task: (module: FingerModule, timers: Timers) => Promise<T>): Promise<T> {
    return this.lock.hold(() => task(this.module, this.timers));
  }
}

function reportOf({ code }: LibraryFailure): DeviceReport {
  return troubleOf(isFingerReaderCause(code) ? code : 'finger-reader-error');
}

export function troubleOf(cause: FingerReaderCause): DeviceReport {
  return { state: cause === 'finger-reader-absent' ? 'absent' : 'trouble', problem: { code: cause } };
}
