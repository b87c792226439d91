import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';

/**
 * The life of one device in a kiosk slot. `pending`: its claim was good, the administrator has not yet compared fingerprints. A device that was
 * ever approved is only retired, never removed: its receipts must verify for years.
 */
export const DEVICE_STATES = ['pending', 'active', 'suspended', 'refused', 'retired'] as const;
export type DeviceState = (typeof DEVICE_STATES)[number];
export const DEVICE_EVENTS = ['approve', 'refuse', 'suspend', 'resume', 'retire'] as const;
export type DeviceEvent = (typeof DEVICE_EVENTS)[number];

const MOVES: Readonly<Record<DeviceState, Readonly<Partial<Record<DeviceEvent, DeviceState>>>>> = {
  pending: { approve: 'active', refuse: 'refused' },
  active: { suspend: 'suspended', retire: 'retired' },
  suspended: { resume: 'active', retire: 'retired' },
  refused: {},
  retired: {},
};

/** The state after an event, or why the event does not fit. */
export function moveDevice(state: DeviceState, event: DeviceEvent): Result<DeviceState, Failure<'not-in-this-state'>> {
  const next = MOVES[state][event];
  return next === undefined ? failure('not-in-this-state', `a device that is ${state} can not be given "${event}"`) : ok(next);
}
