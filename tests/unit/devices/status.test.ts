import assert from 'node:assert/strict';
import { causeOf, reportOf, statusOfChange, statusOfRealtime, type PrinterStatus } from '../../../firmware-agent/devices/printer/status.js';

const READY = { printer: 0x12, offline: 0x12, error: 0x12, paper: 0x12 };

describe('printer status: DLE EOT', () => {
  const rows: readonly (readonly [string, Partial<typeof READY>, PrinterStatus])[] = [
    ['all well', {}, { condition: 'ready' }],
    ['drawer open is no trouble', { printer: 0x16 }, { condition: 'ready' }],
    ['paper near its end', { paper: 0x1e }, { condition: 'near-end' }],
    ['printing stopped for want of paper', { printer: 0x1a, offline: 0x32, paper: 0x12 }, { condition: 'paper-out' }],
    ['paper sensor says end', { paper: 0x7e }, { condition: 'paper-out' }],
    ['cover open, which also hides the paper', { printer: 0x1a, offline: 0x36, paper: 0x7e }, { condition: 'cover-open' }],
    ['knife stuck', { printer: 0x1a, offline: 0x52, error: 0x1a }, { condition: 'cutter-error' }],
    ['knife stuck and no paper: the knife first', { offline: 0x72, error: 0x1a, paper: 0x7e }, { condition: 'cutter-error' }],
    ['broken', { offline: 0x52, error: 0x32 }, { condition: 'error', recovery: 'unrecoverable' }],
    ['too warm', { offline: 0x52, error: 0x52 }, { condition: 'error', recovery: 'by-itself' }],
    ['mechanical', { offline: 0x52, error: 0x16 }, { condition: 'error', recovery: 'recoverable' }],
    ['an error without a kind', { offline: 0x52 }, { condition: 'error', recovery: 'recoverable' }],
    ['offline without a cause', { printer: 0x1a }, { condition: 'offline' }],
  ];
  for (const [name, bits, expected] of rows) it(name, () => assert.deepEqual(statusOfRealtime({ ...READY, ...bits }), expected));
});

describe('printer status: automatic', () => {
  const rows: readonly (readonly [string, readonly [number, number, number, number], PrinterStatus])[] = [
    ['all well', [0x10, 0, 0, 0], { condition: 'ready' }],
    ['drawer', [0x14, 0, 0, 0], { condition: 'ready' }],
    ['near end', [0x10, 0, 0x03, 0], { condition: 'near-end' }],
    ['paper end', [0x18, 0, 0x0f, 0], { condition: 'paper-out' }],
    ['cover', [0x38, 0, 0x0c, 0], { condition: 'cover-open' }],
    ['knife', [0x18, 0x08, 0, 0], { condition: 'cutter-error' }],
    ['broken', [0x18, 0x20, 0, 0], { condition: 'error', recovery: 'unrecoverable' }],
    ['too warm', [0x18, 0x40, 0, 0], { condition: 'error', recovery: 'by-itself' }],
    ['mechanical', [0x18, 0x04, 0, 0], { condition: 'error', recovery: 'recoverable' }],
    ['feed button held', [0x58, 0, 0, 0], { condition: 'offline' }],
  ];
  for (const [name, bits, expected] of rows) it(name, () => assert.deepEqual(statusOfChange(bits), expected));
});

describe('printer status: in the counter’s words', () => {
  const rows: readonly (readonly [PrinterStatus, string | undefined, string])[] = [
    [{ condition: 'ready' }, undefined, 'ready'],
    [{ condition: 'near-end' }, undefined, 'warning'],
    [{ condition: 'paper-out' }, 'paper-out', 'trouble'],
    [{ condition: 'cover-open' }, 'cover-open', 'trouble'],
    [{ condition: 'cutter-error' }, 'cutter-error', 'trouble'],
    [{ condition: 'error', recovery: 'unrecoverable' }, 'printer-error', 'trouble'],
    [{ condition: 'error', recovery: 'by-itself' }, 'printer-hot', 'trouble'],
    [{ condition: 'offline' }, 'printer-error', 'trouble'],
  ];
  for (const [status, cause, state] of rows) {
    it(`${status.condition} is ${state}`, () => {
      assert.equal(causeOf(status), cause);
      assert.equal(reportOf(status).state, state);
      assert.equal(reportOf(status).problem?.code, cause ?? (state === 'warning' ? 'printer-near-end' : undefined));
    });
  }
});
