import { access, constants, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Device, HIDAsync } from 'node-hid';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { heldPaths } from './held.js';
import { KEYBOARD, type HidConnection, type HidFault, type HidTransport } from './hid.js';
import { sameUsage, type HidUsage } from './hid-descriptor.js';
import { Line, unlessGivenUp } from './transport.js';

/** What a USB device says of itself wherever it is plugged in. The serial number tells two of one model apart. */
export type HidIdentity = {
  /** Both left out: any device of the wanted usage, such as whichever security key its owner plugs in. */
  readonly vendorId?: number | undefined;
  readonly productId?: number | undefined;
  readonly serialNumber?: string | undefined;
};

/** As hidapi takes it (hid_enumerate). */
const ANY_PRODUCT = 0;

/**
 * A USB HID device through node-hid on the kernel's hidraw. It is looked for anew at each `open`, since its path changes with each
 * plugging; looking takes long, so whoever opens waits between two tries (the backoff of a device's life does).
 */
export function hidNodeTransport(identity: HidIdentity, wanted: HidUsage): HidTransport {
  const name = `hid ${identity.vendorId === undefined ? 'of any maker' : hex(identity.vendorId)}:${identity.productId === undefined ? 'any' : hex(identity.productId)}${identity.serialNumber === undefined ? '' : ` ${identity.serialNumber}`}`;
  return { name, open: (givenUp) => open(name, identity, wanted, givenUp) };
}

async function open(
  name: string,
  identity: HidIdentity,
  wanted: HidUsage,
  givenUp: AbortSignal | undefined,
): Promise<Result<HidConnection, HidFault>> {
  let taken: string | undefined;
  try {
    const library = await loadLibrary();
    const { vendorId } = identity;
    // The maker's others too: in keyboard mode many scanners have another product number.
    const listed = await (vendorId === undefined ? library.devicesAsync() : library.devicesAsync(vendorId, ANY_PRODUCT));
    const chosen = chooseHid(listed, identity, wanted, heldPaths);
    if (!chosen.ok) return failure(chosen.error.code, `${name}: ${chosen.error.detail}`);
    taken = chosen.value;
    heldPaths.add(taken);
    const [device, descriptor] = await Promise.all([library.HIDAsync.open(taken), descriptorOf(taken)]);
    return await unlessGivenUp(await connectionOf(device, taken, descriptor, name), name, givenUp);
  } catch (error) {
    if (taken !== undefined) heldPaths.delete(taken);
    if (taken !== undefined && (await isDenied(taken))) return failure('denied', `${name}: no right to read and write ${taken}`);
    // Unplugged in between, or the addon's libraries are not installed: the detail says which.
    return failure('absent', `${name}: ${messageOf(error)}`);
  }
}

/** Loaded at the first use: a kiosk without HID devices needs neither the addon nor libudev. */
async function loadLibrary(): Promise<typeof import('node-hid')> {
  const { default: library } = await import('node-hid');
  library.setDriverType('hidraw');
  return library;
}

/**
 * The path of the wanted device among those listed. A path is listed once for each top-level collection of its device, so the wanted usage
 * is looked for in all of its entries. A keyboard is blamed only when it is of the wanted maker: the operator's own is nobody's scanner.
 */
export function chooseHid(
  listed: readonly Device[],
  { vendorId, productId, serialNumber }: HidIdentity,
  wanted: HidUsage,
  held: ReadonlySet<string> = new Set(),
): Result<string, HidFault> {
  const present = listed.filter(
    (one) =>
      (vendorId === undefined || one.vendorId === vendorId) &&
      (productId === undefined || one.productId === productId) &&
      (serialNumber === undefined || one.serialNumber === serialNumber),
  );
  const fitting = new Set(present.flatMap((one) => (one.path !== undefined && is(one, wanted) ? one.path : [])));
  const free = [...fitting].toSorted().find((path) => !held.has(path));
  if (free !== undefined) return ok(free);
  if (fitting.size > 0) return failure('absent', 'each that is plugged in is another device of this kiosk');
  const typing = listed.find((one) => vendorId !== undefined && one.vendorId === vendorId && is(one, KEYBOARD));
  if (typing !== undefined) return failure('keyboard', `is there as ${hex(typing.vendorId)}:${hex(typing.productId)} and types like a keyboard`);
  return present.length === 0
    ? failure('absent', 'not plugged in')
    : failure('absent', `is there without usage ${hex(wanted.usagePage)}:${hex(wanted.usage)}`);
}

function is({ usagePage, usage }: Device, wanted: HidUsage): boolean {
  return usagePage !== undefined && usage !== undefined && sameUsage({ usagePage, usage }, wanted);
}

/** The addon says only that it can not open it. */
async function isDenied(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
  }
}

/** node-hid does not hand the descriptor out; the kernel shows it beside the device. */
async function descriptorOf(path: string): Promise<Uint8Array | undefined> {
  try {
    return Uint8Array.from(await readFile(`/sys/class/hidraw/${basename(path)}/device/report_descriptor`));
  } catch {
    return undefined;
  }
}

async function connectionOf(device: HIDAsync, path: string, descriptor: Uint8Array | undefined, name: string): Promise<HidConnection> {
  const line = new Line();
  let closing: Promise<void> | undefined;
  const close = (why: string): Promise<void> => {
    closing ??= device
      .close()
      .catch(() => undefined)
      .finally(() => heldPaths.delete(path));
    line.end(`${name}: ${why}`);
    return closing;
  };
  device.on('error', (error: unknown) => void close(`unplugged (${messageOf(error)})`));
  device.on('data', (report: Buffer) => line.bytes(Uint8Array.from(report)));
  // node-hid begins to read at the next tick. A close before that would make it throw where nobody can catch it.
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  return {
    descriptor,
    write: (report) => write(device, line, report, name),
    onReport: (listener) => line.onBytes(listener),
    onClose: (listener) => line.onClose(listener),
    close: () => close('closed here'),
  };
}

/** A device that is pulled in the middle ends its line, and that ends the write. */
function write(device: HIDAsync, line: Line, report: Uint8Array, name: string): Promise<Result<void, Failure<'lost'>>> {
  return new Promise((resolve) => {
    if (line.why !== undefined) return resolve(failure('lost', line.why));
    const stop = line.onClose((why) => resolve(failure('lost', why)));
    device.write(Buffer.from(report)).then(
      () => {
        stop();
        resolve(ok(undefined));
      },
      (error: unknown) => {
        stop();
        resolve(failure('lost', `${name}: ${messageOf(error)}`));
      },
    );
  });
}

function hex(value: number): string {
  return value.toString(16).padStart(4, '0');
}

/** The addon gives its errors as texts as well as as errors. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
