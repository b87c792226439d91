import type { Command } from 'commander';
import { runSimulator } from '../../simulation/run.js';
import { startCameraSimulator } from './simulator.js';

const ORDERS = `
Orders on the control socket, one JSON object a line; each is answered by {"ok":true,"state":{…}} or {"ok":false,"error":"…"}:
  {"do":"see","what":"face"}  {"do":"see","what":"black"}  {"do":"see","what":"white"}  {"do":"busy"}  {"do":"error"}  {"do":"hang"}
  {"do":"slow","delayMs":3000}  {"do":"truncate"}  {"do":"garbage"}  {"do":"unplug"}  {"do":"plug"}  {"do":"normal"}  {"do":"state"}`;

export function registerCameraSimulator(simulate: Command): void {
  runSimulator(simulate.command('camera').description('a camera behind a stand-in for fswebcam').addHelpText('after', ORDERS), async (control) => {
    const running = await startCameraSimulator(control);
    return { ready: { ready: 'camera', program: running.program, device: running.device, control: running.control }, close: running.close };
  });
}
