import { basename, join } from 'node:path';
import { usbPort, type Candidate, type DeviceIds } from '#protocol/technician/discovery.js';
import { topUsage } from './report-descriptor.js';
import { attribute, attributeBytes, entries, linkTo, systemRoots, target, usbAbove, usbDevice, type SystemRoots, type UsbPlace } from './sysfs.js';

/** A candidate, and the USB device that it hangs on. */
type Found = { readonly candidate: Candidate; readonly on: string | undefined };

/** Everything that is plugged in and could be a device of the kiosk, by the kernel's device tree. Reads only; opens no device. */
export function discover(roots: SystemRoots = systemRoots()): readonly Candidate[] {
  const driven = [...usbPrinters(roots), ...serialLines(roots), ...hidDevices(roots), ...cameras(roots)];
  const taken = new Set(driven.map(({ on }) => on));
  return [...driven, ...others(roots).filter(({ on }) => !taken.has(on))].map(({ candidate }) => candidate);
}

function usbPrinters({ sys, dev }: SystemRoots): readonly Found[] {
  const folder = join(sys, 'class/usbmisc');
  return entries(folder)
    .filter((name) => /^lp\d+$/u.test(name))
    .flatMap((name) => {
      const place = join(folder, name, 'device');
      const usb = usbAbove(place, sys);
      const own = { ieee1284: attribute(place, 'ieee1284_id') };
      return usb === undefined ? [] : [found('usb-printer', usb, join(dev, 'usb', name), undefined, own)];
    });
}

function serialLines({ sys, dev }: SystemRoots): readonly Found[] {
  const folder = join(sys, 'class/tty');
  return entries(folder).flatMap((name): readonly Found[] => {
    const place = target(join(folder, name, 'device'));
    if (place === undefined) return [];
    const usb = usbAbove(place, sys);
    // Of the machine's own ports only those with a chip behind them: the kernel shows 32, most of type 0 (unknown).
    if (usb === undefined && (!/^ttyS\d+$/u.test(name) || (attribute(join(folder, name), 'type') ?? '0') === '0')) return [];
    return [found('serial', usb, join(dev, name), linkTo(join(dev, 'serial/by-id'), name))];
  });
}

function hidDevices({ sys, dev }: SystemRoots): readonly Found[] {
  const folder = join(sys, 'class/hidraw');
  return entries(folder).flatMap((name): readonly Found[] => {
    const place = join(folder, name, 'device');
    const uevent = attribute(place, 'uevent') ?? '';
    const [, vendor = '', product = ''] = /^HID_ID=[0-9A-F]+:0000([0-9A-F]{4}):0000([0-9A-F]{4})$/imu.exec(uevent) ?? [];
    if (vendor === '') return [];
    const usage = topUsage(attributeBytes(place, 'report_descriptor') ?? Buffer.alloc(0));
    const named = (key: string): string | undefined => new RegExp(`^${key}=(.+)$`, 'mu').exec(uevent)?.[1];
    const usb = usbAbove(place, sys);
    const own: DeviceIds = {
      vendorId: vendor.toLowerCase(),
      productId: product.toLowerCase(),
      serial: usb?.serial ?? named('HID_UNIQ'),
      product: usb?.product ?? named('HID_NAME'),
      ...(usage === undefined ? {} : { usagePage: hex4(usage.usagePage), usage: hex4(usage.usage) }),
    };
    return [found('hid', usb, join(dev, name), undefined, own)];
  });
}

function cameras({ sys, dev }: SystemRoots): readonly Found[] {
  const folder = join(sys, 'class/video4linux');
  return entries(folder).flatMap((name): readonly Found[] => {
    // A camera's further nodes carry no picture (metadata).
    if ((attribute(join(folder, name), 'index') ?? '0') !== '0') return [];
    const usb = usbAbove(join(folder, name, 'device'), sys);
    const own = { product: attribute(join(folder, name), 'name') };
    return [found('camera', usb, join(dev, name), linkTo(join(dev, 'v4l/by-id'), name), own)];
  });
}

/** What no driver of the above took; hubs (class 09) left out. */
function others({ sys }: SystemRoots): readonly Found[] {
  const folder = join(sys, 'bus/usb/devices');
  return entries(folder).flatMap((name): readonly Found[] => {
    const place = target(join(folder, name));
    if (place === undefined || name.includes(':') || attribute(place, 'bDeviceClass') === '09') return [];
    const usb = usbDevice(place);
    return usb === undefined ? [] : [found('usb', { ...usb, interface: undefined }, basename(place), undefined)];
  });
}

function found(what: Candidate['what'], usb: UsbPlace | undefined, path: string, stablePath: string | undefined, own: DeviceIds = {}): Found {
  const { folder: on, ...of } = usb ?? { folder: undefined };
  const ids = Object.fromEntries(
    Object.entries({ ...of, ...own })
      .filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '')
      .map(([key, text]) => [key, text.slice(0, key === 'ieee1284' ? 1_024 : 126)]),
  );
  const port = on === undefined ? undefined : usbPort.safeParse(basename(on)).data;
  return { candidate: { what, ids, path, ...(port === undefined ? {} : { port }), ...(stablePath === undefined ? {} : { stablePath }) }, on };
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}
