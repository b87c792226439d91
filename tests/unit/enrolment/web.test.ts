import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RateLimit } from '../../../hub-server/web/rate-limit.js';
import { matchRoute, textReply, type Route } from '../../../hub-server/web/route.js';

describe('routes', () => {
  const route = (method: 'GET' | 'POST', path: string): Route => ({ method, path, handle: () => textReply(200, path) });
  const routes = [route('GET', '/a'), route('POST', '/a'), route('GET', '/a/:id'), route('GET', '/:x/b/:y')];

  it('finds by method and path and hands over what the colons stand for', () => {
    assert.deepEqual(matchRoute(routes, 'GET', '/a').kind, 'found');
    const found = matchRoute(routes, 'GET', '/q%2Fr/b/%E0%A4%95');
    assert.ok(found.kind === 'found');
    assert.deepEqual(found.params, { x: 'q/r', y: 'क' });
    assert.deepEqual(matchRoute(routes, 'POST', '/a/1'), { kind: 'wrong-method', allowed: ['GET'] });
    assert.deepEqual(matchRoute(routes, 'HEAD', '/a'), { kind: 'wrong-method', allowed: ['GET', 'POST'] });
    for (const path of ['/', '/a/', '/a/%', '/b', '/a/1/2']) assert.equal(matchRoute(routes, 'GET', path).kind, 'none', path);
  });
});

describe('the rate limit', () => {
  it('lets a burst of one minute through and then one at a time', () => {
    let now = 1_000_000;
    const limit = new RateLimit({ perMinute: 6, now: () => now });
    assert.deepEqual(
      Array.from({ length: 8 }, () => limit.take('10.0.0.1')),
      [0, 0, 0, 0, 0, 0, 10, 10],
    );
    assert.equal(limit.take('10.0.0.2'), 0);
    now += 10_000;
    assert.deepEqual([limit.take('10.0.0.1'), limit.take('10.0.0.1')], [0, 10]);
  });

  it('counts an IPv6 /64 as one, however it is written', () => {
    const limit = new RateLimit({ perMinute: 1, now: () => 0 });
    assert.equal(limit.take('2001:db8:0:1::5'), 0);
    assert.ok(limit.take('2001:db8:0:1:aaaa:bbbb:cccc:dddd') > 0);
    assert.equal(limit.take('2001:db8:0:2::5'), 0);
    assert.equal(limit.take('::1'), 0);
    assert.ok(limit.take('::2') > 0);
  });

  it('never lets more through than a minute’s burst and what time has filled, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.integer({ min: -30_000, max: 30_000 }), { maxLength: 200 }), (perMinute, steps) => {
        let now = 1_000_000_000;
        let forward = 0;
        const limit = new RateLimit({ perMinute, now: () => now });
        let allowed = 0;
        for (const step of steps) {
          now += step;
          forward += Math.max(0, step);
          if (limit.take('a') === 0) allowed += 1;
        }
        assert.ok(allowed <= perMinute + (forward * perMinute) / 60_000 + 1e-6);
      }),
    );
  });

  it('holds a bounded number of addresses', () => {
    const limit = new RateLimit({ perMinute: 1, now: () => 0, addressesMax: 2 });
    for (const address of ['a', 'b', 'c']) assert.equal(limit.take(address), 0);
    assert.ok(limit.take('c') > 0);
    assert.equal(limit.take('a'), 0, 'the longest idle was forgotten');
  });
});
