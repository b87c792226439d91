import type { Command } from 'commander';
import { CommandFailure, print, printJson } from '#platform/console/command.js';
import { districtCode } from '#protocol/identity/identity.js';
import { formatRupees } from '#protocol/money/paise.js';
import type { RuleBook } from '#protocol/rulebook/rulebook.js';
import { spokenFingerprint } from '#protocol/signing/keys.js';
import { printedTime } from '#protocol/time/time.js';
import { DIR_FLAG, DIR_HELP, bothNames, districtKeyOf, orFail, readTextFile, table, withHub, type DirOption } from './command-hub.js';
import { createHub } from './hub-folder.js';
import { registerKiosks } from './kiosk-commands.js';
import { registerOperators } from './operator-commands.js';
import { draftText, listRuleBooks, newestRuleBook, ruleBookOfVersion, signAndStore } from './rule-books.js';

/** The words that set a district up: `hub init`, `lsp`, `kiosk`, `claim`, `operator`, `rulebook`. */
export function registerSetup(parent: Command): void {
  registerInit(parent);
  registerKiosks(parent);
  registerOperators(parent);
  registerRuleBooks(parent);
}

type InitOptions = DirOption & {
  readonly district: string;
  readonly name: string;
  readonly nameHi: string;
  readonly society: string;
  readonly societyHi: string;
  readonly hubName: string;
  readonly address: string;
  readonly receiptHost?: string;
  readonly ruleBook?: string;
};

function registerInit(parent: Command): void {
  parent
    .command('init')
    .description("make a new district: its root key, its hub's key, certificate and books, and the first signed rule book")
    .requiredOption(DIR_FLAG, `${DIR_HELP}: a new or empty one`)
    .requiredOption('--district <code>', 'district code with its scheme, such as lgd:102')
    .requiredOption('--name <name>', 'name of the district, in English')
    .requiredOption('--name-hi <name>', 'name of the district, in Hindi')
    .requiredOption('--society <name>', 'name of the society that runs the hub, in English')
    .requiredOption('--society-hi <name>', 'name of the society, in Hindi')
    .requiredOption('--address <host:port>', 'where kiosks reach the hub')
    .option('--hub-name <name>', "name in the hub's certificate", 'hub-1')
    .option('--receipt-host <host>', "host in a receipt's code, when it is not the address")
    .option('--rule-book <file>', 'draft of the first rule book (JSON); without it, the one for e-Mitra Jaipur')
    .addHelpText(
      'after',
      "\nThe folder then holds district.key: whoever has it can certify kiosks. Keep a copy offline, and give the folder to the hub's user alone.",
    )
    .action(async (options: InitOptions) => {
      const district = districtCode.safeParse(options.district);
      if (!district.success) throw new CommandFailure(`"${options.district}" is not a district code, such as lgd:102 or c11:110`, 64);
      const { folder } = orFail(
        await createHub(options.dir, {
          district: district.data,
          districtName: bothNames('name of the district', options.name, options.nameHi),
          society: bothNames('name of the society', options.society, options.societyHi),
          name: options.hubName,
          address: options.address,
          receiptHost: options.receiptHost,
          ruleBook: options.ruleBook === undefined ? undefined : readTextFile(options.ruleBook),
        }),
      );
      await withHub(folder, (hub) => {
        print(`District ${hub.district} (${options.name}) is ready in ${folder}`);
        print(`  district key   ${spokenFingerprint(hub.districtKey.publicKey)}   (district.pub may be given to anyone)`);
        print(`  hub key        ${spokenFingerprint(hub.hubKey.publicKey)}`);
        print(`  rule book      version ${newestRuleBook(hub).book.version}`);
        print('Next: hub lsp add, hub kiosk add, hub claim issue, hub serve.');
      });
    });
}

function registerRuleBooks(parent: Command): void {
  const ruleBooks = parent.command('rulebook').description('services, fees, payers, dates and modes, signed by the district');
  ruleBooks
    .command('sign <file>')
    .description('check a draft (JSON), sign it with the district key and make it the newest; only a higher version is taken')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .action((file: string, options: DirOption) =>
      withHub(options.dir, (hub) => {
        const { book } = orFail(signAndStore(hub, districtKeyOf(options.dir), readTextFile(file)));
        print(
          `Rule book ${book.version} is signed: ${book.services.length} services, ${book.tariff.length} charges. Kiosks take it when they next link.`,
        );
      }),
    );
  ruleBooks
    .command('show')
    .description('show the newest rule book, or one version; --json prints it as a draft to copy and change')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .option('--version <number>', 'this version')
    .option('--json', 'as a draft file')
    .action((options: DirOption & { readonly version?: string; readonly json?: true }) =>
      withHub(options.dir, (hub) => {
        const found = options.version === undefined ? newestRuleBook(hub) : ruleBookOfVersion(hub, wholeNumber(options.version));
        if (found === undefined) throw new CommandFailure(`there is no rule book of version ${options.version}`);
        if (options.json === true) process.stdout.write(draftText(found.book));
        else showRuleBook(found.book);
      }),
    );
  ruleBooks
    .command('list')
    .description('every version and when it was signed')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .option('--json', 'as JSON')
    .action((options: DirOption & { readonly json?: true }) =>
      withHub(options.dir, (hub) => {
        const lines = listRuleBooks(hub);
        if (options.json === true) printJson(lines);
        else for (const line of table(lines.map((l) => [`version ${l.version}`, printedTime(l.signedAt)]))) print(line);
      }),
    );
}

function showRuleBook(book: RuleBook): void {
  print(`Rule book ${book.version} of ${book.districtName.en} (${book.district}), profile ${book.profile}, signed ${printedTime(book.issuedAt)}`);
  print(`Modes: ${book.profileModes.join(', ')}`);
  for (const line of table(book.services.map((s) => [s.code, s.department, s.name.en, s.modes.join(', ')]))) print(`  ${line}`);
  print('Charges (Rs):');
  const rows = book.tariff.map((t) => [t.service, formatRupees(t.chargePaise), t.payer, `${t.from} to ${t.to ?? 'now'}`, t.authority]);
  for (const line of table(rows)) print(`  ${line}`);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/u.test(text)) throw new CommandFailure(`"${text}" is not a number`, 64);
  return Number.parseInt(text, 10);
}
