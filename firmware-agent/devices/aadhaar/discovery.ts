import type { Timers } from '../timers.js';
import { callService, type RdHost } from './client.js';
import { readDeviceInfo, readServiceAnswer, type DeviceFacts, type ServiceAnswer } from './messages.js';

/** One service that answered, and what it told of its device, if anything. */
export type FoundService = ServiceAnswer & { readonly port: number; readonly device: DeviceFacts | undefined };

export type PortRange = { readonly firstPort: number; readonly lastPort: number };

/** Services answer one caller at a time, and a port may be anybody's: few at once, and briefly. */
const AT_ONCE = 7;

export type Search = { readonly where: RdHost; readonly range: PortRange; readonly probeMs: number; readonly timers: Timers };

/** Every fingerprint service in the range, best first: ready, then in use, then not ready; the lower port first. */
export async function findServices(search: Search): Promise<readonly FoundService[]> {
  const { firstPort, lastPort } = search.range;
  const waiting = Array.from({ length: lastPort - firstPort + 1 }, (_, i) => firstPort + i);
  const found: FoundService[] = [];
  const probe = async (): Promise<void> => {
    for (let port = waiting.shift(); port !== undefined; port = waiting.shift()) {
      const service = await askService(search, port);
      if (service !== undefined && capturesFingers(service)) found.push(service);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, probe));
  const rank = { READY: 0, USED: 1, NOTREADY: 2 } as const;
  return found.toSorted((a, b) => rank[a.status] - rank[b.status] || a.port - b.port);
}

/** RDSERVICE, then DEVICEINFO. Undefined when no RD service answers at that port. */
export async function askService({ where, probeMs, timers }: Search, port: number): Promise<FoundService | undefined> {
  const said = await callService(where, { verb: 'RDSERVICE', port, path: '/', limitMs: probeMs }, timers).answer;
  const service = said.ok ? readServiceAnswer(said.value) : said;
  if (!service.ok) return undefined;
  const told = await callService(where, { verb: 'DEVICEINFO', port, path: service.value.infoPath, limitMs: probeMs }, timers).answer;
  const device = told.ok ? readDeviceInfo(told.value) : told;
  return { ...service.value, port, device: device.ok ? device.value : undefined };
}

/** Newer services name their modality. Older ones only have words for people, in which an iris or face service calls itself so. */
function capturesFingers({ info, device }: FoundService): boolean {
  const modality = device?.modality ?? '';
  if (modality !== '') return /finger/iu.test(modality);
  return !/\b(?:iris|face)|iris\b/iu.test(`${info} ${device?.model ?? ''}`);
}
