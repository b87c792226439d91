import { EMITRA_GRAMMAR } from '#protocol/identity/grammar.js';
import { ruleBook, type RuleBook } from '#protocol/rulebook/rulebook.js';
import type { UnixMs } from '#protocol/time/time.js';

const MODES = ['online', 'semi-offline-delayed'] as const;
const FROM = '2005-01-01';
const UTILITY_RATE = 'e-Mitra rate list: electricity and water Rs 3.95 a bill (R66), paid by the department through the Society (R69, R72)';
const TELEPHONE_RATE = 'e-Mitra rate list: BSNL telephone and mobile Rs 5 a bill (R65), paid by the department through the Society (R72)';

/**
 * A bill code's text: `JVVNL|210112345678|E26110000123` (department, consumer, bill number), with the service's code after the department if
 * several services share one; or the consumer number alone, as older bar codes have it. The lengths of the numbers keep services apart.
 */
function scan(department: string, service: string, consumer: string): string {
  return `(?:${department}\\|(?:${service}\\|)?)?(?<consumer>${consumer})(?:\\|[A-Z0-9/-]{1,24})?`;
}

const ELECTRICITY = {
  code: '101',
  department: 'JVVNL',
  kind: 'bill',
  name: { en: 'Electricity bill', hi: 'बिजली का बिल' },
  aliases: ['electricity', 'light bill', 'bijli', 'bijlee', 'vidyut', 'light', 'current', 'jvvnl', 'k number'],
  modes: MODES,
  fields: [{ name: 'consumer', label: { en: 'K number', hi: 'के नंबर' }, pattern: '\\d{12}', example: '210112345678' }],
  scan: scan('JVVNL', '101', '\\d{12}'),
  part: { rule: 'refused' },
  postWithinHours: 48,
} as const;

const WATER = {
  code: '102',
  department: 'PHED',
  kind: 'bill',
  name: { en: 'Water bill', hi: 'पानी का बिल' },
  aliases: ['water', 'pani', 'paani', 'jal', 'nal', 'jaldai', 'phed'],
  modes: MODES,
  fields: [{ name: 'consumer', label: { en: 'Consumer number', hi: 'उपभोक्ता संख्या' }, pattern: '\\d{8}', example: '41234567' }],
  scan: scan('PHED', '102', '\\d{8}'),
  part: { rule: 'allowed', minimumPaise: 10_000n },
  postWithinHours: 48,
} as const;

const TELEPHONE = {
  code: '103',
  department: 'BSNL',
  kind: 'bill',
  name: { en: 'Telephone bill', hi: 'टेलीफोन का बिल' },
  aliases: ['telephone', 'phone', 'landline', 'doorbhash', 'durbhash', 'fon', 'bsnl'],
  modes: MODES,
  fields: [{ name: 'consumer', label: { en: 'Number with STD code', hi: 'एसटीडी सहित नंबर' }, pattern: '0\\d{10}', example: '01412205678' }],
  scan: scan('BSNL', '103', '0\\d{10}'),
  part: { rule: 'refused' },
  postWithinHours: 48,
} as const;

/** Jaipur's first rule book: electricity, water and telephone, each charge paid by its department, so the citizen pays exactly the bill (R57). */
export function jaipurRuleBook(issuedAt: UnixMs): RuleBook {
  return ruleBook.parse({
    v: 1,
    version: 1,
    district: 'lgd:102',
    districtName: { en: 'Jaipur', hi: 'जयपुर' },
    society: { en: 'District e-Governance Society, Jaipur', hi: 'जिला ई-गवर्नेंस सोसायटी, जयपुर' },
    profile: 'janmitra-batch',
    profileModes: ['online', 'semi-offline', 'semi-offline-delayed', 'offline'],
    grammar: EMITRA_GRAMMAR,
    issuedAt,
    departments: [
      { code: 'JVVNL', name: { en: 'Jaipur Vidyut Vitran Nigam Ltd', hi: 'जयपुर विद्युत वितरण निगम लि.' } },
      { code: 'PHED', name: { en: 'Public Health Engineering Department', hi: 'जन स्वास्थ्य अभियांत्रिकी विभाग' } },
      { code: 'BSNL', name: { en: 'Bharat Sanchar Nigam Ltd', hi: 'भारत संचार निगम लि.' } },
    ],
    services: [ELECTRICITY, WATER, TELEPHONE],
    tariff: [
      { service: '101', payer: 'department', chargePaise: 395n, from: FROM, authority: UTILITY_RATE },
      { service: '102', payer: 'department', chargePaise: 395n, from: FROM, authority: UTILITY_RATE },
      { service: '103', payer: 'department', chargePaise: 500n, from: FROM, authority: TELEPHONE_RATE },
    ],
  });
}
