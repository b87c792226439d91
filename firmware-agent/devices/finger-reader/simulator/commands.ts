import type { Command } from 'commander';
import { CommandFailure, printJson } from '#platform/console/command.js';
import { addressOf, cannotStart, CONTROL_HELP, placeOf, untilEnded } from '../../simulation/options.js';
import { MODEL_NAMES, type ModelName } from './models.js';
import { startFingerSimulator } from './simulator.js';

/** Adds `simulate finger-reader`: a fingerprint module of its own process. */
export function registerFingerReaderSimulator(simulate: Command): void {
  simulate
    .command('finger-reader')
    .description('a serial fingerprint module on a TCP port, as behind a serial server')
    .option('--listen <host:port>', 'where the module listens; port 0 takes a free one', '127.0.0.1:0')
    .option('--control <place>', CONTROL_HELP)
    .option('--model <model>', MODEL_NAMES.join(', '), 'r307')
    .addHelpText('after', ORDERS)
    .action(async (options: { listen: string; control?: string; model: string }) => {
      const { host, port } = addressOf(options.listen);
      const control = options.control === undefined ? {} : { control: placeOf(options.control) };
      const running = await startFingerSimulator({ host, port, model: modelOf(options.model), ...control }).catch(cannotStart);
      printJson({ ready: 'finger-reader', host: running.host, port: running.port, control: running.control, model: options.model });
      await untilEnded();
      await running.close();
    });
}

const ORDERS = `
Orders on the control socket, one JSON object a line; each is answered by {"ok":true,"state":{…}} or {"ok":false,"error":"…"}:
  {"do":"press","finger":"asha-right-thumb"}  {"do":"press","finger":"…","quality":"messy","until":"captured"}  {"do":"lift"}
    quality: good, messy, few-features, image-failed
  {"do":"garble"}  {"do":"garble","answers":1}  {"do":"cut","answers":1}  {"do":"stale","bytes":"ef01ff"}  {"do":"slow","delayMs":900}
  {"do":"spoil-data","how":"lost"}  {"do":"silent"}  {"do":"lose-answer","opcode":6}  {"do":"lose-command","opcode":6}  {"do":"flash-error"}  {"do":"enrol-mismatch"}
  {"do":"password","password":"deadbeef"}  {"do":"restart"}  {"do":"exchange"}  {"do":"unplug"}  {"do":"plug"}
  {"do":"normal"}  {"do":"state"}`;

function modelOf(text: string): ModelName {
  const model = MODEL_NAMES.find((name) => name === text);
  if (model === undefined) throw new CommandFailure(`"${text}" is no model: ${MODEL_NAMES.join(', ')}`);
  return model;
}
