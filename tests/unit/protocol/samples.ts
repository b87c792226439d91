import { newGrantId, newTransactionId } from '#protocol/identity/ids.js';
import type { Bill } from '#protocol/bill/bill.js';
import type { Grant, Hold, Lease } from '#protocol/grant/grant.js';
import { EMITRA_GRAMMAR } from '#protocol/identity/grammar.js';
import {
  departmentCode,
  districtCode,
  kioskCode,
  operatorLogin,
  serviceCode,
  type DistrictCode,
  type KioskCode,
  type TransactionId,
} from '#protocol/identity/identity.js';
import { chainStart } from '#protocol/ledger/chain.js';
import { signEntry, type Entry, type EntryBody, type SaleBody, type SignedEntry } from '#protocol/ledger/entry.js';
import { writeExport, type ExportParts } from '#protocol/ledger/export.js';
import { signHead } from '#protocol/ledger/head.js';
import { paise, type Paise } from '#protocol/money/paise.js';
import type { RuleBook, Service, TariffRow } from '#protocol/rulebook/rulebook.js';
import { issueCertificate, type Certificate } from '#protocol/signing/certificate.js';
import { sha256, signingKey, verifyKey, type SigningKey, type VerifyKey } from '#protocol/signing/keys.js';

/** 2026-11-22 10:00 in India. */
export const NOW = Date.UTC(2026, 10, 22, 4, 30);
export const DAY = 86_400_000;

/** Bytes that look random and are the same in every run. */
export function chance(label: string, length: number): Uint8Array<ArrayBuffer> {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) => sha256(Buffer.from(`${label}/${i}`)));
  return Uint8Array.from(Buffer.concat(blocks).subarray(0, length));
}

export const keyOf = (label: string): SigningKey => signingKey(chance(label, 32));

export const DISTRICT: DistrictCode = districtCode.parse('lgd:102');
export const KIOSK: KioskCode = kioskCode.parse('d35k1111');
export const OPERATOR = operatorLogin.parse('d35k1111co01');

export const transactionOf = (n: number): TransactionId => newTransactionId(NOW + n, chance(`transaction ${n}`, 10));

/** One district with its hub and one kiosk: every key the formats need. */
export type World = {
  readonly district: SigningKey;
  readonly districtKey: VerifyKey;
  readonly hub: SigningKey;
  readonly hubCertificate: Certificate;
  readonly kiosk: SigningKey;
  readonly kioskCertificate: Certificate;
};

export function makeWorld(name = 'jaipur', kiosk: string = KIOSK): World {
  const district = keyOf(`${name} district`);
  const hub = keyOf(`${name} hub`);
  const own = keyOf(`${name} ${kiosk}`);
  const common = { district: DISTRICT, epoch: 1, notBefore: NOW - DAY, notAfter: NOW + 365 * DAY };
  return {
    district,
    districtKey: verifyKey(district.publicKey),
    hub,
    hubCertificate: issueCertificate(district, { ...common, role: 'hub', subject: 'hub.jaipur', publicKey: hub.publicKey }),
    kiosk: own,
    kioskCertificate: issueCertificate(district, { ...common, role: 'kiosk', subject: kiosk, publicKey: own.publicKey }),
  };
}

export function saleBody(n: number, more: Partial<SaleBody> = {}): SaleBody {
  const bill = more.billPaise ?? paise(198_000n + BigInt(n));
  const fee = more.citizenFeePaise ?? paise(0n);
  const total = paise(bill + fee);
  return {
    kind: 'sale',
    transaction: transactionOf(n),
    service: serviceCode.parse('101'),
    department: departmentCode.parse('JVVNL'),
    consumer: '210312345678',
    billNumber: `B${n}`,
    billPaise: bill,
    citizenFeePaise: fee,
    departmentFeePaise: paise(395n),
    totalPaise: total,
    payer: 'department',
    late: false,
    part: false,
    mode: 'semi-offline-delayed',
    grant: { id: newGrantId(NOW, chance('lease', 10)), number: 1, kind: 'lease' },
    tender: { kind: 'cash', receivedPaise: total },
    salt: chance(`salt ${n}`, 8),
    postBy: NOW + 2 * DAY,
    ...more,
  };
}

/** A day at the counter as entry bodies: every third a sale, with quotes and prints between. */
export function bodyOf(n: number): EntryBody {
  if (n === 1) return { kind: 'started', software: '0.1.0', clean: true };
  if (n % 3 === 0) return saleBody(n);
  if (n % 3 === 1)
    return { kind: 'print-started', transaction: transactionOf(n), copy: 1, marked: 'original', shows: 'received', printer: 'printer' };
  const { transaction, service, department, consumer, billNumber, totalPaise, mode } = saleBody(n);
  return { kind: 'quoted', transaction, service, department, consumer, billNumber, totalPaise, mode };
}

export function entryOf(certificate: Certificate, seq: number, prev: Uint8Array, body: EntryBody): Entry {
  return {
    v: 1,
    district: certificate.district,
    kiosk: kioskCode.parse(certificate.subject),
    epoch: certificate.epoch,
    seq,
    prev: Uint8Array.from(prev),
    at: NOW + seq * 1000,
    operator: OPERATOR,
    ruleBook: 1,
    body,
  };
}

/** A good chain of `count` entries. */
export function chainOf(world: World, count: number, body: (n: number) => EntryBody = bodyOf): readonly SignedEntry[] {
  const chain: SignedEntry[] = [];
  for (let seq = 1; seq <= count; seq++) {
    const prev = chain.at(-1)?.hash ?? chainStart(world.kioskCertificate).hash;
    chain.push(signEntry(world.kiosk, entryOf(world.kioskCertificate, seq, prev, body(seq))));
  }
  return chain;
}

export function headOf(world: World, by: 'kiosk' | 'hub', chain: readonly SignedEntry[], key?: SigningKey): Uint8Array<ArrayBuffer> {
  const hash = chain.at(-1)?.hash ?? chainStart(world.kioskCertificate).hash;
  const { district, epoch } = world.kioskCertificate;
  const facts = { v: 1, by, district, kiosk: KIOSK, epoch, count: chain.length, hash, at: NOW + 3_600_000 } as const;
  return signHead(key ?? (by === 'kiosk' ? world.kiosk : world.hub), facts);
}

export function exportParts(world: World, chain: readonly SignedEntry[], countersigned: readonly SignedEntry[] = chain): ExportParts {
  return {
    kioskCertificate: world.kioskCertificate.bytes,
    entries: chain.map((e) => e.bytes),
    kioskHead: headOf(world, 'kiosk', chain),
    hubCertificate: world.hubCertificate.bytes,
    hubHead: headOf(world, 'hub', countersigned),
  };
}

export function exportFile(parts: ExportParts): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat([...writeExport(parts)]));
}

const name = (en: string): { en: string; hi: string } => ({ en, hi: en });

export function serviceOf(code: string, department: string, more: Partial<Service> = {}): Service {
  return {
    code: serviceCode.parse(code),
    department: departmentCode.parse(department),
    kind: 'bill',
    name: name(`Service ${code}`),
    aliases: ['bijli'],
    modes: ['online', 'semi-offline-delayed'],
    fields: [{ name: 'consumer', label: name('Consumer no.'), pattern: '[0-9]{12}', example: '210312345678' }],
    scan: `${department}\\*(?<consumer>[0-9]{12})`,
    part: { rule: 'refused' },
    postWithinHours: 48,
    ...more,
  };
}

/** Electricity and water Rs 3.95 (R66, R69), telephone Rs 5 (R65); paid by the department (R72). An application fee of the citizen's beside them. */
export const TARIFF: readonly TariffRow[] = [
  { service: serviceCode.parse('101'), payer: 'department', chargePaise: paise(395n), from: '2026-01-01', authority: 'S2 Table 2' },
  { service: serviceCode.parse('201'), payer: 'department', chargePaise: paise(395n), from: '2026-01-01', authority: 'S2 Table 2' },
  { service: serviceCode.parse('301'), payer: 'department', chargePaise: paise(500n), from: '2026-01-01', authority: 'S0 sl.28' },
  { service: serviceCode.parse('401'), payer: 'citizen', chargePaise: paise(900n), from: '2026-01-01', to: '2026-06-30', authority: 'order 1' },
  { service: serviceCode.parse('401'), payer: 'citizen', chargePaise: paise(1_000n), from: '2026-07-01', authority: 'order 2' },
];

export function ruleBookOf(more: Partial<RuleBook> = {}): RuleBook {
  return {
    v: 1,
    version: 3,
    district: DISTRICT,
    districtName: { en: 'Jaipur', hi: 'जयपुर' },
    society: name('District e-Governance Society'),
    profile: 'emitra',
    profileModes: ['online', 'semi-offline-delayed'],
    grammar: EMITRA_GRAMMAR,
    issuedAt: NOW,
    departments: ['JVVNL', 'PHED', 'BSNL', 'DOIT'].map((code) => ({ code: departmentCode.parse(code), name: name(code) })),
    services: [
      serviceOf('101', 'JVVNL'),
      serviceOf('201', 'PHED', { part: { rule: 'allowed', minimumPaise: paise(10_000n) } }),
      serviceOf('301', 'BSNL'),
      serviceOf('401', 'DOIT'),
    ],
    tariff: [...TARIFF],
    ...more,
  };
}

export function billOf(more: Partial<Bill> = {}): Bill {
  return {
    department: departmentCode.parse('JVVNL'),
    service: serviceCode.parse('101'),
    consumer: '210312345678',
    number: 'B2611-1',
    name: 'Asha Devi',
    office: 'Jaipur City Circle',
    period: 'Oct 2026',
    issuedOn: '2026-11-01',
    dueOn: '2026-11-22',
    amountPaise: paise(198_000n),
    lateAmountPaise: paise(201_960n),
    arrearsPaise: paise(0n),
    ...more,
  };
}

export function leaseOf(more: Partial<Lease> = {}): Lease {
  return {
    v: 1,
    kind: 'lease',
    id: newGrantId(NOW, chance('lease', 10)),
    district: DISTRICT,
    kiosk: KIOSK,
    epoch: 1,
    number: 1,
    limitPaise: paise(500_000n),
    issuedAt: NOW,
    notAfter: NOW + DAY,
    salePaiseMax: paise(200_000n),
    salesMax: 3,
    base: { seq: 0, hash: chance('base', 32) },
    ...more,
  };
}

export function holdOf(transaction: TransactionId, total: Paise, more: Partial<Hold> = {}): Grant {
  const { salePaiseMax: _sale, salesMax: _sales, base: _base, ...common } = leaseOf();
  return { ...common, kind: 'hold', transaction, limitPaise: total, ...more };
}
