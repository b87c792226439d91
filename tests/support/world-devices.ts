import type { Bill } from '#protocol/bill/bill.js';
import type { DeviceState } from '#protocol/counter/device.js';
import type { Problem, ProblemCode } from '#protocol/counter/problem.js';
import type { CounterClient } from './counter-client.js';

/** How the first row shows a device. */
export type Shown = { readonly name: string; readonly state: DeviceState; readonly code?: ProblemCode };

/** Waits until the first row shows a device so; its problem is given back, null for a device that is well. */
export async function deviceShown(screen: CounterClient, { name, state, code }: Shown): Promise<Problem | null> {
  const fits = (view: CounterClient['view']): boolean =>
    view.header.devices.some((device) => device.name === name && device.state === state && device.problem?.code === code);
  const { header } = await screen.when(fits, `${name} shown as ${state} ${code ?? ''}`);
  return header.devices.find((device) => device.name === name)?.problem ?? null;
}

/** The text of a bill's code. */
export function codeOfBill(bill: Bill): string {
  return `${bill.department}|${bill.consumer}|${bill.number}`;
}

type Closes = { readonly close: () => Promise<void> };

/** Does something with a simulated device, which is taken away however it ends. */
export async function withDevice<D extends Closes>(made: Promise<D>, act: (device: D) => Promise<void>): Promise<void> {
  const device = await made;
  try {
    await act(device);
  } finally {
    await device.close();
  }
}
