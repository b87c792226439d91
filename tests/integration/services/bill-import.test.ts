import assert from 'node:assert/strict';
import { billKey, type Bill } from '#protocol/bill/bill.js';
import { FRAME_BYTES_MAX, encodeWire } from '#protocol/wire/frames.js';
import { importBillFile, importBills, type ImportReport } from '../../../hub-server/services/bill-import.js';
import { findBill, listBills, masterPart, masterVersion } from '../../../hub-server/services/bills.js';
import { billsCsv } from '../../../hub-server/services/generate-bills.js';
import { enterDepartment, makeHub, someBills, type TestHub } from './world.js';

const JVVNL = { department: 'JVVNL', service: '101' };

async function* chunks(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

const csv = (bills: readonly Bill[]): string => [...billsCsv(bills)].join('');

describe('bill master files in the hub', () => {
  let world: TestHub;
  beforeEach(() => {
    world = makeHub();
    enterDepartment(world.hub, 'JVVNL');
    enterDepartment(world.hub, 'PHED');
  });
  afterEach(() => world.close());

  const load = (text: string, request = JVVNL): ReturnType<typeof importBills> => importBills(world.hub, request, chunks(text));
  async function loaded(text: string, request = JVVNL): Promise<ImportReport> {
    const done = await load(text, request);
    assert.ok(done.ok, done.ok ? '' : done.error.detail);
    return done.value;
  }
  const stored = (): bigint | undefined => world.hub.db.prepare<[], { readonly n: bigint }>('SELECT count(*) AS n FROM master_bill').get()?.n;

  it('loads a file and finds its bills', async () => {
    const bills = someBills('JVVNL', '101', 1_200);
    const report = await loaded(csv(bills));
    assert.deepEqual(
      { ...report, sha256: report.sha256.length },
      { kind: 'loaded', ...JVVNL, version: 1, loaded: 1_200, rejectedCount: 0, rejected: [], sha256: 64 },
    );
    for (const bill of [bills[0], bills[599], bills[1_199]]) assert.deepEqual(findBill(world.hub, '101', bill?.consumer ?? ''), bill);
    assert.equal(findBill(world.hub, '101', '999999999999'), undefined);
    assert.equal(findBill(world.hub, '102', bills[0]?.consumer ?? ''), undefined);
  });

  it('takes the good rows, and tells the bad ones and a consumer that comes twice', async () => {
    const bills = someBills('JVVNL', '101', 3);
    const lines = csv([...bills, ...bills.slice(0, 1)]).split('\r\n');
    lines[2] = (lines[2] ?? '').replace(/,\d+\.\d\d,/u, ',lots,');
    const report = await loaded(lines.join('\r\n'));
    assert.equal(report.loaded, 2);
    assert.deepEqual(
      report.rejected.map((r) => [r.line, r.column]),
      [
        [3, 'amount'],
        [5, 'consumer'],
      ],
    );
    assert.match(report.rejected[1]?.reason ?? '', /stands in line 2 already/u);
  });

  it('a new file takes the place of the old one, whole', async () => {
    const bills = someBills('JVVNL', '101', 20);
    await loaded(csv(bills));
    const report = await loaded(csv(bills.slice(5, 10)));
    assert.equal(report.version, 2);
    assert.equal(stored(), 5n);
    assert.equal(findBill(world.hub, '101', bills[0]?.consumer ?? ''), undefined);
    assert.deepEqual(listBills(world.hub, '101', 100), bills.slice(5, 10));
  });

  it('the same file again is said to be there, and changes nothing', async () => {
    const text = csv(someBills('JVVNL', '101', 20));
    const first = await loaded(text);
    const again = await loaded(text);
    assert.deepEqual(again, { ...first, kind: 'unchanged' });
    assert.equal(masterVersion(world.hub, 'JVVNL'), 1);
    assert.equal(stored(), 20n);
  });

  const broken: readonly (readonly [string, (text: string) => string, string])[] = [
    ['cut within a quoted field', (text) => `${text}210100000001,"E1`, 'cut'],
    ['without a column', (text) => text.replace('late_amount', 'late'), 'missing-column'],
    ['empty', () => '', 'empty'],
    ['with a header alone', (text) => text.split('\r\n').slice(0, 1).join(''), 'no-good-row'],
    ['with bad rows alone', (text) => text.replaceAll('-11-', '-13-').replaceAll('-10-', '-14-').replaceAll('-12-', '-15-'), 'no-good-row'],
  ];
  for (const [what, spoil, code] of broken) {
    it(`a file ${what} loads nothing, and the old one stays in force`, async () => {
      const old = someBills('JVVNL', '101', 700);
      await loaded(csv(old.slice(0, 3)));
      const done = await load(spoil(csv(old)));
      assert.equal(done.ok ? 'ok' : done.error.code, code);
      assert.equal(stored(), 3n);
      assert.deepEqual(listBills(world.hub, '101', 10), old.slice(0, 3));
      assert.equal(masterVersion(world.hub, 'JVVNL'), 1);
    });
  }

  it('nothing is seen of a file until it is whole, and a reading that breaks off leaves nothing', async () => {
    const bills = someBills('JVVNL', '101', 1_500);
    const text = csv(bills);
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(text.slice(0, text.length - 4_000));
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(findBill(world.hub, '101', bills[0]?.consumer ?? ''), undefined);
      throw new Error('the disk was pulled out');
    }
    await assert.rejects(importBills(world.hub, JVVNL, breaking()), /pulled out/u);
    assert.equal(stored(), 0n);
    assert.equal(masterVersion(world.hub, 'JVVNL'), 0);
  });

  it('two imports at once: the later one counts, the earlier one says so', async () => {
    const bills = someBills('JVVNL', '101', 30);
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(csv(bills).slice(0, 500));
      await gate;
      yield Buffer.from(csv(bills).slice(500));
    }
    const first = importBills(world.hub, JVVNL, slow());
    await loaded(csv(bills.slice(0, 2)));
    go();
    const done = await first;
    assert.equal(done.ok ? 'ok' : done.error.code, 'overtaken');
    assert.equal(stored(), 2n);
  });

  it('what a killed import left is swept away by the next', async () => {
    const { hub } = world;
    hub.db.prepare('INSERT INTO bill_load_count VALUES (?, 1)').run(hub.district);
    hub.db.prepare("INSERT INTO bill_load VALUES (?, 1, 'JVVNL', '101', 'loading', 0, '', 0, 0, 1)").run(hub.district);
    hub.db.prepare("INSERT INTO master_bill VALUES (?, 1, 0, 2, 'C1', 'B1', 'n', 'o', 'p', '2026-11-01', '2026-11-16', 1, 1, 0)").run(hub.district);
    await loaded(csv(someBills('JVVNL', '101', 4)));
    assert.equal(stored(), 4n);
  });

  it('refuses a department that is not in the register, another department’s service, and a file that is not there', async () => {
    await loaded(csv(someBills('JVVNL', '101', 2)));
    const codes = [
      await load('', { department: 'LIC', service: '101' }),
      await load(csv(someBills('PHED', '101', 2)), { department: 'PHED', service: '101' }),
      await load('', { department: 'jvvnl', service: '101' }),
      await importBillFile(world.hub, JVVNL, '/nowhere/bills.csv'),
    ].map((done) => (done.ok ? 'ok' : done.error.code));
    assert.deepEqual(codes, ['department-unknown', 'service-of-other', 'bad-code', 'unreadable']);
  });

  describe('sent to a kiosk', () => {
    function fetchAll(limit?: number): readonly Bill[] {
      const bills: Bill[] = [];
      for (let done = false; !done;) {
        const part = masterPart(world.hub, 'JVVNL', 0, bills.length, limit);
        assert.ok(encodeWire({ t: 'answer', id: 1, answer: part }).length <= FRAME_BYTES_MAX);
        assert.equal(part.from, bills.length);
        assert.ok(part.done || part.bills.length > 0, 'every part brings something');
        bills.push(...part.bills);
        done = part.done;
        assert.ok(bills.length <= part.total);
      }
      return bills;
    }

    it('in parts, over two services, each bill once', async () => {
      const [electricity, rural] = [someBills('JVVNL', '101', 1_300), someBills('JVVNL', '104', 250)];
      await loaded(csv(electricity));
      await loaded(csv(rural), { department: 'JVVNL', service: '104' });
      assert.deepEqual(fetchAll(), [...electricity, ...rural]);
      assert.deepEqual(fetchAll(7), [...electricity, ...rural]);
      assert.equal(masterPart(world.hub, 'JVVNL', 0, 0, 5_000).bills.length, 500);
    });

    it('in frames that hold, with the longest texts there can be', async () => {
      const long = someBills('JVVNL', '101', 500).map((bill) => ({ ...bill, name: 'क'.repeat(80), office: 'ख'.repeat(60), period: 'ग'.repeat(30) }));
      await loaded(csv(long));
      assert.deepEqual(fetchAll().map(billKey), long.map(billKey));
    });

    it('not at all when the kiosk has it', async () => {
      await loaded(csv(someBills('JVVNL', '101', 3)));
      assert.deepEqual(masterPart(world.hub, 'JVVNL', 1, 0), { answer: 'master', version: 1, total: 0, from: 0, bills: [], done: true });
      assert.deepEqual(masterPart(world.hub, 'PHED', 0, 0), { answer: 'master', version: 0, total: 0, from: 0, bills: [], done: true });
    });
  });
});
