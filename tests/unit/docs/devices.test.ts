import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { deviceKind } from '../../../protocol/counter/device.js';
import { deviceConfig } from '../../../firmware-agent/devices/devices.js';
import { ROOT } from './documents.js';

const guide = readFileSync(join(ROOT, 'docs/devices.md'), 'utf8');
const technician = readFileSync(join(ROOT, 'docs/technician.md'), 'utf8');
const examples = [...`${guide}\n${technician}`.matchAll(/^```json\n(.*?)^```/gmsu)].map((match) => match[1] ?? '');
const devices = examples.flatMap((text) => z.array(deviceConfig).parse(JSON.parse(text)));

describe('the examples of devices.json', () => {
  it('are taken by the agent as they stand, with a printer each: without one it does not start', () => {
    assert.ok(examples.length > 0);
    for (const text of examples) {
      const kinds = z.array(deviceConfig).parse(JSON.parse(text));
      assert.ok(
        kinds.some(({ kind }) => kind === 'printer'),
        text,
      );
    }
  });

  it('show every kind, in a section of its own', () => {
    for (const kind of deviceKind.options) {
      assert.ok(
        devices.some((device) => device.kind === kind),
        kind,
      );
      assert.match(guide, new RegExp(`^## ${kind}$`, 'mu'));
    }
  });

  it('stand beside a table of every field', () => {
    const fields = examples.flatMap((text) => z.array(z.record(z.string(), z.unknown())).parse(JSON.parse(text))).flatMap((d) => Object.keys(d));
    for (const field of [...new Set(fields), 'address']) assert.match(guide, new RegExp(`^\\| [^|]*\`${field}\``, 'mu'), field);
  });
});
