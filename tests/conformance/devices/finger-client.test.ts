import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { MODEL_NAMES, MODELS, type ModelName } from '../../../firmware-agent/devices/finger-reader/simulator/models.js';
import { startFingerSimulator } from '../../../firmware-agent/devices/finger-reader/simulator/simulator.js';
import { HAS_SOCAT, ptyTo } from '../../unit/devices/pty.js';

/** The Python program stands beside its source, not in `dist/`. */
const CLIENT = join(import.meta.dirname, '../../../../tests/conformance/devices/finger_client.py');
const PYTHON = '/usr/bin/python3';

const HAS_PYSERIAL = spawnSync(PYTHON, ['-c', 'import serial']).status === 0;
const MISSING = HAS_SOCAT && HAS_PYSERIAL ? undefined : 'needs socat, and /usr/bin/python3 with python3-serial (Debian packages)';

const said = z.union([z.strictObject({ need: z.string() }), z.looseObject({ ok: z.literal(true) })]);

describe('an independent host in Python, on the virtual fingerprint module', () => {
  if (MISSING !== undefined) it.skip(MISSING);
  else for (const model of MODEL_NAMES) itDrives(model);
});

function itDrives(model: ModelName): void {
  it(`${model}: password, parameters, enrol, index, search, miss, templates, match`, async () => {
    const { systemId, capacity, templateBytes } = MODELS[model];
    assert.deepEqual(await driven(model), {
      ok: true,
      systemId,
      capacity,
      packetBytes: 128,
      baudRate: 57_600,
      address: 0xffff_ffff,
      pages: [9],
      count: 1,
      hit: [0, 9],
      miss: 0x09,
      templateBytes,
      sameBack: true,
      gone: 0,
      match: 0,
    });
  }).timeout(60_000);
}

/** What the client found. It says when it needs a finger (none: an empty name). */
async function driven(model: ModelName): Promise<unknown> {
  const sim = await startFingerSimulator({ host: '127.0.0.1', port: 0, model });
  const { path, end } = await ptyTo(sim.host, sim.port);
  const client = spawn(PYTHON, ['-B', CLIENT, path], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  client.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString('utf8');
  });
  const left = new Promise<void>((resolve) => {
    client.once('close', () => resolve());
  });
  let verdict: unknown;
  try {
    for await (const line of createInterface({ input: client.stdout })) {
      const what = said.parse(JSON.parse(line));
      if ('need' in what) {
        await sim.order(what.need === '' ? { do: 'lift' } : { do: 'press', finger: String(what.need) });
        client.stdin.write('\n');
      } else verdict = what;
    }
    await left;
    assert.equal(complaints, '');
    return verdict;
  } finally {
    client.kill();
    await left;
    await end();
    await sim.close();
  }
}
