import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceKind } from '#protocol/counter/device.js';
import type { BenchPrompt } from '#protocol/technician/bench.js';
import { orderList, type OrderText } from './orders.js';
import type { Service } from './tool.js';

export type SimulatorPlace = {
  readonly root: string;
  readonly width: '58mm' | '80mm';
  /** Path of the control socket that the simulator is to open. */
  readonly control: string;
};

/** One virtual device of the demonstration: how it is started, and how `devices.json` names it then. */
export type Simulated = {
  readonly name: string;
  readonly kind: DeviceKind;
  /** `sale`: without it no citizen is served. The scripted day starts these alone. */
  readonly needed: 'sale' | 'extra';
  /** What follows `jharokha agent simulate`. */
  readonly words: (place: SimulatorPlace) => readonly string[];
  /** Its line in `devices.json`, beside kind and name, from what it printed when it was ready. */
  readonly line: (ready: Readonly<Record<string, unknown>>, place: SimulatorPlace) => Readonly<Record<string, unknown>>;
  /** The order that does a person's part when the bench asks for it. */
  readonly hands?: Partial<Readonly<Record<BenchPrompt, Readonly<Record<string, unknown>>>>>;
};

const tcp = ({ host, port }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({ transport: 'tcp', host, port });

function listening(kind: string): Simulated['words'] {
  return ({ control }) => [kind, '--listen', '127.0.0.1:0', '--control', control];
}

/** Every kind of device that has a simulator: a kind is added to the demonstration, its dock and the doctor's demo by one entry here. */
export const SIMULATED: readonly Simulated[] = [
  {
    name: 'printer',
    kind: 'printer',
    needed: 'sale',
    words: ({ root, width, control }) => ['printer', '--paper-folder', join(root, 'paper'), '--width', width, '--control', control],
    line: (ready, { width }) => ({ ...tcp(ready), width, drawer: true }),
  },
  {
    name: 'scanner',
    kind: 'scanner',
    needed: 'sale',
    words: ({ control }) => ['scanner', '--listen', '127.0.0.1:0', '--control', control],
    line: (ready) => tcp(ready),
    hands: { 'scan-a-code': { do: 'scan', text: 'JHAROKHA-BENCH', aim: 'Q1' } },
  },
  {
    name: 'finger-reader',
    kind: 'finger-reader',
    needed: 'extra',
    words: listening('finger-reader'),
    line: (ready) => tcp(ready),
    hands: { 'lay-finger': { do: 'press', finger: 'asha' }, 'lift-finger': { do: 'lift' } },
  },
  {
    name: 'security-key',
    kind: 'security-key',
    needed: 'extra',
    words: listening('security-key'),
    line: (ready) => ({ ...tcp(ready), transport: 'hid-socket' }),
    hands: { 'touch-key': { do: 'finger' } },
  },
  {
    name: 'aadhaar',
    kind: 'aadhaar',
    needed: 'extra',
    words: listening('aadhaar'),
    line: ({ host, port }) => ({ host, firstPort: port, lastPort: port }),
    hands: { 'lay-finger': { do: 'finger' } },
  },
  { name: 'ups', kind: 'ups', needed: 'extra', words: listening('ups'), line: (ready) => tcp(ready) },
  { name: 'gnss', kind: 'gnss', needed: 'extra', words: listening('gnss'), line: (ready) => tcp(ready) },
  { name: 'page-printer', kind: 'page-printer', needed: 'extra', words: listening('page-printer'), line: ({ url }) => ({ transport: 'ipp', url }) },
  {
    name: 'document-scanner',
    kind: 'document-scanner',
    needed: 'extra',
    words: ({ control }) => ['document-scanner', '--control', control],
    line: ({ program, device }) => ({ transport: 'sane', program, device }),
    hands: { 'put-page': { do: 'load', sheets: 1 } },
  },
  {
    name: 'camera',
    kind: 'camera',
    needed: 'extra',
    words: ({ control }) => ['camera', '--control', control],
    line: ({ program, device }) => ({ transport: 'v4l2', program, device }),
  },
  {
    name: 'speaker',
    kind: 'speaker',
    needed: 'extra',
    words: ({ control }) => ['speaker', '--control', control],
    line: ({ program }) => ({ program }),
  },
];

/** As `dock.json` names it. */
export type DockDevice = {
  readonly name: string;
  readonly kind: DeviceKind;
  /** Path of its control socket. */
  readonly control: string;
  readonly orders: readonly OrderText[];
};

export const DOCK_FILE = 'dock.json';

export type StartSimulator = (name: string, words: readonly string[]) => Promise<Service>;

/** Starts simulators, writes the kiosk's `devices.json` for them and `dock.json` for whoever gives them orders. */
export async function startSimulators(
  which: readonly Simulated[],
  place: { readonly root: string; readonly kioskDir: string; readonly width: '58mm' | '80mm' },
  start: StartSimulator,
): Promise<readonly DockDevice[]> {
  const { root, kioskDir, width } = place;
  mkdirSync(kioskDir, { recursive: true });
  const begun = which.map(async (one) => {
    const at: SimulatorPlace = { root, width, control: controlOf(root, one.name) };
    const service = await start(one.name, ['agent', 'simulate', ...one.words(at)]);
    const ready = JSON.parse(service.ready) as Readonly<Record<string, unknown>>;
    const line = { kind: one.kind, ...(one.name === one.kind ? {} : { name: one.name }), ...one.line(ready, at) };
    const dock: DockDevice = { name: one.name, kind: one.kind, control: at.control, orders: await orderList(at.control) };
    return { line, dock };
  });
  const done = await Promise.all(begun);
  writeFileSync(
    join(kioskDir, 'devices.json'),
    `${JSON.stringify(
      done.map(({ line }) => line),
      null,
      2,
    )}\n`,
  );
  writeFileSync(join(root, DOCK_FILE), `${JSON.stringify({ devices: done.map(({ dock }) => dock) }, null, 2)}\n`);
  return done.map(({ dock }) => dock);
}

/** A unix socket's path has at most 107 bytes, so the name stays short. */
export function controlOf(root: string, name: string): string {
  return join(root, `${name}.control`);
}
