import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { keyFingerprint, sha256 } from '#protocol/signing/keys.js';
import { jsonReply, textReply, type Route } from '../../../hub-server/web/route.js';
import { EnrolmentWorld } from './world.js';

type Got = { readonly status: number; readonly body: string; readonly headers: Readonly<Record<string, unknown>> };

function fetchFrom(port: number, method: string, path: string, body: string | Buffer = ''): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, rejectUnauthorized: false, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8'), headers: response.headers }));
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/R/:code', handle: (visit) => jsonReply(200, { code: visit.params['code'], q: visit.query.get('q'), paise: 395n }) },
  { method: 'POST', path: '/echo', bodyBytesMax: 64, handle: (visit) => textReply(200, `${visit.body.length} from ${visit.address}`) },
  {
    method: 'GET',
    path: '/broken',
    handle: () => {
      throw new Error('the safe is open: 4711');
    },
  },
];

describe('the door of the hub', () => {
  let world: EnrolmentWorld;
  afterEach(() => world.close());

  it('answers by method and path, with bounded bodies, and never shows a stack', async () => {
    const defects: string[] = [];
    world = await EnrolmentWorld.open({ door: { routes: ROUTES, onDefect: (what, error) => defects.push(`${what} ${String(error)}`) } });
    const get = (method: string, path: string, body?: string | Buffer): Promise<Got> => fetchFrom(world.door.port, method, path, body);
    assert.deepEqual(JSON.parse((await get('GET', '/R/AB%20C?q=1')).body), { code: 'AB C', q: '1', paise: '395' });
    assert.equal((await get('GET', '/R/%E0%A4%A')).status, 404);
    assert.equal((await get('GET', '/')).status, 404);
    const wrong = await get('POST', '/R/ABC');
    assert.deepEqual([wrong.status, wrong.headers['allow']], [405, 'GET']);
    assert.equal((await get('POST', '/echo', 'x'.repeat(64))).body, '64 from 127.0.0.1');
    assert.equal((await get('POST', '/echo', 'x'.repeat(65))).status, 413);
    const broken = await get('GET', '/broken');
    assert.equal(broken.status, 500);
    assert.ok(!/4711|Error|at /u.test(broken.body.replace('at the hub', '')), broken.body);
    assert.equal(defects.length, 1);
    assert.ok(defects[0]?.includes('4711') && defects[0].includes('defect 1'));
  });

  it('refuses a body that grows beyond its bound without saying its length', async () => {
    world = await EnrolmentWorld.open({ door: { routes: ROUTES } });
    const status = await new Promise((resolve, reject) => {
      const asked = request(
        { host: '127.0.0.1', port: world.door.port, method: 'POST', path: '/echo', rejectUnauthorized: false, agent: false },
        (response) => {
          response.resume();
          resolve(response.statusCode);
          asked.destroy();
        },
      );
      asked.once('error', reject);
      asked.write('x'.repeat(40));
      asked.write('x'.repeat(40));
    });
    assert.equal(status, 413);
  });

  it('speaks TLS 1.3 only, with the hub’s own key and dates that mean nothing', async () => {
    world = await EnrolmentWorld.open();
    const attempt = (version: SecureVersion): Promise<TLSSocket> =>
      new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port: world.door.port, rejectUnauthorized: false, minVersion: version, maxVersion: version };
        const socket = connect(options, () => resolve(socket));
        socket.once('error', reject);
      });
    await assert.rejects(attempt('TLSv1.2'));
    const socket = await attempt('TLSv1.3');
    const shown = socket.getPeerX509Certificate();
    assert.ok(shown instanceof X509Certificate);
    const pin = sha256(shown.publicKey.export({ type: 'spki', format: 'der' }));
    assert.deepEqual(pin, keyFingerprint(world.hub.hubKey.publicKey));
    assert.deepEqual([shown.validFromDate.getTime(), shown.validToDate.getUTCFullYear()], [0, 9999]);
    assert.ok(shown.verify(shown.publicKey));
    socket.destroy();
  });

  it('limits the enrolment routes by address, and fills the allowance again with time', async () => {
    world = await EnrolmentWorld.open({ routes: { perMinute: 3 } });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await fetchFrom(world.door.port, 'POST', '/enrol', 'junk')).status);
    assert.deepEqual(statuses, [400, 400, 400, 429]);
    const refused = await fetchFrom(world.door.port, 'POST', '/enrol/wait', 'junk');
    assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '20']);
    world.clock.at += 20_000;
    assert.equal((await fetchFrom(world.door.port, 'POST', '/enrol', 'junk')).status, 400);
  });

  it('hands an upgrade to its handler, refuses others, and hangs up when it closes', async () => {
    const upgraded: string[] = [];
    world = await EnrolmentWorld.open({
      door: {
        upgrade: {
          '/link': (_request, socket) => {
            upgraded.push(socket.getProtocol() ?? '');
            socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
          },
        },
      },
    });
    const ask = (path: string): ReturnType<typeof request> =>
      request({
        host: '127.0.0.1',
        port: world.door.port,
        path,
        rejectUnauthorized: false,
        agent: false,
        headers: { connection: 'upgrade', upgrade: 'websocket' },
      });
    const other = ask('/elsewhere');
    const status = await new Promise((resolve, reject) => {
      other.once('response', (response) => resolve(response.statusCode));
      other.once('error', reject);
      other.end();
    });
    assert.equal(status, 404);
    const link = ask('/link');
    const closed = Promise.withResolvers<void>();
    await new Promise<void>((resolve, reject) => {
      link.once('upgrade', (_response, socket) => {
        socket.on('error', () => socket.destroy());
        socket.once('close', () => closed.resolve());
        resolve();
      });
      link.once('error', reject);
      link.end();
    });
    assert.deepEqual(upgraded, ['TLSv1.3']);
    await world.door.close();
    await closed.promise;
  });

  it('rejects when its port is taken', async () => {
    world = await EnrolmentWorld.open();
    const { startDoor } = await import('../../../hub-server/web/door.js');
    const second = startDoor({ hub: world.hub, listen: { host: '127.0.0.1', port: world.door.port }, routes: [], onDefect: () => undefined });
    await assert.rejects(second, /EADDRINUSE/u);
  });
});
