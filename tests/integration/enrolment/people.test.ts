import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { kioskCode } from '#protocol/identity/identity.js';
import { openOperatorGrant, pinVerifier } from '#protocol/operator/operator-grant.js';
import { readCbor } from '#protocol/signing/cbor.js';
import { sealingKey, unseal } from '#protocol/signing/seal.js';
import { checkPin, type PinRefusal } from '../../../hub-server/people/check-pin.js';
import { OPERATOR_GRANT_MS, operatorGrantFor } from '../../../hub-server/people/operator-grants.js';
import { addOperator, changePin, unlockOperator, type HubOperator } from '../../../hub-server/people/operators.js';
import { pinFits } from '../../../hub-server/people/pin.js';
import type { Result } from '#protocol/result/result.js';
import { EnrolmentWorld, KIOSK, codeOf, valueOf } from './world.js';

const LOGIN = `${KIOSK}co01`;
const PIN = '482915';
const WRONG = '482916';
const MINUTE = 60_000;

describe('operators and their PINs', () => {
  let world: EnrolmentWorld;
  const kiosk = kioskCode.parse(KIOSK);
  const check = (pin: string): Promise<Result<HubOperator, PinRefusal>> => checkPin(world.hub, kiosk, LOGIN, pin);
  const refusal = async (pin: string): Promise<PinRefusal> => {
    const checked = await check(pin);
    assert.ok(!checked.ok);
    return checked.error;
  };

  beforeEach(async () => {
    world = await EnrolmentWorld.open();
    valueOf(await addOperator(world.hub, { login: LOGIN, name: 'Sunita Sharma', pin: PIN }));
  });
  afterEach(() => world.close());

  it('reads kiosk and role from the login, and refuses what does not fit', async () => {
    const add = (login: string, pin = PIN): ReturnType<typeof addOperator> => addOperator(world.hub, { login, name: 'x', pin });
    assert.equal(codeOf(await add('sunita')), 'bad-login');
    assert.equal(codeOf(await add('d35k9999co01')), 'kiosk-unknown');
    assert.equal(codeOf(await add(LOGIN)), 'operator-exists');
    assert.equal(codeOf(await add(`${KIOSK}co02`, '123456')), 'pin-weak');
    assert.equal(codeOf(await add(`${KIOSK}co02`, '12345')), 'pin-malformed');
    assert.equal(valueOf(await add(`${KIOSK}admin01`)).role, 'funds');
  });

  it('lets the right PIN in and forgets the wrong ones before it', async () => {
    for (let i = 0; i < 4; i += 1) assert.equal((await refusal(WRONG)).code, 'pin-wrong');
    assert.equal(valueOf(await check(PIN)).login, LOGIN);
    const next = await refusal(WRONG);
    assert.ok(next.code === 'pin-wrong' && next.triesLeft === 4);
  });

  it('locks after five wrong PINs for fifteen minutes by the hub’s clock, the right PIN too', async () => {
    for (let i = 4; i >= 1; i -= 1) {
      const wrong = await refusal(WRONG);
      assert.ok(wrong.code === 'pin-wrong' && wrong.triesLeft === i);
    }
    const fifth = await refusal(WRONG);
    assert.ok(fifth.code === 'login-locked' && fifth.lockedUntil === world.clock.at + 15 * MINUTE);
    world.clock.at += 15 * MINUTE - 1;
    assert.equal((await refusal(PIN)).code, 'login-locked');
    world.clock.at += 1;
    assert.equal(valueOf(await check(PIN)).login, LOGIN);
  });

  it('counts anew after a lock has run out, and trying while locked does not lengthen it', async () => {
    for (let i = 0; i < 8; i += 1) await check(WRONG);
    world.clock.at += 15 * MINUTE;
    const wrong = await refusal(WRONG);
    assert.ok(wrong.code === 'pin-wrong' && wrong.triesLeft === 4);
  });

  it('counts tries that come at once as many', async () => {
    const all = await Promise.all(Array.from({ length: 12 }, () => refusal(WRONG)));
    assert.equal(all.filter((error) => error.code === 'pin-wrong').length, 4);
    assert.equal((await refusal(PIN)).code, 'login-locked');
  });

  it('counts a PIN that is not six digits as wrong', async () => {
    for (const pin of ['', 'abcdef', '4829151', ' 482915']) assert.equal((await refusal(pin)).code, 'pin-wrong');
    assert.equal((await refusal('4829')).code, 'login-locked');
  });

  it('is unlocked by the administrator, and a new PIN replaces the old one', async () => {
    for (let i = 0; i < 5; i += 1) await check(WRONG);
    valueOf(unlockOperator(world.hub, LOGIN));
    valueOf(await check(PIN));
    valueOf(await changePin(world.hub, LOGIN, '905172'));
    assert.equal((await refusal(PIN)).code, 'pin-wrong');
    valueOf(await check('905172'));
    assert.equal(codeOf(unlockOperator(world.hub, 'd35k1111co09')), 'login-unknown');
  });

  it('refuses funds logins at the counter and logins of other kiosks, without counting', async () => {
    valueOf(await addOperator(world.hub, { login: `${KIOSK}admin01`, name: 'Owner', pin: PIN }));
    const funds = await checkPin(world.hub, kiosk, `${KIOSK}admin01`, PIN);
    assert.equal(codeOf(funds), 'login-not-counter');
    assert.equal(codeOf(await checkPin(world.hub, kioskCode.parse('d35k2222'), LOGIN, PIN)), 'login-unknown');
    assert.equal(codeOf(await checkPin(world.hub, kiosk, 'd35k1111co07', PIN)), 'login-unknown');
    assert.equal(world.hub.db.prepare('SELECT sum(wrong_tries) FROM operator').pluck().get(), 0n);
  });

  it('gives a kiosk a signed grant for 72 hours whose verifier it alone can open', async () => {
    const operator = valueOf(await check(PIN));
    const sealing = sealingKey(randomBytes(32));
    const issued = operatorGrantFor(world.hub, { kiosk, sealingKey: sealing.publicKey }, operator);
    assert.equal(issued.notAfter, world.clock.at + OPERATOR_GRANT_MS);
    const grant = valueOf(openOperatorGrant(world.hub.hubCertificate.key, issued.bytes));
    assert.deepEqual([grant.kiosk, grant.login, grant.notAfter], [kiosk, LOGIN, issued.notAfter]);
    const verifier = valueOf(readCbor(pinVerifier, valueOf(unseal(sealing, grant.sealedVerifier))));
    assert.ok(await pinFits(PIN, verifier));
    assert.ok(!(await pinFits(WRONG, verifier)));
    assert.equal(codeOf(unseal(sealingKey(randomBytes(32)), grant.sealedVerifier)), 'not-sealed-for-us');
    assert.equal(codeOf(openOperatorGrant(world.hub.districtKey, issued.bytes)), 'bad-operator-grant');
    assert.throws(() => operatorGrantFor(world.hub, { kiosk: kioskCode.parse('d35k2222'), sealingKey: sealing.publicKey }, operator));
  });
});
