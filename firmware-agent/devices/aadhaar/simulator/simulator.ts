import { z } from 'zod';
import { unreachable } from '#protocol/result/result.js';
import { startControl, type ControlAnswer, type ControlPlace } from '../../simulation/control.js';
import { RD_FAULTS, RdService, type RdServicePlan } from './service.js';

/** Which of several services is meant; the first when left out. */
const at = { service: z.int().min(0).max(19).default(0) };

/** What another process or a test may do with the virtual RD services. One JSON object a line on their control socket. */
export const rdOrder = z.discriminatedUnion('do', [
  /** A finger on the glass, for the capture that waits or the next ones. */
  z
    .strictObject({ do: z.literal('finger'), quality: z.int().min(0).max(100).default(70), times: z.int().min(1).max(10).default(1), ...at })
    .describe('a finger is laid on it'),
  z.strictObject({ do: z.literal('status'), status: z.enum(['READY', 'USED', 'NOTREADY']), ...at }).describe('what its service says of the device'),
  /** A device that its maker's servers do not know names no provider, whatever the status of its service. */
  z.strictObject({ do: z.literal('registered'), registered: z.enum(['yes', 'no']), ...at }).describe('whether its device is registered'),
  /** The next captures end with this error code of the specification, or a maker's negative one. */
  z
    .strictObject({ do: z.literal('code'), code: z.int(), times: z.int().min(1).max(10).default(1), ...at })
    .describe('the next captures end with this error code'),
  z.strictObject({ do: z.literal('fault'), fault: z.enum(RD_FAULTS), ...at }).describe('its answers are damaged in this way'),
  z.strictObject({ do: z.literal('unplug'), ...at }).describe('the service is gone'),
  z.strictObject({ do: z.literal('plug'), ...at }).describe('the service is back'),
  z.strictObject({ do: z.literal('normal') }).describe('every fault is mended'),
  z.strictObject({ do: z.literal('state') }).describe('how it stands'),
]);
export type RdOrder = z.input<typeof rdOrder>;

export type RdSimulator = {
  readonly host: string;
  /** Of each service, in order. */
  readonly ports: readonly number[];
  readonly control: ControlPlace | undefined;
  readonly order: (order: RdOrder) => Promise<ControlAnswer>;
  readonly close: () => Promise<void>;
};

/** RD services on ports of their own, true to what makers' services say on the wire, which fail on order. */
export async function startRdSimulator(host: string, plans: readonly RdServicePlan[], controlPlace?: ControlPlace): Promise<RdSimulator> {
  const services = plans.map((plan) => new RdService(host, plan));
  const close = async (): Promise<void> => void (await Promise.all(services.map((service) => service.close())));
  try {
    for (const { door } of services) await door.plug();
  } catch (error) {
    await close();
    throw error;
  }
  const order = async (given: RdOrder): Promise<ControlAnswer> => {
    const done = await perform(services, rdOrder.parse(given));
    return done ?? { ok: true, state: { services: services.map((service) => service.state()) } };
  };
  const control = controlPlace === undefined ? undefined : await startControl(controlPlace, rdOrder, order);
  return {
    host,
    ports: services.map(({ door }) => door.port),
    control: control?.place,
    order,
    async close() {
      await control?.close();
      await close();
    },
  };
}

async function perform(services: readonly RdService[], wanted: z.output<typeof rdOrder>): Promise<ControlAnswer | undefined> {
  if (wanted.do === 'state') return undefined;
  if (wanted.do === 'normal') {
    for (const service of services) {
      service.mend();
      await service.door.plug();
    }
    return undefined;
  }
  const service = services[wanted.service];
  if (service === undefined) return { ok: false, error: `there is no service ${wanted.service}` };
  switch (wanted.do) {
    case 'finger':
      service.lay(wanted.quality, wanted.times);
      break;
    case 'status':
      service.status = wanted.status;
      break;
    case 'registered':
      service.registered = wanted.registered;
      break;
    case 'code':
      service.fail(wanted.code, wanted.times);
      break;
    case 'fault':
      service.fault = wanted.fault;
      break;
    case 'unplug':
      await service.unplug();
      break;
    case 'plug':
      await service.door.plug();
      break;
    default:
      return unreachable(wanted);
  }
  return undefined;
}
