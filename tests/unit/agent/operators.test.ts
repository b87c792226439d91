import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { kioskCode, operatorLogin } from '#protocol/identity/identity.js';
import { signOperatorGrant, type OperatorGrant } from '#protocol/operator/operator-grant.js';
import { encodeCbor } from '#protocol/signing/cbor.js';
import { seal, SEAL_RANDOM_BYTES } from '#protocol/signing/seal.js';
import { HOUR_MS, MINUTE_MS } from '#protocol/time/time.js';
import { LOCK_OUT_MS, type Operators, PIN_TRIES_MAX } from '../../../firmware-agent/services/operators.js';
import { chance, DISTRICT, KIOSK, makeWorld, NOW, OPERATOR } from '../protocol/samples.js';
import { Bench, codeOf, valueOf } from './bench.js';

const PIN = '482915';
/** Cheap on purpose: the cost of a guess is the hub's to choose and is written in the verifier. */
const COST = { memoryKib: 64, passes: 1 } as const;

function verifierOf(pin: string): Uint8Array {
  const salt = chance('salt', 16);
  const options = { message: Buffer.from(pin), nonce: salt, parallelism: 1, tagLength: 32, memory: COST.memoryKib, passes: COST.passes };
  return encodeCbor({ salt, ...COST, hash: Uint8Array.from(argon2Sync('argon2id', options)) });
}

function grantOf(bench: Bench, more: Partial<OperatorGrant> = {}, signer = bench.world.hub): Uint8Array {
  return signOperatorGrant(signer, {
    v: 1,
    district: DISTRICT,
    kiosk: KIOSK,
    login: OPERATOR,
    role: 'counter',
    issuedAt: NOW,
    notAfter: NOW + 72 * HOUR_MS,
    sealedVerifier: seal(bench.identity.sealing.publicKey, verifierOf(PIN), chance('seal', SEAL_RANDOM_BYTES)),
    keys: [],
    ...more,
  });
}

describe('operators without the link', () => {
  let bench: Bench;
  let operators: Operators;
  beforeEach(() => {
    bench = new Bench({ disk: 'file' });
    ({ operators } = bench.kiosk);
    valueOf(operators.take(OPERATOR, grantOf(bench)));
  });
  afterEach(() => bench.close());

  const wrong = (times: number, now: number = NOW): readonly string[] =>
    Array.from({ length: times }, () => codeOf(operators.check(OPERATOR, '000001', now)));

  it('are let in by the verifier that the hub sealed for this kiosk', () => {
    valueOf(operators.check(OPERATOR, PIN, NOW));
    valueOf(operators.check(OPERATOR, PIN, NOW + 72 * HOUR_MS));
  });

  it('are not let in after its end, unknown, or told off by the hub [INV-52]', () => {
    assert.equal(codeOf(operators.check(OPERATOR, PIN, NOW + 72 * HOUR_MS + 1)), 'login-needs-hub');
    assert.equal(codeOf(operators.check(operatorLogin.parse('d35k1111co02'), PIN, NOW)), 'login-needs-hub');
    operators.forget(OPERATOR);
    assert.equal(codeOf(operators.check(OPERATOR, PIN, NOW)), 'login-needs-hub');
    bench.restart();
    assert.equal(codeOf(bench.kiosk.operators.check(OPERATOR, PIN, NOW)), 'login-needs-hub');
  });

  it('have so many tries, then are locked out for a time, also over a restart [INV-50]', () => {
    assert.deepEqual(wrong(PIN_TRIES_MAX), [...Array.from({ length: PIN_TRIES_MAX - 1 }, () => 'pin-wrong'), 'login-locked']);
    bench.restart();
    ({ operators } = bench.kiosk);
    assert.equal(codeOf(operators.check(OPERATOR, PIN, NOW + LOCK_OUT_MS - 1)), 'login-locked', 'even the right PIN');
    valueOf(operators.check(OPERATOR, PIN, NOW + LOCK_OUT_MS));
  });

  it('are told how many tries are left, and tries outlive a restart [INV-50]', () => {
    const left: unknown[] = [];
    for (let n = 1; n < PIN_TRIES_MAX; n += 1) {
      const refused = operators.check(OPERATOR, '111112', NOW);
      left.push(refused.ok ? 'in' : refused.error.triesLeft);
      bench.restart();
      ({ operators } = bench.kiosk);
    }
    assert.deepEqual(left, [4, 3, 2, 1]);
    const last = operators.check(OPERATOR, '111112', NOW);
    assert.ok(!last.ok);
    assert.equal(last.error.lockedUntil, NOW + LOCK_OUT_MS);
  });

  it('begin to count anew after the right PIN, after the lock-out, and when the hub lets them in [INV-50]', () => {
    wrong(PIN_TRIES_MAX - 1);
    valueOf(operators.check(OPERATOR, PIN, NOW));
    assert.deepEqual(wrong(2), ['pin-wrong', 'pin-wrong']);
    valueOf(operators.take(OPERATOR, grantOf(bench)));
    wrong(PIN_TRIES_MAX);
    const after = NOW + LOCK_OUT_MS + MINUTE_MS;
    assert.deepEqual(wrong(PIN_TRIES_MAX, after).at(-1), 'login-locked');
    assert.equal(wrong(1, after)[0], 'login-locked');
  });

  it('locked alone: another login is not locked with them [INV-50]', () => {
    const other = operatorLogin.parse('d35k1111co02');
    valueOf(operators.take(other, grantOf(bench, { login: other })));
    wrong(PIN_TRIES_MAX);
    valueOf(operators.check(other, PIN, NOW));
  });

  it('of another kiosk, login or hub are not taken [INV-21]', () => {
    const fresh = new Bench();
    const refused = (bytes: Uint8Array): string => codeOf(fresh.kiosk.operators.take(OPERATOR, bytes));
    assert.equal(refused(grantOf(fresh, { kiosk: kioskCode.parse('d35k2222') })), 'bad-operator-grant');
    assert.equal(refused(grantOf(fresh, { login: operatorLogin.parse('d35k1111co02') })), 'bad-operator-grant');
    assert.equal(refused(grantOf(fresh, {}, makeWorld('kota').hub)), 'bad-operator-grant');
    assert.equal(refused(Uint8Array.of(1)), 'bad-operator-grant');
    assert.equal(fresh.db.prepare('SELECT count(*) FROM operator_held').pluck().get(), 0n);
    fresh.close();
  });

  it('with a verifier that was sealed for another device need the hub', () => {
    const foreign = seal(chance('another device', 32), verifierOf(PIN), chance('seal', SEAL_RANDOM_BYTES));
    valueOf(operators.take(OPERATOR, grantOf(bench, { sealedVerifier: foreign })));
    assert.equal(codeOf(operators.check(OPERATOR, PIN, NOW)), 'login-needs-hub');
  });

  it('keep no PIN and no opened verifier on disk [INV-50]', () => {
    valueOf(operators.check(OPERATOR, PIN, NOW));
    wrong(2);
    bench.db.pragma('wal_checkpoint(TRUNCATE)');
    const disk = readFileSync(bench.path);
    assert.ok(disk.includes(OPERATOR));
    assert.ok(!disk.includes(PIN));
    assert.ok(!disk.includes(Buffer.from(chance('salt', 16))));
  });
});
