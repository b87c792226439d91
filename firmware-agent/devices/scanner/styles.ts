import { ok, type Result } from '#protocol/result/result.js';
import type { ConnectFault } from '../life/live-driver.js';
import type { HidTransport } from '../transport/hid.js';
import type { Connection, Transport } from '../transport/transport.js';
import type { TextStyle } from './codec/text-commands.js';
import { troubleOf, type DriverContext, type ScannerAbility, type ScannerDriver } from './driver.js';
import { HidDriver } from './hid-driver.js';
import { PlainDriver } from './plain-driver.js';
import { SsiDriver } from './ssi-driver.js';
import { TextDriver, type TextSetUp } from './text-driver.js';

/** One way in which scanners speak, on the line where one is looked for. */
export type ScannerStyle = {
  /** Where it is, for logs and people. */
  readonly name: string;
  readonly abilities: readonly ScannerAbility[];
  readonly connect: (context: DriverContext, givenUp: AbortSignal) => Promise<Result<ScannerDriver, ConnectFault>>;
};

export function plainScanner(transport: Transport): ScannerStyle {
  return overBytes(transport, [], (connection, context) => new PlainDriver(connection, context));
}

export function ssiScanner(transport: Transport): ScannerStyle {
  return overBytes(transport, ['beep', 'trigger', 'reading'], (connection, context) => new SsiDriver(connection, context));
}

export function textScanner(transport: Transport, style: TextStyle, setUp: TextSetUp): ScannerStyle {
  return overBytes(transport, ['beep', 'trigger'], (connection, context) => new TextDriver(connection, style, setUp, context));
}

/** A scanner in keyboard mode is there and unfit: it would type into whatever the operator types in. */
export function hidScanner(transport: HidTransport): ScannerStyle {
  return {
    name: transport.name,
    abilities: ['beep', 'trigger', 'reading'],
    async connect(context, givenUp) {
      const opened = await transport.open(givenUp);
      if (opened.ok) return ok(new HidDriver(opened.value, context));
      const { code, detail } = opened.error;
      return { ok: false, error: code === 'keyboard' ? { detail, report: troubleOf('scanner-keyboard') } : opened.error };
    },
  };
}

function overBytes(
  transport: Transport,
  abilities: readonly ScannerAbility[],
  make: (connection: Connection, context: DriverContext) => ScannerDriver,
): ScannerStyle {
  return {
    name: transport.name,
    abilities,
    async connect(context, givenUp) {
      const opened = await transport.open(givenUp);
      return opened.ok ? ok(make(opened.value, context)) : opened;
    },
  };
}
