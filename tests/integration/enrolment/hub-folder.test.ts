import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRuleBook } from '#protocol/rulebook/rulebook.js';
import { equalBytes } from '#protocol/signing/keys.js';
import { createHub, openDistrictKey, openHub } from '../../../hub-server/operations/hub-folder.js';
import { draftText, listRuleBooks, newestRuleBook, signAndStore } from '../../../hub-server/operations/rule-books.js';
import { START, codeOf, newHub, valueOf } from './world.js';

describe('the hub folder', () => {
  const edges = { now: () => START };
  let root: string;
  let folder: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'jharokha-hub-'));
    folder = join(root, 'deep', 'hub');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is made whole, with private keys, and opens again', async () => {
    valueOf(await createHub(folder, newHub(), edges));
    assert.deepEqual(readdirSync(join(root, 'deep')), ['hub']);
    for (const file of ['district.key', 'hub.key']) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
    const hub = valueOf(openHub(folder, edges));
    assert.equal(hub.district, 'c11:110');
    assert.ok(equalBytes(valueOf(openDistrictKey(folder)).publicKey, hub.districtKey.publicKey));
    assert.ok(!equalBytes(hub.hubKey.publicKey, hub.districtKey.publicKey));
    assert.deepEqual(hub.hubCertificate.key.publicKey, hub.hubKey.publicKey);
    const { book, bytes } = newestRuleBook(hub);
    assert.deepEqual(
      book.tariff.map((row) => [row.service, row.chargePaise, row.payer]),
      [
        ['101', 395n, 'department'],
        ['102', 395n, 'department'],
        ['103', 500n, 'department'],
      ],
    );
    assert.ok(openRuleBook(hub.districtKey, bytes).ok);
    hub.db.close();
  });

  it('never overwrites, and leaves nothing behind when it refuses', async () => {
    mkdirSync(folder, { recursive: true });
    valueOf(await createHub(folder, newHub(), edges));
    const key = readFileSync(join(folder, 'district.key'));
    assert.equal(codeOf(await createHub(folder, newHub(), edges)), 'folder-in-use');
    assert.deepEqual(readFileSync(join(folder, 'district.key')), key);
    const other = join(root, 'other');
    assert.equal(codeOf(await createHub(other, { ...newHub(), ruleBook: '{' }, edges)), 'not-json');
    assert.equal(codeOf(await createHub(other, { ...newHub(), ruleBook: '{}' }, edges)), 'bad-rule-book');
    assert.equal(codeOf(await createHub(other, { ...newHub(), address: 'nowhere' }, edges)), 'bad-address');
    assert.equal(codeOf(await createHub(other, { ...newHub(), name: 'x'.repeat(41) }, edges)), 'bad-name');
    assert.deepEqual(readdirSync(root), ['deep']);
  });

  it('says what is wrong with a folder that is not, or no longer, a hub', async () => {
    assert.equal(codeOf(openHub(folder, edges)), 'not-a-hub');
    valueOf(await createHub(folder, newHub(), edges));
    const other = join(root, 'other');
    valueOf(await createHub(other, newHub(), edges));
    chmodSync(join(folder, 'hub.key'), 0o644);
    assert.equal(codeOf(openHub(folder, edges)), 'bad-key-file');
    chmodSync(join(folder, 'hub.key'), 0o600);
    writeFileSync(join(folder, 'hub.key'), 'short\n');
    assert.equal(codeOf(openHub(folder, edges)), 'bad-key-file');
    copyFileSync(join(other, 'hub.key'), join(folder, 'hub.key'));
    assert.equal(codeOf(openHub(folder, edges)), 'bad-hub-certificate');
    copyFileSync(join(other, 'hub.cert'), join(folder, 'hub.cert'));
    assert.equal(codeOf(openHub(folder, edges)), 'bad-hub-certificate');
    rmSync(join(other, 'hub.json'));
    assert.equal(codeOf(openHub(other, edges)), 'not-a-hub');
  });

  it('signs a rule book from a draft, only ever a higher version', async () => {
    valueOf(await createHub(folder, newHub(), edges));
    const hub = valueOf(openHub(folder, edges));
    const district = valueOf(openDistrictKey(folder));
    const draft = draftText(newestRuleBook(hub).book);
    const sign = (text: string): ReturnType<typeof signAndStore> => signAndStore(hub, district, text);
    assert.equal(codeOf(sign(draft)), 'version-not-higher');
    const next = draft.replace('"version": 1', '"version": 4').replaceAll('"395"', '400');
    assert.equal(valueOf(sign(next)).book.tariff[0]?.chargePaise, 400n);
    assert.equal(newestRuleBook(hub).book.version, 4);
    assert.equal(codeOf(sign(next)), 'version-not-higher');
    assert.equal(codeOf(sign(next.replace('400', '3.95').replace('"version": 4', '"version": 5'))), 'bad-rule-book');
    assert.equal(codeOf(sign(next.replace('"service": "103"', '"service": "999"').replace('"version": 4', '"version": 5'))), 'bad-rule-book');
    assert.deepEqual(
      listRuleBooks(hub).map((line) => line.version),
      [1, 4],
    );
    hub.db.close();
  });
});
