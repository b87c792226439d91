import type { ScanEvent } from '../../../../firmware-agent/devices/ports.js';
import { HID_SCANNER } from '../../../../firmware-agent/devices/scanner/codec/hid-layout.js';
import { SCANNER_DELAYS, type ScannerDelays } from '../../../../firmware-agent/devices/scanner/driver.js';
import { startScanner, type StartedScanner } from '../../../../firmware-agent/devices/scanner/handle.js';
import {
  startScannerSimulator,
  type ScannerSimulator,
  type ScannerOrder,
  type SimulatedStyle,
} from '../../../../firmware-agent/devices/scanner/simulator/simulator.js';
import { hidScanner, plainScanner, ssiScanner, textScanner, type ScannerStyle } from '../../../../firmware-agent/devices/scanner/styles.js';
import { hidSocketTransport } from '../../../../firmware-agent/devices/transport/hid-socket.js';
import { tcpTransport } from '../../../../firmware-agent/devices/transport/tcp.js';
import { until } from '../world.js';

export const UNREADABLE: ScanEvent = { kind: 'unreadable' };

/** Short pauses, and patience where no silence is meant. */
export const DELAYS: ScannerDelays = {
  ...SCANNER_DELAYS,
  gapMs: 60,
  quietMs: 60,
  repeatMs: 60_000,
  wakeMs: 1,
  pollMs: 40,
  backoffFirstMs: 10,
  backoffLongestMs: 40,
};

/** A decoder that sends again soon: the reader acknowledges at once, or something is wrong. */
const ACK_MS = 300;

export type ScannerWorld = {
  readonly sim: ScannerSimulator;
  readonly scanner: StartedScanner;
  /** Does it, or throws. */
  readonly order: (order: ScannerOrder) => Promise<Readonly<Record<string, unknown>>>;
  /** Waits for that many events; takes all that came. */
  readonly next: (count: number) => Promise<readonly ScanEvent[]>;
  /** Every event so far that was not taken. */
  readonly heard: () => readonly ScanEvent[];
  /** Until the simulator's state is as wanted. */
  readonly stands: (wanted: (state: Readonly<Record<string, unknown>>) => boolean) => Promise<void>;
};

export type Wiring = (sim: ScannerSimulator) => Promise<{ readonly style: ScannerStyle; readonly end: () => Promise<void> }>;

export const overTcp =
  (style: SimulatedStyle): Wiring =>
  async (sim) => ({ style: styleOver(style, sim), end: async () => undefined });

export function styleOver(style: SimulatedStyle, { host, port }: { readonly host: string; readonly port: number }): ScannerStyle {
  if (style === 'hid-pos') return hidScanner(hidSocketTransport({ host, port }, HID_SCANNER));
  const transport = tcpTransport({ host, port });
  if (style === 'ssi') return ssiScanner(transport);
  return style === 'plain' ? plainScanner(transport) : textScanner(transport, style, 'aim-and-cr');
}

/** A scanner that stands ready, for the time of `work`. */
export async function onScanner(
  simulated: SimulatedStyle,
  work: (world: ScannerWorld) => Promise<void>,
  { wire = overTcp(simulated), delays = DELAYS }: { readonly wire?: Wiring; readonly delays?: ScannerDelays } = {},
): Promise<void> {
  const sim = await startScannerSimulator({ way: 'serve', host: '127.0.0.1', port: 0, style: simulated, ackMs: ACK_MS });
  const { style, end } = await wire(sim);
  const scanner = startScanner(style, { delays });
  const heard: ScanEvent[] = [];
  let wake: () => void = () => undefined;
  scanner.onScan((event) => {
    heard.push(event);
    wake();
  });
  const order = async (wanted: ScannerOrder): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await sim.order(wanted);
    if (!answer.ok) throw new Error(answer.error);
    return answer.state as Readonly<Record<string, unknown>>;
  };
  const stands: ScannerWorld['stands'] = async (wanted) => {
    while (!wanted(await order({ do: 'state' }))) await turn();
  };
  const next: ScannerWorld['next'] = async (count) => {
    while (heard.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return heard.splice(0);
  };
  try {
    await until(scanner, ({ state }) => state === 'ready');
    await stands(({ readers }) => readers !== 0);
    await work({ sim, scanner, order, next, heard: () => heard, stands });
  } finally {
    await scanner.close();
    await end();
    await sim.close();
  }
}

export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 2);
  });
}
