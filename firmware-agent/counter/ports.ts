import type { Problem } from '#protocol/counter/problem.js';
import type { OperatorLogin } from '#protocol/identity/identity.js';
import { formatRupees, paise, parseRupees, subtractPaise, type Paise } from '#protocol/money/paise.js';
import { receiptNumber } from '#protocol/receipt/receipt.js';
import { err, ok, type Result } from '#protocol/result/result.js';
import { readBillCode, readConsumer } from '#protocol/rulebook/scan.js';
import { findService } from '#protocol/rulebook/rulebook.js';
import { openTill } from '../ledger/till.js';
import type { AppliancePorts, TillCount } from './appliance-machine.js';
import { devicePorts } from './device-ports.js';
import { noteForms } from './forms.js';
import { logInByKey } from './key-log-in.js';
import { appendProblem, problem, type Kiosk } from './kiosk.js';
import { logIn, noRoom } from './log-in.js';
import { abandon, makeOffer, makePartOffer, type Offer } from './offer.js';
import { awaitOutcome, giveBack } from './outcome.js';
import { printPaper, sawItPrinted } from './paper.js';
import { recover } from './recovery.js';
import { commitSale, secure } from './secure.js';
import type { SaleRow } from '../ledger/sales.js';

/**
 * The charts' door to ledger, link and devices.
 * @param told what `closeOpenEnds` found at start; shown at the first menu only
 */
export function appliancePorts(kiosk: Kiosk, told: Problem | null, unexpected: (event: string) => void): AppliancePorts {
  let untold = told;
  return {
    now: () => kiosk.clock.now(),
    unexpected,
    ...devicePorts(kiosk, unexpected),
    recover: () => {
      const found = recover(kiosk, untold);
      untold = null;
      return found;
    },
    findService: (code) => findService(kiosk.ruleBook(), code.trim()),
    readScan: (scan) => {
      if (scan.kind === 'unreadable') return err(problem('scan-unreadable'));
      const read = readBillCode(kiosk.ruleBook(), scan.text);
      return read.ok ? read : err(problem('scan-unknown'));
    },
    readConsumer: (service, text) => {
      const read = readConsumer(service, text);
      if (read.ok) return read;
      return err(problem(read.error.code === 'missing' ? 'field-missing' : 'field-malformed', { example: service.fields[0]?.example ?? '' }));
    },
    makeOffer: (service, consumer, operator) => makeOffer(kiosk, service, consumer, operator),
    makePartOffer: (offer, amount, operator) => {
      if (amount.trim() === '') return makePartOffer(kiosk, offer, undefined, operator);
      const read = parseRupees(amount);
      return read.ok ? makePartOffer(kiosk, offer, read.value, operator) : err(problem('amount-unreadable', { text: amount }));
    },
    abandon: (offer, reason, operator) => {
      // A disk too full to write even this leaves an open quote, which the next start ends.
      abandon(kiosk, offer.transaction, reason, operator);
    },
    readCash: (offer, text, asked) => readCash(offer, text, asked),
    secure: (offer) => secure(kiosk, offer),
    commit: (offer, secured, received, operator) => commitSale(kiosk, offer, secured, received, operator),
    awaitOutcome: (sale) => awaitOutcome(kiosk, sale),
    print: (sale, language, operator) => printPaper(kiosk, sale.transaction, language, operator),
    sawItPrinted: (sale, operator) => sawItPrinted(kiosk, sale.transaction, operator),
    giveBack: (sale, operator) => giveBack(kiosk, sale.transaction, operator),
    isRefused: (sale) => kiosk.sales.find(sale.transaction)?.outcome === 'refused',
    findReceipt: (receipt) => findReceipt(kiosk, receipt.trim().toUpperCase()),
    tryLinkNow: () => kiosk.link.tryNow(),
    noteForms: (typed, operator) => noteForms(kiosk, typed, operator),
    logIn: (login, pin) => logIn(kiosk, login, pin).catch(noRoom),
    logInByKey: (login, onTouch, signal) => logInByKey(kiosk, login, { onTouch, signal }, unexpected).catch(noRoom),
    logOut: (operator) => {
      kiosk.ledger.append({ kind: 'operator-off' }, operator, kiosk.clock.now());
    },
    tillIsOpen: () => openTill(kiosk.ledger.db) !== undefined,
    openTill: (text, operator) => {
      const read = parseRupees(text);
      if (!read.ok) return err(problem('amount-unreadable', { text }));
      const written = kiosk.ledger.append({ kind: 'till-opened', floatPaise: read.value }, operator, kiosk.clock.now());
      return written.ok ? ok(undefined) : err(appendProblem(written.error));
    },
    closeTill: (text, operator, count) => closeTill(kiosk, text, operator, count),
  };
}

function findReceipt({ sales, identity }: Kiosk, wanted: string): SaleRow | undefined {
  const { bundle, certificate } = identity;
  return sales.newest(200).find((row) => receiptNumber(bundle.kiosk, certificate.epoch, row.seq) === wanted);
}

/** No note is larger than Rs 2,000: more change than that is a slip of the hand, or a PIN typed into the wrong field. It is asked about once. */
const CHANGE_ASKED_ABOVE = paise(200_000n);

function readCash(offer: Offer, text: string, asked: Problem | null): Result<Paise, Problem> {
  const total = offer.quote.totalPaise;
  if (text.trim() === '') return ok(total);
  const read = parseRupees(text);
  if (!read.ok) return err(problem('amount-unreadable', { text }));
  if (read.value < total) return err(problem('cash-short', { missing: formatRupees(subtractPaise(total, read.value)) }));
  const change = subtractPaise(read.value, total);
  if (change <= CHANGE_ASKED_ABOVE) return read;
  const much = problem('cash-much', { received: formatRupees(read.value), change: formatRupees(change) });
  return asked?.code === much.code && asked.values?.['received'] === much.values?.['received'] ? read : err(much);
}

function closeTill(kiosk: Kiosk, text: string, operator: OperatorLogin, count: 'first' | 'again'): Result<TillCount, Problem> {
  const till = openTill(kiosk.ledger.db);
  const read = parseRupees(text);
  if (till === undefined || !read.ok) return err(problem('amount-unreadable', { text }));
  const { expectedPaise, sales, salesPaise } = till;
  const differencePaise = subtractPaise(read.value, expectedPaise);
  if (differencePaise !== 0n && count === 'first') return err(problem('count-differs', { difference: formatRupees(differencePaise) }));
  const written = kiosk.ledger.append(
    { kind: 'till-closed', expectedPaise, countedPaise: read.value, sales, salesPaise },
    operator,
    kiosk.clock.now(),
  );
  if (!written.ok) return err(appendProblem(written.error));
  return ok({ countedPaise: read.value, expectedPaise, differencePaise, count: sales, salesPaise });
}
