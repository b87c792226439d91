import type { Command } from 'commander';
import { CommandFailure, print, printJson, type RegisterCommands } from '#platform/console/command.js';
import { verifyExport, type ExportFault, type ExportVerdict } from '#protocol/ledger/export.js';
import type { SignedEntry } from '#protocol/ledger/entry.js';
import type { Result } from '#protocol/result/result.js';
import { printedTime } from '#protocol/time/time.js';
import { entryJson, entryLine } from './entry-text.js';
import { EXIT_BAD, readDistrictKey, readInput, unusableArgumentsEndWithTwo } from './inputs.js';

type VerifyOptions = { readonly districtKey: string; readonly allowTail?: true; readonly json?: true };
type ShowOptions = Pick<VerifyOptions, 'districtKey' | 'json'>;

const DISTRICT_KEY = ['--district-key <file>', "the district's public key (SPKI PEM), from the district and not from the kiosk"] as const;

/** Where an export stops being true, as both the text and `--json` name it. */
function placeOf(where: ExportFault['where']): string {
  return 'entry' in where ? `entry ${where.entry}` : where.part === 'file' ? 'the file' : `the part ${where.part}`;
}

function failed(file: string, fault: ExportFault): CommandFailure {
  return new CommandFailure(`${file}: ${placeOf(fault.where)}: ${fault.detail}`, EXIT_BAD);
}

function goodLine(good: ExportVerdict): string {
  const whose = `kiosk ${good.certificate.subject} epoch ${good.certificate.epoch} of ${good.certificate.district}`;
  const until = good.count === 0 ? '' : `, newest of ${printedTime(good.tip.at)}`;
  const tail =
    good.countersigned === good.count
      ? 'all countersigned by the hub'
      : `${good.countersigned} countersigned by the hub; ${good.countersigned + 1} to ${good.count} stand on the kiosk's word alone`;
  return `${good.count} entries, ${tail} (${whose}${until})`;
}

function verdictJson(verdict: Result<ExportVerdict, ExportFault>): unknown {
  if (!verdict.ok) return { ok: false, ...verdict.error.where, detail: verdict.error.detail };
  const { certificate, count, countersigned, tip } = verdict.value;
  const { district, subject, epoch } = certificate;
  return { ok: true, count, countersigned, district, kiosk: subject, epoch, head: Buffer.from(tip.hash).toString('hex') };
}

function verify(file: string, options: VerifyOptions): void {
  const district = readDistrictKey(options.districtKey);
  const verdict = verifyExport(district, readInput(file, 'the export'), undefined, options.allowTail === true ? 'allow' : 'refuse');
  if (options.json === true) printJson(verdictJson(verdict));
  if (!verdict.ok) throw failed(file, verdict.error);
  if (options.json !== true) print(goodLine(verdict.value));
}

function show(file: string, options: ShowOptions): void {
  const district = readDistrictKey(options.districtKey);
  const line = (signed: SignedEntry): void => {
    if (options.json === true) printJson(entryJson(signed.entry, signed.hash));
    else print(entryLine(signed.entry));
  };
  const verdict = verifyExport(district, readInput(file, 'the export'), line, 'allow');
  if (!verdict.ok) throw failed(file, verdict.error);
  if (options.json !== true) print(goodLine(verdict.value));
}

/** `jharokha ledger`: checks an exported chain offline, with nothing but the district's public key. */
export const register: RegisterCommands = (parent: Command) => {
  unusableArgumentsEndWithTwo(parent);
  parent
    .command('verify')
    .description('Check an exported ledger: every signature, the chain without a gap, both heads')
    .argument('<file>', 'the export (*.cborseq)')
    .requiredOption(...DISTRICT_KEY)
    .option('--allow-tail', 'take entries at the end that the hub has not countersigned yet')
    .option('--json', 'one line of JSON')
    .addHelpText('after', '\nExit codes: 0 good; 1 bad, naming the first bad or missing entry; 2 nothing could be checked.')
    .action(verify);
  parent
    .command('show')
    .description('List the entries of an exported ledger, each checked before it is shown')
    .argument('<file>', 'the export (*.cborseq)')
    .requiredOption(...DISTRICT_KEY)
    .option('--json', 'one line of JSON an entry; sums as strings of paise')
    .action(show);
};
