import { z } from 'zod';

/** Devices that the machine around the guest can plug in: made by QEMU, real to the guest's kernel. */
const machineDevice = z.enum([
  /** FTDI serial adapter 0403:6001; the harness holds its far end. */
  'serial-adapter',
  /** An ordinary USB keyboard. */
  'keyboard',
]);
export type MachineDevice = z.infer<typeof machineDevice>;

/** What a suite in the guest may ask of the harness outside, one JSON object a line; answered as `ControlAnswer`. */
export const deskOrder = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('plug'), device: machineDevice }),
  z.strictObject({ do: z.literal('unplug'), device: machineDevice }),
  /** Bytes out of whatever hangs on the serial adapter, as hex. */
  z.strictObject({ do: z.literal('send'), hex: z.string().regex(/^(?:[0-9a-f]{2})+$/u) }),
  /** The guest's last word: how mocha ended. */
  z.strictObject({ do: z.literal('ended'), status: z.int() }),
]);
export type DeskOrder = z.infer<typeof deskOrder>;

/** Names of the guest's virtio ports. */
export const DESK_PORT = 'desk';
export const REPORT_PORT = 'report';
