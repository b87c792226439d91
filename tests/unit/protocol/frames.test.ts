import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FrameReader, SOCKET_FRAME_BYTES_MAX, encodeFrame, readToAgent, readToScreen, type ToScreen } from '#protocol/counter/socket.js';
import { bundle, openBundle, signBundle } from '#protocol/bundle/bundle.js';
import { openOperatorGrant, signOperatorGrant } from '#protocol/operator/operator-grant.js';
import { openPosting, signPosting, type Posting } from '#protocol/posting/posting.js';
import { departmentCode } from '#protocol/identity/identity.js';
import { verifyKey } from '#protocol/signing/keys.js';
import { encodeCbor, type CborValue } from '#protocol/signing/cbor.js';
import { encodeWire, readHubFrame, readKioskFrame, type HubFrame, type KioskFrame } from '#protocol/wire/frames.js';
import { proofBytes } from '#protocol/wire/proof.js';
import { paise, ZERO } from '#protocol/money/paise.js';
import { DISTRICT, KIOSK, NOW, OPERATOR, billOf, chance, makeWorld, saleBody, transactionOf } from './samples.js';

const world = makeWorld();
const transaction = transactionOf(1);
const { service, department } = saleBody(1);
const position = { seq: 3, hash: chance('h', 32) };
const ask = (a: Extract<KioskFrame, { readonly t: 'ask' }>['ask']): KioskFrame => ({ t: 'ask', id: 1, ask: a });
const answer = (a: Extract<HubFrame, { readonly t: 'answer' }>['answer']): HubFrame => ({ t: 'answer', id: 1, answer: a });

const KIOSK_FRAMES: readonly KioskFrame[] = [
  {
    t: 'auth',
    kiosk: KIOSK,
    district: DISTRICT,
    epoch: 1,
    nonce: chance('n', 32),
    signature: chance('s', 64),
    head: position,
    ruleBook: 0,
    ledger: 'whole',
  },
  { t: 'push', from: 4, entries: [chance('e', 300)] },
  { t: 'ping', n: 7 },
  ask({ ask: 'log-in', login: OPERATOR, pin: '123456' }),
  ask({ ask: 'bill', service, consumer: '210312345678' }),
  ask({ ask: 'hold', transaction, service, consumer: '210312345678', billNumber: 'B1', totalPaise: paise(2n ** 63n - 1n) }),
  ask({ ask: 'lease' }),
  ask({ ask: 'outcomes', transactions: [transaction] }),
  ask({ ask: 'master', department, have: 0, from: 0 }),
];

const HUB_FRAMES: readonly HubFrame[] = [
  { t: 'hello', nonce: chance('n', 32), now: NOW, district: DISTRICT },
  { t: 'welcome', signature: chance('s', 64), now: NOW, have: position, head: chance('head', 80), ruleBook: null, state: 'active' },
  { t: 'ack', head: chance('head', 80) },
  { t: 'nack', expected: 4, code: 'gap', detail: 'one is missing' },
  { t: 'outcome', outcome: { transaction, state: { kind: 'posted', reference: 'R1', at: NOW } } },
  { t: 'close-lease' },
  { t: 'pong', n: 7 },
  answer({ answer: 'operator', grant: chance('g', 90) }),
  answer({ answer: 'bill', bill: billOf() }),
  answer({ answer: 'hold', grant: chance('g', 90) }),
  answer({ answer: 'lease', grant: chance('g', 90) }),
  answer({ answer: 'outcomes', outcomes: [{ transaction, state: { kind: 'refund-due', reason: 'paid twice' } }] }),
  answer({ answer: 'master', version: 2, total: 1, from: 0, bills: [billOf({ arrearsPaise: ZERO })], done: true }),
  answer({ answer: 'no', code: 'pin-wrong', detail: 'wrong', triesLeft: 2 }),
];

const VIEW: ToScreen = {
  t: 'view',
  view: {
    header: {
      kiosk: KIOSK,
      district: { en: 'Jaipur', hi: 'जयपुर' },
      operator: null,
      language: 'hi',
      now: NOW,
      link: { state: 'offline', since: NOW },
      devices: [{ kind: 'printer', name: 'printer', state: 'trouble', problem: { code: 'paper-out' } }],
      unsent: { count: 1, sum: paise(198_000n), oldest: NOW },
      leaseLeftPaise: null,
    },
    body: { screen: 'login', problem: null, checking: false, key: 'no', triesLeft: null, lockedUntil: null },
  },
};

describe('wire frames', () => {
  for (const frame of KIOSK_FRAMES) {
    const name = frame.t === 'ask' ? `ask ${frame.ask.ask}` : frame.t;
    it(`${name} reads as it was written, and not as a hub's`, () => {
      assert.deepEqual(readKioskFrame(encodeWire(frame)), { ok: true, value: frame });
      assert.equal(readHubFrame(encodeWire(frame)).ok, false);
    });
  }
  for (const frame of HUB_FRAMES) {
    const name = frame.t === 'answer' ? `answer ${frame.answer.answer}` : frame.t;
    it(`${name} reads as it was written, and not as a kiosk's`, () => {
      assert.deepEqual(readHubFrame(encodeWire(frame)), { ok: true, value: frame });
      assert.equal(readKioskFrame(encodeWire(frame)).ok, false);
    });
  }

  it('[INV-24] never throws: any bytes, any damaged frame, any sum beyond 64 bits', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !readKioskFrame(bytes).ok && !readHubFrame(bytes).ok));
    const all = [...KIOSK_FRAMES, ...HUB_FRAMES].map(encodeWire);
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.nat(), fc.nat(255), (frame, at, byte) => {
        const bad = frame.with(at % frame.length, byte);
        readKioskFrame(bad);
        readHubFrame(bad);
      }),
      { numRuns: 3_000 },
    );
    const huge = { t: 'ask', id: 1, ask: { ask: 'hold', transaction, service, consumer: '1', billNumber: '1', totalPaise: 2n ** 64n - 1n } };
    assert.equal(readKioskFrame(encodeCbor(huge as unknown as CborValue)).ok, false);
  });

  it('[INV-31] a proof names its side, kiosk, epoch, both nonces and the channel', () => {
    const facts = { kiosk: 'd35k1111', epoch: 1, hubNonce: chance('a', 32), kioskNonce: chance('b', 32), channel: chance('c', 32) };
    const others = [
      proofBytes('hub', facts),
      proofBytes('kiosk', { ...facts, kiosk: 'd35k2222' }),
      proofBytes('kiosk', { ...facts, epoch: 2 }),
      proofBytes('kiosk', { ...facts, hubNonce: chance('x', 32) }),
      proofBytes('kiosk', { ...facts, kioskNonce: chance('x', 32) }),
      proofBytes('kiosk', { ...facts, channel: chance('x', 32) }),
    ];
    const texts = [proofBytes('kiosk', facts), ...others].map((b) => Buffer.from(b).toString('hex'));
    assert.equal(new Set(texts).size, texts.length);
  });
});

describe('counter socket', () => {
  const frames = [
    encodeFrame(VIEW),
    encodeFrame({ t: 'command', command: { do: 'agree' } }),
    encodeFrame({ t: 'command', command: { do: 'open-till', float: '500' } }),
  ];

  it('cuts the same frames from a stream however it arrives', () => {
    const stream = Buffer.concat(frames);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const reader = new FrameReader();
        const bodies = at.slice(1).flatMap((end, i) => {
          const fed = reader.feed(stream.subarray(at[i], end));
          assert.ok(fed.ok);
          return fed.value;
        });
        assert.deepEqual(
          bodies.map((b) => Buffer.from(b).toString('hex')),
          frames.map((f) => Buffer.from(f.subarray(4)).toString('hex')),
        );
      }),
    );
    assert.deepEqual(readToScreen(frames[0]?.subarray(4) ?? new Uint8Array()), { ok: true, value: VIEW });
    assert.equal(readToAgent(frames[1]?.subarray(4) ?? new Uint8Array()).ok, true);
    assert.equal(readToAgent(frames[0]?.subarray(4) ?? new Uint8Array()).ok, false);
  });

  it('[INV-24] refuses a frame that claims too much, and never throws', () => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(SOCKET_FRAME_BYTES_MAX + 1);
    assert.equal(new FrameReader().feed(head).ok, false);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        new FrameReader().feed(bytes);
        assert.equal(readToAgent(bytes).ok, false);
        assert.equal(readToScreen(bytes).ok, false);
      }),
    );
  });
});

describe('other signed messages', () => {
  const hub = verifyKey(world.hub.publicKey);
  const posting: Posting = {
    v: 1,
    district: DISTRICT,
    kiosk: KIOSK,
    receipt: 'D35K1111-1-000003',
    transaction,
    department: departmentCode.parse('JVVNL'),
    state: { kind: 'posted', reference: 'R1', at: NOW },
    at: NOW,
  };
  const operator = {
    v: 1,
    district: DISTRICT,
    kiosk: KIOSK,
    login: OPERATOR,
    role: 'counter',
    issuedAt: NOW,
    notAfter: NOW,
    sealedVerifier: chance('v', 80),
    keys: [],
  } as const;
  const config = bundle.parse({
    v: 1,
    number: 1,
    district: DISTRICT,
    kiosk: KIOSK,
    epoch: 1,
    site: { en: 'Sanganer', hi: 'सांगानेर' },
    kioskCertificate: world.kioskCertificate.bytes,
    hubCertificate: world.hubCertificate.bytes,
    hub: 'hub:8443',
    receiptPrefix: 'HTTPS://HUB:8443/R/',
    ruleBook: chance('r', 50),
    issuedAt: NOW,
  });

  it('[INV-21] a posting, an operator grant and a bundle read back only from their signer', () => {
    assert.deepEqual(openPosting(hub, signPosting(world.hub, posting)), { ok: true, value: posting });
    assert.equal(openPosting(hub, signPosting(world.kiosk, posting)).ok, false);
    assert.deepEqual(openOperatorGrant(hub, signOperatorGrant(world.hub, operator)), { ok: true, value: operator });
    assert.equal(openOperatorGrant(hub, signOperatorGrant(world.kiosk, operator)).ok, false);
    assert.deepEqual(openBundle(world.districtKey, signBundle(world.district, config)), { ok: true, value: config });
    assert.equal(openBundle(world.districtKey, signBundle(world.hub, config)).ok, false);
  });

  it('[INV-24] none of their readers throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.deepEqual(
          [openPosting(hub, bytes).ok, openOperatorGrant(hub, bytes).ok, openBundle(world.districtKey, bytes).ok],
          [false, false, false],
        );
      }),
    );
  });
});
