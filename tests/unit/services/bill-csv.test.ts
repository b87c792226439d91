import assert from 'node:assert/strict';
import fc from 'fast-check';
import { departmentCode, serviceCode } from '#protocol/identity/identity.js';
import { BILL_COLUMNS, readBillCsv, type CsvRow } from '../../../hub-server/services/bill-csv.js';

const CONTEXT = { department: departmentCode.parse('JVVNL'), service: serviceCode.parse('101') };
const HEADER = BILL_COLUMNS.join(',');
const GOOD = '210112345678,E26110000001,Ram Niwas Sharma,AEN Bani Park,Oct 2026,2026-11-01,2026-11-16,1980.50,2020,0';

type Reading = { readonly rows: readonly CsvRow[]; readonly code: string; readonly detail: string };

async function read(bytes: Uint8Array | string, chunk = 7): Promise<Reading> {
  const all = Buffer.from(bytes as string);
  const rows: CsvRow[] = [];
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < all.length; at += chunk) yield all.subarray(at, at + chunk);
  }
  const done = await readBillCsv(source(), CONTEXT, (row) => rows.push(row));
  return { rows, code: done.ok ? 'ok' : done.error.code, detail: done.ok ? done.value.sha256 : done.error.detail };
}

const file = (...lines: readonly string[]): string => [HEADER, ...lines, ''].join('\n');
/** The good row with one column changed. */
const changed = (column: string, text: string): string =>
  GOOD.split(',')
    .with(BILL_COLUMNS.indexOf(column as 'name'), text)
    .join(',');

describe('bill master file', () => {
  it('reads a row, sums in paise', async () => {
    const { rows, code } = await read(file(GOOD));
    assert.equal(code, 'ok');
    assert.deepEqual(rows, [
      {
        kind: 'good',
        line: 2,
        bill: {
          department: 'JVVNL',
          service: '101',
          consumer: '210112345678',
          number: 'E26110000001',
          name: 'Ram Niwas Sharma',
          office: 'AEN Bani Park',
          period: 'Oct 2026',
          issuedOn: '2026-11-01',
          dueOn: '2026-11-16',
          amountPaise: 198_050n,
          lateAmountPaise: 202_000n,
          arrearsPaise: 0n,
        },
      },
    ]);
  });

  it('reads the same with a byte order mark, Windows line ends, quotes, other column order and columns it does not know', async () => {
    const columns = [...BILL_COLUMNS].toReversed();
    const cells = GOOD.split(',').toReversed();
    const text = `\uFEFF${columns.map((c) => c.toUpperCase()).join(',')},remark\r\n${cells.map((c) => `"${c}"`).join(',')},x\r\n`;
    const [plain, other] = [await read(file(GOOD)), await read(text, 1)];
    assert.equal(other.code, 'ok');
    assert.deepEqual(other.rows, plain.rows);
  });

  it('keeps Hindi names, cut anywhere by the stream', async () => {
    const { rows } = await read(file(changed('name', 'राम निवास शर्मा')), 1);
    assert.equal(rows[0]?.kind === 'good' && rows[0].bill.name, 'राम निवास शर्मा');
  });

  const badCells: readonly (readonly [string, string, RegExp])[] = [
    ['consumer', '2.10112E+11', /consumer number is/u],
    ['consumer', '', /consumer number is/u],
    ['bill_number', 'E 1', /bill number is/u],
    ['name', '', /./u],
    ['name', 'x'.repeat(81), /./u],
    ['name', '"two\nlines"', /line break/u],
    ['issued_on', '01-11-2026', /YYYY-MM-DD/u],
    ['due_on', '2026-02-30', /YYYY-MM-DD/u],
    ['due_on', '2026-10-31', /before the bill was issued/u],
    ['amount', '19.805', /decimals/u],
    ['amount', '-5', /not an amount/u],
    ['amount', '1e3', /not an amount/u],
    ['late_amount', '1980.49', /less than/u],
    ['arrears', '1980.51', /more than/u],
    ['arrears', '', /no amount/u],
  ];
  for (const [column, text, reason] of badCells) {
    it(`tells line, column and reason of ${column} = ${JSON.stringify(text).slice(0, 30)}, and takes the next row`, async () => {
      const { rows, code } = await read(file(GOOD, changed(column, text), GOOD));
      assert.equal(code, 'ok');
      assert.deepEqual(
        rows.map((r) => r.kind),
        ['good', 'rejected', 'good'],
      );
      const bad = rows[1];
      assert.ok(bad?.kind === 'rejected');
      assert.equal(bad.line, 3);
      assert.equal(bad.column, column);
      assert.match(bad.reason, reason);
    });
  }

  it('counts lines over empty ones and over a quoted line break', async () => {
    const { rows } = await read(file('', changed('name', '"a\nb"'), '', '', changed('amount', 'x')));
    assert.deepEqual(
      rows.map((r) => r.line),
      [3, 7],
    );
  });

  it('counts lines over line ends of three kinds, and to a last line that has none', async () => {
    for (const chunk of [1, 7, 4096]) {
      const { rows } = await read(`${HEADER}\r\n${GOOD}\n${GOOD}\r${GOOD}\r\n\r\n${GOOD}\r\nlast`, chunk);
      assert.deepEqual(
        rows.map((r) => [r.line, r.kind]),
        [
          [2, 'good'],
          [3, 'good'],
          [4, 'good'],
          [6, 'good'],
          [7, 'rejected'],
        ],
      );
    }
  });

  it('tells a row with too few or too many fields', async () => {
    const { rows } = await read(file('210112345678,E1', `${GOOD},more`, GOOD));
    assert.deepEqual(
      rows.map((r) => r.kind),
      ['rejected', 'rejected', 'good'],
    );
    assert.ok(rows[0]?.kind === 'rejected' && /2 fields, the header has 10/u.test(rows[0].reason));
  });

  it('refuses rows of another service', async () => {
    const { rows } = await read(`${HEADER},service\n${GOOD},102\n${GOOD},101\n`);
    assert.deepEqual(
      rows.map((r) => r.kind),
      ['rejected', 'good'],
    );
    assert.ok(rows[0]?.kind === 'rejected' && rows[0].column === 'service');
  });

  const broken: readonly (readonly [string, string | Uint8Array, string])[] = [
    ['an empty file', '', 'empty'],
    ['a file of line ends', '\n\n\n', 'empty'],
    ['a byte order mark alone', '\uFEFF', 'empty'],
    ['UTF-16', Buffer.from(`\uFEFF${file(GOOD)}`, 'utf16le'), 'wrong-encoding'],
    ['Latin-1', Buffer.from(file(changed('name', 'Ren\u00e9')), 'latin1'), 'wrong-encoding'],
    ['a UTF-8 character cut by the end of the file', Buffer.from(file(changed('name', 'राम')).trimEnd() + 'र').subarray(0, -1), 'wrong-encoding'],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'wrong-encoding'],
    ['a page of HTML', '<html><body>Session expired</body></html>', 'not-csv'],
    ['semicolons', file(GOOD).replaceAll(',', ';'), 'not-csv'],
    ['a missing column', file(GOOD).replace('arrears', 'arrear'), 'missing-column'],
    ['a column named twice', `${HEADER},amount\n${GOOD},1\n`, 'duplicate-column'],
    ['a quoted field cut off', file(GOOD) + GOOD.replace('Ram', '"Ram'), 'cut'],
    ['a quote in the middle of a field', file(changed('name', 'Ram "Babu" Sharma')), 'not-csv'],
    ['text after a closing quote', file(changed('name', '"Ram" Sharma')), 'not-csv'],
    ['a line without end', `${HEADER}\n${'x'.repeat(200_000)}`, 'not-csv'],
  ];
  for (const [what, bytes, code] of broken) {
    it(`takes nothing of ${what}: ${code}`, async () => {
      const reading = await read(bytes, 4096);
      assert.equal(reading.code, code);
      assert.ok(reading.detail.length > 10);
    });
  }

  it('throws what the taker of the rows throws', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(file(GOOD));
    }
    await assert.rejects(
      readBillCsv(source(), CONTEXT, () => {
        throw new RangeError('disk full');
      }),
      /disk full/u,
    );
  });

  it('never throws, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 64 }), async (bytes, chunk) => {
        assert.equal(typeof (await read(bytes, chunk)).code, 'string');
      }),
      { numRuns: 200 },
    );
  });

  it('never throws on a file with any text in its fields, and tells each row once', async () => {
    const cell = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 6 }), fc.constantFrom(...GOOD.split(',')));
    const row = fc.array(cell, { minLength: 10, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
        const lines = rows.map((cells) => cells.map((c) => `"${c.replaceAll('"', '""').replaceAll('\0', '')}"`).join(','));
        const reading = await read(file(...lines), 64);
        assert.equal(reading.code, 'ok');
        assert.equal(reading.rows.length, rows.length);
      }),
      { numRuns: 100 },
    );
  });

  it('a bill that is read keeps its own rules, whatever byte of the file was changed', async () => {
    const whole = Buffer.from(file(GOOD));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
        const bytes = Buffer.from(whole);
        bytes[at] = byte;
        const { rows } = await read(bytes, 512);
        for (const row of rows) {
          if (row.kind === 'good') assert.ok(row.bill.lateAmountPaise >= row.bill.amountPaise && row.bill.amountPaise >= row.bill.arrearsPaise);
        }
      }),
      { numRuns: 200 },
    );
  });
});
