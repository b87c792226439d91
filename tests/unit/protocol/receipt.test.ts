import assert from 'node:assert/strict';
import fc from 'fast-check';
import qrcode from 'qrcode';
import { consumerDigest } from '#protocol/identity/ids.js';
import { departmentCode, serviceCode } from '#protocol/identity/identity.js';
import { signEntry } from '#protocol/ledger/entry.js';
import { paise } from '#protocol/money/paise.js';
import { PAPER_DOTS } from '#protocol/receipt/paper.js';
import { receiptFacts, receiptNumber, receiptPrefix, receiptText, typedCode, verifyReceipt, type ReceiptState } from '#protocol/receipt/receipt.js';
import { base32 } from '#protocol/signing/base32.js';
import { encodeCbor, type CborValue } from '#protocol/signing/cbor.js';
import { signCose } from '#protocol/signing/cose.js';
import { NOW, chainOf, entryOf, keyOf, makeWorld, saleBody } from './samples.js';

const world = makeWorld();
const prefix = receiptPrefix('hub.jaipur.rajasthan.gov.in:8443');
const sale = saleBody(7, { citizenFeePaise: paise(900n) });
const entry = signEntry(world.kiosk, entryOf(world.kioskCertificate, 7, new Uint8Array(32), sale));
const RECEIVED: ReceiptState = { kind: 'received', postBy: NOW + 3_600_000 };
const facts = receiptFacts(sale, { seq: 7, hash: entry.hash }, entry.entry.at, RECEIVED);
const text = receiptText(world.kiosk, world.kioskCertificate, prefix, facts);

const codeOf = (t: string): string => {
  const read = verifyReceipt(world.districtKey, t);
  return read.ok ? 'good' : read.error.code;
};

describe('receipt', () => {
  it('reads back the facts, the number and the typed code, with nothing but the district key', () => {
    const read = verifyReceipt(world.districtKey, text);
    assert.ok(read.ok);
    const { certificate, number, code, ...rest } = read.value;
    assert.deepEqual(rest, facts);
    assert.deepEqual([certificate.subject, number, code], ['d35k1111', 'D35K1111-1-000007', typedCode(entry.hash)]);
    assert.equal(receiptNumber('d35k1111', 2, 1_234_567), 'D35K1111-2-1234567');
  });

  it('tells posted from received', () => {
    const state: ReceiptState = { kind: 'posted', reference: 'JVVNL20261122000417' };
    const read = verifyReceipt(world.districtKey, receiptText(world.kiosk, world.kioskCertificate, prefix, { ...facts, state }));
    assert.deepEqual(read.ok && read.value.state, state);
  });

  it('[INV-15] any altered character is refused', () => {
    const characters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:/ÄſıßＡ '];
    for (const [at, own] of [...text].entries())
      for (const character of characters) {
        if (character !== own && codeOf(text.slice(0, at) + character + text.slice(at + 1)) === 'good')
          assert.fail(`"${own}" ${at} to "${character}"`);
      }
  });

  it('[INV-15] any lost, doubled or added character is refused', () => {
    fc.assert(fc.property(fc.nat(text.length - 1), (at) => codeOf(text.slice(0, at) + text.slice(at + 1)) !== 'good'));
    fc.assert(fc.property(fc.nat(text.length - 1), (at) => codeOf(text.slice(0, at) + text.charAt(at) + text.slice(at)) !== 'good'));
  });

  it('does not mind case or blanks around it, since browsers change both', () => {
    assert.deepEqual([codeOf(text.toLowerCase()), codeOf(` ${text}\n`)], ['good', 'good']);
  });

  it('[INV-15] is refused under another address, another district and another key', () => {
    assert.equal(codeOf(text.replace('JAIPUR', 'JAIPVR')), 'bad-signature');
    const read = verifyReceipt(makeWorld('kota').districtKey, text);
    assert.equal(!read.ok && read.error.code, 'bad-certificate');
    assert.equal(codeOf(receiptText(keyOf('thief'), world.kioskCertificate, prefix, facts)), 'bad-signature');
    assert.equal(codeOf(receiptText(world.hub, world.hubCertificate, prefix, facts)), 'bad-certificate');
  });

  it("[INV-23] is judged at its own time, within the kiosk's certificate", () => {
    const at = (ms: number): string => codeOf(receiptText(world.kiosk, world.kioskCertificate, prefix, { ...facts, at: ms }));
    const { notBefore, notAfter } = world.kioskCertificate;
    assert.deepEqual(
      [at(notBefore - 1000), at(notBefore), at(notAfter), at(notAfter + 1000)],
      ['outside-certificate', 'good', 'good', 'outside-certificate'],
    );
  });

  it('[INV-16] carries no personal data: the consumer number is nowhere in its bytes, and only its salt opens the digest', () => {
    const bytes = Buffer.from(encodeCbor([facts.consumerDigest]));
    assert.equal(bytes.includes(sale.consumer), false);
    assert.deepEqual(facts.consumerDigest, Uint8Array.from(consumerDigest(sale.salt, sale.consumer)));
    assert.notDeepEqual(facts.consumerDigest, Uint8Array.from(consumerDigest(new Uint8Array(8), sale.consumer)));
    const names = [sale.consumer, sale.billNumber, 'Asha Devi'].map((s) => Buffer.from(s));
    const payload = signCose(world.kiosk, 'jharokha/receipt/1', encodeCbor([facts.seq, facts.entryHash, facts.consumerDigest]));
    for (const n of names) assert.equal(Buffer.from(payload).includes(n), false);
  });

  it('refuses a payload that is signed but could not be printed or stored', () => {
    const good: readonly CborValue[] = [1, 7, facts.entryHash, facts.at / 1000, '101', 'JVVNL', 198_007, 0, facts.consumerDigest, 1_795_000_000];
    const make = (payload: CborValue): string =>
      prefix + base32(encodeCbor([signCose(world.kiosk, 'jharokha/receipt/1', encodeCbor(payload), ` ${prefix}`), world.kioskCertificate.bytes]));
    assert.equal(codeOf(make(good)), 'good');
    const bad: readonly (readonly [number, CborValue])[] = [
      [0, 2],
      [1, 0],
      [2, new Uint8Array(15)],
      [4, '1'],
      [5, 'jvvnl'],
      [6, -1],
      [6, 2n ** 64n - 1n],
      [9, 2n ** 52n],
      [9, ''],
      [9, 'x'.repeat(41)],
    ];
    for (const [at, value] of bad) assert.equal(codeOf(make(good.with(at, value))), 'not-a-receipt', `field ${at}`);
  });

  it('[INV-24] never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (t) => codeOf(t) !== 'good'));
    fc.assert(fc.property(fc.uint8Array({ minLength: 30, maxLength: 300 }), (bytes) => codeOf(prefix + base32(bytes)) !== 'good'));
  });
});

describe("receipt's QR code", () => {
  /** The widest values that the field knows: six digits of entries, lakhs of rupees, a service of six digits, an 18-letter reference. */
  const longest = (state: ReceiptState, host = 'hub.jaipur.rj.gov.in'): string => {
    const body = saleBody(7, {
      department: departmentCode.parse('JVVNL'),
      service: serviceCode.parse('100123'),
      billPaise: paise(99_999_999n),
      citizenFeePaise: paise(99_900n),
    });
    return receiptText(world.kiosk, world.kioskCertificate, receiptPrefix(host), receiptFacts(body, { seq: 999_999, hash: entry.hash }, NOW, state));
  };
  const made = (t: string): { readonly version: number; readonly dots: number } => {
    const code = qrcode.create(t, { errorCorrectionLevel: 'M' });
    assert.deepEqual(
      code.segments.map((s) => s.mode.id),
      ['Alphanumeric'],
    );
    return { version: code.version, dots: (code.modules.size + 8) * 4 };
  };

  it('fits version 14-M: at most 528 characters, 324 dots of 384 on 58 mm paper', () => {
    for (const state of [RECEIVED, { kind: 'posted', reference: 'JVVNL2611220000417' } as const]) {
      const t = longest(state);
      const { version, dots } = made(t);
      assert.ok(t.length <= 528 && version <= 14, `${state.kind}: ${t.length} characters, version ${version}`);
      assert.ok(dots <= PAPER_DOTS['58mm']);
    }
  });

  it('still fits 58 mm paper at four dots a module with the longest reference that the format takes', () => {
    const { dots } = made(longest({ kind: 'posted', reference: 'X'.repeat(40) }, 'hub.jaipur.rajasthan.gov.in:8443'));
    assert.ok(dots <= PAPER_DOTS['58mm'], `${dots} dots`);
  });

  it('names a sale of the chain by the first half of its hash', () => {
    const signed = chainOf(world, 3)[2];
    assert.ok(signed?.entry.body.kind === 'sale');
    const f = receiptFacts(signed.entry.body, { seq: 3, hash: signed.hash }, signed.entry.at, RECEIVED);
    assert.deepEqual(f.entryHash, signed.hash.subarray(0, 16));
    assert.equal(typedCode(f.entryHash), typedCode(signed.hash));
  });
});
