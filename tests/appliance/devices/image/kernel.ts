import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ok, type Result } from '#protocol/result/result.js';
import { run } from './command.js';

/** Debian's kernel as it is shipped, with the few modules that the devices need. */
export type Kernel = {
  /** What `uname -r` says in the guest, such as 6.1.0-56-amd64. */
  readonly release: string;
  /** The compressed kernel. */
  readonly image: string;
  /** A folder with lib/modules/<release>, indexed by depmod. */
  readonly root: string;
};

/** Always depends on the newest kernel of the release. Not the cloud flavour, which has no USB. */
const META_PACKAGE = 'linux-image-amd64';

/** With what they need, found by depmod. The kernel loads those of plugged devices by itself (udev); the guest's init names the others. */
const MODULES = Object.values({
  guest: ['virtio_pci', 'virtio_console', '9p', '9pnet_virtio'],
  underTest: ['xhci_pci', 'ftdi_sio', 'cdc_acm', 'usblp', 'usbhid', 'hid_generic'],
  /** Far ends of the devices that are made in the guest. */
  farEnds: ['uhid', 'dummy_hcd', 'libcomposite', 'usb_f_printer', 'usb_f_acm', 'usb_f_hid'],
}).flat();

type KernelPackage = { readonly name: string; readonly version: string };

/**
 * From the cache, or fetched by its exact name with the ordinary client. The reason when it can not be had; throws when it was had and is not
 * what we think.
 */
export function debianKernel(cache: string): Result<Kernel, string> {
  const found = newestPackage();
  if (!found.ok) return latestCached(cache) ?? found;
  const { name, version } = found.value;
  const digest = createHash('sha256').update(MODULES.join()).digest('hex').slice(0, 8);
  const root = join(cache, `${name}_${version.replaceAll(/[^\w.+~-]/gu, '_')}_${digest}`);
  if (existsSync(root)) return kernelIn(root);
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, '.draft-'));
  try {
    const fetched = run('apt-get', ['-qq', 'download', `${name}=${version}`], draft);
    if (!fetched.ok) return fetched;
    const kept = unpack(name, draft);
    for (const old of readdirSync(cache).filter((item) => item.startsWith('linux-image-'))) rmSync(join(cache, old), { recursive: true });
    renameSync(kept, root);
    return kernelIn(root);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function newestPackage(): Result<KernelPackage, string> {
  const known = askApt();
  // A fresh container has no package lists.
  return known.ok || process.getuid?.() !== 0 || !run('apt-get', ['-qq', 'update']).ok ? known : askApt();
}

function askApt(): Result<KernelPackage, string> {
  const depends = run('apt-cache', ['depends', META_PACKAGE]);
  if (!depends.ok) return depends;
  const name = /Depends: (linux-image-\d[\w.+-]*)/u.exec(depends.value)?.[1];
  if (name === undefined) return { ok: false, error: `apt knows no kernel behind ${META_PACKAGE}` };
  const shown = run('apt-cache', ['show', '--no-all-versions', name]);
  if (!shown.ok) return shown;
  const version = /^Version: (\S+)$/mu.exec(shown.value)?.[1];
  return version === undefined ? { ok: false, error: `apt gives no version of ${name}` } : ok({ name, version });
}

function latestCached(cache: string): Result<Kernel, string> | undefined {
  const kept = existsSync(cache) ? readdirSync(cache).find((item) => item.startsWith('linux-image-')) : undefined;
  return kept === undefined ? undefined : kernelIn(join(cache, kept));
}

function kernelIn(root: string): Result<Kernel, string> {
  const release = readdirSync(join(root, 'lib', 'modules'))[0];
  if (release === undefined) return { ok: false, error: `${root} holds no kernel; remove it` };
  return ok({ release, root, image: join(root, 'vmlinuz') });
}

/** Unpacks the package that lies in `draft` and gives the folder with what is kept of it. */
function unpack(name: string, draft: string): string {
  const file = readdirSync(draft).find((item) => item.endsWith('.deb'));
  if (file === undefined) throw new Error(`apt-get downloaded nothing for ${name}`);
  const [whole, kept] = [join(draft, 'whole'), join(draft, 'kept')];
  must(run('dpkg-deb', ['--extract', join(draft, file), whole]));
  const release = name.replace(/^linux-image-/u, '');
  pickModules(whole, kept, release);
  copyFileSync(join(whole, 'boot', `vmlinuz-${release}`), join(kept, 'vmlinuz'));
  return kept;
}

function pickModules(whole: string, kept: string, release: string): void {
  must(run('depmod', ['-b', whole, release]));
  const files = new Set(['modules.order', 'modules.builtin', 'modules.builtin.modinfo'].map((file) => join(whole, 'lib/modules', release, file)));
  for (const module of MODULES) {
    const needed = must(run('modprobe', ['-d', whole, '-S', release, '--show-depends', module]));
    for (const [, file] of needed.matchAll(/^insmod (\S+)/gmu)) if (file !== undefined) files.add(file);
  }
  for (const file of files) {
    const to = join(kept, relative(whole, file));
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(file, to);
  }
  must(run('depmod', ['-b', kept, release]));
}

function must(done: Result<string, string>): string {
  if (done.ok) return done.value;
  throw new Error(done.error);
}
