import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paise } from '#protocol/money/paise.js';
import { connectDepartment, type PaymentAnswer } from '../../../hub-server/services/connector.js';
import type { Payment } from '../../../hub-server/services/department-http.js';
import { NOON, PATIENT, HASTY, TOKEN, dueOf, newTransaction, openDepartment, type Department } from './world.js';

describe('a department over HTTP', () => {
  let office: Department;
  beforeEach(async () => {
    office = await openDepartment();
  });
  afterEach(() => office.server.close());

  function payment(of = 0, change: Partial<Payment> = {}): Payment {
    const bill = office.bills[of];
    assert.ok(bill !== undefined);
    return {
      requestId: newTransaction(),
      service: bill.service,
      consumer: bill.consumer,
      billNumber: bill.number,
      amountPaise: dueOf(bill),
      paidAt: NOON,
      counter: 'd35k1111',
      ...change,
    };
  }
  const confirmed = (): readonly string[] =>
    office.server
      .ledger()
      .filter((p) => p.status === 'confirmed')
      .map((p) => p.requestId);
  const causeOf = (answer: PaymentAnswer): string => (answer.kind === 'unknown' ? answer.cause : answer.kind);

  it('tells a bill as it is', async () => {
    const [bill] = office.bills;
    assert.deepEqual(await office.connector.fetchBill('101', bill?.consumer ?? ''), { kind: 'bill', bill });
  });

  it('tells that there is no such consumer, and no such service', async () => {
    assert.deepEqual(await office.connector.fetchBill('101', '999999999999'), { kind: 'no-such-consumer' });
    assert.deepEqual(await office.connector.fetchBill('102', office.bills[0]?.consumer ?? ''), { kind: 'no-such-consumer' });
  });

  it('confirms: one payment, one reference, whoever asks and how often', async () => {
    const wanted = payment();
    const first = await office.connector.pay(wanted, 'first');
    assert.deepEqual(first, { kind: 'confirmed', reference: 'JVVNL/00000001' });
    for (const asked of ['first', 'again'] as const) assert.deepEqual(await office.connector.pay(wanted, asked), first);
    assert.deepEqual(await office.connector.lookUp(wanted.requestId), first);
    assert.deepEqual(confirmed(), [wanted.requestId]);
    assert.deepEqual(await office.connector.fetchBill('101', wanted.consumer), { kind: 'already-paid' });
  });

  it('refuses, and says so again', async () => {
    office.server.order({ do: 'refuse', reason: 'connection was cut off' });
    const wanted = payment();
    const refused = { kind: 'refused', reason: 'connection was cut off' };
    assert.deepEqual(await office.connector.pay(wanted, 'first'), refused);
    assert.deepEqual(await office.connector.pay(wanted, 'again'), refused);
    assert.deepEqual(await office.connector.pay(wanted, 'first'), refused);
    assert.deepEqual(confirmed(), []);
    assert.equal((await office.connector.pay(payment(), 'first')).kind, 'confirmed');
  });

  it('refuses by itself what is wrong with a payment', async () => {
    const due = payment().amountPaise;
    const wrong: readonly (readonly [Partial<Payment>, RegExp])[] = [
      [{ consumer: '999999999999' }, /no such consumer/u],
      [{ billNumber: 'E1' }, /not the consumer's present bill/u],
      [{ amountPaise: paise(due + 1n) }, /more than what is due/u],
      [{ amountPaise: paise(due - 1n) }, /less than what is due/u],
    ];
    for (const [change, reason] of wrong) {
      const answer = await office.connector.pay(payment(0, change), 'first');
      assert.match(answer.kind === 'refused' ? answer.reason : answer.kind, reason);
    }
    await office.connector.pay(payment(), 'first');
    assert.deepEqual(await office.connector.pay(payment(), 'first'), { kind: 'refused', reason: 'the bill is paid already' });
  });

  it('does not take another content under a request id that is used', async () => {
    const wanted = payment();
    await office.connector.pay(wanted, 'first');
    assert.equal(causeOf(await office.connector.pay({ ...wanted, amountPaise: paise(1n) }, 'first')), 'conflict');
    assert.equal(confirmed().length, 1);
  });

  it('stalls for ever after booking: unknown, then found by the same request id', async () => {
    office.server.order({ do: 'stall' });
    const wanted = payment();
    assert.equal(causeOf(await office.hasty.pay(wanted, 'first')), 'timeout');
    assert.equal((await office.connector.pay(wanted, 'again')).kind, 'confirmed');
    assert.deepEqual(
      office.server.ledger().map((p) => [p.requestId, p.asked]),
      [[wanted.requestId, 1]],
    );
  });

  it('answers later: the answer is taken when it comes in time', async () => {
    office.server.order({ do: 'stall' });
    const answer = office.connector.pay(payment(), 'first');
    await office.server.holding(1);
    office.server.order({ do: 'release' });
    assert.equal((await answer).kind, 'confirmed');
  });

  it('stalls before booking and books late, after it was asked again: paid once', async () => {
    office.server.order({ do: 'stall-unbooked' });
    const wanted = payment();
    assert.equal(causeOf(await office.hasty.pay(wanted, 'first')), 'timeout');
    assert.deepEqual(await office.connector.lookUp(wanted.requestId), { kind: 'not-known' });
    const answer = await office.connector.pay(wanted, 'again');
    office.server.order({ do: 'release' });
    assert.deepEqual(await office.connector.lookUp(wanted.requestId), answer);
    assert.deepEqual(confirmed(), [wanted.requestId]);
  });

  it('answers twice on the connection: one payment, and the next question gets its own answer', async () => {
    for (const of of [0, 1, 2, 3]) {
      office.server.order({ do: 'answer-twice' });
      const wanted = payment(of);
      const first = await office.connector.pay(wanted, 'first');
      const again = await office.connector.pay(wanted, 'again');
      assert.equal(again.kind, 'confirmed');
      if (first.kind !== 'unknown') assert.deepEqual(first, again);
    }
    assert.equal(confirmed().length, 4);
    assert.equal(new Set(office.server.ledger().map((p) => p.word)).size, 4);
  });

  it('loses its answer: unknown, then found by the same request id', async () => {
    office.server.order({ do: 'lose-answer' });
    const wanted = payment();
    assert.equal(causeOf(await office.connector.pay(wanted, 'first')), 'cut');
    assert.deepEqual(confirmed(), [wanted.requestId]);
    assert.deepEqual(await office.connector.pay(wanted, 'again'), { kind: 'confirmed', reference: 'JVVNL/00000001' });
    assert.equal(office.server.ledger()[0]?.asked, 1);
  });

  const without: readonly (readonly ['drop' | 'fail', string])[] = [
    ['drop', 'cut'],
    ['fail', 'server-error'],
  ];
  for (const [order, cause] of without) {
    it(`${order}: nothing is booked, it is unknown, and asked again it is booked once`, async () => {
      office.server.order({ do: order, times: 2 });
      const wanted = payment();
      assert.equal(causeOf(await office.connector.pay(wanted, 'first')), cause);
      assert.equal(causeOf(await office.connector.pay(wanted, 'again')), cause);
      assert.deepEqual(confirmed(), []);
      assert.equal((await office.connector.pay(wanted, 'again')).kind, 'confirmed');
      assert.deepEqual(confirmed(), [wanted.requestId]);
    });
  }

  for (const order of ['garbage', 'wrong-request'] as const) {
    it(`${order}: the answer is not believed, the payment is found by its request id`, async () => {
      office.server.order({ do: order });
      const wanted = payment();
      assert.equal(causeOf(await office.connector.pay(wanted, 'first')), 'garbage');
      assert.equal((await office.connector.pay(wanted, 'again')).kind, 'confirmed');
      assert.deepEqual(confirmed(), [wanted.requestId]);
    });
  }

  it('while the look-up fails, nothing is sent again', async () => {
    office.server.order({ do: 'drop', on: 'lookups' });
    const wanted = payment();
    assert.equal(causeOf(await office.connector.pay(wanted, 'again')), 'cut');
    assert.deepEqual(office.server.ledger(), []);
  });

  it('a bill that comes as rubbish, for another consumer, late or not at all is "down"', async () => {
    const consumer = office.bills[0]?.consumer ?? '';
    const causes: string[] = [];
    for (const order of ['garbage', 'wrong-request', 'fail', 'drop', 'stall'] as const) {
      office.server.order({ do: order, on: 'bills' });
      const answer = await (order === 'stall' ? office.hasty : office.connector).fetchBill('101', consumer);
      causes.push(answer.kind === 'down' ? answer.cause : answer.kind);
    }
    assert.deepEqual(causes, ['garbage', 'garbage', 'server-error', 'cut', 'timeout']);
  });

  it('a wrong token, a closed door and a 404 that is not the department’s own are not answers', async () => {
    const { server, bills } = office;
    const code = bills[0]?.department ?? assert.fail();
    const stranger = connectDepartment({ code, baseUrl: server.url, token: 'not-the-token' }, PATIENT);
    assert.equal(causeOf(await stranger.pay(payment(), 'first')), 'unauthorised');
    const wrongPath = connectDepartment({ code, baseUrl: `${server.url}/v9`, token: TOKEN }, PATIENT);
    assert.equal((await wrongPath.lookUp(newTransaction())).kind, 'unknown');
    assert.equal((await wrongPath.fetchBill('101', '1')).kind, 'down');
    const closed = connectDepartment({ code, baseUrl: 'http://127.0.0.1:1', token: TOKEN }, PATIENT);
    assert.equal(causeOf(await closed.pay(payment(), 'first')), 'unreachable');
    assert.deepEqual(server.ledger(), []);
  });

  it('is not held up by a server that dribbles, nor fed by one that never ends', async () => {
    const answers = [
      'HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n{"requestId":',
      `HTTP/1.1 200 OK\r\n\r\n${' '.repeat(200_000)}`,
      'SSH-2.0-OpenSSH_9.2\r\n',
    ];
    const causes: string[] = [];
    for (const answer of answers) {
      const server = net.createServer((socket) => {
        socket.on('error', () => socket.destroy());
        socket.once('data', () => socket.write(answer));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const code = office.bills[0]?.department ?? assert.fail();
      const connector = connectDepartment({ code, baseUrl: `http://127.0.0.1:${port}`, token: TOKEN }, { ...HASTY, paymentTimeoutMs: 300 });
      causes.push(causeOf(await connector.pay(payment(), 'first')));
      server.close();
    }
    assert.deepEqual(causes, ['timeout', 'garbage', 'garbage']);
  });

  it('takes a batch: confirmed, refused, in conflict, each by its own request id', async () => {
    const [good, refused, used] = [payment(0), payment(1, { billNumber: 'E1' }), payment(2)];
    await office.connector.pay(used, 'first');
    const answer = await office.connector.payBatch(newTransaction(), [good, refused, { ...used, amountPaise: paise(5n) }]);
    assert.ok(answer.kind === 'answered');
    assert.deepEqual(
      [good, refused, used].map((p) => answer.answers.get(p.requestId)?.kind),
      ['confirmed', 'refused', 'unknown'],
    );
  });

  it('takes a part of a bill where that is the rule, up to what is due', async () => {
    await office.server.close();
    office = await openDepartment('PHED', '102', 'allowed');
    const wanted = payment(0);
    const half = paise(wanted.amountPaise / 2n);
    assert.equal((await office.connector.pay({ ...wanted, amountPaise: half }, 'first')).kind, 'confirmed');
    const rest = await office.connector.fetchBill('102', wanted.consumer);
    assert.ok(rest.kind === 'bill');
    assert.equal(dueOf(rest.bill), wanted.amountPaise - half);
    assert.equal((await office.connector.pay(payment(0), 'first')).kind, 'refused');
    assert.equal((await office.connector.pay(payment(0, { amountPaise: dueOf(rest.bill) }), 'first')).kind, 'confirmed');
    assert.equal((await office.connector.fetchBill('102', wanted.consumer)).kind, 'already-paid');
  });

  it('keeps its payments over a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'department-'));
    try {
      await office.server.close();
      office = await openDepartment('JVVNL', '101', 'refused', join(folder, 'state.sqlite'));
      const wanted = payment();
      const first = await office.connector.pay(wanted, 'first');
      await office.server.close();
      office = await openDepartment('JVVNL', '101', 'refused', join(folder, 'state.sqlite'));
      assert.deepEqual(await office.connector.pay(wanted, 'first'), first);
      assert.equal(office.server.ledger()[0]?.asked, 2);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is steered and read over HTTP from this machine', async () => {
    const post = async (body: unknown): Promise<number> =>
      (await fetch(`${office.server.url}/control`, { method: 'POST', body: JSON.stringify(body), headers: { connection: 'close' } })).status;
    assert.deepEqual(
      [await post({ do: 'fail', times: 3 }), await post({ do: 'dance' }), await post({ do: 'behave' }), await post({ do: 'fail' })],
      [200, 400, 200, 200],
    );
    assert.equal(causeOf(await office.connector.pay(payment(), 'first')), 'server-error');
    assert.equal((await office.connector.pay(payment(), 'first')).kind, 'confirmed');
    const ledger: unknown = await (await fetch(`${office.server.url}/ledger`, { headers: { connection: 'close' } })).json();
    const [only] = office.server.ledger();
    assert.deepEqual(ledger, { payments: [{ ...only, amountPaise: only?.amountPaise.toString() }] });
  });
});
