import type { CounterView, HeaderView, QuoteView, ReceiptRow, SaleView, ScreenView, ServiceView } from '#protocol/counter/view.js';
import { counterView } from '#protocol/counter/view.js';
import { DEVICE_KINDS } from '#protocol/counter/device.js';
import { PROBLEM_CODES, type Problem, type ProblemCode } from '#protocol/counter/problem.js';
import type { Language } from '#protocol/identity/identity.js';

/** Hand-made views for every screen, as long and as full as real ones get. Each passes the schema of the door. */

export const NOW = Date.UTC(2026, 10, 22, 9, 3, 0);
export const TRANSACTION = '01KAMK7R8ZV4N3T2S1R0Q9P8M7';

const CROWDED = { count: 137, sum: 12_345_678, oldest: NOW - 3_600_000 };

export function headerOf(language: Language, changes: Partial<Record<keyof HeaderView, unknown>> = {}): Record<string, unknown> {
  return {
    kiosk: 'd35k1111',
    district: { en: 'Jaipur', hi: 'जयपुर' },
    operator: 'd35k1111co01',
    language,
    now: NOW,
    link: { state: 'online' },
    devices: [
      { kind: 'printer', name: 'printer', state: 'ready' },
      { kind: 'scanner', name: 'scanner', state: 'ready' },
    ],
    unsent: { count: 0, sum: 0, oldest: null },
    leaseLeftPaise: 2_000_000,
    ...changes,
  };
}

export const HEADERS: readonly (readonly [string, Partial<Record<keyof HeaderView, unknown>>])[] = [
  ['online', {}],
  ['online and sending', { unsent: CROWDED }],
  ['connecting', { link: { state: 'connecting', since: NOW - 5_000 } }],
  ['offline with a lease', { link: { state: 'offline', since: NOW - 860_000 }, unsent: CROWDED, leaseLeftPaise: 9_999_999_900 }],
  ['offline without a lease', { link: { state: 'offline', since: NOW - 860_000 }, leaseLeftPaise: null }],
  ['refused by the hub', { link: { state: 'refused', since: NOW - 360_000_000 }, unsent: CROWDED }],
  [
    'devices in trouble, long names',
    {
      district: { en: 'Sri Ganganagar (rural circle)', hi: 'श्री गंगानगर (ग्रामीण वृत्त)' },
      operator: 'd35k1111co01.with.a.long.name',
      link: { state: 'offline', since: NOW - 860_000 },
      devices: [
        { kind: 'printer', name: 'printer', state: 'trouble', problem: { code: 'paper-out' } },
        { kind: 'scanner', name: 'scanner', state: 'absent' },
      ],
    },
  ],
  [
    'every kind of device, half of them in trouble',
    {
      devices: [
        { kind: 'printer', name: 'printer', state: 'ready' },
        { kind: 'printer', name: 'forms-printer-at-a-wall', state: 'warning', problem: { code: 'stock-low', values: { left: '17' } } },
        ...DEVICE_KINDS.slice(1).map((kind, i) => ({
          kind,
          name: kind,
          state: i % 2 === 0 ? 'ready' : 'absent',
          ...(i % 2 === 0 ? {} : { problem: { code: 'ups-on-battery', values: { minutes: '12' } } }),
        })),
      ],
    },
  ],
  ['before anyone is known', { kiosk: null, district: null, operator: null }],
];

export const SERVICES: readonly ServiceView[] = [
  {
    code: '101',
    name: { en: 'Electricity bill (JVVNL)', hi: 'विद्युत बिल भुगतान (जेवीवीएनएल)' },
    department: { en: 'Jaipur Vidyut Vitran Nigam Ltd', hi: 'जयपुर विद्युत वितरण निगम लि.' },
    aliases: ['bijli', 'vidyut', 'light'],
    mode: 'online',
  },
  {
    code: '102',
    name: { en: 'Water bill', hi: 'जल बिल' },
    department: { en: 'Public Health Engineering Department', hi: 'जन स्वास्थ्य अभियांत्रिकी विभाग' },
    aliases: ['pani', 'jal'],
    mode: 'semi-offline-delayed',
  },
  {
    code: '103',
    name: { en: 'Telephone bill', hi: 'टेलीफ़ोन बिल' },
    department: { en: 'Bharat Sanchar Nigam Ltd', hi: 'भारत संचार निगम लि.' },
    aliases: ['phone', 'dursanchar'],
    mode: 'semi-offline',
  },
  {
    code: '210',
    name: { en: 'Urban development tax of the municipal corporation', hi: 'नगर निगम का नगरीय विकास कर' },
    department: { en: 'Jaipur Municipal Corporation', hi: 'जयपुर नगर निगम' },
    aliases: ['nagar nigam', 'kar'],
    mode: null,
  },
  {
    code: '330',
    name: { en: 'Land record fee', hi: 'भू-अभिलेख शुल्क' },
    department: { en: 'Revenue', hi: 'राजस्व' },
    aliases: ['jamabandi'],
    mode: 'offline',
  },
].map((one) => counterServiceOf(one));

function counterServiceOf(one: Record<string, unknown>): ServiceView {
  const view = counterView.parse({
    header: headerOf('en'),
    body: { screen: 'menu', services: [one], problem: null, today: { count: 0, sum: 0 }, tillPaise: 0 },
  });
  if (view.body.screen !== 'menu' || view.body.services[0] === undefined) throw new Error('the fixture is not a service');
  return view.body.services[0];
}

export const MANY_SERVICES: readonly ServiceView[] = Array.from({ length: 52 }, (_, i) => {
  const of = SERVICES[i % SERVICES.length];
  if (of === undefined) throw new Error('no services');
  return { ...of, code: String(500 + i) as ServiceView['code'] };
});

const QUOTE = {
  transaction: TRANSACTION,
  service: { code: '101', name: SERVICES[0]?.name, department: SERVICES[0]?.department },
  bill: {
    department: 'JVVNL',
    service: '101',
    consumer: '210512345678',
    number: '2610-4471902',
    name: 'SHRI GYANESHWAR PRASAD SHARMA',
    office: 'AEN (O&M) JAIPUR SOUTH',
    period: 'OCT 2026',
    issuedOn: '2026-11-02',
    dueOn: '2026-11-30',
    amountPaise: 12_345_678,
    lateAmountPaise: 12_600_000,
    arrearsPaise: 1_050,
  },
  late: false,
  billPaise: 12_345_678,
  citizenFeePaise: 0,
  departmentFeePaise: 395,
  totalPaise: 12_345_678,
  words: {
    en: 'one lakh twenty-three thousand four hundred fifty-six rupees and seventy-eight paise',
    hi: 'एक लाख तेईस हज़ार चार सौ छप्पन रुपये और अठहत्तर पैसे',
  },
  partAllowed: true,
  mode: 'online',
};

const LATE_QUOTE = {
  ...QUOTE,
  late: true,
  partAllowed: false,
  bill: { ...QUOTE.bill, name: 'श्रीमती ज्ञानेश्वरी देवी क्षेत्रपाल '.repeat(2).trim(), office: 'क्षेत्रीय कार्यालय, सहायक अभियंता (ग्रामीण) जयपुर दक्षिण' },
  billPaise: 9_999_999_999,
  totalPaise: 9_999_999_999,
  words: {
    en: 'nine crore ninety-nine lakh ninety-nine thousand nine hundred ninety-nine rupees and ninety-nine paise',
    hi: 'नौ करोड़ निन्यानवे लाख निन्यानवे हज़ार नौ सौ निन्यानवे रुपये और निन्यानवे पैसे',
  },
};

const SALE = {
  transaction: TRANSACTION,
  receipt: 'D35K1111-1-008215',
  service: SERVICES[0]?.name,
  totalPaise: 12_345_678,
  receivedPaise: 12_350_000,
  changePaise: 4_322,
  mode: 'online',
  steps: [
    { step: 'saved', state: 'done', note: 'entry 8,215' },
    { step: 'posted', state: 'doing' },
    { step: 'printed', state: 'waiting' },
  ],
};

const LARGE_SALE = {
  ...SALE,
  totalPaise: 9_999_999_999,
  receivedPaise: 10_000_000_000,
  changePaise: 1,
  mode: 'semi-offline-delayed',
  steps: [
    { step: 'saved', state: 'done', note: 'entry 1,08,215' },
    { step: 'posted', state: 'later', note: 'within 24 h' },
    { step: 'printed', state: 'attention', note: 'a note that is much longer than the room for it' },
  ],
};

function rowOf(i: number): Record<string, unknown> {
  return {
    receipt: i === 3 ? 'KIOSK-ABCDEFGHIJ-65535-1000003' : `D35K1111-1-${String(i).padStart(6, '0')}`,
    transaction: TRANSACTION,
    at: NOW - i * 1_900_000,
    service: SERVICES[i % SERVICES.length]?.name,
    consumerTail: '5678',
    totalPaise: i === 0 ? 99_999_999 : 64_000 + i,
    state: i % 5 === 2 ? 'refused' : i % 2 === 0 ? 'posted' : 'received',
    sent: i % 3 !== 0,
    printed: i % 4 === 0 ? 'no' : i % 4 === 1 ? 'unknown' : 'yes',
    copies: i % 3,
  };
}

const ROWS = Array.from({ length: 30 }, (_, i) => rowOf(i));

/** Values that texts may quote, as long as real ones are. */
const VALUES: Readonly<Record<string, string>> = {
  tries: '2',
  time: '21-11 18:04',
  reason: 'ACCOUNT CLOSED (E17)',
  text: '12x',
  example: '210512345678',
  consumer: '210512345678',
  amount: '1,23,456.78',
  minimum: '500.00',
  missing: '1,23,456.78',
  left: '1,240.00',
  cap: '20,000.00',
  entry: '8215',
  count: '7',
  sum: '13,460.00',
};

export const problemOf = (code: ProblemCode): Problem => ({ code, values: VALUES });
export const BARE_AND_FULL: readonly Problem[] = PROBLEM_CODES.flatMap((code) => [{ code }, problemOf(code)]);

const LONG_PROBLEM = problemOf('department-unknown');

type Body = Record<string, unknown>;

/** Bodies without a problem, by a name for the test's title. */
export const PLAIN_BODIES: readonly (readonly [string, Body])[] = [
  ...(['ledger', 'devices', 'link'] as const).map((doing) => [`starting ${doing}`, { screen: 'starting', doing }] as const),
  ['unenrolled', { screen: 'unenrolled' }],
  ['login', { screen: 'login', problem: null, checking: false, key: 'no', triesLeft: null, lockedUntil: null }],
  ['login, checking', { screen: 'login', problem: null, checking: true, key: 'no', triesLeft: null, lockedUntil: null }],
  ['login, tries left', { screen: 'login', problem: null, checking: false, key: 'no', triesLeft: 2, lockedUntil: null }],
  ['login, key looked for', { screen: 'login', problem: null, checking: false, key: 'waiting', triesLeft: null, lockedUntil: null }],
  ['login, key to be touched', { screen: 'login', problem: null, checking: false, key: 'touch', triesLeft: null, lockedUntil: null }],
  ['login, locked', { screen: 'login', problem: null, checking: false, key: 'no', triesLeft: 0, lockedUntil: NOW + 600_000 }],
  ['till opening', { screen: 'till-opening', problem: null }],
  ['menu', { screen: 'menu', services: SERVICES, problem: null, today: { count: 31, sum: 4_821_000 }, tillPaise: 5_021_000 }],
  ['menu, 52 services', { screen: 'menu', services: MANY_SERVICES, problem: null, today: { count: 999, sum: 999_999_999 }, tillPaise: -100 }],
  ['menu, no services', { screen: 'menu', services: [], problem: null, today: { count: 0, sum: 0 }, tillPaise: 0 }],
  ...SERVICES.map((service) => [`capture ${service.code}`, captureOf(service)] as const),
  ['fetching, hub', { screen: 'fetching', service: SERVICES[0]?.name, from: 'hub', since: NOW - 4_000 }],
  ['fetching, master file', { screen: 'fetching', service: SERVICES[3]?.name, from: 'master-file', since: NOW }],
  ['quote', { screen: 'quote', quote: QUOTE, problem: null }],
  ['quote, late', { screen: 'quote', quote: LATE_QUOTE, problem: null }],
  ['quote, part', { screen: 'quote', quote: { ...QUOTE, billPaise: 50_000, totalPaise: 50_000, departmentFeePaise: 0 }, problem: null }],
  ['presence, pressing', { screen: 'presence', quote: QUOTE, way: 'finger', phase: 'pressing', attempt: 1, witnessFrom: 4, problem: null }],
  ['presence, again', { screen: 'presence', quote: LATE_QUOTE, way: 'aadhaar', phase: 'again', attempt: 11, witnessFrom: 4, problem: null }],
  ['tender', { screen: 'tender', quote: QUOTE, problem: null }],
  ['tender, late', { screen: 'tender', quote: LATE_QUOTE, problem: null }],
  ...(['grant', 'disk', 'hub', 'department', 'printer', 'printer-cooling'] as const).map(
    (waitsFor) =>
      [
        `working, ${waitsFor}`,
        {
          screen: 'working',
          sale: waitsFor === 'disk' ? LARGE_SALE : { ...SALE, receipt: waitsFor === 'grant' ? '' : SALE.receipt },
          waitsFor,
          since: NOW - 3_000,
        },
      ] as const,
  ),
  ['refused', { screen: 'refused', sale: SALE, reason: 'ACCOUNT CLOSED SINCE 2019, CONSUMER MUST APPLY AGAIN AT THE SUB-DIVISION', problem: null }],
  ['refused, large', { screen: 'refused', sale: LARGE_SALE, reason: 'E17', problem: null }],
  ['handover', { screen: 'handover', sale: SALE, problem: null }],
  ['handover, large', { screen: 'handover', sale: { ...LARGE_SALE, changePaise: 9_999_999_999 }, problem: null }],
  ['handover, no change', { screen: 'handover', sale: { ...SALE, changePaise: 0 }, problem: null }],
  ['receipts', { screen: 'receipts', rows: ROWS, problem: null }],
  ['receipts, none', { screen: 'receipts', rows: [], problem: null }],
  ['queue', { screen: 'queue', rows: ROWS.slice(0, 7), nextTryAt: NOW + 25_000, lastAnswerAt: NOW - 860_000, problem: null }],
  ['queue, none', { screen: 'queue', rows: [], nextTryAt: null, lastAnswerAt: null, problem: null }],
  [
    'stock',
    {
      screen: 'stock',
      stock: {
        printer: 'printer',
        loaded: 10_000,
        printed: 4_471,
        unsure: 7,
        spoilt: 112,
        left: 5_410,
        next: 'RJ-0045001',
        unsureSerials: ['RJ-0044007', 'RJ-0044019', 'RJ-0044023', 'RJ-0044071', 'RJ-0044072', 'RJ-0044100'],
      },
      problem: null,
    },
  ],
  [
    'stock, used up and mistyped',
    {
      screen: 'stock',
      stock: { printer: 'forms', loaded: 100, printed: 100, unsure: 0, spoilt: 0, left: 0, next: null, unsureSerials: [] },
      problem: { code: 'stock-wrong', values: { serial: 'RJ-0045001' } },
    },
  ],
  ['stock, none', { screen: 'stock', stock: null, problem: null }],
  ['till closing', { screen: 'till-closing', expectedPaise: 5_021_000, count: 41, problem: null }],
  [
    'till closed',
    { screen: 'till-closed', countedPaise: 5_021_000, expectedPaise: 5_021_000, differencePaise: 0, count: 41, sum: 4_821_000, unsent: 0 },
  ],
  [
    'till closed, short',
    {
      screen: 'till-closed',
      countedPaise: 9_999_999_999,
      expectedPaise: 19_999_999_998,
      differencePaise: -9_999_999_999,
      count: 641,
      sum: 9_999_999_999,
      unsent: 12,
    },
  ],
];

function captureOf(service: ServiceView): Body {
  const label = { en: 'K number (consumer number)', hi: 'के नंबर (उपभोक्ता संख्या)' };
  return { screen: 'capture', service, label, example: '210512345678', typed: '2105', problem: null };
}

/** One body of each screen that can carry a problem: the fullest. */
const WITH_PROBLEM = [
  'login, locked',
  'till opening',
  'menu, 52 services',
  'capture 210',
  'quote',
  'quote, late',
  'presence, again',
  'tender, late',
  'refused, large',
].concat(['handover, large', 'receipts', 'queue', 'till closing']);

/** Every screen that can carry a problem, with every problem; and the two that are made of one. */
export function* troubledBodies(): Generator<readonly [string, Body]> {
  for (const problem of BARE_AND_FULL) {
    for (const name of WITH_PROBLEM) yield [`${name} with ${problem.code}`, { ...bodyNamed(name), problem }];
    yield [`resting with ${problem.code}`, { screen: 'resting', problem }];
    yield [
      `out of order with ${problem.code}`,
      { screen: 'out-of-order', problem, detail: 'entry 8215: the signature does not fit its bytes '.repeat(9) },
    ];
    for (const ask of ['fix', 'did-it-print'] as const) {
      yield [
        `print trouble (${ask}) with ${problem.code}`,
        { screen: 'print-trouble', sale: LARGE_SALE, problem, because: ask === 'fix' ? null : LONG_PROBLEM, ask },
      ];
    }
  }
  for (const code of ['printer-silent', 'print-unknown'] as const) {
    yield [
      `print trouble after a restart, ${code}`,
      { screen: 'print-trouble', sale: SALE, problem: { code, values: { cause: 'restart' } }, because: null, ask: 'fix' },
    ];
  }
}

export function viewOf(body: Body, language: Language = 'en', header: Partial<Record<keyof HeaderView, unknown>> = {}): CounterView {
  return counterView.parse({ header: headerOf(language, header), body });
}

export function bodyNamed(name: string): Body {
  const found = PLAIN_BODIES.find(([one]) => one === name);
  if (found === undefined) throw new Error(`no fixture named ${name}`);
  return found[1];
}

export const troubleBody = (ask: 'fix' | 'did-it-print'): Body => ({
  screen: 'print-trouble',
  sale: SALE,
  problem: LONG_PROBLEM,
  because: null,
  ask,
});
export type { QuoteView, ReceiptRow, SaleView, ScreenView };
