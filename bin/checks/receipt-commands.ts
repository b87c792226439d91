import type { Command } from 'commander';
import { CommandFailure, print, printJson, type RegisterCommands } from '#platform/console/command.js';
import { consumerDigest } from '#protocol/identity/ids.js';
import { verifyReceipt, type CheckedReceipt } from '#protocol/receipt/receipt.js';
import { equalBytes, type VerifyKey } from '#protocol/signing/keys.js';
import { printedTime } from '#protocol/time/time.js';
import { askHub } from './ask-hub.js';
import { EXIT_BAD, EXIT_UNUSABLE, readDistrictKey, readInput, unusableArgumentsEndWithTwo } from './inputs.js';
import { readPostingAnswer } from './posting-answer.js';
import { postingText, receiptJson, receiptLinesOf } from './receipt-text.js';

type VerifyOptions = { readonly districtKey: string; readonly consumer?: string; readonly salt?: string; readonly json?: true };
type StatusOptions = { readonly districtKey: string; readonly hub?: string; readonly json?: true };

const DISTRICT_KEY = ['--district-key <file>', "the district's public key (SPKI PEM)"] as const;

function bad(detail: string, json: true | undefined, code: string): CommandFailure {
  if (json === true) printJson({ ok: false, code, detail });
  return new CommandFailure(detail, EXIT_BAD);
}

function textOf(argument: string): string {
  return argument === '-' ? Buffer.from(readInput('-', 'the receipt')).toString('utf8') : argument;
}

function checked(district: VerifyKey, text: string, json: true | undefined): CheckedReceipt {
  const receipt = verifyReceipt(district, text);
  if (!receipt.ok) throw bad(`not a good receipt: ${receipt.error.detail}`, json, receipt.error.code);
  return receipt.value;
}

/** Both or neither: the digest in the code hides the consumer number behind the salt that the paper shows. */
function consumerOf(options: VerifyOptions): { readonly consumer: string; readonly salt: Uint8Array } | undefined {
  const { consumer, salt } = options;
  if (consumer === undefined && salt === undefined) return undefined;
  if (consumer === undefined || salt === undefined || !/^[0-9a-f]{16}$/iu.test(salt.replaceAll(' ', '')))
    throw new CommandFailure('--consumer and --salt go together; the salt is the 16 hexadecimal digits on the paper', EXIT_UNUSABLE);
  return { consumer: consumer.replaceAll(/\s+/gu, '').toUpperCase(), salt: Buffer.from(salt.replaceAll(' ', ''), 'hex') };
}

function verify(argument: string, options: VerifyOptions): void {
  const district = readDistrictKey(options.districtKey);
  const asked = consumerOf(options);
  const receipt = checked(district, textOf(argument), options.json);
  if (asked !== undefined && !equalBytes(consumerDigest(asked.salt, asked.consumer), receipt.consumerDigest))
    throw bad(`the receipt is good, but not for consumer ${asked.consumer} with this salt`, options.json, 'other-consumer');
  if (options.json === true) return printJson(receiptJson(receipt));
  print('Good: the kiosk signed exactly these facts, and the district vouches for the kiosk.');
  for (const line of receiptLinesOf(receipt)) print(line);
  if (asked !== undefined) print(`Consumer:    ${asked.consumer} is the number that this receipt was made for`);
}

/** The receipt's own address, or the same path at the hub that was named. */
function addressOf(text: string, hub: string | undefined): URL {
  const own = URL.parse(text.trim().toUpperCase());
  const base = hub === undefined ? own : URL.parse(hub);
  if (own === null || base === null || base.protocol !== 'https:') throw new CommandFailure('--hub is written https://host:port', EXIT_UNUSABLE);
  return new URL(own.pathname, base);
}

async function status(argument: string, options: StatusOptions): Promise<void> {
  const district = readDistrictKey(options.districtKey);
  const text = textOf(argument);
  const receipt = checked(district, text, options.json);
  const body = await askHub(addressOf(text, options.hub));
  if (!body.ok) throw bad(body.error.detail, options.json, body.error.code);
  const posting = readPostingAnswer(district, receipt, body.value);
  if (!posting.ok) throw bad(`the hub's answer can not be believed: ${posting.error.detail}`, options.json, posting.error.code);
  const { state, at, transaction } = posting.value;
  if (options.json === true) return printJson({ ok: true, receipt: receipt.number, transaction, state, at });
  print(`Receipt ${receipt.number}: ${postingText(state)}.`);
  print(`Signed by the hub of ${receipt.certificate.district} on ${printedTime(at)}; transaction ${transaction}.`);
}

/** `jharokha receipt`: what a citizen's paper proves, offline; and what became of the money, signed by the hub. */
export const register: RegisterCommands = (parent: Command) => {
  unusableArgumentsEndWithTwo(parent);
  parent
    .command('verify')
    .description("Check a receipt offline, with nothing but its code's text and the district's public key")
    .argument('<text>', "the text of the receipt's QR code (HTTPS://…/R/…), or - to read it from standard input")
    .requiredOption(...DISTRICT_KEY)
    .option('--consumer <number>', 'also check that the receipt is for this consumer number')
    .option('--salt <hex>', 'the salt printed on the paper; needed with --consumer')
    .option('--json', 'one line of JSON; sums as strings of paise')
    .addHelpText('after', '\nExit codes: 0 good; 1 not good, with the reason; 2 nothing could be checked.')
    .action(verify);
  parent
    .command('status')
    .description('Ask the hub for the second fact: when the department got the money, under which reference')
    .argument('<text>', "the text of the receipt's QR code, or - to read it from standard input")
    .requiredOption(...DISTRICT_KEY)
    .option('--hub <address>', "https://host:port of the hub; without it, the address in the receipt's own code")
    .option('--json', 'one line of JSON')
    .addHelpText('after', '\nExit codes: 0 a signed answer, whatever it says; 1 no answer that can be believed; 2 nothing could be asked.')
    .action(status);
};
