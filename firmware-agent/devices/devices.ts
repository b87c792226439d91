import { z } from 'zod';
import type { DeviceKind } from '#protocol/counter/device.js';
import { failure, ok, unreachable, type Failure, type Result } from '#protocol/result/result.js';
import { contextOf, type DeviceDeps } from './device.js';
import { fingerReaderConfig, openFingerReader, type FingerReaderDevice } from './finger-reader/device.js';
import { openUps, upsConfig, type UpsDevice } from './ups/device.js';
import { openSecurityKey, securityKeyConfig, type SecurityKeyDevice } from './security-key/device.js';
import { openDocumentScanner, documentScannerConfig, type DocumentScannerDevice } from './document-scanner/device.js';
import { openGnss, gnssConfig, type GnssDevice } from './gnss/device.js';
import { openSpeaker, speakerConfig, type SpeakerDevice } from './speaker/device.js';
import { openCamera, cameraConfig, type CameraDevice } from './camera/device.js';
import { openAadhaar, aadhaarConfig, type AadhaarDevice } from './aadhaar/device.js';
import { openPagePrinter, pagePrinterConfig, type PagePrinterDevice } from './page-printer/device.js';
import { openPrinter, printerConfig, type PrinterDevice } from './printer/device.js';
import { openScanner, scannerConfig, type ScannerDevice } from './scanner/device.js';

/** One device of a kiosk, as its `devices.json` names it. Each kind keeps its own fields in its `device.ts`. */
export const deviceConfig = z.discriminatedUnion('kind', [
  printerConfig,
  scannerConfig,
  fingerReaderConfig,
  upsConfig,
  securityKeyConfig,
  documentScannerConfig,
  gnssConfig,
  speakerConfig,
  cameraConfig,
  aadhaarConfig,
  pagePrinterConfig,
]);
export type DeviceConfig = z.infer<typeof deviceConfig>;
/** The same before its defaults are filled in. */
export type DeviceConfigInput = z.input<typeof deviceConfig>;

export type OpenedDevice =
  | PrinterDevice
  | ScannerDevice
  | FingerReaderDevice
  | UpsDevice
  | SecurityKeyDevice
  | DocumentScannerDevice
  | GnssDevice
  | SpeakerDevice
  | CameraDevice
  | AadhaarDevice
  | PagePrinterDevice;

/** Starts a device. It need not be there: its handle says `absent` until it is. */
export function openDevice(config: DeviceConfig, deps: DeviceDeps = {}, name: string = config.name ?? config.kind): OpenedDevice {
  const context = contextOf(name, deps);
  switch (config.kind) {
    case 'printer':
      return openPrinter(config, context);
    case 'scanner':
      return openScanner(config, context);
    case 'finger-reader':
      return openFingerReader(config, context);
    case 'ups':
      return openUps(config, context);
    case 'security-key':
      return openSecurityKey(config, context);
    case 'document-scanner':
      return openDocumentScanner(config, context);
    case 'gnss':
      return openGnss(config, context);
    case 'speaker':
      return openSpeaker(config, context);
    case 'camera':
      return openCamera(config, context);
    case 'aadhaar':
      return openAadhaar(config, context);
    case 'page-printer':
      return openPagePrinter(config, context);
    default:
      return unreachable(config);
  }
}

/** Every device of the kiosk, in the order of `devices.json`: the first of a kind is the preferred one. */
export class Devices {
  readonly all: readonly OpenedDevice[];

  constructor(all: readonly OpenedDevice[]) {
    this.all = all;
  }

  of<K extends DeviceKind>(kind: K): readonly Extract<OpenedDevice, { kind: K }>[] {
    return this.all.filter((device): device is Extract<OpenedDevice, { kind: K }> => device.kind === kind);
  }

  find(name: string): OpenedDevice | undefined {
    return this.all.find((device) => device.name === name);
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map(({ handle }) => handle.close()));
  }
}

/** Names for devices that have none: the kind, and from the second of a kind on a number. Fails when a name stands twice. */
export function namesOf(configs: readonly DeviceConfig[]): Result<readonly string[], Failure<'name-twice'>> {
  const taken = new Set(configs.flatMap(({ name }) => name ?? []));
  const counts = new Map<DeviceKind, number>();
  const names = configs.map(({ kind, name }) => {
    if (name !== undefined) return name;
    for (;;) {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      const free = count === 1 ? kind : `${kind}-${count}`;
      if (!taken.has(free)) return free;
    }
  });
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  return twice === undefined ? ok(names) : failure('name-twice', `two devices have the name ${twice}`);
}

/** Opens all of them. Throws when a name stands twice: the reader of `devices.json` refuses that first. */
export function openDevices(configs: readonly DeviceConfig[], deps: DeviceDeps = {}): Devices {
  const names = namesOf(configs);
  if (!names.ok) throw new Error(names.error.detail);
  return new Devices(configs.map((config, i) => openDevice(config, deps, names.value[i])));
}
