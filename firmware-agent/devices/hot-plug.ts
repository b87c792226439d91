import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type { Devices } from './devices.js';
import { systemRoots } from './discovery/sysfs.js';
import { systemTimers, type Timers } from './timers.js';

/** Plugging in makes several nodes and links, and udev sets their rights a moment later: all of it is one event. */
const SETTLE_MS = 250;

/** Folders in which nodes and stable links of devices appear; all but the first only while something is in them. */
const FOLDERS = ['', 'usb', 'serial', 'serial/by-id'] as const;

export type HotPlugOptions = { readonly devRoot?: string; readonly timers?: Timers };

/**
 * Watches for new device nodes and has devices that wait looked for at once, rather than when their wait is over. A hint and no
 * more: without it (no such folder, no watches left) every device is found all the same, some seconds later.
 */
export function watchPlugs(devices: Pick<Devices, 'all'>, { devRoot = systemRoots().dev, timers = systemTimers }: HotPlugOptions = {}): () => void {
  const watchers = new Map<string, FSWatcher>();
  let cancel: (() => void) | undefined;
  const open = (): void => {
    for (const folder of FOLDERS) if (!watchers.has(folder)) openOne(folder);
  };
  const openOne = (folder: string): void => {
    const drop = (): void => {
      watchers.get(folder)?.close();
      watchers.delete(folder);
    };
    try {
      // `change` is every byte written to /dev/null: only nodes that come and go are of interest.
      const watcher = watch(join(devRoot, folder), { persistent: false }, (kind) => kind === 'rename' && plugged());
      watchers.set(folder, watcher.on('error', drop));
    } catch {
      // The folder is not there yet: its parent tells when it comes.
    }
  };
  const plugged = (): void => {
    cancel ??= timers.after(SETTLE_MS, () => {
      cancel = undefined;
      // A folder that went and came back is another one; its old watch hears nothing.
      for (const folder of FOLDERS.slice(1)) {
        watchers.get(folder)?.close();
        watchers.delete(folder);
      }
      open();
      for (const { handle } of devices.all) handle.nudge();
    });
  };
  open();
  return () => {
    cancel?.();
    for (const watcher of watchers.values()) watcher.close();
  };
}
