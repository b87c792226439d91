import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './documents.js';
import { withTable } from './problem-table.js';

// Run by hand after the English texts change: it writes the table of docs/operator.md anew.
const path = join(ROOT, 'docs/operator.md');
writeFileSync(path, withTable(readFileSync(path, 'utf8')));
