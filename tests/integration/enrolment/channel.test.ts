import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { ENROL_PATH, ENROL_WAIT_PATH, readEnrolAnswer, writeEnrolAsk, writeEnrolWait } from '#protocol/enrolment/enrolment.js';
import { parseClaim, writeClaim } from '#protocol/identity/claim.js';
import { keyFingerprint, signingKey } from '#protocol/signing/keys.js';
import { sealingKey } from '#protocol/signing/seal.js';
import { selfSignedCertificate } from '../../../hub-server/operations/tls-certificate.js';
import { EnrolmentWorld, Technician, codeOf, valueOf } from './world.js';

const HINTS = { machine: 'unknown', host: 'box', system: 'linux' };

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Carries bytes to the hub, and can cut every connection. */
class Wire {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  carried = 0;

  constructor(toPort: number) {
    this.#server = createServer((near) => {
      const far = createConnection(toPort, '127.0.0.1');
      this.carried += 1;
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
      }
    });
  }

  async open(): Promise<number> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => resolve());
    });
    return portOf(this.#server);
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

function tlsTo(port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, minVersion: 'TLSv1.3', rejectUnauthorized: false }, () => resolve(socket));
    socket.once('error', reject);
  });
}

function channelOf(socket: TLSSocket): Buffer {
  return socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
}

/** Sends bytes on an open connection and reads the hub's answer. */
function send(socket: TLSSocket, path: string, body: Uint8Array): Promise<{ readonly status: number; readonly code: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { createConnection: () => socket, method: 'POST', path, headers: { host: 'hub', connection: 'keep-alive' } },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const answer = valueOf(readEnrolAnswer(Buffer.concat(parts)));
          resolve({ status: response.statusCode ?? 0, code: answer.t === 'no' ? answer.code : answer.t });
        });
      },
    );
    asked.once('error', reject);
    asked.end(body);
  });
}

describe('the channel of an enrolment', () => {
  let world: EnrolmentWorld;
  beforeEach(async () => {
    world = await EnrolmentWorld.open();
  });
  afterEach(() => world.close());

  it('refuses a proof that was made for another connection', async () => {
    const key = signingKey(randomBytes(32));
    const { code } = valueOf(parseClaim(world.claim()));
    const facts = { code, sealingKey: sealingKey(randomBytes(32)).publicKey, hints: HINTS };
    const [first, second] = [await tlsTo(world.door.port), await tlsTo(world.door.port)];
    const bound = writeEnrolAsk(key, facts, channelOf(first));
    assert.deepEqual(await send(second, ENROL_PATH, bound), { status: 401, code: 'bad-proof' });
    assert.equal(world.hub.db.prepare('SELECT count(*) FROM kiosk_device').pluck().get(), 0n);
    assert.deepEqual(await send(first, ENROL_PATH, bound), { status: 200, code: 'pending' });
    const third = await tlsTo(world.door.port);
    const wait = writeEnrolWait(key, 0, channelOf(third));
    const fourth = await tlsTo(world.door.port);
    assert.deepEqual(await send(fourth, ENROL_WAIT_PATH, wait), { status: 401, code: 'bad-proof' });
    assert.deepEqual(await send(third, ENROL_WAIT_PATH, wait), { status: 200, code: 'pending' });
    for (const socket of [first, second, third, fourth]) socket.destroy();
  });

  it('refuses a request whose key, hints or sealing key were changed after signing', async () => {
    const key = signingKey(randomBytes(32));
    const { code } = valueOf(parseClaim(world.claim()));
    const facts = { code, sealingKey: sealingKey(randomBytes(32)).publicKey, hints: HINTS };
    const socket = await tlsTo(world.door.port);
    const bytes = Buffer.from(writeEnrolAsk(key, facts, channelOf(socket)));
    const at = bytes.indexOf(Buffer.from('linux'));
    bytes.write('minix', at);
    assert.deepEqual(await send(socket, ENROL_PATH, bytes), { status: 401, code: 'bad-proof' });
    socket.destroy();
    const other = await tlsTo(world.door.port);
    assert.deepEqual(await send(other, ENROL_PATH, Buffer.from('nonsense')), { status: 400, code: 'malformed' });
    other.destroy();
  });

  it('waits out a cut link, and tells so', async () => {
    const wire = new Wire(world.door.port);
    const port = await wire.open();
    const claim = writeClaim({ ...valueOf(parseClaim(world.claim())), hub: `127.0.0.1:${port}` });
    const cutSeen = Promise.withResolvers<void>();
    world.onVisit = (path) => {
      if (path !== ENROL_WAIT_PATH) return;
      world.onVisit = undefined;
      // By then the hub holds the request.
      setImmediate(() => wire.cut());
    };
    const technician = world.technician(world.folder(), claim, {
      tell: (step) => {
        if (step.step === 'cut') cutSeen.resolve();
      },
    });
    const fingerprint = await technician.fingerprint;
    await cutSeen.promise;
    valueOf(world.approve(fingerprint));
    assert.equal(valueOf(await technician.done).outcome, 'enrolled');
    assert.ok(wire.carried >= 3);
    await wire.close();
  });

  it('reaches its hub with a clock at 1970 or far ahead, and says that the clock is wrong', async () => {
    for (const now of [0, Date.UTC(2120, 0)]) {
      const technician = world.technician(world.folder(), world.claim(), { waitMs: 0, now: () => now });
      assert.equal(codeOf(await technician.done), 'not-yet-approved');
      assert.ok(technician.steps.some((step) => step.step === 'clock-wrong' && step.hubNow === world.clock.at));
      world.hub.db.exec("UPDATE kiosk_device SET state = 'refused'");
    }
  });

  it('says that nobody answers, and keeps the keys for the next run', async () => {
    const folder = world.folder();
    const claim = valueOf(parseClaim(world.claim()));
    const free = createServer();
    await new Promise<void>((resolve) => {
      free.listen(0, '127.0.0.1', () => resolve());
    });
    const port = portOf(free);
    await new Promise<void>((resolve) => {
      free.close(() => resolve());
    });
    assert.equal(codeOf(await world.technician(folder, writeClaim({ ...claim, hub: `127.0.0.1:${port}` })).done), 'hub-unreachable');
    const key = readFileSync(join(folder, 'kiosk.key'), 'utf8');
    valueOf(await world.enrolled(folder, writeClaim(claim)));
    assert.equal(readFileSync(join(folder, 'kiosk.key'), 'utf8'), key);
  });
});

describe('a hub with another key', () => {
  it('never sees a request, let alone the claim [INV-33]', async () => {
    const root = mkdtempSync(join(tmpdir(), 'jharokha-wrong-hub-'));
    const impostor = signingKey(randomBytes(32));
    const key = impostor.private.export({ type: 'pkcs8', format: 'pem' });
    const cert = await selfSignedCertificate(impostor, 'jaipur-1', ['127.0.0.1'], randomBytes(8));
    let decrypted = 0;
    let requests = 0;
    const gone = Promise.withResolvers<void>();
    const server = createTlsServer({ key, cert, minVersion: 'TLSv1.3' }, () => {
      requests += 1;
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      socket.on('data', (bytes: Buffer) => {
        decrypted += bytes.length;
      });
      socket.on('error', () => socket.destroy());
    });
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    server.on('connection', (socket) => socket.once('close', () => gone.resolve()));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve());
    });
    const hub = `127.0.0.1:${portOf(server)}`;
    const pinned = keyFingerprint(signingKey(randomBytes(32)).publicKey);
    const claim = writeClaim({ hub, hubFingerprint: pinned, code: '0123456789ABCDEFGHJK' });
    const folder = join(root, 'kiosk');
    mkdirSync(folder);
    const run = await new Technician(folder, claim, { at: 0 }, {}).done;
    assert.equal(codeOf(run), 'wrong-hub');
    await gone.promise;
    assert.deepEqual({ decrypted, requests }, { decrypted: 0, requests: 0 });
    assert.ok(!existsSync(join(folder, 'kiosk.json')));
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    rmSync(root, { recursive: true });
  });
});
