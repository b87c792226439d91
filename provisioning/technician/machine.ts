import { arch, hostname, platform, release } from 'node:os';
import nodeMachineId from 'node-machine-id';
import type { MachineHints } from '#protocol/enrolment/enrolment.js';

/** What the machine says of itself: hashed machine id, host name, system. It can be cloned or changed, so it is a hint and never proof. */
export function machineHints(): MachineHints {
  return { machine: machineId(), host: hostname().slice(0, 64), system: `${platform()} ${release()} ${arch()}`.slice(0, 80) };
}

function machineId(): string {
  try {
    return nodeMachineId.machineIdSync();
  } catch {
    // A machine without an id is enrolled all the same: the administrator sees that the hint is missing.
    return 'unknown';
  }
}
