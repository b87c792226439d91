import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { parseRupees, type Paise } from '#protocol/money/paise.js';

export type DemoBill = {
  readonly consumer: string;
  readonly number: string;
  readonly name: string;
  readonly dueOn: string;
  readonly amountPaise: Paise;
  readonly latePaise: Paise;
};

/** The generated bills of one department, as its CSV master file states them. */
export function readBills(root: string, department: string): readonly DemoBill[] {
  const rows = parse(readFileSync(join(root, 'bills', `${department}.csv`)), { columns: true, bom: true }) as readonly Readonly<
    Record<string, string>
  >[];
  return rows.map((row) => ({
    consumer: row['consumer'] ?? '',
    number: row['bill_number'] ?? '',
    name: row['name'] ?? '',
    dueOn: row['due_on'] ?? '',
    amountPaise: rupees(row['amount']),
    latePaise: rupees(row['late_amount']),
  }));
}

function rupees(text: string | undefined): Paise {
  const read = parseRupees(text ?? '');
  if (!read.ok) throw new Error(`bill file: ${read.error.detail}`);
  return read.value;
}
