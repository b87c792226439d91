import type { Command } from 'commander';
import { CommandFailure, print, printJson } from '#platform/console/command.js';
import { DAY_MS, printedTime } from '#protocol/time/time.js';
import { auditPresence, type PresenceFinding } from '../kiosks/link/presence-audit.js';
import { DIR_FLAG, DIR_HELP, table, withHub, type DirOption } from './command-hub.js';

type Options = DirOption & { readonly kiosk?: string; readonly days: string; readonly json?: true };

const FAULTS: Readonly<Record<PresenceFinding['fault'], string>> = {
  'no-presence': 'sold without a press or a witness',
  'other-sale': 'the press agreed to another sale',
};
/** Something was found: for scripts that look every day. */
const EXIT_FOUND = 1;

/** `hub kiosk presence`: who was there when services that want a person were sold (R46). */
export function registerPresence(kiosks: Command): void {
  kiosks
    .command('presence')
    .description('sales that want a person: how each operator showed that one was there, and those that show none')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .option('--kiosk <code>', 'of one kiosk alone')
    .option('--days <n>', 'so many days back', '30')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nEnds with 1 when a sale shows nobody, or a press that agreed to something else.')
    .action((options: Options) =>
      withHub(options.dir, (hub) => {
        if (!/^[1-9]\d{0,3}$/u.test(options.days)) throw new CommandFailure(`"${options.days}" is not a number of days`, 64);
        const to = hub.now();
        const audit = auditPresence(hub, { from: to - Number.parseInt(options.days, 10) * DAY_MS, to: to + DAY_MS, kiosk: options.kiosk });
        if (audit.findings.length > 0) process.exitCode = EXIT_FOUND;
        if (options.json === true) return printJson(audit);
        if (audit.shares.length === 0) return print('No sale in this time wanted a person.');
        const rows = audit.shares.map((one) => [one.kiosk, one.operator, ...[one.finger, one.aadhaar, one.witness, one.nobody].map(String)]);
        for (const line of table([['kiosk', 'operator', 'finger', 'aadhaar', 'witness', 'nobody'], ...rows])) print(line);
        for (const { kiosk, epoch, seq, operator, transaction, at, fault } of audit.findings)
          print(`FOUND: ${printedTime(at)} ${kiosk} epoch ${epoch} entry ${seq} ${operator} ${transaction}: ${FAULTS[fault]}`);
      }),
    );
}
