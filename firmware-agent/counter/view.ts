import type { SnapshotFrom } from 'xstate';
import type { Problem } from '#protocol/counter/problem.js';
import type { HeaderView, QuoteView, ReceiptRow, SaleView, ScreenView, ServiceView, StepView } from '#protocol/counter/view.js';
import type { LocalName } from '#protocol/identity/identity.js';
import { formatRupees, subtractPaise, ZERO } from '#protocol/money/paise.js';
import { rupeesInWords } from '#protocol/money/words.js';
import { PRESSES_BEFORE_WITNESS } from '#protocol/presence/presence.js';
import { receiptNumber } from '#protocol/receipt/receipt.js';
import { remainingOf } from '#protocol/grant/draw.js';
import { allowedModes } from '#protocol/rulebook/quote.js';
import { departmentName, findService, type Mode, type Service } from '#protocol/rulebook/rulebook.js';
import { businessDate } from '#protocol/time/time.js';
import type { OpenedDevice } from '../devices/devices.js';
import type { DeviceReport } from '../devices/ports.js';
import type { SaleRow } from '../ledger/sales.js';
import { openTill } from '../ledger/till.js';
import type { applianceMachine } from './appliance-machine.js';
import { stockView } from './forms.js';
import { placeProblem, powerProblem } from './gates.js';
import { problem, type Kiosk } from './kiosk.js';
import type { Offer } from './offer.js';
import { whyUnnoted } from './paper.js';
import type { serviceMachine } from './service-machine.js';
import type { ServiceContext } from './service-setup.js';

export type ApplianceSnapshot = SnapshotFrom<typeof applianceMachine>;
export type ServiceSnapshot = SnapshotFrom<typeof serviceMachine>;

const UNNAMED: LocalName = { en: '?', hi: '?' };

export function headerView(kiosk: Kiosk, appliance: ApplianceSnapshot): HeaderView {
  const acked = kiosk.ledger.acked?.count ?? 0;
  const lease = kiosk.grants.lease();
  return {
    kiosk: kiosk.identity.bundle.kiosk,
    district: kiosk.ruleBook().districtName,
    operator: appliance.context.operator,
    language: appliance.context.language,
    now: kiosk.clock.now(),
    link: kiosk.link.view(),
    // What is absent and no trouble (a key that its owner carries) has no place on the first row.
    devices: kiosk.devices.all
      .map((device) => ({ kind: device.kind, name: device.name, ...reportOf(kiosk, device) }))
      .filter(({ state, problem: trouble }) => state !== 'absent' || trouble !== undefined),
    unsent: kiosk.sales.unsentSummary(acked),
    leaseLeftPaise: lease === undefined || lease.closed ? null : remainingOf(lease),
  };
}

/** A printer stands as the counter knows it, its forms counted, and a receiver with what its place means; the others as they say. */
function reportOf(kiosk: Kiosk, device: OpenedDevice): DeviceReport {
  const outside = device.kind === 'gnss' && device.handle.state().state !== 'absent' ? placeProblem(kiosk) : null;
  if (outside !== null) return { state: 'trouble', problem: outside };
  const printer = kiosk.printer.printers.find(({ name }) => device.kind === 'printer' && name === device.name);
  return printer === undefined ? device.handle.state() : kiosk.printer.reportOf(printer);
}

/** The screen for where the charts stand. Total over both charts' states. */
export function screenView(kiosk: Kiosk, appliance: ApplianceSnapshot): ScreenView {
  const { context } = appliance;
  if (appliance.matches({ outOfOrder: 'reading' }) && context.broken !== null)
    return { screen: 'receipts', rows: kiosk.sales.newest(60).map((row) => receiptRow(kiosk, row)), problem: context.broken.problem };
  if (appliance.matches('outOfOrder') && context.broken !== null)
    return { screen: 'out-of-order', problem: context.broken.problem, detail: context.broken.detail };
  if (appliance.matches('resting')) return { screen: 'resting', problem: powerProblem(kiosk.devices) };
  const service = appliance.children.service?.getSnapshot() as ServiceSnapshot | undefined;
  if (appliance.matches('open') && service !== undefined) return serviceScreen(kiosk, service);
  if (appliance.matches('locked') || appliance.matches('checkingPin') || appliance.matches('waitingForKey')) {
    return {
      screen: 'login',
      problem: context.problem,
      checking: appliance.matches('checkingPin'),
      key: appliance.matches({ waitingForKey: 'touch' }) ? 'touch' : appliance.matches('waitingForKey') ? 'waiting' : 'no',
      triesLeft: context.triesLeft,
      lockedUntil: context.lockedUntil,
    };
  }
  if (appliance.matches('tillOpening')) return { screen: 'till-opening', problem: context.problem };
  if (appliance.matches('closing')) {
    const till = openTill(kiosk.ledger.db);
    return { screen: 'till-closing', expectedPaise: till?.expectedPaise ?? ZERO, count: till?.sales ?? 0, problem: context.problem };
  }
  if (appliance.matches('closed') && context.count !== null) {
    const { countedPaise, expectedPaise, differencePaise, count, salesPaise } = context.count;
    return {
      screen: 'till-closed',
      countedPaise,
      expectedPaise,
      differencePaise,
      count,
      sum: salesPaise,
      unsent: kiosk.sales.unsentSummary(kiosk.ledger.acked?.count ?? 0).count,
    };
  }
  return { screen: 'starting', doing: 'ledger' };
}

/** `sale`: from the choice of a service until its paper is out of hand. */
export type CounterActivity = 'idle' | 'sale';

export function activityOf(appliance: ApplianceSnapshot): CounterActivity {
  const service = appliance.children.service?.getSnapshot() as ServiceSnapshot | undefined;
  if (!appliance.matches('open') || service === undefined) return 'idle';
  return service.matches('menu') || service.matches('receipts') || service.matches('queue') ? 'idle' : 'sale';
}

function serviceScreen(kiosk: Kiosk, snapshot: ServiceSnapshot): ScreenView {
  const { context } = snapshot;
  const { problem: told } = context;
  if (snapshot.matches('capture') && context.service !== null) {
    const field = context.service.fields[0];
    return {
      screen: 'capture',
      service: serviceView(kiosk, context.service),
      label: field?.label ?? UNNAMED,
      example: field?.example ?? '',
      typed: context.typed,
      problem: told ?? placeProblem(kiosk),
    };
  }
  if (snapshot.matches('fetching') && context.service !== null) {
    return { screen: 'fetching', service: context.service.name, from: kiosk.link.isUp ? 'hub' : 'master-file', since: context.since };
  }
  if ((snapshot.matches('presence') || snapshot.matches('presenceAgain')) && context.offer !== null) {
    return {
      screen: 'presence',
      quote: quoteView(kiosk, context.offer),
      way: context.offer.service.presence ?? 'finger',
      phase: snapshot.matches('presence') ? 'pressing' : 'again',
      attempt: kiosk.sales.presence(context.offer.transaction).inVain + 1,
      witnessFrom: PRESSES_BEFORE_WITNESS + 1,
      problem: told,
    };
  }
  if ((snapshot.matches('quote') || snapshot.matches('tender')) && context.offer !== null) {
    return { screen: snapshot.matches('quote') ? 'quote' : 'tender', quote: quoteView(kiosk, context.offer), problem: told ?? printerFirst(kiosk) };
  }
  if (snapshot.matches('receipts')) return { screen: 'receipts', rows: kiosk.sales.newest(60).map((row) => receiptRow(kiosk, row)), problem: told };
  if (snapshot.matches('stock')) return { screen: 'stock', stock: stockView(kiosk), problem: told };
  if (snapshot.matches('queue')) {
    const rows = kiosk.sales.unsent(kiosk.ledger.acked?.count ?? 0, 60).map((row) => receiptRow(kiosk, row));
    return { screen: 'queue', rows, nextTryAt: kiosk.link.nextTryAt, lastAnswerAt: kiosk.link.lastAnswerAt, problem: told };
  }
  return saleScreen(kiosk, snapshot) ?? menuScreen(kiosk, context);
}

/** The department refused after the receipt was out: the district gives the money back, not the counter. */
function refusedLate(row: SaleRow): Problem | undefined {
  return row.outcome === 'refund-due' ? problem('refused-late', { reason: row.reason ?? '', amount: formatRupees(row.totalPaise) }) : undefined;
}

/** Told before any cash is taken, while nothing else is to be told. */
function printerFirst(kiosk: Kiosk): Problem | null {
  const { state, problem: told } = kiosk.printer.state();
  if (state !== 'trouble' && state !== 'absent') return null;
  return problem(told?.code === 'stock-out' ? 'stock-first' : 'printer-first');
}

function menuScreen(kiosk: Kiosk, context: ServiceContext): ScreenView {
  const till = openTill(kiosk.ledger.db);
  return {
    screen: 'menu',
    services: kiosk.ruleBook().services.map((s) => serviceView(kiosk, s)),
    problem: context.problem ?? placeProblem(kiosk) ?? printerFirst(kiosk),
    today: { count: till?.sales ?? 0, sum: till?.salesPaise ?? ZERO },
    tillPaise: till?.expectedPaise ?? ZERO,
  };
}

/** Screens that stand on a sale or on one being made; undefined where there is none. */
function saleScreen(kiosk: Kiosk, snapshot: ServiceSnapshot): ScreenView | undefined {
  const { context } = snapshot;
  const told = context.problem;
  const since = context.since;
  if (snapshot.matches('securing') || snapshot.matches('committing')) {
    if (context.offer === null) return undefined;
    const sale = coming(context, context.offer);
    return { screen: 'working', sale, waitsFor: snapshot.matches('securing') && context.offer.mode === 'online' ? 'grant' : 'disk', since };
  }
  if (context.sale === null) return undefined;
  const row = kiosk.sales.find(context.sale.transaction) ?? context.sale;
  if (snapshot.matches('asking')) {
    const isSent = (kiosk.ledger.acked?.count ?? 0) >= row.seq;
    return { screen: 'working', sale: saleView(kiosk, row, 'asking'), waitsFor: isSent ? 'department' : 'hub', since };
  }
  if (snapshot.matches('printing') || snapshot.matches('reprinting') || snapshot.matches('slip') || snapshot.matches('returning')) {
    return { screen: 'working', sale: saleView(kiosk, row, 'printing'), waitsFor: isCooling(kiosk, row) ? 'printer-cooling' : 'printer', since };
  }
  if (snapshot.matches('printTrouble'))
    return { screen: 'print-trouble', sale: saleView(kiosk, row, 'trouble'), problem: told ?? problem('printer-error'), because: null, ask: 'fix' };
  if (snapshot.matches('didItPrint'))
    return {
      screen: 'print-trouble',
      sale: saleView(kiosk, row, 'trouble'),
      problem: told ?? problem('print-unknown'),
      because: whyUnnoted(told) ?? kiosk.printer.state().problem ?? null,
      ask: 'did-it-print',
    };
  if (snapshot.matches('refused')) return { screen: 'refused', sale: saleView(kiosk, row, 'refused'), reason: row.reason ?? '', problem: told };
  if (snapshot.matches('handover')) return { screen: 'handover', sale: saleView(kiosk, row, 'handover'), problem: refusedLate(row) ?? told };
  return undefined;
}

/** The printer that this sale's paper is on, of several. */
function isCooling(kiosk: Kiosk, { transaction }: SaleRow): boolean {
  return kiosk.printer.printers.some(
    ({ name, handle }) => handle.state().problem?.code === 'printer-hot' && kiosk.sales.unfinishedOn(name)?.transaction === transaction,
  );
}

function serviceView(kiosk: Kiosk, service: Service): ServiceView {
  const book = kiosk.ruleBook();
  return {
    code: service.code,
    name: service.name,
    department: departmentName(book, service.department)?.name ?? UNNAMED,
    aliases: service.aliases,
    mode: modeNow(kiosk, service),
  };
}

/** The mode in which a service could be served at this moment; null when it can not. */
function modeNow(kiosk: Kiosk, service: Service): Mode | null {
  const modes = allowedModes(kiosk.ruleBook(), service.code);
  if (kiosk.link.isUp && modes.includes('online')) return 'online';
  const lease = kiosk.grants.lease();
  const usable =
    !kiosk.link.isSuspended && lease !== undefined && !lease.closed && kiosk.clock.now() <= lease.grant.notAfter && remainingOf(lease) > 0n;
  return usable && modes.includes('semi-offline-delayed') ? 'semi-offline-delayed' : null;
}

function quoteView(kiosk: Kiosk, offer: Offer): QuoteView {
  const { quote: q, service } = offer;
  return {
    transaction: offer.transaction,
    service: { code: service.code, name: service.name, department: departmentName(kiosk.ruleBook(), service.department)?.name ?? UNNAMED },
    bill: offer.bill,
    late: businessDate(kiosk.clock.now()) > offer.bill.dueOn,
    billPaise: q.billPaise,
    citizenFeePaise: q.citizenFeePaise,
    departmentFeePaise: q.departmentFeePaise,
    totalPaise: q.totalPaise,
    words: { en: rupeesInWords(q.totalPaise, 'en'), hi: rupeesInWords(q.totalPaise, 'hi') },
    partAllowed: service.part.rule === 'allowed',
    mode: offer.mode,
  };
}

/** A sale that is not in the chain yet: no number, nothing certain. */
function coming(context: ServiceContext, offer: Offer): SaleView {
  return {
    transaction: offer.transaction,
    receipt: '',
    service: offer.service.name,
    totalPaise: offer.quote.totalPaise,
    receivedPaise: context.receivedPaise,
    changePaise: subtractPaise(context.receivedPaise, offer.quote.totalPaise),
    mode: offer.mode,
    steps: [
      { step: 'saved', state: 'doing' },
      { step: 'posted', state: 'waiting' },
      { step: 'printed', state: 'waiting' },
    ],
  };
}

function numberOf(kiosk: Kiosk, row: SaleRow): string {
  return receiptNumber(kiosk.identity.bundle.kiosk, kiosk.identity.certificate.epoch, row.seq);
}

type Stage = 'asking' | 'printing' | 'trouble' | 'refused' | 'handover';

function saleView(kiosk: Kiosk, row: SaleRow, stage: Stage): SaleView {
  const { body } = kiosk.sales.signedSale(row, kiosk.identity.certificate.key);
  const receipt = numberOf(kiosk, row);
  return {
    transaction: row.transaction,
    receipt,
    service: findService(kiosk.ruleBook(), row.service)?.name ?? UNNAMED,
    totalPaise: row.totalPaise,
    receivedPaise: body.tender.receivedPaise,
    changePaise: subtractPaise(body.tender.receivedPaise, row.totalPaise),
    mode: body.mode,
    steps: [{ step: 'saved', state: 'done', note: receipt }, postedStep(row, stage), printedStep(row, stage)],
  };
}

function postedStep(row: SaleRow, stage: Stage): StepView {
  if (row.outcome === 'posted') return { step: 'posted', state: 'done', note: row.reference ?? '' };
  if (row.outcome === 'refused' || row.outcome === 'returned' || row.outcome === 'refund-due')
    return { step: 'posted', state: 'attention', note: row.reason ?? '' };
  return { step: 'posted', state: stage === 'asking' ? 'doing' : 'later' };
}

function printedStep(row: SaleRow, stage: Stage): StepView {
  if (stage === 'printing') return { step: 'printed', state: 'doing' };
  if (stage === 'trouble') return { step: 'printed', state: 'attention' };
  if (row.newestPaper === 'printed') return { step: 'printed', state: 'done' };
  return { step: 'printed', state: stage === 'handover' ? 'later' : 'waiting' };
}

function receiptRow(kiosk: Kiosk, row: SaleRow): ReceiptRow {
  const isRefused = row.outcome === 'refused' || row.outcome === 'returned' || row.outcome === 'refund-due';
  return {
    receipt: numberOf(kiosk, row),
    transaction: row.transaction,
    at: row.at,
    service: findService(kiosk.ruleBook(), row.service)?.name ?? UNNAMED,
    consumerTail: row.consumer.slice(-4),
    totalPaise: row.totalPaise,
    state: isRefused ? 'refused' : row.outcome === 'posted' ? 'posted' : 'received',
    sent: row.seq <= (kiosk.ledger.acked?.count ?? 0),
    printed: row.newestPaper === 'printed' ? 'yes' : row.newestPaper === 'none' ? 'no' : 'unknown',
    copies: row.copies,
  };
}
