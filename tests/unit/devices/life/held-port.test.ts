import assert from 'node:assert/strict';
import { failure } from '#protocol/result/result.js';
import { startEscpPrinter } from '../../../../firmware-agent/devices/printer/escp/handle.js';
import { startPrinter } from '../../../../firmware-agent/devices/printer/handle.js';
import { startGnss } from '../../../../firmware-agent/devices/gnss/handle.js';
import type { DeviceFace } from '../../../../firmware-agent/devices/ports.js';
import { startScanner } from '../../../../firmware-agent/devices/scanner/handle.js';
import { hidScanner, plainScanner } from '../../../../firmware-agent/devices/scanner/styles.js';
import type { OpenFault } from '../../../../firmware-agent/devices/transport/transport.js';

const faulty = (code: OpenFault['code']): { name: string; open: () => Promise<{ ok: false; error: OpenFault }> } => ({
  name: 'port',
  open: async () => failure(code, 'port: as the kernel says'),
});

const STARTS: readonly (readonly [string, (code: OpenFault['code']) => DeviceFace])[] = [
  ['a thermal printer', (code) => startPrinter(faulty(code), { width: '58mm' })],
  ['a dot-matrix printer', (code) => startEscpPrinter(faulty(code), { page: { pins: 24, columns: 80, formLines: 72 } })],
  ['a scanner', (code) => startScanner(plainScanner(faulty(code)))],
  ['a HID scanner', (code) => startScanner(hidScanner(faulty(code)))],
  ['a location receiver', (code) => startGnss(faulty(code))],
];

describe('a port that can not be opened', () => {
  for (const [kind, start] of STARTS)
    for (const [code, state, problem] of [
      ['busy', 'trouble', 'device-busy'],
      ['denied', 'trouble', 'device-denied'],
      ['absent', 'absent', /-absent$/u],
    ] as const)
      it(`that is ${code} is told by ${kind}`, async () => {
        const device = start(code);
        try {
          await new Promise((resolve) => {
            setImmediate(resolve);
          });
          assert.equal(device.state().state, state);
          assert.match(device.state().problem?.code ?? '', new RegExp(problem, 'u'));
          assert.equal(device.whyAway(), 'port: as the kernel says');
        } finally {
          await device.close();
        }
      });
});
