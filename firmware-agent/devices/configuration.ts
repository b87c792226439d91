import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, replaceFileAtomic } from '#platform/files/files.js';
import { parseJsonText } from '#protocol/json/json-text.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { called, readEntries } from './configuration-faults.js';
import { printerFault } from './printer/device.js';
import { deviceConfig, namesOf, type DeviceConfig } from './devices.js';

export const DEVICES_FILE = 'devices.json';

const devicesSchema = z.array(deviceConfig);

/**
 * Reads a kiosk folder's `devices.json`: an array of device configurations, at least one printer among them. What is wrong with single devices
 * is told all at once, a fault a line, under the path of the file; then, once each is right by itself, what they are not together.
 */
export function readDevices(folder: string): Result<readonly DeviceConfig[], Failure<'bad-devices'>> {
  const path = join(folder, DEVICES_FILE);
  if (!existsSync(path)) return failure('bad-devices', `${path} is missing; it names the printer and the other devices (docs/technician.md)`);
  const text = textOf(path);
  const parsed = text.ok ? parseJsonText(text.value) : text;
  if (!parsed.ok) return failure('bad-devices', `${path} ${parsed.error.detail}`);
  const read = readEntries(devicesSchema, parsed.value);
  const faults = read.ok ? kioskFaults(read.value) : read.error;
  return read.ok && faults.length === 0 ? read : failure('bad-devices', [`${path}:`, ...faults].join(faults.length === 1 ? ' ' : '\n  '));
}

/** What no device has alone: names and places that stand twice, and printers that do not go together. */
function kioskFaults(configs: readonly DeviceConfig[]): readonly string[] {
  const names = namesOf(configs);
  const printers = configs.flatMap((config, i) => (config.kind === 'printer' ? [{ config, at: called(config, i) }] : []));
  const logos = printers.flatMap(({ config, at }) => {
    const fault = printerFault(config);
    return fault === undefined ? [] : [`${at}: "logo" ${fault.detail}`];
  });
  return [
    ...(names.ok ? [] : [names.error.detail]),
    ...sharedPlaces(configs),
    ...logos,
    ...(printers.filter(({ config }) => config.language === 'escpos' && config.drawer).length > 1 ? ['only one printer may have the drawer'] : []),
    ...(printers.filter(({ config }) => config.language === 'escp' && config.forms === 'pre-printed').length > 1
      ? ['only one printer may have pre-printed forms']
      : []),
    ...(printers.length === 0 ? ['it must name a printer: no receipt, no sale'] : []),
  ];
}

function sharedPlaces(configs: readonly DeviceConfig[]): readonly string[] {
  return configs.flatMap((config, i) => {
    const place = placeOf(config);
    const first = place === undefined ? -1 : configs.findIndex((other) => placeOf(other) === place);
    return first === -1 || first === i
      ? []
      : [`${called(configs[first], first)} and ${called(config, i)} are both at ${place}; one thing can not be two devices`];
  });
}

/** Where exactly one device can be; undefined for what is found by ids that several may share. */
function placeOf(config: DeviceConfig): string | undefined {
  if (config.kind === 'aadhaar') return undefined;
  switch (config.transport) {
    case 'tcp':
    case 'hid-socket':
      return config.kind === 'ups' ? `${config.ups} on ${config.host}:${config.port}` : `${config.host}:${config.port}`;
    case 'serial':
    case 'character-device':
      return config.path;
    case 'v4l2':
      return config.device;
    case 'ipp':
      return config.url;
    default:
      return undefined;
  }
}

type Line = Readonly<Record<string, unknown>>;

/**
 * Puts fields into the line of one device, and leaves the rest of the file as people wrote it (defaults are not filled in). A field that is undefined is
 * taken out. Flushed when it returns; throws when it can not write, and then the file is as it was.
 * @param at index of the line
 */
export function changeLine(folder: string, at: number, fields: Readonly<Record<string, string | undefined>>): void {
  const path = join(folder, DEVICES_FILE);
  const parsed = parseJsonText(readFileSync(path, 'utf8'));
  const lines = z.array(z.record(z.string(), z.unknown())).parse(parsed.ok ? parsed.value : undefined);
  const changed = lines.map((line, i): Line => (i === at ? { ...line, ...fields } : line));
  replaceFileAtomic(path, `${JSON.stringify(changed, null, 2)}\n`);
}

function textOf(path: string): Result<string, Failure<'no-file'>> {
  try {
    return ok(readFileSync(path, 'utf8'));
  } catch (error) {
    return failure('no-file', `can not be read (${errorCode(error) ?? 'unknown'})`);
  }
}
