import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { CLAIM_CODE_LENGTH, writeClaim } from '#protocol/identity/claim.js';
import { kioskCode, type KioskCode } from '#protocol/identity/identity.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { crockford } from '#protocol/signing/base32.js';
import { keyFingerprint, sha256 } from '#protocol/signing/keys.js';
import { HOUR_MS, type UnixMs } from '#protocol/time/time.js';
import type { Hub } from '../../hub.js';
import { pendingDevice, workingDevice } from './device.js';
import { alone, bytesColumn, change, rowOf, smallColumn } from '../../store/rows.js';
import { findSlot } from './slot.js';

/** A claim lives this long unless told otherwise, bears this many wrong codes, and is found by its first characters. */
export const CLAIM_LIMITS = { lifeHours: 72, lifeHoursMax: 24 * 14, tries: 5, selectorLength: 4 } as const;

export type StoredClaim = {
  readonly id: number;
  readonly kiosk: KioskCode;
  readonly kind: 'first' | 'replace';
  readonly hubAddress: string;
  readonly state: 'open' | 'used' | 'withdrawn';
  readonly tries: number;
  readonly expiresAt: UnixMs;
  readonly codeHash: Uint8Array<ArrayBuffer>;
};

const claimRow = z
  .object({
    id: smallColumn,
    kiosk: kioskCode,
    kind: z.enum(['first', 'replace']),
    hub_address: z.string(),
    state: z.enum(['open', 'used', 'withdrawn']),
    tries: smallColumn,
    expires_at: smallColumn,
    code_hash: bytesColumn,
  })
  .transform((r): StoredClaim => ({
    id: r.id,
    kiosk: r.kiosk,
    kind: r.kind,
    hubAddress: r.hub_address,
    state: r.state,
    tries: r.tries,
    expiresAt: r.expires_at,
    codeHash: r.code_hash,
  }));
const SELECT = 'SELECT id, kiosk, kind, hub_address, state, tries, expires_at, code_hash FROM claim WHERE district = @district';

export type NewClaim = {
  readonly kiosk: string;
  /** `replace` is needed where a device already works: approving the new one retires the old one. */
  readonly kind: 'first' | 'replace';
  readonly lifeHours?: number | undefined;
  /** `host:port` of the hub as the technician's device reaches it. */
  readonly hubAddress: string;
  readonly by: string;
};
/** `text` is shown once and kept nowhere. */
export type IssuedClaim = { readonly text: string; readonly kiosk: KioskCode; readonly expiresAt: UnixMs; readonly id: number };
export type IssueClaimError = 'kiosk-unknown' | 'slot-active' | 'slot-pending' | 'bad-life';

/** Issues a one-use claim for a slot. An older claim of the slot that nobody has used is withdrawn. */
export function issueClaim(hub: Hub, wanted: NewClaim): Result<IssuedClaim, Failure<IssueClaimError>> {
  const lifeHours = wanted.lifeHours ?? CLAIM_LIMITS.lifeHours;
  if (!(lifeHours > 0 && lifeHours <= CLAIM_LIMITS.lifeHoursMax))
    return failure('bad-life', `a claim lives between 1 and ${CLAIM_LIMITS.lifeHoursMax} hours`);
  return alone(hub.db, () => {
    const slot = findSlot(hub, wanted.kiosk);
    if (slot === undefined) return failure('kiosk-unknown', `kiosk ${wanted.kiosk} is not in the books: add it first (hub kiosk add)`);
    if (pendingDevice(hub, slot.code) !== undefined)
      return failure('slot-pending', `a device already waits for kiosk ${slot.code}: approve or refuse it first (hub kiosk pending)`);
    if (wanted.kind === 'first' && workingDevice(hub, slot.code) !== undefined)
      return failure('slot-active', `kiosk ${slot.code} already has a device; a claim for another one is issued with --replace`);
    const code = freshCode(hub);
    const expiresAt = hub.now() + Math.round(lifeHours * HOUR_MS);
    const cells = { district: hub.district, kiosk: slot.code };
    change(hub.db, "UPDATE claim SET state = 'withdrawn' WHERE district = @district AND kiosk = @kiosk AND state = 'open'", cells);
    const id = nextId(hub);
    change(
      hub.db,
      `INSERT INTO claim (district, id, kiosk, kind, selector, code_hash, hub_address, state, issued_at, issued_by, expires_at)
       VALUES (@district, @id, @kiosk, @kind, @selector, @hash, @address, 'open', @at, @by, @expiresAt)`,
      {
        ...cells,
        id,
        kind: wanted.kind,
        selector: selectorOf(code),
        hash: hashOf(hub, code),
        address: wanted.hubAddress,
        at: hub.now(),
        by: wanted.by,
        expiresAt,
      },
    );
    const text = writeClaim({ hub: wanted.hubAddress, hubFingerprint: keyFingerprint(hub.hubKey.publicKey), code });
    return ok({ text, kiosk: slot.code, expiresAt, id });
  });
}

export type ClaimRefusal = 'claim-unknown' | 'claim-locked' | 'claim-used' | 'claim-expired' | 'claim-withdrawn';

/**
 * Finds the claim of a code. The first characters say which claim is meant; a wrong rest counts against that claim, and after five of them
 * even the right code is refused.
 */
export function findClaim(hub: Hub, code: string): Result<StoredClaim, Failure<'claim-unknown' | 'claim-locked'>> {
  const claim = rowOf(hub.db, claimRow, `${SELECT} AND selector = @selector`, { district: hub.district, selector: selectorOf(code) });
  if (claim === undefined) return unknownClaim();
  if (claim.tries >= CLAIM_LIMITS.tries)
    return failure('claim-locked', 'too many wrong codes were tried on this claim; ask the administrator for a new one');
  if (timingSafeEqual(claim.codeHash, hashOf(hub, code))) return ok(claim);
  change(hub.db, 'UPDATE claim SET tries = tries + 1 WHERE district = @district AND id = @id', { district: hub.district, id: claim.id });
  return unknownClaim();
}

/** Uses a claim up, once: the one conditional statement decides, whoever else tries at the same moment. */
export function consumeClaim(hub: Hub, claim: StoredClaim): 'consumed' | 'not-consumed' {
  const changed = change(
    hub.db,
    `UPDATE claim SET state = 'used', used_at = @now
     WHERE district = @district AND id = @id AND state = 'open' AND expires_at > @now AND tries < @tries`,
    { district: hub.district, id: claim.id, now: hub.now(), tries: CLAIM_LIMITS.tries },
  );
  return changed === 1 ? 'consumed' : 'not-consumed';
}

/** Why a claim that was found can not be used. */
export function explainClaim(claim: StoredClaim): Failure<ClaimRefusal> {
  if (claim.state === 'used')
    return { code: 'claim-used', detail: `this claim was already used, for kiosk ${claim.kiosk}; ask the administrator for a new one` };
  if (claim.state === 'withdrawn') return { code: 'claim-withdrawn', detail: 'this claim was withdrawn; ask the administrator for the newest one' };
  return { code: 'claim-expired', detail: `this claim expired on ${new Date(claim.expiresAt).toISOString()}; ask the administrator for a new one` };
}

export function claimById(hub: Hub, id: number): StoredClaim | undefined {
  return rowOf(hub.db, claimRow, `${SELECT} AND id = @id`, { district: hub.district, id });
}

function unknownClaim(): Result<never, Failure<'claim-unknown'>> {
  return failure('claim-unknown', 'this hub has issued no such claim; copy the claim again, or ask the administrator for a new one');
}

function selectorOf(code: string): string {
  return code.slice(0, CLAIM_LIMITS.selectorLength);
}

/** Only this is kept. 80 bits of the code are secret, so a plain hash can not be searched. */
function hashOf(hub: Hub, code: string): Uint8Array<ArrayBuffer> {
  return sha256(Buffer.from(`jharokha/claim/1 ${hub.district} ${code}`, 'utf8'));
}

function freshCode(hub: Hub): string {
  for (;;) {
    const code = crockford(hub.random(13)).slice(0, CLAIM_CODE_LENGTH);
    const taken = rowOf(hub.db, z.unknown(), `${SELECT} AND selector = @selector`, { district: hub.district, selector: selectorOf(code) });
    if (taken === undefined) return code;
  }
}

function nextId(hub: Hub): number {
  const row = rowOf(hub.db, z.object({ id: smallColumn }), 'SELECT coalesce(max(id), 0) + 1 AS id FROM claim WHERE district = @district', {
    district: hub.district,
  });
  return row?.id ?? 1;
}
