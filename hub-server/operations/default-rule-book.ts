import { EMITRA_GRAMMAR } from '#protocol/identity/grammar.js';

/**
 * A bill code's text: `JVVNL|210112345678|E26110000123` (department, consumer, bill number), with the service's code after the department if
 * several services share one; or the consumer number alone, as older bar codes have it. The lengths of the numbers keep services apart.
 */
function scan(department: string, service: string, consumer: string): string {
  return `(?:${department}\\|(?:${service}\\|)?)?(?<consumer>${consumer})(?:\\|[A-Z0-9/-]{1,24})?`;
}

const DELAYED_AND_ONLINE = ['online', 'semi-offline-delayed'] as const;
const UTILITY_BILLS = 'e-Mitra rates: utility bills and levies Rs 3.95, paid by the department (R66, R69, R72)';
const TELEPHONE_BILLS = 'e-Mitra rates: BSNL telephone bills Rs 5 (R65), paid by the department (R72)';

/**
 * The rule book a hub starts with when none is named: Jaipur's electricity, water and telephone bills. Data in the form of a draft file, so
 * `hub rulebook show` of a new hub is also the example to copy. Sums in paise.
 */
export const DEFAULT_RULE_BOOK_DRAFT = {
  version: 1,
  profile: 'janmitra-batch',
  profileModes: ['online', 'semi-offline', 'semi-offline-delayed', 'offline'],
  grammar: EMITRA_GRAMMAR,
  departments: [
    { code: 'JVVNL', name: { en: 'Jaipur Vidyut Vitran Nigam', hi: 'जयपुर विद्युत वितरण निगम' } },
    { code: 'PHED', name: { en: 'Public Health Engineering Department', hi: 'जन स्वास्थ्य अभियांत्रिकी विभाग' } },
    { code: 'BSNL', name: { en: 'Bharat Sanchar Nigam', hi: 'भारत संचार निगम' } },
  ],
  services: [
    {
      code: '101',
      department: 'JVVNL',
      kind: 'bill',
      name: { en: 'Electricity bill', hi: 'बिजली बिल' },
      aliases: ['electricity', 'light bill', 'bijli', 'bijlee', 'vidyut', 'light', 'current', 'jvvnl', 'k number'],
      modes: DELAYED_AND_ONLINE,
      fields: [{ name: 'consumer', label: { en: 'K number', hi: 'के नंबर' }, pattern: '\\d{12}', example: '210412003456' }],
      scan: scan('JVVNL', '101', '\\d{12}'),
      part: { rule: 'refused' },
      postWithinHours: 48,
    },
    {
      code: '102',
      department: 'PHED',
      kind: 'bill',
      name: { en: 'Water bill', hi: 'पानी का बिल' },
      aliases: ['water', 'pani', 'paani', 'jal', 'nal', 'jaldai', 'phed'],
      modes: DELAYED_AND_ONLINE,
      fields: [{ name: 'consumer', label: { en: 'Consumer key', hi: 'उपभोक्ता कुंजी' }, pattern: '\\d{8}', example: '40217765' }],
      scan: scan('PHED', '102', '\\d{8}'),
      part: { rule: 'allowed', minimumPaise: 10_000 },
      postWithinHours: 48,
    },
    {
      code: '103',
      department: 'BSNL',
      kind: 'bill',
      name: { en: 'Telephone bill', hi: 'टेलीफोन बिल' },
      aliases: ['telephone', 'phone', 'landline', 'doorbhash', 'durbhash', 'fon', 'bsnl'],
      modes: DELAYED_AND_ONLINE,
      fields: [
        { name: 'consumer', label: { en: 'Telephone number with STD code', hi: 'एसटीडी सहित फोन नंबर' }, pattern: '0\\d{10}', example: '01412205678' },
      ],
      scan: scan('BSNL', '103', '0\\d{10}'),
      part: { rule: 'refused' },
      postWithinHours: 48,
    },
  ],
  tariff: [
    { service: '101', payer: 'department', chargePaise: 395, from: '2005-01-01', authority: UTILITY_BILLS },
    { service: '102', payer: 'department', chargePaise: 395, from: '2005-01-01', authority: UTILITY_BILLS },
    { service: '103', payer: 'department', chargePaise: 500, from: '2005-01-01', authority: TELEPHONE_BILLS },
  ],
} as const;
