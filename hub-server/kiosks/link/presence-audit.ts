import { openEntry, type SaleBody, type SignedEntry } from '#protocol/ledger/entry.js';
import type { KioskCode, TransactionId } from '#protocol/identity/identity.js';
import { presenceHash } from '#protocol/presence/presence.js';
import { assert } from '#protocol/result/result.js';
import { findService } from '#protocol/rulebook/rulebook.js';
import { DAY_MS, type UnixMs } from '#protocol/time/time.js';
import { equalBytes } from '#protocol/signing/keys.js';
import type { Hub } from '../../hub.js';
import { ruleBookOfVersion } from '../../operations/rule-books.js';
import { linkDevice, type LinkDevice } from './device.js';

type Way = 'finger' | 'aadhaar' | 'witness';

/** Sales of one operator that wanted a person, by what showed that one was there. */
export type PresenceShare = { readonly kiosk: KioskCode; readonly operator: string } & Readonly<Record<Way | 'nobody', number>>;

/** A sale that wanted a person and shows none, or whose press agreed to something else. The money is booked all the same: it was taken. */
export type PresenceFinding = {
  readonly kiosk: KioskCode;
  readonly epoch: number;
  readonly seq: number;
  readonly operator: string;
  readonly transaction: TransactionId;
  readonly at: UnixMs;
  readonly fault: 'no-presence' | 'other-sale';
};

export type PresenceAudit = { readonly shares: readonly PresenceShare[]; readonly findings: readonly PresenceFinding[] };

type Given = { readonly by: Way; readonly bound: Uint8Array };

/**
 * Reads the signed entries of a span again and holds each sale against its press (INV-46): a kiosk whose program was changed may sell without one, and
 * an operator who always brings a witness shows too. `kiosk` left out: all of the district.
 */
export function auditPresence(hub: Hub, span: { readonly from: UnixMs; readonly to: UnixMs; readonly kiosk?: string | undefined }): PresenceAudit {
  const shares = new Map<string, PresenceShare>();
  const findings: PresenceFinding[] = [];
  const given = new Map<TransactionId, Given>();
  for (const { entry } of entriesOf(hub, span)) {
    const { body, kiosk, epoch, seq, at } = entry;
    if (body.kind === 'presence' && body.outcome === 'given') given.set(body.transaction, { by: body.by, bound: body.bound });
    if (body.kind !== 'sale' || at < span.from || !wantsPerson(hub, entry.ruleBook, body)) continue;
    const operator = entry.operator ?? '-';
    const shown = given.get(body.transaction);
    const fits = shown !== undefined && equalBytes(shown.bound, boundOf(hub, kiosk, body));
    if (!fits)
      findings.push({ kiosk, epoch, seq, operator, transaction: body.transaction, at, fault: shown === undefined ? 'no-presence' : 'other-sale' });
    const key = `${kiosk} ${operator}`;
    const share = shares.get(key) ?? { kiosk, operator, finger: 0, aadhaar: 0, witness: 0, nobody: 0 };
    const way = fits ? shown.by : 'nobody';
    shares.set(key, { ...share, [way]: share[way] + 1 });
  }
  return { shares: [...shares.values()], findings };
}

function wantsPerson(hub: Hub, version: number, sale: SaleBody): boolean {
  const book = ruleBookOfVersion(hub, version)?.book;
  return book !== undefined && findService(book, sale.service)?.presence !== undefined;
}

function boundOf(hub: Hub, kiosk: KioskCode, { transaction, service, consumer, totalPaise }: SaleBody): Uint8Array {
  return presenceHash({ district: hub.district, kiosk, transaction, service, consumer, totalPaise });
}

type Row = { readonly kiosk: string; readonly epoch: bigint; readonly bytes: Buffer };

/** A press stands before its sale, hardly ever on the day before. */
function* entriesOf(hub: Hub, { from, to, kiosk }: Parameters<typeof auditPresence>[1]): Generator<SignedEntry> {
  const rows = hub.db
    .prepare<[string, number, number, string | null, string | null], Row>(
      `SELECT kiosk, epoch, bytes FROM entry WHERE district = ? AND kind IN ('presence', 'sale') AND at >= ? AND at < ? AND (? IS NULL OR kiosk = ?)
       ORDER BY kiosk, epoch, seq`,
    )
    .all(hub.district, from - DAY_MS, to, kiosk ?? null, kiosk ?? null);
  let device: LinkDevice | undefined;
  for (const row of rows) {
    if (device?.kiosk !== row.kiosk || device.epoch !== Number(row.epoch)) device = linkDevice(hub, row.kiosk, Number(row.epoch));
    assert(device !== undefined, 'the hub keeps entries of its own kiosks alone');
    const opened = openEntry(device.certificate.key, row.bytes);
    assert(opened.ok, `a stored entry of ${row.kiosk} verifies under its kiosk's key`);
    yield opened.value;
  }
}
