import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { CommandFailure, print, printJson } from '#platform/console/command.js';
import { errorCode, writeFileAtomic } from '#platform/files/files.js';
import type { Language } from '#protocol/identity/identity.js';
import { paperText } from '#protocol/receipt/text.js';
import { parsePublicKeyPem } from '#protocol/signing/keys.js';
import { sheetLines, spokenCode } from '#protocol/technician/sheet-layout.js';
import { undoneOf, verdictOf, verifySheet, type SheetVerdict } from '#protocol/technician/sheet.js';
import { KIND_WORDS } from '#protocol/technician/words.js';
import { STATION } from '#protocol/technician/messages.js';
import { demoHands, openDemoBench, type DemoBench } from './demo.js';
import { examine, printSheet, type DoctorEvent, type Examined, type Person } from './examine.js';
import { personAtTerminal, type PersonAtTerminal } from './person.js';
import { reachBench } from './reach.js';
import { deviceName, resultLines, say, skippedLine } from './wording.js';

type Flags = {
  readonly dir?: string;
  readonly language: Language;
  readonly out?: string;
  readonly json?: true;
  readonly unattended?: true;
  readonly print?: true;
  readonly demo?: true;
};

/** Exit codes of the doctor. */
const EXIT: Readonly<Record<SheetVerdict, number>> = { pass: 0, fail: 1, nothing: 2, partial: 3 };

/** Nobody can be blamed for what needs somebody where nobody is to be: an unattended run that did all else has done its work. */
function exitCodeOf({ verdict, undone }: Examined, person: Person | undefined): number {
  const isAllThatCould = person === undefined && undone.every(({ needs }) => needs === 'somebody');
  return verdict === 'partial' && isAllThatCould ? 0 : EXIT[verdict];
}

export function registerDoctor(parent: Command): void {
  const doctor = parent
    .command('doctor')
    .description('try every device and the machine itself, say in plain words what is wrong, and make a signed pass, partial or fail sheet')
    .option('--dir <folder>', "the kiosk's folder; its agent may run or not")
    .addOption(new Option('--language <language>', 'of the sentences').choices(['en', 'hi']).default('en'))
    .option('--out <file>', 'write the sheet there, by custom *.sheet')
    .option('--print', 'print the sheet on the receipt printer too')
    .option('--json', 'one JSON object a line for each step')
    .option('--unattended', 'leave out what needs somebody')
    .option('--demo', 'try it on virtual devices, in a folder of its own')
    .addHelpText(
      'after',
      '\nExit codes: 0 pass, 1 fail, 2 nothing could be tested, 3 partial: what was done passed, and some checks were not done (0 with --unattended, when these need somebody). While a citizen is served, devices are left alone.',
    )
    .action(runDoctor);
  doctor
    .command('verify')
    .description("check a sheet offline, with nothing but the district's public key")
    .argument('<sheet>', 'the file that --out wrote')
    .requiredOption('--district-key <file>', "the district's public key (SPKI PEM)")
    .addOption(new Option('--language <language>', 'of the sheet').choices(['en', 'hi']).default('en'))
    .option('--json', 'one line of JSON')
    .addHelpText('after', '\nExit codes: 0 a good signature, whatever the sheet says; 1 not good, or not signed; 2 nothing could be checked.')
    .action(verify);
}

async function runDoctor(flags: Flags): Promise<void> {
  if ((flags.dir === undefined) === (flags.demo === undefined)) throw new CommandFailure('give either --dir <folder> or --demo', 2);
  const demo = flags.demo === true ? await openDemoBench() : undefined;
  try {
    await examineFolder(flags, demo ?? { folder: resolve(flags.dir ?? '.') }, demo);
  } finally {
    await demo?.close();
  }
}

async function examineFolder(flags: Flags, { folder }: { readonly folder: string }, demo: DemoBench | undefined): Promise<void> {
  if (!existsSync(folder)) throw new CommandFailure(`there is no folder ${folder}`, 2);
  if (!statSync(folder).isDirectory()) throw new CommandFailure(`${folder} is a file: --dir names the kiosk's folder`, 2);
  if (flags.out !== undefined) tryOut(flags.out);
  const bench = await reachBench(folder);
  let stop: () => void = () => undefined;
  const interrupted = (): void => stop();
  process.on('SIGINT', interrupted);
  const terminal =
    flags.json === true || flags.unattended === true || !process.stdin.isTTY ? undefined : personAtTerminal(flags.language, interrupted);
  const person = personOf(flags, demo, terminal);
  try {
    if (flags.json !== true) print(`${folder}: ${say(flags.language, bench.by === 'agent' ? 'by-agent' : 'by-own')}`);
    const done = await examine({
      client: bench.client,
      person,
      tell: flags.json === true ? tellJson : tellText(flags.language, folder),
      onRun: (how) => (stop = how),
    });
    if (!done.ok) throw new CommandFailure(`${done.error.detail} (${done.error.code})`, 2);
    const unwritten = await keepSheet(flags, done.value, terminal);
    if (flags.print === true) await putOnPaper(flags, bench.client);
    if (unwritten !== undefined) throw new CommandFailure(unwritten, 2);
    process.exitCode = exitCodeOf(done.value, person);
  } finally {
    process.off('SIGINT', interrupted);
    terminal?.close();
    await bench.close();
  }
}

function personOf(flags: Flags, demo: DemoBench | undefined, terminal: PersonAtTerminal | undefined): Person | undefined {
  if (flags.unattended === true) return undefined;
  return demo === undefined ? terminal : demoHands(demo.root, flags.language, flags.json === true ? 'silent' : 'shown');
}

function tellText(language: Language, folder: string): (event: DoctorEvent) => void {
  let heading = '';
  const under = (text: string): void => {
    if (text === heading) return;
    heading = text;
    print(text);
  };
  return (event) => {
    if (event.event === 'device') return under(`${deviceName(event.device, language)}, ${event.device.where}`);
    if (event.check.device === STATION) under(KIND_WORDS[language].station);
    if (event.event === 'checked') for (const line of resultLines(event.check, event.result, language, folder)) print(line);
    if (event.event === 'skipped') {
      const detail = event.why === 'unattended' ? say(language, 'unattended') : event.detail;
      print(skippedLine(event.check, detail, language));
    }
  };
}

function tellJson(event: DoctorEvent): void {
  switch (event.event) {
    case 'device':
      return printJson({ event: 'device', ...event.device });
    case 'checking':
      return undefined;
    case 'prompt':
      return printJson({ event: 'prompt', device: event.check.device, check: event.check.check, prompt: event.prompt });
    case 'checked':
      return printJson({ event: 'checked', device: event.check.device, kind: event.check.kind, check: event.check.check, ...event.result });
    case 'skipped':
      return printJson({ event: 'skipped', device: event.check.device, check: event.check.check, why: event.why, detail: event.detail });
  }
}

/** Shows the sheet, whatever becomes of its file: an examination that was made is not lost for a full disk. What kept the file from being written, or undefined. */
async function keepSheet(
  flags: Flags,
  { sheet, file, verdict, undone }: Examined,
  terminal: PersonAtTerminal | undefined,
): Promise<string | undefined> {
  let path = flags.out;
  let why = path === undefined ? undefined : writeOut(path, file);
  if (flags.json === true) {
    const kept = path === undefined || why !== undefined ? {} : { file: path };
    printJson({ event: 'sheet', verdict, undone, form: sheet.form, code: sheet.code, kiosk: sheet.facts.kiosk, ...kept });
    return why;
  }
  print();
  for (const line of paperText(sheetLines(sheet, flags.language))) print(line);
  while (why !== undefined && terminal !== undefined) {
    print(why);
    path = await terminal.otherPath();
    if (path === undefined) return why;
    why = writeOut(path, file);
  }
  if (path !== undefined && why === undefined) print(`${say(flags.language, 'written')} ${path}`);
  return why;
}

/** A path that can not be written is told before anybody has pressed a finger, and not after. */
function tryOut(path: string): void {
  const into = dirname(resolve(path));
  const why = existsSync(path) && statSync(path).isDirectory() ? 'it is a folder' : canWrite(into) ? undefined : `${into} can not be written`;
  if (why !== undefined) throw new CommandFailure(`the sheet can not be written to ${path}: ${why}; nothing was tried yet`, 2);
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function writeOut(path: string, file: Uint8Array): string | undefined {
  try {
    writeFileAtomic(path, file);
    return undefined;
  } catch (error) {
    return `the sheet could not be written to ${path}: ${errorCode(error) ?? 'unknown'}`;
  }
}

async function putOnPaper(flags: Flags, client: Parameters<typeof printSheet>[0]): Promise<void> {
  const printed = await printSheet(client, flags.language);
  if (flags.json === true) return printJson(printed.ok ? { event: 'printed' } : { event: 'not-printed', ...printed.error });
  print(printed.ok ? say(flags.language, 'printed') : `${say(flags.language, 'not-printed')}: ${printed.error.detail}`);
}

type VerifyFlags = { readonly districtKey: string; readonly language: Language; readonly json?: true };

function verify(path: string, flags: VerifyFlags): void {
  const key = parsePublicKeyPem(read(flags.districtKey).toString('utf8'));
  if (!key.ok) throw new CommandFailure(`${flags.districtKey}: ${key.error.detail}`, 2);
  const checked = verifySheet(key.value, read(path));
  if (!checked.ok) {
    if (flags.json === true) printJson({ ok: false, ...checked.error });
    throw new CommandFailure(`not a good sheet: ${checked.error.detail} (${checked.error.code})`, 1);
  }
  const { facts, code } = checked.value;
  if (flags.json === true)
    return printJson({
      ok: true,
      verdict: verdictOf(facts),
      undone: undoneOf(facts).map(({ device, check }) => ({ device, check })),
      code,
      ...facts,
    });
  print(say(flags.language, 'good'));
  for (const line of paperText(sheetLines(checked.value, flags.language))) print(line);
  for (const row of facts.rows) print(`${row.device.padEnd(16)} ${row.check.padEnd(20)} ${row.outcome.padEnd(9)} ${row.detail}`);
  return print(spokenCode(checked.value));
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandFailure(`cannot read ${path}: ${errorCode(error) ?? 'unknown'}`, 2);
  }
}
