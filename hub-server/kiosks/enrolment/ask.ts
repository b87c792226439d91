import { z } from 'zod';
import type { EnrolAnswer, EnrolAsk, EnrolNoCode } from '#protocol/enrolment/enrolment.js';
import { unreachable, type Failure } from '#protocol/result/result.js';
import type { Hub } from '../../hub.js';
import { districtFacts } from '../../operations/district.js';
import { claimById, consumeClaim, explainClaim, findClaim, type StoredClaim } from './claim.js';
import { deviceByKey, pendingDevice, workingDevice, type KioskDevice } from './device.js';
import { alone, change, rowOf, smallColumn } from '../../store/rows.js';
import { findSlot } from './slot.js';

function no(code: EnrolNoCode, detail: string): EnrolAnswer {
  return { t: 'no', code, detail };
}

/** How a device stands that asked before. */
export function answerFor(hub: Hub, device: KioskDevice): EnrolAnswer {
  switch (device.state) {
    case 'pending':
      return pendingAnswer(hub, device);
    case 'active':
      if (device.granted === undefined) throw new Error(`device ${device.id} is active without a bundle`);
      return { t: 'approved', districtKey: hub.districtKey.publicKey, bundle: device.granted.bundle, now: hub.now() };
    case 'suspended':
      return no('kiosk-suspended', `kiosk ${device.kiosk} is suspended: ${device.reason ?? 'ask the administrator'}`);
    case 'refused':
      return no('enrolment-refused', `the administrator refused this device for kiosk ${device.kiosk}: ${device.reason ?? 'no reason was given'}`);
    case 'retired':
      return no('kiosk-retired', `this key was retired from kiosk ${device.kiosk} and is never used again; enrol with an empty kiosk folder`);
    default:
      return unreachable(device.state);
  }
}

function pendingAnswer(hub: Hub, device: KioskDevice): EnrolAnswer {
  const slot = findSlot(hub, device.kiosk);
  if (slot === undefined) throw new Error(`device ${device.id} waits for kiosk ${device.kiosk}, which is not in the books`);
  const facts = districtFacts(hub);
  return { t: 'pending', district: hub.district, districtName: facts.name, kiosk: slot.code, site: slot.site, now: hub.now() };
}

/** What a waiting device is told: by its key alone, once that is proven. */
export function answerForKey(hub: Hub, publicKey: Uint8Array): EnrolAnswer {
  const device = deviceByKey(hub, publicKey);
  return device === undefined ? no('not-enrolled', 'this hub does not know the device: enrol it with a claim') : answerFor(hub, device);
}

/**
 * A device asks, its proof already checked. Asking again with the same key is answered the same way and uses nothing up, so a technician may run
 * the command again after any trouble.
 */
export function askToEnrol(hub: Hub, ask: EnrolAsk, address: string): EnrolAnswer {
  const claim = findClaim(hub, ask.code);
  const known = deviceByKey(hub, ask.key);
  const settled = known === undefined ? undefined : answerKnown(hub, known, claim.ok ? claim.value : undefined);
  if (settled !== undefined) return settled;
  if (!claim.ok) return no(claim.error.code, claim.error.detail);
  return alone(hub.db, () => {
    const taken = slotTaken(hub, claim.value);
    const state = claimById(hub, claim.value.id);
    // A used or expired claim is told as that, even where the device that used it now stands in the way.
    if (taken !== undefined && state?.state === 'open' && state.expiresAt > hub.now()) return no(taken.code, taken.detail);
    if (consumeClaim(hub, claim.value) === 'not-consumed') {
      const why = explainClaim(state ?? claim.value);
      return no(why.code, why.detail);
    }
    return pendingAnswer(hub, insertDevice(hub, ask, claim.value, address));
  });
}

/** The answer for a key that asked before, or undefined when this is a new request (a refused device with a fresh claim). */
function answerKnown(hub: Hub, known: KioskDevice, claim: StoredClaim | undefined): EnrolAnswer | undefined {
  if (known.state === 'refused') return claim === undefined || claim.id === known.claim ? answerFor(hub, known) : undefined;
  if (claim !== undefined && claim.kiosk !== known.kiosk && known.state !== 'retired')
    return no('key-in-use', `this device already belongs to kiosk ${known.kiosk}; the claim is for ${claim.kiosk} and was not used`);
  return answerFor(hub, known);
}

function slotTaken(hub: Hub, claim: StoredClaim): Failure<'slot-active' | 'slot-pending'> | undefined {
  if (claim.kind === 'first' && workingDevice(hub, claim.kiosk) !== undefined)
    return { code: 'slot-active', detail: `kiosk ${claim.kiosk} already has a device; the administrator must issue a claim with --replace` };
  if (pendingDevice(hub, claim.kiosk) !== undefined)
    return { code: 'slot-pending', detail: `another device already waits for kiosk ${claim.kiosk}; the administrator must refuse it first` };
  return undefined;
}

function insertDevice(hub: Hub, ask: EnrolAsk, claim: StoredClaim, address: string): KioskDevice {
  const idSql = 'SELECT coalesce(max(id), 0) + 1 AS id FROM kiosk_device WHERE district = @district';
  const id = rowOf(hub.db, z.object({ id: smallColumn }), idSql, { district: hub.district })?.id ?? 1;
  change(
    hub.db,
    `INSERT INTO kiosk_device (district, id, kiosk, claim, state, public_key, sealing_key, machine, host, system, address, asked_at)
     VALUES (@district, @id, @kiosk, @claim, 'pending', @key, @sealingKey, @machine, @host, @system, @address, @at)`,
    {
      district: hub.district,
      id,
      kiosk: claim.kiosk,
      claim: claim.id,
      key: ask.key,
      sealingKey: ask.sealingKey,
      ...ask.hints,
      address,
      at: hub.now(),
    },
  );
  const device = deviceByKey(hub, ask.key);
  if (device === undefined) throw new Error('the device that was just stored is there');
  return device;
}
