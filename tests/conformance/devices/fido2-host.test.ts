import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startKeySimulator, type KeySimulator } from '../../../firmware-agent/devices/security-key/simulator/simulator.js';

const SCRIPT = fileURLToPath(new URL('../../../../tests/conformance/devices/fido2_host.py', import.meta.url));
/** Debian's own python, which has Debian's python3-fido2. */
const PYTHON = '/usr/bin/python3';
const HAS_FIDO2 = spawnSync(PYTHON, ['-c', 'import fido2.ctap2.bio']).status === 0;

describe(`our security key, driven by python3-fido2${HAS_FIDO2 ? '' : ' (skipped: python3-fido2 is not installed)'}`, function () {
  this.timeout(60_000);
  let key: KeySimulator;
  before(async function () {
    if (!HAS_FIDO2) this.skip();
    key = await startKeySimulator({ host: '127.0.0.1', port: 0 });
    await key.order({ do: 'habit', habit: 'right' });
  });
  after(() => key?.close());

  it('registers, signs by finger and by PIN, and takes, names and drops a finger; its own code verifies the signatures', async () => {
    const { stdout } = await promisify(execFile)(PYTHON, [SCRIPT, String(key.port)], { timeout: 50_000 });
    const found = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(found['versions'], ['FIDO_2_0', 'FIDO_2_1']);
    assert.deepEqual(found['byFinger'], [2, 3]);
    assert.deepEqual(found['byPin'], [5, 6]);
    assert.equal(found['wrongPin'], 'PIN_INVALID');
    assert.deepEqual(found['fingers'], ['first', "peer's finger"]);
    assert.equal(found['after'], 1);
  });
});
