import assert from 'node:assert/strict';
import { departmentCode, districtCode, serviceCode } from '#protocol/identity/identity.js';
import { quote } from '#protocol/rulebook/quote.js';
import { readBillCode, readConsumer } from '#protocol/rulebook/scan.js';
import { findService, openRuleBook, ruleBookFault, signRuleBook, type RuleBook } from '#protocol/rulebook/rulebook.js';
import { signingKey, verifyKey } from '#protocol/signing/keys.js';
import { readBillCsv, type CsvRow } from '../../../hub-server/services/bill-csv.js';
import { billCode, billsCsv, generateBills, type BillWish } from '../../../hub-server/services/generate-bills.js';
import { DEFAULT_RULE_BOOK_DRAFT } from '../../../hub-server/operations/default-rule-book.js';
import { readRuleBookDraft } from '../../../hub-server/operations/rule-books.js';

const ON = '2026-11-22';

/** The rule book that a new hub of Jaipur starts with. */
function jaipurRuleBook(at: number): RuleBook {
  const home = {
    code: districtCode.parse('lgd:102'),
    name: { en: 'Jaipur', hi: 'जयपुर' },
    society: { en: 'District e-Governance Society, Jaipur', hi: 'जिला ई-गवर्नेंस सोसायटी, जयपुर' },
  };
  const read = readRuleBookDraft(JSON.stringify(DEFAULT_RULE_BOOK_DRAFT), home, at);
  assert.ok(read.ok);
  return read.value;
}

const KINDS = [
  ['JVVNL', '101'],
  ['PHED', '102'],
  ['BSNL', '103'],
] as const;

function made(wish: Partial<BillWish> & Pick<BillWish, 'department' | 'service'>): ReturnType<typeof generateBills> {
  return generateBills({ count: 2_000, seed: 7, on: ON, ...wish });
}

for (const [department, service] of KINDS) {
  describe(`made-up bills of ${department}`, () => {
    const bills = made({ department, service });

    it('come back whole from the file they are written to', async () => {
      assert.ok(bills.ok);
      async function* source(): AsyncGenerator<Uint8Array> {
        for (const line of billsCsv(bills.ok ? bills.value : [])) yield Buffer.from(line);
      }
      const rows: CsvRow[] = [];
      const context = { department: departmentCode.parse(department), service: serviceCode.parse(service) };
      const read = await readBillCsv(source(), context, (row) => rows.push(row));
      assert.equal(read.ok, true);
      assert.deepEqual(
        rows.map((r) => (r.kind === 'good' ? r.bill : r)),
        bills.value,
      );
    });

    it('are the same for the same seed and others for another', () => {
      assert.deepEqual(made({ department, service }), bills);
      assert.notDeepEqual(made({ department, service, seed: 8 }), bills);
    });

    it('name each consumer and each bill once', () => {
      assert.ok(bills.ok);
      assert.equal(new Set(bills.value.map((b) => b.consumer)).size, 2_000);
      assert.equal(new Set(bills.value.map((b) => b.number)).size, 2_000);
    });

    it('hold early, late and arrears in fair numbers', () => {
      assert.ok(bills.ok);
      const late = bills.value.filter((b) => b.dueOn < ON).length;
      const arrears = bills.value.filter((b) => b.arrearsPaise > 0n).length;
      assert.ok(late > 500 && late < 1_500, `${late} late`);
      assert.ok(arrears > 150 && arrears < 700, `${arrears} with arrears`);
      assert.ok(bills.value.every((b) => b.lateAmountPaise > b.amountPaise && b.issuedOn <= ON));
    });

    it('are scanned, typed and quoted by the rule book of Jaipur, with nothing added for the citizen', () => {
      assert.ok(bills.ok);
      const book = jaipurRuleBook(0);
      for (const bill of bills.value) {
        for (const text of [billCode(bill), bill.consumer, `${department}|${service}|${bill.consumer}|${bill.number}`]) {
          const scanned = readBillCode(book, text);
          assert.ok(scanned.ok, text);
          assert.deepEqual([scanned.value.service.code, scanned.value.consumer], [service, bill.consumer]);
        }
        const found = findService(book, service);
        assert.ok(found !== undefined && readConsumer(found, ` ${bill.consumer} `).ok);
        const quoted = quote(book, bill, ON);
        assert.ok(quoted.ok);
        assert.equal(quoted.value.totalPaise, bill.dueOn < ON ? bill.lateAmountPaise : bill.amountPaise);
        assert.equal(quoted.value.departmentFeePaise, service === '103' ? 500n : 395n);
      }
    });
  });
}

describe('made-up bills', () => {
  it('refuse what they can not make', () => {
    const code = (wish: Partial<BillWish>): string => {
      const done = made({ department: 'JVVNL', service: '101', ...wish });
      return done.ok ? 'ok' : done.error.code;
    };
    assert.deepEqual(
      [code({ department: 'LIC' }), code({ count: 0 }), code({ count: 1.5 }), code({ on: '2026-02-30' })],
      ['department-unknown', 'bad-count', 'bad-count', 'bad-date'],
    );
  });
});

describe('rule book of Jaipur', () => {
  it('is sound, and reads back after signing', () => {
    const key = signingKey(new Uint8Array(32).fill(3));
    const book = jaipurRuleBook(1_700_000_000_000);
    assert.equal(ruleBookFault(book), undefined);
    assert.deepEqual(openRuleBook(verifyKey(key.publicKey), signRuleBook(key, book)), { ok: true, value: book });
  });

  it('takes parts for water only, from Rs 100', () => {
    const book = jaipurRuleBook(0);
    assert.deepEqual(
      book.services.map((s) => s.part),
      [{ rule: 'refused' }, { rule: 'allowed', minimumPaise: 10_000n }, { rule: 'refused' }],
    );
  });

  it('has an example of each field that fits its pattern', () => {
    for (const service of jaipurRuleBook(0).services) {
      assert.ok(readConsumer(service, service.fields[0]?.example ?? '').ok, service.code);
    }
  });
});
