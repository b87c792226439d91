import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';

describe('drivers', () => {
  it('boots', () => {
    assert.ok(existsSync('/dev/uhid'));
  });
});
