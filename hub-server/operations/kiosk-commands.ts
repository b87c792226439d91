import type { Command } from 'commander';
import { toString as qrText } from 'qrcode';
import { CommandFailure, print, printJson } from '#platform/console/command.js';
import { printedTime } from '#protocol/time/time.js';
import { CLAIM_LIMITS, issueClaim } from '../kiosks/enrolment/claim.js';
import { approveKiosk, moveKiosk, refuseKiosk } from '../kiosks/enrolment/decide.js';
import { pendingDevice, pendingDevices, sameMachine } from '../kiosks/enrolment/device.js';
import { addLsp, listLsps } from '../kiosks/enrolment/lsp.js';
import { addSlot, listSlots, type Place } from '../kiosks/enrolment/slot.js';
import { DIR_FLAG, DIR_HELP, bothNames, districtKeyOf, orFail, orderedBy, table, withHub, type DirOption } from './command-hub.js';
import { districtFacts } from './district.js';
import { registerPresence } from './presence-commands.js';
import { newestRuleBook } from './rule-books.js';

type ListOptions = DirOption & { readonly json?: true };

/** `hub lsp`, `hub kiosk`, `hub claim`. */
export function registerKiosks(parent: Command): void {
  registerLsps(parent);
  const kiosks = parent.command('kiosk').description('kiosk slots and the devices in them');
  registerSlots(kiosks);
  registerApproval(kiosks);
  registerStanding(kiosks);
  registerPresence(kiosks);
  registerClaims(parent);
}

function registerLsps(parent: Command): void {
  const lsps = parent.command('lsp').description('operating companies (local service providers)');
  lsps
    .command('add <code>')
    .description('add an operating company, such as AKSH')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .requiredOption('--name <name>', 'its name in English')
    .requiredOption('--name-hi <name>', 'its name in Hindi')
    .action((code: string, options: DirOption & { readonly name: string; readonly nameHi: string }) =>
      withHub(options.dir, (hub) => {
        orFail(addLsp(hub, { code, name: bothNames('name of the LSP', options.name, options.nameHi) }));
        print(`LSP ${code} is in the books.`);
      }),
    );
  lsps
    .command('list')
    .description('list the operating companies')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .option('--json', 'as JSON')
    .action((options: ListOptions) =>
      withHub(options.dir, (hub) => {
        const found = listLsps(hub);
        if (options.json === true) printJson(found);
        else for (const line of table(found.map((lsp) => [lsp.code, lsp.name.en, lsp.name.hi]))) print(line);
      }),
    );
}

type SlotOptions = DirOption & {
  readonly lsp: string;
  readonly site: string;
  readonly siteHi: string;
  readonly at?: string;
  readonly radius: string;
};

function registerSlots(kiosks: Command): void {
  kiosks
    .command('add <code>')
    .description('add a kiosk slot, such as d35k1111')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .requiredOption('--lsp <code>', 'the operating company that answers for it')
    .requiredOption('--site <name>', 'where it stands, in English')
    .requiredOption('--site-hi <name>', 'where it stands, in Hindi')
    .option('--at <lat,long>', 'approved place in degrees, such as 26.9124,75.7873')
    .option('--radius <metres>', 'how far from that place it may be', '200')
    .action((code: string, options: SlotOptions) =>
      withHub(options.dir, (hub) => {
        const site = bothNames('site', options.site, options.siteHi);
        const slot = orFail(addSlot(hub, newestRuleBook(hub).book.grammar, { code, lsp: options.lsp, site, place: readPlace(options) }));
        print(`Kiosk ${slot.code} is in the books. Next: hub claim issue ${slot.code}`);
      }),
    );
  kiosks
    .command('list')
    .description('list the kiosk slots and how each stands')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .option('--json', 'as JSON')
    .action((options: ListOptions) =>
      withHub(options.dir, (hub) => {
        const slots = listSlots(hub);
        if (options.json === true) printJson(slots);
        else
          for (const line of table(slots.map((s) => [s.code, s.standing, s.epoch === undefined ? '-' : `epoch ${s.epoch}`, s.lsp, s.site.en])))
            print(line);
      }),
    );
}

function registerApproval(kiosks: Command): void {
  kiosks
    .command('pending')
    .description('list the devices that wait for approval; the fingerprint is not shown: it must come from the device itself')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .option('--json', 'as JSON')
    .action((options: ListOptions) =>
      withHub(options.dir, (hub) => {
        const waiting = pendingDevices(hub).map((d) => {
          const seenBefore = [...new Set(sameMachine(hub, d).map((other) => other.kiosk))];
          return { kiosk: d.kiosk, askedAt: d.askedAt, address: d.address, host: d.host, system: d.system, machine: d.machine, seenBefore };
        });
        if (options.json === true) return printJson(waiting);
        if (waiting.length === 0) return print('No device waits.');
        for (const line of table(waiting.map((d) => [d.kiosk, printedTime(d.askedAt), d.address, d.host, d.system]))) print(line);
        for (const d of waiting.filter((each) => each.seenBefore.length > 0))
          print(`Note: the machine that waits for ${d.kiosk} asked before with another key, for ${d.seenBefore.join(', ')}.`);
        return undefined;
      }),
    );
  kiosks
    .command('approve <code>')
    .description('approve the device that waits, when the fingerprint read out by the technician is its own')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .requiredOption('--fingerprint <text>', 'the six groups as read out from the device')
    .action((code: string, options: DirOption & { readonly fingerprint: string }) =>
      withHub(options.dir, (hub) => {
        const decision = { kiosk: code, by: orderedBy(), fingerprint: options.fingerprint };
        const done = orFail(approveKiosk(hub, districtKeyOf(options.dir), decision));
        print(`Kiosk ${done.kiosk} is approved: epoch ${done.epoch}, bundle ${done.bundleNumber}.`);
        if (done.retiredEpoch !== undefined) print(`Its earlier device (epoch ${done.retiredEpoch}) is retired and can no longer link.`);
      }),
    );
  kiosks
    .command('refuse <code>')
    .description('refuse the device that waits')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .requiredOption('--reason <text>', 'told to the technician')
    .action((code: string, options: DirOption & { readonly reason: string }) =>
      withHub(options.dir, (hub) => {
        if (pendingDevice(hub, code) === undefined) throw new CommandFailure(`no device waits for kiosk ${code} (nothing-pending)`);
        orFail(refuseKiosk(hub, { kiosk: code, by: orderedBy(), reason: options.reason }));
        print(`The device that waited for kiosk ${code} is refused.`);
      }),
    );
}

const MOVES = [
  { event: 'suspend', done: 'is suspended', help: 'stop a kiosk from linking and selling; its books stay' },
  { event: 'resume', done: 'works again', help: 'let a suspended kiosk work again' },
  {
    event: 'retire',
    done: 'is retired: its slot is free for another device',
    help: 'take a device out of service for ever; its receipts still verify',
  },
] as const;

function registerStanding(kiosks: Command): void {
  for (const { event, done, help } of MOVES) {
    kiosks
      .command(`${event} <code>`)
      .description(help)
      .requiredOption(DIR_FLAG, DIR_HELP)
      .option('--reason <text>', 'kept in the books')
      .action((code: string, options: DirOption & { readonly reason?: string }) =>
        withHub(options.dir, (hub) => {
          orFail(moveKiosk(hub, event, { kiosk: code, by: orderedBy(), reason: options.reason ?? null }));
          print(`Kiosk ${code} ${done}.`);
        }),
      );
  }
}

type ClaimOptions = ListOptions & { readonly hours: string; readonly replace?: true; readonly address?: string; readonly qr?: true };

function registerClaims(parent: Command): void {
  const claims = parent.command('claim').description('one-use claims with which technicians enrol devices');
  claims
    .command('issue <kiosk>')
    .description('issue a claim for a kiosk slot; it is shown once and works once')
    .requiredOption(DIR_FLAG, DIR_HELP)
    .option('--hours <n>', 'how long it may be used', String(CLAIM_LIMITS.lifeHours))
    .option('--replace', 'for a slot whose device is to be replaced')
    .option('--address <host:port>', "where the device reaches the hub, when it is not the hub's usual address")
    .option('--qr', 'also as a QR code')
    .option('--json', 'as JSON')
    .action((kiosk: string, options: ClaimOptions) =>
      withHub(options.dir, async (hub) => {
        if (!/^\d{1,3}$/u.test(options.hours)) throw new CommandFailure(`"${options.hours}" is not a number of hours`, 64);
        const address = options.address ?? districtFacts(hub).hubAddress;
        if (!/^[A-Za-z0-9.-]+:\d{1,5}$/u.test(address)) throw new CommandFailure(`"${address}" is not host:port`, 64);
        const kind = options.replace === true ? 'replace' : 'first';
        const lifeHours = Number.parseInt(options.hours, 10);
        const claim = orFail(issueClaim(hub, { kiosk, kind, lifeHours, hubAddress: address, by: orderedBy() }));
        if (options.json === true) return printJson({ claim: claim.text, kiosk: claim.kiosk, expiresAt: claim.expiresAt });
        print(claim.text);
        if (options.qr === true) print(await qrText(claim.text, { type: 'utf8', errorCorrectionLevel: 'M' }));
        return print(
          `For kiosk ${claim.kiosk}, once, until ${printedTime(claim.expiresAt)}. On the device: jharokha provision enrol --dir <kiosk folder> --claim <the line above>`,
        );
      }),
    );
}

/** Degrees as text to micro-degrees, without a floating point number on the way. */
function readPlace(options: { readonly at?: string; readonly radius: string }): Place | undefined {
  if (options.at === undefined) return undefined;
  const [latitude, longitude, ...rest] = options.at.split(',').map((part) => microDegrees(part.trim()));
  if (latitude === undefined || longitude === undefined || rest.length > 0 || Math.abs(latitude) > 90_000_000 || Math.abs(longitude) > 180_000_000)
    throw new CommandFailure(`"${options.at}" is not a place, such as 26.9124,75.7873`, 64);
  if (!/^[1-9]\d{0,5}$/u.test(options.radius)) throw new CommandFailure(`"${options.radius}" is not a number of metres`, 64);
  return { latitudeE6: latitude, longitudeE6: longitude, radiusM: Number.parseInt(options.radius, 10) };
}

function microDegrees(text: string): number | undefined {
  const match = /^(-?)(\d{1,3})(?:\.(\d{1,6}))?$/u.exec(text);
  if (match === null) return undefined;
  const whole = Number.parseInt(`${match[2] ?? '0'}${(match[3] ?? '').padEnd(6, '0')}`, 10);
  return match[1] === '-' ? -whole : whole;
}
