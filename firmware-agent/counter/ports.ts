import type { Problem } from '#protocol/counter/problem.js';
import { readLogin } from '#protocol/identity/grammar.js';
import type { OperatorLogin } from '#protocol/identity/identity.js';
import { formatRupees, parseRupees, subtractPaise, type Paise } from '#protocol/money/paise.js';
import { PIN_PATTERN } from '#protocol/operator/operator-grant.js';
import { receiptNumber } from '#protocol/receipt/receipt.js';
import { err, ok, type Result } from '#protocol/result/result.js';
import { readBillCode, readConsumer } from '#protocol/rulebook/scan.js';
import { findService } from '#protocol/rulebook/rulebook.js';
import { clockTime } from '#protocol/time/time.js';
import { isDiskFull } from '../ledger/ledger.js';
import { openTill } from '../ledger/till.js';
import type { AppliancePorts, LogInRefusal, TillCount } from './appliance-machine.js';
import { appendProblem, COUNTER_DELAYS, problem, type Kiosk } from './kiosk.js';
import { devicePorts } from './device-ports.js';
import { noteForms } from './forms.js';
import { abandon, makeOffer, makePartOffer, type Offer } from './offer.js';
import { awaitOutcome, giveBack } from './outcome.js';
import { printPaper, sawItPrinted } from './paper.js';
import { recover } from './recovery.js';
import { commitSale, secure } from './secure.js';

/**
 * The charts' door to ledger, link and devices.
 * @param told what `closeOpenEnds` found at start; shown at the first menu only
 */
export function appliancePorts(kiosk: Kiosk, told: Problem | null, unexpected: (event: string) => void): AppliancePorts {
  let untold = told;
  return {
    now: () => kiosk.clock.now(),
    unexpected,
    ...devicePorts(kiosk),
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
    readCash: (offer, text) => readCash(offer, text),
    secure: (offer, sealed) => secure(kiosk, offer, sealed),
    commit: (offer, secured, received, operator) => commitSale(kiosk, offer, secured, received, operator),
    awaitOutcome: (sale) => awaitOutcome(kiosk, sale),
    print: (sale, language, operator) => printPaper(kiosk, sale.transaction, language, operator),
    sawItPrinted: (sale, operator) => sawItPrinted(kiosk, sale.transaction, operator),
    giveBack: (sale, operator) => giveBack(kiosk, sale.transaction, operator),
    isRefused: (sale) => kiosk.sales.find(sale.transaction)?.outcome === 'refused',
    findReceipt: (receipt) =>
      kiosk.sales
        .newest(200)
        .find((row) => receiptNumber(kiosk.identity.bundle.kiosk, kiosk.identity.certificate.epoch, row.seq) === receipt.trim().toUpperCase()),
    tryLinkNow: () => kiosk.link.tryNow(),
    noteForms: (typed, operator) => noteForms(kiosk, typed, operator),
    logIn: (login, pin) => logIn(kiosk, login, pin).catch(noRoom),
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

function readCash(offer: Offer, text: string): Result<Paise, Problem> {
  const total = offer.quote.totalPaise;
  if (text.trim() === '') return ok(total);
  const read = parseRupees(text);
  if (!read.ok) return err(problem('amount-unreadable', { text }));
  if (read.value < total) return err(problem('cash-short', { missing: formatRupees(subtractPaise(total, read.value)) }));
  return read;
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

function refusal(code: Parameters<typeof problem>[0], triesLeft: number | undefined, lockedUntil: number | undefined): Result<never, LogInRefusal> {
  const values = { tries: triesLeft === undefined ? '' : String(triesLeft), time: lockedUntil === undefined ? '' : clockTime(lockedUntil) };
  return err({ problem: problem(code, values), triesLeft: triesLeft ?? null, lockedUntil: lockedUntil ?? null });
}

/** A grant or a wrong try that can not be written down lets nobody in. */
function noRoom(error: unknown): Result<never, LogInRefusal> {
  if (!isDiskFull(error)) throw error;
  return refusal('disk-full', undefined, undefined);
}

/** Asks the hub, which keeps all logins (R16); without it, the verifier that the hub sealed for this kiosk. */
async function logIn(kiosk: Kiosk, typed: string, pin: string): Promise<Result<OperatorLogin, LogInRefusal>> {
  const tidy = typed.trim().toLowerCase();
  const full = /^\d{1,2}$/u.test(tidy) ? `${kiosk.identity.bundle.kiosk}co${tidy.padStart(2, '0')}` : tidy;
  const read = readLogin(kiosk.ruleBook().grammar, full);
  if (!read.ok) return refusal('login-unknown', undefined, undefined);
  const { login } = read.value;
  if (read.value.role !== 'counter') return refusal('login-not-counter', undefined, undefined);
  if (!PIN_PATTERN.test(pin)) return refusal('pin-wrong', undefined, undefined);
  const asked = kiosk.link.isUp ? await kiosk.link.ask({ ask: 'log-in', login, pin }, COUNTER_DELAYS.logInMs) : undefined;
  const checked = asked?.ok === true ? 'hub' : 'verifier';
  if (asked?.ok === true) {
    const { value: answer } = asked;
    if (answer.answer !== 'operator') return hubRefusal(kiosk, login, answer.answer === 'no' ? answer : { code: 'internal' });
    const kept = kiosk.operators.take(login, answer.grant);
    if (!kept.ok) return refusal('login-unknown', undefined, undefined);
  } else {
    const here = kiosk.operators.check(login, pin, kiosk.clock.now());
    if (!here.ok) return refusal(here.error.code, here.error.triesLeft, here.error.lockedUntil);
  }
  const written = kiosk.ledger.append({ kind: 'operator-on', checked }, login, kiosk.clock.now());
  return written.ok ? ok(login) : err({ problem: appendProblem(written.error), triesLeft: null, lockedUntil: null });
}

function hubRefusal(
  kiosk: Kiosk,
  login: OperatorLogin,
  no: { readonly code: string; readonly triesLeft?: number | undefined; readonly lockedUntil?: number | undefined },
): Result<never, LogInRefusal> {
  switch (no.code) {
    case 'pin-wrong':
    case 'login-locked':
      return refusal(no.code, no.triesLeft, no.lockedUntil);
    case 'login-unknown':
    case 'login-not-counter':
      kiosk.operators.forget(login);
      return refusal(no.code, undefined, undefined);
    case 'suspended':
      return refusal('kiosk-suspended', undefined, undefined);
    default:
      return refusal('hub-down', undefined, undefined);
  }
}
