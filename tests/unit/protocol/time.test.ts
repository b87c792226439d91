import assert from 'node:assert/strict';
import fc from 'fast-check';
import { businessDate, clockTime, isBusinessDate, printedDate, printedTime } from '#protocol/time/time.js';

describe('time in India', () => {
  it('the day turns at 18:30 UTC', () => {
    assert.deepEqual([Date.UTC(2026, 10, 21, 18, 29), Date.UTC(2026, 10, 21, 18, 30)].map(businessDate), ['2026-11-21', '2026-11-22']);
    assert.equal(printedTime(Date.UTC(2026, 11, 31, 18, 30)), '01-01-2027 00:00');
    assert.equal(clockTime(Date.UTC(2026, 0, 1, 9, 2)), '14:32');
  });

  it('knows which days there are', () => {
    for (const day of ['2026-02-28', '2028-02-29', '2026-12-31', '2000-02-29']) assert.equal(isBusinessDate(day), true, day);
    for (const day of [
      '2026-02-29',
      '1900-02-29',
      '2026-13-01',
      '2026-00-01',
      '2026-11-31',
      '26-11-22',
      '2026-11-22 ',
      '2026-11-22T00',
      '२०२६-११-२२',
    ])
      assert.equal(isBusinessDate(day), false, day);
  });

  it('every moment that a message may name has a day that can be printed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_214_400_000 }), (at) => {
        assert.ok(isBusinessDate(businessDate(at)));
        assert.match(printedTime(at), /^\d{2}-\d{2}-\d{4} \d{2}:\d{2}$/u);
      }),
    );
    assert.throws(() => printedDate('22-11-2026'));
  });
});
