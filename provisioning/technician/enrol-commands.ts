import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ApprovedPlace } from '#protocol/place/place.js';
import { CommandFailure, print, printJson } from '#platform/console/command.js';
import { errorCode } from '#platform/files/files.js';
import { spokenFingerprint } from '#protocol/signing/keys.js';
import { MINUTE_MS } from '#protocol/time/time.js';
import { checkFolder, enrol } from './enrol.js';
import { readKeys, readState } from './kiosk-folder.js';
import { machineHints } from './machine.js';
import { EXIT, doneLines, exitCodeOf, stepLines } from './wording.js';

type EnrolFlags = { readonly dir: string; readonly claim?: string; readonly wait: string };

/** `provision enrol` and `provision show`. */
export function registerEnrolment(parent: Command): void {
  parent
    .command('enrol')
    .description('enrol this machine as a kiosk: show the claim to its hub, wait for the administrator, store the signed bundle')
    .requiredOption('--dir <folder>', "the kiosk's folder, on the data disk")
    .option('--claim <claim>', 'the claim, JC1/...; not needed when an enrolment that was begun goes on')
    .option('--wait <minutes>', 'how long to wait for the administrator', '30')
    .addHelpText(
      'after',
      '\nSafe to run again at any time: it goes on where it stood.\nExit codes: 0 enrolled, 64 mistyped claim, 65 bad answer or bundle, 69 hub not reached, 73 folder, 75 not yet approved, 76 wrong hub, 77 refused by the hub.',
    )
    .action(async (flags: EnrolFlags) => {
      if (!/^\d{1,4}$/u.test(flags.wait)) throw new CommandFailure(`"${flags.wait}" is not a number of minutes`, EXIT.usage);
      const done = await runEnrol(flags);
      if (!done.ok) throw new CommandFailure(`${done.error.detail} (${done.error.code})`, exitCodeOf(done.error.code));
      for (const line of doneLines(done.value)) print(line);
    });
  parent
    .command('show')
    .description('show what this kiosk folder is and check its keys and bundle, without the network')
    .requiredOption('--dir <folder>', "the kiosk's folder")
    .option('--json', 'as JSON')
    .action((flags: { readonly dir: string; readonly json?: true }) => show(resolve(flags.dir), flags.json === true ? 'json' : 'text'));
}

async function runEnrol(flags: EnrolFlags): ReturnType<typeof enrol> {
  try {
    return await enrol({
      folder: flags.dir,
      claim: flags.claim,
      hints: machineHints(),
      waitMs: Number.parseInt(flags.wait, 10) * MINUTE_MS,
      tell: (step) => stepLines(step).forEach((line) => print(line)),
      now: () => Date.now(),
      monotonicMs: () => performance.now(),
      random: (bytes) => randomBytes(bytes),
      pause: (ms) => pause(ms),
    });
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined || !/^E[A-Z]+$/u.test(code)) throw error;
    throw new CommandFailure(
      `the kiosk folder ${flags.dir} can not be used (${code}); free space or mend its rights, and run the command again`,
      EXIT.folder,
    );
  }
}

function show(folder: string, form: 'json' | 'text'): void {
  const state = readState(folder);
  if (!state.ok) throw new CommandFailure(state.error.detail, EXIT.folder);
  if (state.value === undefined) throw new CommandFailure(`${folder} is not a kiosk folder; begin with: jharokha provision enrol`, EXIT.folder);
  const keys = readKeys(folder);
  if (!keys.ok) throw new CommandFailure(keys.error.detail, EXIT.folder);
  const fingerprint = spokenFingerprint(keys.value.key.publicKey);
  if (state.value.state === 'asked') {
    if (form === 'json') return printJson({ state: 'asked', hub: state.value.hub, fingerprint });
    print(`Waits for approval at the hub ${state.value.hub}. Fingerprint: ${fingerprint}`);
    return print('Go on with: jharokha provision enrol --dir ' + folder);
  }
  const checked = checkFolder(folder, state.value);
  if (!checked.ok) throw new CommandFailure(`${checked.error.detail} (${checked.error.code})`, EXIT.badData);
  const { bundle, ruleBook } = checked.value;
  const facts = {
    state: 'enrolled',
    district: bundle.district,
    kiosk: bundle.kiosk,
    epoch: bundle.epoch,
    site: bundle.site,
    ...(bundle.place === undefined ? {} : { place: bundle.place }),
    hub: bundle.hub,
    bundle: bundle.number,
    ruleBook: ruleBook.version,
    profile: ruleBook.profile,
    fingerprint,
    assurance: state.value.assurance,
  };
  if (form === 'json') return printJson(facts);
  print(`Kiosk ${facts.kiosk}, ${facts.site.en} / ${facts.site.hi}, district ${facts.district}, epoch ${facts.epoch}`);
  print(`Hub ${facts.hub}, bundle ${facts.bundle}, rule book ${facts.ruleBook} (${facts.profile})`);
  if (bundle.place !== undefined) print(placeLine(bundle.place));
  return print(`Key ${facts.fingerprint} (${facts.assurance}). Keys, bundle and certificates fit together.`);
}

/** `Approved place 26.924000,75.814600, within 150 m` */
function placeLine({ latitudeMicrodegrees, longitudeMicrodegrees, radiusMetres }: ApprovedPlace): string {
  const degrees = (micro: number): string => (micro / 1e6).toFixed(6);
  return `Approved place ${degrees(latitudeMicrodegrees)},${degrees(longitudeMicrodegrees)}, within ${radiusMetres} m`;
}
