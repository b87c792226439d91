import assert from 'node:assert/strict';
import { checkNewPin, makeVerifier, pinFits } from '../../../hub-server/people/pin.js';

describe('PINs', () => {
  const WEAK = [
    '123456',
    '654321',
    '111111',
    '000000',
    '012345',
    '890123',
    '135791',
    '121212',
    '112211',
    '123123',
    '451451',
    '123321',
    '112233',
    '147258',
    '260150',
  ];
  for (const pin of WEAK)
    it(`refuses ${pin}`, () => {
      const checked = checkNewPin(pin);
      assert.equal(checked.ok ? 'taken' : checked.error.code, 'pin-weak');
    });
  for (const pin of ['482915', '905172', '730648', '100294']) it(`takes ${pin}`, () => assert.ok(checkNewPin(pin).ok));
  for (const pin of ['', '12345', '1234567', '12345a', '१२३४५६', '48 915'])
    it(`calls "${pin}" malformed`, () => {
      const checked = checkNewPin(pin);
      assert.equal(checked.ok ? 'taken' : checked.error.code, 'pin-malformed');
    });

  it('makes an argon2id verifier that fits its PIN only, and differs by salt', async () => {
    const verifier = await makeVerifier('482915', new Uint8Array(16).fill(1));
    assert.ok(await pinFits('482915', verifier));
    assert.ok(!(await pinFits('482914', verifier)));
    const other = await makeVerifier('482915', new Uint8Array(16).fill(2));
    assert.notDeepEqual(other.hash, verifier.hash);
  });

  it('gives the digest that argon2 of Debian gives for the same parameters', async () => {
    // printf 482915 | argon2 0123456789abcdef -id -t 2 -k 19456 -p 1 -l 32 -r
    const verifier = await makeVerifier('482915', Uint8Array.from(Buffer.from('0123456789abcdef')));
    assert.equal(Buffer.from(verifier.hash).toString('hex'), '85a2118cdc225c958396eb7004f6cdcec57fc1ea3ab56355e96595c931daf724');
  });
});
