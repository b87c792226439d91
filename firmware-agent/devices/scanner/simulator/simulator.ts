import { unreachable } from '#protocol/result/result.js';
import { startControl, type ControlAnswer, type ControlPlace } from '../../simulation/control.js';
import { systemTimers } from '../../timers.js';
import type { Performed, ScannerBody } from './body.js';
import { Cable, type ScannerLine } from './cable.js';
import { HidBody } from './hid-body.js';
import { scannerOrder, type ScannerOrder, type SimulatedStyle } from './orders.js';
import { SsiBody } from './ssi-body.js';
import { TextBody } from './text-body.js';

export { scannerOrder, SCANNER_STYLES, type ScannerOrder, type SimulatedStyle } from './orders.js';
export type { ScannerLine } from './cable.js';

/** A decoder waits this long for an acknowledgement (SSI's own default). */
const ACK_MS = 2_000;

export type ScannerSimulatorOptions = ScannerLine & {
  /** `plain` when left out. */
  readonly style?: SimulatedStyle;
  readonly ackMs?: number;
};

export type ScannerSimulator = {
  readonly host: string;
  readonly port: number;
  readonly control: ControlPlace | undefined;
  readonly order: (order: ScannerOrder) => Promise<ControlAnswer>;
  readonly close: () => Promise<void>;
};

/** A barcode scanner on a TCP line, true to the wire of its style, which fails on order. */
export async function startScannerSimulator(options: ScannerSimulatorOptions, controlPlace?: ControlPlace): Promise<ScannerSimulator> {
  const { style = 'plain', ackMs = ACK_MS } = options;
  const body = bodyOf(style, ackMs);
  const cable = new Cable(options, (line) => body.attach(line));
  await cable.plug();
  let sent = 0;

  const state = (): ControlAnswer => ({
    ok: true,
    state: { style, line: cable.isPlugged ? 'plugged' : 'unplugged', readers: cable.readers, sent, ...body.state() },
  });
  const answer = (performed: Performed): ControlAnswer => {
    if (performed === 'not-this-style') return { ok: false, error: `a ${style} scanner can not do that` };
    if (performed === 'not-reading') return { ok: false, error: 'the reader has told the scanner not to read' };
    if (performed === 'sent') sent += 1;
    return state();
  };

  const order = async (wanted: ScannerOrder): Promise<ControlAnswer> => {
    switch (wanted.do) {
      case 'unplug':
        body.powerOff();
        await cable.unplug();
        return state();
      case 'plug':
        await cable.plug();
        return state();
      case 'state':
        return state();
      case 'normal':
      case 'suffix':
      case 'silent':
      case 'refuse':
      case 'reply':
      case 'model':
        return answer(body.perform(wanted));
      default:
        if (cable.readers === 0) return { ok: false, error: 'nothing is connected to the scanner' };
        return answer(body.perform(wanted));
    }
  };
  const control = controlPlace === undefined ? undefined : await startControl(controlPlace, scannerOrder, order);
  return {
    host: options.host,
    port: cable.port,
    control: control?.place,
    order,
    async close() {
      await control?.close();
      body.powerOff();
      await cable.unplug();
    },
  };
}

function bodyOf(style: SimulatedStyle, ackMs: number): ScannerBody {
  switch (style) {
    case 'plain':
    case 'honeywell':
    case 'newland':
      return new TextBody(style);
    case 'ssi':
      return new SsiBody(systemTimers, ackMs);
    case 'hid-pos':
      return new HidBody();
    default:
      return unreachable(style);
  }
}
