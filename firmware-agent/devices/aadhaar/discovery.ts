import type { Timers } from '../timers.js';
import { callService, type RdCall, type RdExchange, type RdHost } from './client.js';
import { readDeviceInfo, readServiceAnswer, type DeviceFacts, type ServiceAnswer } from './messages.js';

/** What a service told of its device. `unregistered`: it named no provider. `untold`: DEVICEINFO had no answer that could be read. */
export type DeviceWord =
  | { readonly told: 'registered'; readonly facts: DeviceFacts }
  | { readonly told: 'unregistered'; readonly detail: string }
  | { readonly told: 'untold'; readonly detail: string };

/** One service that answered, and what it told of its device. */
export type FoundService = ServiceAnswer & { readonly port: number; readonly device: DeviceWord };

export type PortRange = { readonly firstPort: number; readonly lastPort: number };

/** Services answer one caller at a time, and a port may be anybody's: few at once, and briefly. */
const AT_ONCE = 7;

/** A status alone says nothing: services without a registered device are seen to call themselves READY. */
const DEVICE_RANK = { registered: 0, untold: 1, unregistered: 2 } as const;
const STATUS_RANK = { READY: 0, USED: 1, NOTREADY: 2 } as const;

export type Search = {
  readonly where: RdHost;
  readonly range: PortRange;
  readonly probeMs: number;
  readonly timers: Timers;
  readonly givenUp?: AbortSignal;
};

/** Every fingerprint service in the range, best first: those with a registered device, then ready, in use, not ready; the lower port first. */
export async function findServices(search: Search): Promise<readonly FoundService[]> {
  const { firstPort, lastPort } = search.range;
  const waiting = Array.from({ length: lastPort - firstPort + 1 }, (_, i) => firstPort + i);
  const found: FoundService[] = [];
  const probe = async (): Promise<void> => {
    for (let port = waiting.shift(); port !== undefined && search.givenUp?.aborted !== true; port = waiting.shift()) {
      const service = await askService(search, port);
      if (service !== undefined && capturesFingers(service)) found.push(service);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, probe));
  return found.toSorted(
    (a, b) => DEVICE_RANK[a.device.told] - DEVICE_RANK[b.device.told] || STATUS_RANK[a.status] - STATUS_RANK[b.status] || a.port - b.port,
  );
}

/** RDSERVICE, then DEVICEINFO. Undefined when no RD service answers at that port. */
export async function askService(search: Search, port: number): Promise<FoundService | undefined> {
  const said = await probe(search, 'RDSERVICE', port, '/');
  const service = said.ok ? readServiceAnswer(said.value) : said;
  if (!service.ok) return undefined;
  return { ...service.value, port, device: await askDevice(search, port, service.value.infoPath) };
}

async function askDevice(search: Search, port: number, path: string): Promise<DeviceWord> {
  const said = await probe(search, 'DEVICEINFO', port, path);
  const device = said.ok ? readDeviceInfo(said.value) : said;
  if (device.ok) return { told: 'registered', facts: device.value };
  const { code, detail } = device.error;
  return { told: code === 'unregistered' ? code : 'untold', detail };
}

async function probe(
  { where, probeMs, timers, givenUp }: Search,
  verb: RdCall['verb'],
  port: number,
  path: string,
): Promise<Awaited<RdExchange['answer']>> {
  const { answer, end } = callService(where, { verb, port, path, limitMs: probeMs }, timers);
  givenUp?.addEventListener('abort', end, { once: true });
  const said = await answer;
  givenUp?.removeEventListener('abort', end);
  return said;
}

/** Newer services name their modality. Older ones only have words for people, in which an iris or face service calls itself so. */
function capturesFingers({ info, device }: FoundService): boolean {
  const { modality, model } = device.told === 'registered' ? device.facts : { modality: '', model: '' };
  if (modality !== '') return /finger/iu.test(modality);
  return !/\b(?:iris|face)|iris\b/iu.test(`${info} ${model}`);
}
