import type { Command } from 'commander';
import { CommandFailure, print, printJson } from '#platform/console/command.js';
import { failure, ok } from '#protocol/result/result.js';
import type { SampleStatus } from './devices/security-key/codec/bio.js';
import type { FingerSample, PickFinger, StoredFinger } from './devices/security-key/port.js';
import { askOwner, byOwner, must, tell, touchNow, withKey, type KeyOptions, type OwnerOptions } from './key-desk.js';

/** What the person with the finger is told after each look (CTAP 2.1 §6.7, lastEnrollSampleStatus). */
const SAMPLE_WORDS: Readonly<Record<SampleStatus, string>> = {
  good: 'good',
  'too-high': 'too high: lay the finger lower',
  'too-low': 'too low: lay the finger higher',
  'too-left': 'too far left: lay the finger more to the right',
  'too-right': 'too far right: lay the finger more to the left',
  'too-fast': 'too fast: move the finger more slowly',
  'too-slow': 'too slow: move the finger faster',
  'poor-quality': 'not clear: dry or moisten the finger, wipe the sensor',
  'too-skewed': 'askew: lay the finger straight',
  'too-short': 'too short: lay more of the finger on the sensor',
  'merge-failure': 'does not go together with the looks before: lay the same finger',
  'already-enrolled': 'this finger is on the key already: lay another one, or stop with Ctrl-C',
  'store-full': 'the key has no place for another finger',
  'no-finger': 'no finger came',
  'not-lifted': 'the finger was not lifted in between',
  unknown: 'not taken, for a reason that the key has no word for',
};

type FingerOptions = KeyOptions & OwnerOptions;

function tellSample({ quality, remaining }: FingerSample): void {
  tell(`${SAMPLE_WORDS[quality]}; ${remaining === 0 ? 'done' : `${remaining} more`}`);
}

/** Names are the key's own words: one with an escape in it must not reach the technician's terminal. */
function shown(name: string): string {
  return name.replaceAll(/\p{Cc}/gu, '\u{FFFD}');
}

function hexOf({ id }: StoredFinger): string {
  return Buffer.from(id).toString('hex');
}

/** By its whole name, or by the first digits of its id. */
function picked(wanted: string): PickFinger {
  return (stored) => {
    const byName = stored.filter(({ name }) => name.normalize('NFC') === wanted.normalize('NFC'));
    const found = byName.length > 0 ? byName : stored.filter((finger) => wanted !== '' && hexOf(finger).startsWith(wanted.toLowerCase()));
    const [finger] = found;
    if (finger === undefined) return failure('key-finger-unknown', `no finger on the key is named ${wanted}, or has an id that begins so`);
    return found.length === 1 ? ok(finger) : failure('key-finger-unknown', `${found.length} fingers are meant by ${wanted}; give the id of one`);
  };
}

function nameOf(text: string): string {
  const name = text.trim().normalize('NFC');
  if (name === '' || /\p{Cc}/u.test(name)) throw new CommandFailure('a finger needs a name of letters, digits and signs', 64);
  return name;
}

async function enrol(options: FingerOptions & { readonly name: string }): Promise<void> {
  const name = nameOf(options.name);
  const owner = await askOwner(options);
  await withKey(options, async (key) => {
    must(await key.enrolFinger({ owner, name, onSample: tellSample }, touchNow));
    print(`Finger ${name} is on the key.`);
  });
}

async function list(options: FingerOptions & { readonly json?: true }): Promise<void> {
  const owner = await askOwner(options);
  await withKey(options, async (key) => {
    const stored = must(await key.fingers(owner, touchNow));
    if (options.json === true) return printJson(stored.map((finger) => ({ id: hexOf(finger), name: finger.name })));
    if (stored.length === 0) print('No finger is on the key yet.');
    for (const finger of stored) print(`${hexOf(finger)}  ${shown(finger.name)}`);
    return undefined;
  });
}

async function rename(wanted: string, text: string, options: FingerOptions): Promise<void> {
  const name = nameOf(text);
  const owner = await askOwner(options);
  await withKey(options, async (key) => {
    const finger = must(await key.renameFinger(owner, picked(wanted), name, touchNow));
    print(`Finger ${hexOf(finger)} is named ${name}.`);
  });
}

async function remove(wanted: string, options: FingerOptions): Promise<void> {
  const owner = await askOwner(options);
  await withKey(options, async (key) => {
    const left = must(await key.removeFinger(owner, picked(wanted), touchNow));
    print(`Finger ${wanted} is off the key; ${left.length} left.`);
    if (left.length === 0) tell('Nobody can log in with this key before a finger is enrolled on it again.');
  });
}

/** `agent key finger` puts one on the key; `agent key fingers` is about those that it has. */
export function registerFingerCommands(key: Command): void {
  byOwner(key.command('finger').description('enrol a finger on the plugged-in key; its owner shows an enrolled finger, or gives the key’s PIN'))
    .requiredOption('--name <name>', 'which finger it is')
    .action(enrol);
  const fingers = key.command('fingers').description('the fingers on the plugged-in key; its owner shows one of them, or gives the key’s PIN');
  byOwner(fingers.command('list').description('id and name of each')).option('--json', 'one line of JSON').action(list);
  byOwner(
    fingers
      .command('rename')
      .description('give one another name')
      .argument('<finger>', 'its name, or the first digits of its id')
      .argument('<name>', 'its new name'),
  ).action(rename);
  byOwner(fingers.command('remove').description('take one off the key').argument('<finger>', 'its name, or the first digits of its id')).action(
    remove,
  );
}
