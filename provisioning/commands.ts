import type { RegisterCommands } from '#platform/console/command.js';
import { registerEnrolment } from './technician/enrol-commands.js';

export const register: RegisterCommands = (parent) => {
  registerEnrolment(parent);
};
