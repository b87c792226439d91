import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { printerFault } from './printer/device.js';
import { deviceConfig, namesOf, type DeviceConfig } from './devices.js';
import { placeFault } from './transport/config.js';

export const DEVICES_FILE = 'devices.json';

/** Reads a kiosk folder's `devices.json`: an array of device configurations, at least one printer among them. */
export function readDevices(folder: string): Result<readonly DeviceConfig[], Failure<'bad-devices'>> {
  const path = join(folder, DEVICES_FILE);
  if (!existsSync(path)) return failure('bad-devices', `${path} is missing; it names the printer and the other devices (docs/technician.md)`);
  const read = z.array(deviceConfig).safeParse(parseJson(readFileSync(path, 'utf8')));
  if (!read.success) return failure('bad-devices', `${path}: ${read.error.issues[0]?.path.join('.') ?? ''} ${read.error.issues[0]?.message ?? ''}`);
  const misplaced = read.data.map(placeFault).find((fault) => fault !== undefined);
  if (misplaced !== undefined) return failure('bad-devices', `${path}: ${misplaced}`);
  const names = namesOf(read.data);
  if (!names.ok) return failure('bad-devices', `${path}: ${names.error.detail}`);
  const printers = read.data.flatMap((config) => (config.kind === 'printer' ? [config] : []));
  const fault = printers.map(printerFault).find((found) => found !== undefined);
  if (fault !== undefined) return failure('bad-devices', `${path}: logo: ${fault.detail}`);
  if (printers.filter((config) => config.language === 'escp' && config.forms === 'pre-printed').length > 1)
    return failure('bad-devices', `${path}: only one printer may have pre-printed forms`);
  if (!read.data.some(({ kind }) => kind === 'printer')) return failure('bad-devices', `${path} must name a printer: no receipt, no sale`);
  return ok(read.data);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
