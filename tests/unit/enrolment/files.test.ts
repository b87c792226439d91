import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PRIVATE_MODE, createFileAtomic, errorCode, isPrivate, readFileIfAny, writeFileAtomic } from '#platform/files/files.js';

describe('files put in place whole', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'jharokha-files-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('replaces content and mode, and leaves no temporary file', () => {
    const path = join(folder, 'a');
    writeFileSync(path, 'old', { mode: 0o644 });
    writeFileAtomic(path, 'new', PRIVATE_MODE);
    assert.equal(readFileSync(path, 'utf8'), 'new');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    writeFileAtomic(path, new Uint8Array(100_000).fill(7));
    assert.equal(readFileSync(path).length, 100_000);
    assert.deepEqual(readdirSync(folder), ['a']);
  });

  it('keeps the old file and cleans up when the new one can not be put in place', () => {
    const path = join(folder, 'taken');
    mkdirSync(join(path, 'inner'), { recursive: true });
    assert.throws(
      () => writeFileAtomic(path, 'new'),
      (error) => errorCode(error) === 'EISDIR' || errorCode(error) === 'ENOTEMPTY',
    );
    assert.deepEqual(readdirSync(folder), ['taken']);
    assert.throws(
      () => writeFileAtomic(join(folder, 'absent', 'a'), 'new'),
      (error) => errorCode(error) === 'ENOENT',
    );
  });

  it('never creates over a file that is there', () => {
    const path = join(folder, 'key');
    assert.equal(createFileAtomic(path, 'first', PRIVATE_MODE), 'written');
    assert.equal(createFileAtomic(path, 'second', PRIVATE_MODE), 'exists');
    assert.equal(readFileSync(path, 'utf8'), 'first');
    assert.deepEqual(readdirSync(folder), ['key']);
  });

  it('tells absent from unreadable, and private from not', () => {
    const path = join(folder, 'key');
    assert.equal(readFileIfAny(path), undefined);
    assert.throws(
      () => readFileIfAny(folder),
      (error) => errorCode(error) === 'EISDIR',
    );
    createFileAtomic(path, 'x', PRIVATE_MODE);
    assert.equal(isPrivate(path), true);
    chmodSync(path, 0o640);
    assert.equal(isPrivate(path), false);
  });
});
