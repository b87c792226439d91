import assert from 'node:assert/strict';
import { DEVICE_PROBLEM_CODES } from '#protocol/counter/device.js';
import { districtCode, kioskCode } from '#protocol/identity/identity.js';
import { paperText } from '#protocol/receipt/text.js';
import { issueCertificate, type Certificate } from '#protocol/signing/certificate.js';
import { signingKey, verifyKey } from '#protocol/signing/keys.js';
import { sheetLines, sheetQr } from '#protocol/technician/sheet-layout.js';
import { peekSheet, signedSheet, unsignedSheet, verdictOf, verifySheet, type SheetFacts, type SheetRow } from '#protocol/technician/sheet.js';
import { deviceTrouble } from '#protocol/technician/words.js';
import { BENCH_PROMPTS } from '#protocol/technician/bench.js';
import { PROMPT_WORDS } from '../../../provisioning/technician/doctor/wording.js';
import { valueOf } from '../../support/world-value.js';

const district = signingKey(new Uint8Array(32).fill(1));
const kiosk = signingKey(new Uint8Array(32).fill(2));
const AT = Date.UTC(2026, 10, 25, 6, 30);

const certificate = (subject = 'd35k1111', epoch = 1): Certificate =>
  issueCertificate(district, {
    role: 'kiosk',
    district: districtCode.parse('lgd:102'),
    subject,
    epoch,
    publicKey: kiosk.publicKey,
    notBefore: AT - 1_000_000,
    notAfter: AT + 1_000_000,
  });

const row = (over: Partial<SheetRow> = {}): SheetRow => ({
  device: 'printer',
  kind: 'printer',
  where: 'tcp 127.0.0.1:9100',
  check: 'status',
  outcome: 'pass',
  detail: 'is connected and reports no fault',
  facts: {},
  ...over,
});

const facts = (over: Partial<SheetFacts> = {}): SheetFacts => ({
  v: 1,
  kiosk: { district: districtCode.parse('lgd:102'), code: kioskCode.parse('d35k1111'), epoch: 1 },
  software: 'jharokha 0.1.0',
  begunAt: AT - 1_000,
  at: AT,
  rows: [row()],
  ...over,
});

describe('a bench sheet', () => {
  const trust = verifyKey(district.publicKey);
  const codeOf = (file: Uint8Array, key = trust): string => {
    const read = verifySheet(key, file);
    return read.ok ? 'good' : read.error.code;
  };

  it('verifies with the district key alone', () => {
    const file = signedSheet(kiosk, certificate(), facts());
    const read = valueOf(verifySheet(trust, file));
    assert.deepEqual(read.facts, facts());
    assert.match(read.code, /^[0-9A-Z]{8}$/u);
    assert.equal(valueOf(peekSheet(file)).code, read.code);
  });

  it('is refused under another district, for another kiosk, outside its time, and when nobody signed it', () => {
    assert.equal(codeOf(signedSheet(kiosk, certificate(), facts()), verifyKey(kiosk.publicKey)), 'bad-certificate');
    assert.equal(codeOf(signedSheet(kiosk, certificate('d35k2222'), facts())), 'other-kiosk');
    assert.equal(codeOf(signedSheet(kiosk, certificate('d35k1111', 2), facts())), 'other-kiosk');
    assert.equal(codeOf(signedSheet(kiosk, certificate(), facts({ kiosk: null }))), 'other-kiosk');
    assert.equal(codeOf(signedSheet(kiosk, certificate(), facts({ at: AT + 2_000_000 }))), 'outside-certificate');
    assert.equal(codeOf(signedSheet(district, certificate(), facts())), 'bad-signature');
    assert.equal(codeOf(unsignedSheet(facts())), 'unsigned');
    assert.equal(codeOf(Uint8Array.of(1, 2, 3)), 'not-a-sheet');
  });

  it('does not survive one flipped bit anywhere', () => {
    const file = signedSheet(kiosk, certificate(), facts());
    for (let at = 0; at < file.length; at += 1) {
      const bent = Uint8Array.from(file);
      bent[at] = (bent[at] ?? 0) ^ 0x04;
      assert.notEqual(codeOf(bent), 'good', `byte ${at}`);
    }
  });

  it('passes, fails, or says that no device was tested', () => {
    const station = row({ device: '@station', kind: 'station', check: 'disk' });
    assert.equal(verdictOf({ rows: [station, row()] }), 'pass');
    assert.equal(verdictOf({ rows: [row(), row({ outcome: 'fail' })] }), 'fail');
    assert.equal(verdictOf({ rows: [station, row({ outcome: 'not-done' })] }), 'nothing');
    assert.equal(verdictOf({ rows: [{ ...station, outcome: 'fail' }] }), 'fail');
    assert.equal(verdictOf({ rows: [{ ...station, outcome: 'not-done' }, row()] }), 'pass');
  });

  it('is partial, and no pass, when one check of one device was not done; the paper names it in either language', () => {
    const left = [row({ device: 'camera', kind: 'camera', check: 'photograph', outcome: 'not-done' }), row({ device: 'camera', kind: 'camera' })];
    assert.equal(verdictOf({ rows: [row(), ...left] }), 'partial');
    assert.equal(verdictOf({ rows: [row(), ...left, row({ outcome: 'fail' })] }), 'fail');
    const sheet = valueOf(peekSheet(unsignedSheet(facts({ rows: [row(), ...left] }))));
    const paper = (language: 'en' | 'hi'): string => paperText(sheetLines(sheet, language)).join('\n');
    assert.match(
      paper('en'),
      /PARTIAL[\s\S]*Some checks were not done[\s\S]*Receipt printer +PASS[\s\S]*Camera +ok in part\n *not done: photograph/u,
    );
    assert.doesNotMatch(paper('en'), /Camera +PASS/u);
    assert.match(paper('hi'), /अधूरी जाँच[\s\S]*नहीं किया: photograph/u);
  });

  it('says on paper what is wrong, in either language, and that an unsigned one is not signed', () => {
    const fault = row({ outcome: 'fail', problem: { code: 'paper-out' }, detail: 'x' });
    const sheet = valueOf(peekSheet(unsignedSheet(facts({ rows: [fault] }))));
    const english = paperText(sheetLines(sheet, 'en')).join('\n');
    assert.match(english, /FAIL/u);
    assert.match(english, /The printer has no paper/u);
    assert.match(english, /NOT SIGNED/u);
    assert.match(paperText(sheetLines(sheet, 'hi')).join('\n'), /प्रिंटर में कागज़ नहीं है/u);
    assert.match(sheetQr(sheet), /^JB1\/-\/[A-Z2-7]{52}$/u);
  });

  it('has a sentence in both languages for every trouble and every prompt', () => {
    for (const code of DEVICE_PROBLEM_CODES) for (const language of ['en', 'hi'] as const) assert.ok(deviceTrouble({ code }, language), code);
    for (const prompt of BENCH_PROMPTS) assert.match(PROMPT_WORDS[prompt].hi, /\p{Script=Devanagari}/u);
  });
});
