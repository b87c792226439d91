import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLAIM_CODE_LENGTH, parseClaim, writeClaim } from '#protocol/identity/claim.js';
import { readState } from '../../../provisioning/technician/kiosk-folder.js';
import { EnrolmentWorld, KIOSK, codeOf, valueOf } from './world.js';

describe('claims', () => {
  let world: EnrolmentWorld;
  beforeEach(async () => {
    world = await EnrolmentWorld.open();
  });
  afterEach(() => world.close());

  /** The claim with its code changed from one place on, its check character right again. */
  const altered = (text: string, from: number): string => {
    const claim = valueOf(parseClaim(text));
    const rest = claim.code.slice(from).replaceAll(/./gu, (c) => (c === '7' ? '8' : '7'));
    return writeClaim({ ...claim, code: claim.code.slice(0, from) + rest });
  };

  it('keeps nothing of a claim from which it could be used', () => {
    const { code } = valueOf(parseClaim(world.claim()));
    assert.equal(code.length, CLAIM_CODE_LENGTH);
    world.hub.db.pragma('wal_checkpoint(TRUNCATE)');
    const store = readFileSync(join(world.hub.folder, 'hub.db')).toString('latin1');
    assert.ok(!store.includes(code) && !store.includes(code.slice(4)));
  });

  it('refuses an expired claim to the millisecond [INV-51]', async () => {
    const claim = world.claim();
    world.clock.at += 72 * 3_600_000;
    assert.equal(codeOf(await world.technician(world.folder(), claim).done), 'claim-expired');
    world.clock.at -= 1;
    assert.equal(codeOf(await world.technician(world.folder(), claim, { waitMs: 0 }).done), 'not-yet-approved');
  });

  it('withdraws an unused claim when another is issued for the slot', async () => {
    const old = world.claim();
    const fresh = world.claim();
    assert.equal(codeOf(await world.technician(world.folder(), old).done), 'claim-withdrawn');
    valueOf(await world.enrolled(world.folder(), fresh));
  });

  it('does not know a claim of another district, and counts nothing for it', async () => {
    assert.equal(codeOf(await world.technician(world.folder(), altered(world.claim(), 0)).done), 'claim-unknown');
    assert.equal(world.hub.db.prepare('SELECT sum(tries) FROM claim').pluck().get(), 0n);
  });

  it('locks a claim after five wrong codes, even for the right one', async () => {
    const claim = world.claim();
    const wrong = altered(claim, 4);
    for (let i = 0; i < 5; i += 1) assert.equal(codeOf(await world.technician(world.folder(), wrong).done), 'claim-unknown');
    assert.equal(codeOf(await world.technician(world.folder(), claim).done), 'claim-locked');
    valueOf(await world.enrolled(world.folder(), world.claim()));
  });

  it('still takes the right code after four wrong ones', async () => {
    const claim = world.claim();
    for (let i = 0; i < 4; i += 1) await world.technician(world.folder(), altered(claim, 4)).done;
    valueOf(await world.enrolled(world.folder(), claim));
  });

  it('finds a mistyped claim before anything is sent or made', async () => {
    const claim = world.claim();
    const last = claim.at(-1) === '2' ? '3' : '2';
    const folder = world.folder();
    assert.equal(codeOf(await world.technician(folder, claim.slice(0, -1) + last).done), 'mistyped-claim');
    assert.equal(codeOf(await world.technician(folder, 'JC1/hub/none').done), 'not-a-claim');
    assert.equal(codeOf(await world.technician(folder, undefined).done), 'claim-missing');
    assert.ok(!existsSync(folder));
  });

  it('lets one of many devices that come at once have the claim [INV-51]', async () => {
    const claim = world.claim();
    const all = await Promise.all(Array.from({ length: 8 }, () => world.technician(world.folder(), claim, { waitMs: 0 }).done));
    assert.deepEqual(all.map(codeOf).toSorted(), [...Array.from({ length: 7 }, () => 'claim-used'), 'not-yet-approved']);
  });

  it('keeps the pin once the right hub was reached, so that a refused claim can be followed by a fresh one', async () => {
    const folder = world.folder();
    assert.equal(codeOf(await world.technician(folder, altered(world.claim(), 4)).done), 'claim-unknown');
    assert.equal(valueOf(readState(folder))?.state, 'asked');
    assert.equal(codeOf(await world.technician(folder, undefined).done), 'not-enrolled');
    assert.equal(valueOf(await world.enrolled(folder, world.claim())).bundle.kiosk, KIOSK);
  });
});
