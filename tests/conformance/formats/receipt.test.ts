import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { paise } from '#protocol/money/paise.js';
import { receiptFacts, receiptPrefix, receiptText, verifyReceipt, type ReceiptState } from '#protocol/receipt/receipt.js';
import { base32, parseBase32 } from '#protocol/signing/base32.js';
import { encodeCbor, type CborValue } from '#protocol/signing/cbor.js';
import { signCose } from '#protocol/signing/cose.js';
import { publicKeyPem } from '#protocol/signing/keys.js';
import { DAY, NOW, chance, keyOf, makeWorld, saleBody } from '#tests/unit/protocol/samples.js';
import { MISSING, runPython, titled } from './python.js';

const world = makeWorld();
const prefix = receiptPrefix('hub.jaipur.example:8443');
const sale = saleBody(7, { citizenFeePaise: paise(900n) });
const facts = receiptFacts(sale, { seq: 7, hash: chance('hash', 32) }, NOW, { kind: 'received', postBy: NOW + DAY });
const make = (change: Partial<typeof facts> = {}): string => receiptText(world.kiosk, world.kioskCertificate, prefix, { ...facts, ...change });
const good = make();

const posted = (reference: string): ReceiptState => ({ kind: 'posted', reference });

/** A text with a payload of our making, well signed. */
function withPayload(payload: CborValue): string {
  const signed = signCose(world.kiosk, 'jharokha/receipt/1', encodeCbor(payload), ` ${prefix}`);
  return prefix + base32(encodeCbor([signed, world.kioskCertificate.bytes]));
}

function texts(): readonly string[] {
  const items: readonly CborValue[] = [1, 7, facts.entryHash, facts.at / 1000, '101', 'JVVNL', 198_907, 900, facts.consumerDigest, NOW / 1000];
  const changes: readonly (readonly [number, CborValue])[] = [
    [0, true],
    [1, 0],
    [1, 1_234_567],
    [2, new Uint8Array(17)],
    [3, -1],
    [4, '12'],
    [5, 'J'],
    [6, 2n ** 63n - 1n],
    [6, 2n ** 63n],
    [7, -1],
    [9, ''],
    [9, '🙂'.repeat(40)],
    [9, '🙂'.repeat(41)],
    [9, 253_402_214_401],
    [9, null],
  ];
  const code = good.slice(prefix.length);
  const raw = parseBase32(code);
  assert.ok(raw.ok);
  return [
    good,
    good.toLowerCase(),
    `  ${good} `,
    make({ state: posted('JVVNL-1') }),
    ...[-DAY - 1000, -DAY, 365 * DAY, 365 * DAY + 1000].map((ms) => make({ at: NOW + ms })),
    ...changes.map(([at, value]) => withPayload(items.with(at, value))),
    withPayload([...items, 1]),
    receiptText(keyOf('thief'), world.kioskCertificate, prefix, facts),
    receiptText(world.hub, world.hubCertificate, prefix, facts),
    makeWorld('kota').district === undefined ? '' : receiptText(makeWorld('kota').kiosk, makeWorld('kota').kioskCertificate, prefix, facts),
    good.replace('JAIPUR', 'KOTA'),
    good.replace('HTTPS', 'HTTP'),
    good.replace('/R/', '/S/'),
    `${good}A`,
    `${good}=`,
    prefix,
    '',
    prefix + base32(raw.value.with(12, 0)),
    good.replace(/S/u, 'ſ'),
  ];
}

function chancy(): readonly string[] {
  const at = fc.nat(good.length - 1);
  const set = fc.sample(fc.tuple(at, fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567abc019-./')), 800);
  const cut = fc.sample(fc.tuple(at, fc.integer({ min: 1, max: 20 })), 200);
  return [...set.map(([i, c]) => good.slice(0, i) + c + good.slice(i + 1)), ...cut.map(([i, n]) => good.slice(0, i) + good.slice(i + n))];
}

function ours(text: string): unknown {
  const read = verifyReceipt(world.districtKey, text);
  if (!read.ok) return { ok: false, code: read.error.code };
  const { number, code, at, service, department, totalPaise, citizenFeePaise, consumerDigest, state } = read.value;
  const sums = { totalPaise: totalPaise.toString(), citizenFeePaise: citizenFeePaise.toString() };
  return { ok: true, number, code, at, service, department, ...sums, consumerDigest: Buffer.from(consumerDigest).toString('hex'), state };
}

describe(titled('a receipt verifier in Python, written from the document alone'), function () {
  this.timeout(60_000);
  let folder = '';

  before(function () {
    if (MISSING !== undefined) this.skip();
    folder = mkdtempSync(join(tmpdir(), 'jharokha-formats-'));
    writeFileSync(join(folder, 'district.pub'), publicKeyPem(world.district.publicKey));
  });
  after(() => rmSync(folder === '' ? join(tmpdir(), 'jharokha-formats-none') : folder, { recursive: true, force: true }));

  function agree(all: readonly string[]): readonly unknown[] {
    const theirs = runPython('verify_receipt.py', [join(folder, 'district.pub')], `${all.join('\n')}\n`);
    assert.equal(theirs.length, all.length);
    for (const [i, text] of all.entries()) assert.deepEqual(theirs[i], ours(text), text);
    return theirs;
  }

  it('[INV-15] reads the same facts and refuses for the same reasons', () => {
    const codes = new Set(agree(texts()).map((v) => JSON.stringify(v).slice(0, 60)));
    for (const code of ['not-a-receipt', 'bad-certificate', 'bad-signature', 'outside-certificate'])
      assert.ok(
        [...codes].some((c) => c.includes(code)),
        `${code} was never met`,
      );
  });

  it('[INV-15] agrees on altered and lost characters', () => {
    agree(chancy());
  });
});
