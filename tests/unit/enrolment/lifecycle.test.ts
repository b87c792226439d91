import assert from 'node:assert/strict';
import { DEVICE_EVENTS, DEVICE_STATES, moveDevice, type DeviceEvent, type DeviceState } from '../../../hub-server/kiosks/enrolment/lifecycle.js';

/** Every state and every event, written out once more by hand: `-` where the event is refused. */
const TABLE: Readonly<Record<DeviceState, Readonly<Record<DeviceEvent, DeviceState | '-'>>>> = {
  pending: { approve: 'active', refuse: 'refused', suspend: '-', resume: '-', retire: '-' },
  active: { approve: '-', refuse: '-', suspend: 'suspended', resume: '-', retire: 'retired' },
  suspended: { approve: '-', refuse: '-', suspend: '-', resume: 'active', retire: 'retired' },
  refused: { approve: '-', refuse: '-', suspend: '-', resume: '-', retire: '-' },
  retired: { approve: '-', refuse: '-', suspend: '-', resume: '-', retire: '-' },
};

describe('the life of a device', () => {
  for (const state of DEVICE_STATES)
    for (const event of DEVICE_EVENTS) {
      const expected = TABLE[state][event];
      it(`${state} + ${event} → ${expected}`, () => {
        const moved = moveDevice(state, event);
        assert.equal(moved.ok ? moved.value : '-', expected);
      });
    }
});
