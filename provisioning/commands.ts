import type { RegisterCommands } from '#platform/console/command.js';
import { registerDevices } from './technician/devices-commands.js';
import { registerDoctor } from './technician/doctor/commands.js';
import { registerFingers } from './technician/finger-commands.js';
import { registerEnrolment } from './technician/enrol-commands.js';

export const register: RegisterCommands = (parent) => {
  registerEnrolment(parent);
  registerDevices(parent);
  registerDoctor(parent);
  registerFingers(parent);
};
