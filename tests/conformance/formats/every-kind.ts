import type { EntryBody, EntryKind } from '#protocol/ledger/entry.js';
import { paise } from '#protocol/money/paise.js';
import { DAY, NOW, chance, leaseOf, saleBody, transactionOf } from '#tests/unit/protocol/samples.js';

const transaction = transactionOf(1);
const { id } = leaseOf();
const place = (seq: number) => ({ seq, hash: chance(`place ${seq}`, 32) });
const quoted = (({ service, department, consumer, billNumber, totalPaise, mode }) => ({
  service,
  department,
  consumer,
  billNumber,
  totalPaise,
  mode,
}))(saleBody(1));

/** One body of every kind. A new kind does not compile until it stands here; then the Python verifier and the document must know it too. */
export const EVERY_KIND: { readonly [K in EntryKind]: Extract<EntryBody, { readonly kind: K }> } = {
  started: { kind: 'started', software: '0.1.0', clean: false },
  'operator-on': { kind: 'operator-on', checked: 'verifier' },
  'operator-off': { kind: 'operator-off' },
  'till-opened': { kind: 'till-opened', floatPaise: paise(0n) },
  'till-closed': { kind: 'till-closed', expectedPaise: paise(-5n), countedPaise: paise(2n ** 63n - 1n), sales: 3, salesPaise: paise(2n ** 53n) },
  quoted: { kind: 'quoted', transaction, ...quoted },
  abandoned: { kind: 'abandoned', transaction, reason: 'not-secured' },
  sale: saleBody(1, { citizenFeePaise: paise(900n), payer: 'citizen', late: true, part: true, mode: 'online' }),
  confirmed: { kind: 'confirmed', transaction, reference: 'JVVNL-1', at: NOW },
  refused: { kind: 'refused', transaction, reason: 'बिल पहले ही जमा है 🙂', cash: 'to-return' },
  returned: { kind: 'returned', transaction, totalPaise: paise(100n) },
  presence: {
    kind: 'presence',
    transaction,
    attempt: 2,
    by: 'aadhaar',
    bound: chance('bound', 32),
    outcome: 'given',
    block: chance('block', 32),
    witness: '',
  },
  'print-started': { kind: 'print-started', transaction, copy: 2, marked: 'duplicate', shows: 'posted', printer: 'printer-2' },
  'print-ended': { kind: 'print-ended', transaction, copy: 2, outcome: 'unknown', cause: '', by: 'restart' },
  'stock-loaded': { kind: 'stock-loaded', printer: 'printer', first: 'RJ-0045001', last: 'RJ-0045100' },
  'form-used': { kind: 'form-used', printer: 'printer-2', serial: 'RJ-0045001', transaction, copy: 1 },
  'forms-spoilt': { kind: 'forms-spoilt', printer: 'forms', first: 'AB/7-123456789', last: 'AB/7-123456789' },
  'lease-taken': { kind: 'lease-taken', id, number: 1, limitPaise: paise(500_000n), notAfter: NOW + DAY },
  'lease-closed': { kind: 'lease-closed', id, base: place(0), head: place(9), drawnPaise: paise(1n) },
};
