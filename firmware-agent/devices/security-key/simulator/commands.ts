import type { Command } from 'commander';
import { printJson } from '#platform/console/command.js';
import { addressOf, CONTROL_HELP, cannotStart, placeOf, untilEnded } from '../../simulation/options.js';
import { startKeySimulator } from './simulator.js';

const ORDERS = `
Orders on the control socket, one JSON object a line; each is answered by {"ok":true,"state":{…}} or {"ok":false,"error":"…"}:
  {"do":"finger"}  {"do":"finger","finger":"wrong"}  {"do":"sample","sample":"poor-quality"}  {"do":"habit","habit":"right"}
  {"do":"patience","patienceMs":3000}  {"do":"unplug"}  {"do":"unplug-at-touch"}  {"do":"plug"}  {"do":"blocked"}  {"do":"no-fingers"}
  {"do":"wire","fault":"busy"}  (wrong-channel, garbage, silent, bad-sequence, none)  {"do":"forget"}
  {"do":"counter","counting":"stuck"}  {"do":"signature","signature":"bad"}  {"do":"level","level":"2.0"}  {"do":"normal"}  {"do":"state"}`;

/** Adds `simulate security-key`. */
export function registerSecurityKeySimulator(simulate: Command): void {
  simulate
    .command('security-key')
    .description('a FIDO2 key with a fingerprint sensor, its HID reports over TCP')
    .option('--listen <host:port>', 'where the key listens; port 0 takes a free one', '127.0.0.1:0')
    .option('--control <place>', CONTROL_HELP)
    .addHelpText('after', ORDERS)
    .action(async (options: { listen: string; control?: string }) => {
      const control = options.control === undefined ? undefined : placeOf(options.control);
      const running = await startKeySimulator(addressOf(options.listen), control).catch(cannotStart);
      printJson({ ready: 'security-key', host: running.host, port: running.port, control: running.control });
      await untilEnded();
      await running.close();
    });
}
