import type { Command } from 'commander';
import { CommandFailure, printJson } from '#platform/console/command.js';
import { addressOf, cannotStart, CONTROL_HELP, ORDERS_HELP, placeOf, untilEnded } from '../../simulation/options.js';
import { SCANNER_STYLES, startScannerSimulator, type SimulatedStyle } from './simulator.js';

/** `simulate scanner`. */
export function registerScannerSimulator(simulate: Command): void {
  simulate
    .command('scanner')
    .description('a barcode scanner on a TCP line')
    .option('--listen <host:port>', 'wait here for the reader; port 0 takes a free one')
    .option('--dial <host:port>', 'call the reader there instead')
    .option('--style <style>', `how it speaks: ${SCANNER_STYLES.join(', ')} (HID reports go over a hid-socket)`, 'plain')
    .option('--control <place>', CONTROL_HELP)
    .addHelpText('after', ORDERS)
    .action(async (options: { listen?: string; dial?: string; style: string; control?: string }) => {
      if (options.listen !== undefined && options.dial !== undefined) throw new CommandFailure('choose --listen or --dial, not both');
      const way = options.dial === undefined ? 'serve' : 'dial';
      const { host, port } = addressOf(options.dial ?? options.listen ?? '127.0.0.1:0');
      const style = styleOf(options.style);
      const control = options.control === undefined ? undefined : placeOf(options.control);
      const running = await startScannerSimulator({ way, host, port, style }, control).catch(cannotStart);
      printJson({ ready: 'scanner', style, host: running.host, port: running.port, control: running.control });
      await untilEnded();
      await running.close();
    });
}

function styleOf(text: string): SimulatedStyle {
  const style = SCANNER_STYLES.find((one) => one === text);
  if (style === undefined) throw new CommandFailure(`"${text}" is no style of scanner: ${SCANNER_STYLES.join(', ')}`);
  return style;
}

const ORDERS = `
${ORDERS_HELP}
  {"do":"scan","text":"210012345678"}  {"do":"scan","text":"…","aim":"C1","times":3}  {"do":"cut","text":"…"}  {"do":"garble","text":"…"}
  {"do":"suffix","suffix":"crlf"}  {"do":"unplug"}  {"do":"plug"}  {"do":"normal"}  {"do":"state"}
HID POS:            {"do":"model","model":"keyboard"}   models: usual shifted no-descriptor flag-first unnumbered no-orders keyboard
HID POS, SSI:       {"do":"lose-continuation","text":"… (300 characters or more)"}
SSI:                {"do":"wrong-checksum","text":"…","times":2}  {"do":"retransmit","text":"…"}
Honeywell, Newland: {"do":"reply","next":"late"}  {"do":"reply","next":"cut"}
these three:        {"do":"silent"}  {"do":"refuse"}  {"do":"refuse","cause":"resend"}  {"do":"noise","hex":"05f3"}`;
