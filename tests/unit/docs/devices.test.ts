import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { deviceConfig } from '../../../firmware-agent/devices/devices.js';
import { ROOT } from './documents.js';

const guide = readFileSync(join(ROOT, 'docs/technician.md'), 'utf8');
const examples = [...guide.matchAll(/^```json\n(.*?)^```/gmsu)].map((match) => match[1] ?? '');

describe("the technician's examples of devices.json", () => {
  it('are taken by the agent as they stand', () => {
    const transports = examples.flatMap((text) => z.array(deviceConfig).parse(JSON.parse(text))).map((d) => d.transport);
    assert.deepEqual([...new Set(transports)].toSorted(), ['character-device', 'ipp', 'serial', 'tcp']);
  });

  it('name one printer each, and no kind twice', () => {
    for (const text of examples) {
      const kinds = z
        .array(deviceConfig)
        .parse(JSON.parse(text))
        .map((d) => d.kind);
      assert.ok(kinds.includes('printer'));
      assert.equal(new Set(kinds).size, kinds.length);
    }
  });

  it('stand above a table of every field', () => {
    const fields = examples.flatMap((text) => z.array(z.record(z.string(), z.unknown())).parse(JSON.parse(text))).flatMap((d) => Object.keys(d));
    for (const field of [...new Set(fields), 'drawerPin']) assert.match(guide, new RegExp(`^\\| [^|]*\`${field}\``, 'mu'), field);
  });
});
