import type { Connection, Transport } from '../../../../firmware-agent/devices/transport/transport.js';
import { Line } from '../../../../firmware-agent/devices/transport/transport.js';
import { ok, failure } from '#protocol/result/result.js';
import { ESCP_DELAYS } from '../../../../firmware-agent/devices/printer/escp/handle.js';
import type { EscpDelays } from '../../../../firmware-agent/devices/printer/escp/driver.js';
import type { Pins } from '../../../../firmware-agent/devices/printer/escp/grid.js';
import type { Page } from '../../../../firmware-agent/devices/printer/escp/page.js';
import { Carriage } from '../../../../firmware-agent/devices/printer/simulator/dot-matrix/carriage.js';
import { readDotCommand } from '../../../../firmware-agent/devices/printer/simulator/dot-matrix/commands.js';

export const ALL_PINS: readonly Pins[] = [9, 24];
export const pageOf = (pins: Pins, changes: Partial<Page> = {}): Page => ({ pins, columns: 80, formLines: 72, ...changes });

/** Short waits, for tests in which a line that takes nothing is meant. */
export const ESCP_IMPATIENT: EscpDelays = { ...ESCP_DELAYS, probeMs: 60, pieceMs: 200, pollMs: 30, backoffFirstMs: 10, backoffLongestMs: 40 };

/** What the pins struck, as `x,y` in the carriage's units, form by form without those that stayed blank; `ended`: forms that went by. */
export function struck(
  pins: Pins,
  bytes: Uint8Array,
): { readonly forms: readonly ReadonlySet<string>[]; readonly ended: number; readonly unknown: number; readonly rest: number } {
  let form = new Set<string>();
  const forms: ReadonlySet<string>[] = [];
  let ended = 0;
  const endForm = (): void => {
    ended += 1;
    if (form.size > 0) forms.push(form);
    form = new Set();
  };
  const carriage = new Carriage(pins, { dot: (x, y) => form.add(`${x},${y}`), endForm });
  let unknown = 0;
  let at = 0;
  for (;;) {
    const read = readDotCommand(bytes.subarray(at));
    if (read === 'more') break;
    if (read.command.do === 'unknown') unknown += 1;
    carriage.execute(read.command);
    at += read.length;
  }
  const passed = ended;
  endForm();
  return { forms, ended: passed, unknown, rest: bytes.length - at };
}

/** A line that takes bytes while it is `free`, as a parallel cable to a printer does; its far end never says a word. */
export class OneWayLine {
  readonly taken: Uint8Array[] = [];
  opened = 0;
  state: 'free' | 'busy' | 'pulled' = 'free';
  /** Bytes until it turns busy by itself. */
  left = Number.MAX_SAFE_INTEGER;
  #line = new Line();
  #waiting: (() => void)[] = [];

  readonly transport: Transport = {
    name: 'one-way line',
    open: async () => {
      if (this.state === 'pulled') return failure('absent', 'pulled');
      this.opened += 1;
      this.#line = new Line();
      this.#waiting = [];
      return ok(this.#connection(this.#line));
    },
  };

  get bytes(): Buffer {
    return Buffer.concat(this.taken);
  }

  free(): void {
    this.state = 'free';
    this.left = Number.MAX_SAFE_INTEGER;
    for (const go of this.#waiting.splice(0)) go();
  }

  pull(): void {
    this.state = 'pulled';
    this.#line.end('pulled');
    for (const go of this.#waiting.splice(0)) go();
  }

  #connection(line: Line): Connection {
    return {
      write: (bytes) =>
        new Promise((resolve) => {
          const push = (): void => {
            if (line.why !== undefined) return resolve(failure('lost', line.why));
            if (this.state !== 'free') return void this.#waiting.push(push);
            this.taken.push(bytes.subarray(0, this.left));
            this.left -= bytes.length;
            if (this.left > 0) return resolve(ok(undefined));
            this.state = 'busy';
            this.#waiting.push(() => resolve(line.why === undefined ? ok(undefined) : failure('lost', line.why)));
          };
          push();
        }),
      onBytes: (listener) => line.onBytes(listener),
      onClose: (listener) => line.onClose(listener),
      close: async () => line.end('closed here'),
    };
  }
}
