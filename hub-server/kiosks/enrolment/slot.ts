import { z } from 'zod';
import { kioskCode, type KioskCode, type LocalName } from '#protocol/identity/identity.js';
import { readKioskCode, type LoginGrammar } from '#protocol/identity/grammar.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { Hub } from '../../hub.js';
import { findLsp } from './lsp.js';
import { change, rowOf, rowsOf, smallColumn } from '../../store/rows.js';

/** The approved place of a kiosk (R113): micro-degrees, and how far from it in metres it may be. */
export type Place = { readonly latitudeE6: number; readonly longitudeE6: number; readonly radiusM: number };

/** A counter's place in the district's books. It outlives the devices that serve it. */
export type KioskSlot = { readonly code: KioskCode; readonly lsp: string; readonly site: LocalName; readonly place: Place | undefined };

/** What may be told of a slot at a glance. `replacing`: a device works there and another waits to take over. */
export type SlotStanding = 'vacant' | 'claimed' | 'pending' | 'active' | 'suspended' | 'replacing';
export type SlotView = KioskSlot & { readonly standing: SlotStanding; readonly epoch: number | undefined };

const slotFields = {
  code: kioskCode,
  lsp: z.string(),
  site_en: z.string(),
  site_hi: z.string(),
  latitude_e6: smallColumn.nullable(),
  longitude_e6: smallColumn.nullable(),
  radius_m: smallColumn.nullable(),
};
const slotShape = z.object(slotFields);

function slotOf(r: z.infer<typeof slotShape>): KioskSlot {
  const { latitude_e6: latitudeE6, longitude_e6: longitudeE6, radius_m: radiusM } = r;
  const place = latitudeE6 !== null && longitudeE6 !== null && radiusM !== null ? { latitudeE6, longitudeE6, radiusM } : undefined;
  return { code: r.code, lsp: r.lsp, site: { en: r.site_en, hi: r.site_hi }, place };
}

const slotRow = slotShape.transform(slotOf);
const viewRow = z
  .object({
    ...slotFields,
    working: z.enum(['active', 'suspended']).nullable(),
    epoch: smallColumn.nullable(),
    waiting: smallColumn,
    claims: smallColumn,
  })
  .transform((r): SlotView => ({ ...slotOf(r), standing: standingOf(r.working, r.waiting > 0, r.claims > 0), epoch: r.epoch ?? undefined }));

function standingOf(working: 'active' | 'suspended' | null, waiting: boolean, claimed: boolean): SlotStanding {
  if (working !== null) return waiting ? 'replacing' : working;
  if (waiting) return 'pending';
  return claimed ? 'claimed' : 'vacant';
}

export type NewSlot = { readonly code: string; readonly lsp: string; readonly site: LocalName; readonly place?: Place | undefined };

export function addSlot(
  hub: Hub,
  grammar: LoginGrammar,
  slot: NewSlot,
): Result<KioskSlot, Failure<'bad-kiosk-code' | 'lsp-unknown' | 'kiosk-exists'>> {
  const code = readKioskCode(grammar, slot.code);
  if (!code.ok) return code;
  if (findLsp(hub, slot.lsp) === undefined) return failure('lsp-unknown', `LSP ${slot.lsp} is not in the books: add it first (hub lsp add)`);
  const added = change(
    hub.db,
    `INSERT INTO kiosk_slot (district, code, lsp, site_en, site_hi, latitude_e6, longitude_e6, radius_m, added_at)
     VALUES (@district, @code, @lsp, @en, @hi, @latitude, @longitude, @radius, @at) ON CONFLICT (district, code) DO NOTHING`,
    {
      district: hub.district,
      code: code.value,
      lsp: slot.lsp,
      en: slot.site.en,
      hi: slot.site.hi,
      latitude: slot.place?.latitudeE6 ?? null,
      longitude: slot.place?.longitudeE6 ?? null,
      radius: slot.place?.radiusM ?? null,
      at: hub.now(),
    },
  );
  if (added === 0) return failure('kiosk-exists', `kiosk ${code.value} is already in the books`);
  return ok({ code: code.value, lsp: slot.lsp, site: slot.site, place: slot.place });
}

export function findSlot(hub: Hub, code: string): KioskSlot | undefined {
  const sql = 'SELECT code, lsp, site_en, site_hi, latitude_e6, longitude_e6, radius_m FROM kiosk_slot WHERE district = @district AND code = @code';
  return rowOf(hub.db, slotRow, sql, { district: hub.district, code });
}

/** Every slot with how it stands now. */
export function listSlots(hub: Hub): readonly SlotView[] {
  const sql = `SELECT s.code, s.lsp, s.site_en, s.site_hi, s.latitude_e6, s.longitude_e6, s.radius_m, w.state AS working, w.epoch AS epoch,
      (SELECT count(*) FROM kiosk_device p WHERE p.district = s.district AND p.kiosk = s.code AND p.state = 'pending') AS waiting,
      (SELECT count(*) FROM claim c WHERE c.district = s.district AND c.kiosk = s.code AND c.state = 'open' AND c.expires_at > @now) AS claims
    FROM kiosk_slot s
    LEFT JOIN kiosk_device w ON w.district = s.district AND w.kiosk = s.code AND w.state IN ('active', 'suspended')
    WHERE s.district = @district ORDER BY s.code`;
  return rowsOf(hub.db, viewRow, sql, { district: hub.district, now: hub.now() });
}
