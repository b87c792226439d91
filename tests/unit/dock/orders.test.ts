import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { rdOrder } from '../../../firmware-agent/devices/aadhaar/simulator/simulator.js';
import { cameraOrder } from '../../../firmware-agent/devices/camera/simulator/simulator.js';
import { documentScannerOrder } from '../../../firmware-agent/devices/document-scanner/simulator/simulator.js';
import { fingerOrder } from '../../../firmware-agent/devices/finger-reader/simulator/orders.js';
import { gnssOrder } from '../../../firmware-agent/devices/gnss/simulator/simulator.js';
import { pagePrinterOrder } from '../../../firmware-agent/devices/page-printer/simulator/orders.js';
import { printerOrder } from '../../../firmware-agent/devices/printer/simulator/condition.js';
import { dotMatrixOrder } from '../../../firmware-agent/devices/printer/simulator/dot-matrix/dot-matrix.js';
import { scannerOrder } from '../../../firmware-agent/devices/scanner/simulator/simulator.js';
import { keyOrder } from '../../../firmware-agent/devices/security-key/simulator/simulator.js';
import { speakerOrder } from '../../../firmware-agent/devices/speaker/simulator/simulator.js';
import { upsOrder } from '../../../firmware-agent/devices/ups/simulator/simulator.js';
import { describeOrders } from '../../../firmware-agent/devices/simulation/describe-orders.js';
import type { OrderText } from '../../../provisioning/demo/orders.js';
import { fieldText, orderFrom } from '../../../provisioning/dock/devices.js';
import { callOf, drawDock, ORDER_KEYS } from '../../../provisioning/dock/screen.js';

const SIMULATED_ORDERS = {
  aadhaar: rdOrder,
  camera: cameraOrder,
  'document-scanner': documentScannerOrder,
  'finger-reader': fingerOrder,
  gnss: gnssOrder,
  'page-printer': pagePrinterOrder,
  printer: printerOrder,
  'dot-matrix': dotMatrixOrder,
  scanner: scannerOrder,
  'security-key': keyOrder,
  speaker: speakerOrder,
  ups: upsOrder,
};

const orderOf = (schema: z.ZodType, name: string): OrderText => {
  const found = describeOrders(schema).find((one) => one.do === name);
  assert.ok(found !== undefined, name);
  return found;
};

describe("a simulator's orders", () => {
  for (const [kind, schema] of Object.entries(SIMULATED_ORDERS)) {
    it(`of the ${kind} are read off its schema, each with words of its own`, () => {
      const orders = describeOrders(schema);
      assert.deepEqual(
        orders.map((one) => one.do),
        schema.options.map((option) => option.shape.do.value),
      );
      for (const { do: name, about } of orders) assert.notEqual(about, name);
      assert.ok(orders.length <= ORDER_KEYS.length, 'a key for each');
    });
  }

  it('become JSON from words by place and by name, which the simulator takes', () => {
    const made = (name: string, ...words: string[]): unknown => {
      const order = orderFrom(orderOf(name === 'scan' || name === 'suffix' ? scannerOrder : printerOrder, name), words);
      return order.ok ? order.value : order.error.detail;
    };
    assert.deepEqual(scannerOrder.parse(made('scan', 'A|B=C', 'times=3')), { do: 'scan', text: 'A|B=C', times: 3 });
    assert.deepEqual(printerOrder.parse(made('paper-out', '400')), { do: 'paper-out', afterRows: 400 });
    assert.deepEqual(made('unplug', 'power=off'), { do: 'unplug', power: 'off' });
    assert.equal(made('scan'), 'scan wants <text>');
    assert.equal(made('slow', 'fast'), '"fast" is not <bytesPerSecond>');
    assert.equal(made('suffix', 'never'), '"never" is not <suffix=cr|lf|crlf>');
    assert.equal(made('refill', 'now'), 'refill takes no "now"');
  });

  it('are none for a schema that is no union', () => {
    assert.deepEqual(describeOrders(z.string()), []);
  });
});

describe("the dock's picture", () => {
  it('stays within its terminal, however small', () => {
    const orders = describeOrders(printerOrder).map((order, i) => ({ key: ORDER_KEYS[i] ?? '', order }));
    const picture = {
      folder: 'var/demo',
      rows: [{ name: 'printer', state: 'paper present · cover closed', isAway: false }],
      chosen: 0,
      orders,
      typing: undefined,
      note: '',
    };
    for (const lines of [3, 10, 24, 60]) assert.ok(drawDock(picture, 60, lines).length <= lines);
    for (const columns of [20, 59, 80]) assert.ok(drawDock(picture, columns, 24).length <= 24);
    assert.equal(callOf(orderOf(scannerOrder, 'suffix')), 'suffix <suffix=cr|lf|crlf>');
    assert.equal(fieldText({ name: 'times', type: 'number', need: 'optional' }), '[times]');
  });

  it('shows every key, the keys of its own and what came of the last order on 80 x 25, however much the devices say', () => {
    const orders = describeOrders(printerOrder).map((order, i) => ({ key: ORDER_KEYS[i] ?? '', order }));
    const rows = Array.from({ length: 12 }, (_, i) => ({
      name: `device-${i}`,
      state: 'paper present and much more to tell '.repeat(12),
      isAway: false,
    }));
    for (const chosen of [0, 5, 11]) {
      const picture = { folder: 'var/demo', rows, chosen, orders, typing: undefined, note: 'printer paper-out: done' };
      const drawn = drawDock(picture, 80, 25);
      assert.ok(drawn.length <= 25, `${drawn.length} rows`);
      const text = drawn.map((row) => stripVTControlCharacters(row));
      for (const row of text) assert.ok(row.length <= 80, row);
      for (const { name } of rows)
        assert.ok(
          text.some((row) => row.includes(name)),
          name,
        );
      for (const { key, order } of orders)
        assert.ok(
          text.some((row) => row.includes(`${key} ${order.do}`)),
          `${key} ${order.do}`,
        );
      assert.ok(text.some((row) => row.includes('q leave')));
      assert.equal(text.at(-1), 'printer paper-out: done');
    }
  });
});
