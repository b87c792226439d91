import type { Command } from 'commander';
import { runSimulator } from '../../simulation/run.js';
import { cameraOrder, startCameraSimulator } from './simulator.js';

/** `simulate camera`. */
export function registerCameraSimulator(simulate: Command): void {
  runSimulator(simulate.command('camera').description('a camera behind a stand-in for fswebcam'), {
    orders: cameraOrder,
    async start(_options, { control }) {
      const running = await startCameraSimulator(control);
      return { ready: { program: running.program, device: running.device, control: running.control }, close: running.close };
    },
  });
}
