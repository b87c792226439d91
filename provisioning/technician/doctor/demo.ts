import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { print } from '#platform/console/command.js';
import type { Language } from '#protocol/identity/identity.js';
import { order } from '../../demo/orders.js';
import { controlOf, SIMULATED, startSimulators } from '../../demo/simulators.js';
import { startService, stopService, type Service } from '../../demo/tool.js';
import type { Person } from './examine.js';
import { PROMPT_WORDS } from './wording.js';

export type DemoBench = { readonly folder: string; readonly root: string; readonly close: () => Promise<void> };

/** Every virtual device, and a kiosk folder that names them, in a temporary folder. The machine is not enrolled. */
export async function openDemoBench(): Promise<DemoBench> {
  const root = mkdtempSync(join(tmpdir(), 'jharokha-bench-'));
  const started: Service[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(started.map((service) => stopService(service)));
    rmSync(root, { recursive: true, force: true });
  };
  const folder = join(root, 'kiosk');
  mkdirSync(join(root, 'paper'));
  try {
    await startSimulators(SIMULATED, { root, kioskDir: folder, width: '80mm' }, async (name, words) => {
      const service = await startService(name, words, root);
      started.push(service);
      return service;
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { folder, root, close };
}

/** Does a person's part on the virtual devices: holds the code, lays the finger. It sees nothing, so it judges nothing. */
export function demoHands(root: string, language: Language, show: 'shown' | 'silent'): Person {
  return {
    ready: async () => 'go',
    act: ({ device }, prompt) => {
      if (show === 'shown') print(`      >> ${PROMPT_WORDS[prompt][language]}`);
      const part = SIMULATED.find(({ name }) => name === device)?.hands?.[prompt];
      // A device that has just been unplugged takes no order; its check says so by itself.
      if (part !== undefined) void order(controlOf(root, device), part).catch(() => undefined);
    },
    judge: async () => 'unsure',
    again: async () => 'on',
  };
}
