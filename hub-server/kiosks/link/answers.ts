import type { Answer, Ask, NoCode } from '#protocol/wire/frames.js';
import { presenceHash } from '#protocol/presence/presence.js';
import { unreachable } from '#protocol/result/result.js';
import { equalBytes } from '#protocol/signing/keys.js';
import type { Hub } from '../../hub.js';
import { checkPin } from '../../people/check-pin.js';
import { checkKey, challengeKey } from '../../people/check-key.js';
import { operatorGrantFor } from '../../people/operator-grants.js';
import { masterPart } from '../../services/bills.js';
import type { Connectors } from '../../services/connector.js';
import { isPaid, outcomes } from '../../services/postings.js';
import { newestRuleBook } from '../../operations/rule-books.js';
import { hasForked, linkDevice, type LinkDevice } from './device.js';
import type { HubGrants } from './grants.js';
import type { Ingest } from './ingest.js';

export type AnswerPorts = { readonly hub: Hub; readonly grants: HubGrants; readonly ingest: Ingest; readonly connectors: Connectors };

function no(code: NoCode, detail: string, more: { readonly triesLeft?: number; readonly lockedUntil?: number } = {}): Answer {
  return { answer: 'no', code, detail, ...more };
}

/** Answers one question of a kiosk whose key is proven. A device that is not active gets nothing that leads to a sale. */
export async function answerAsk(ports: AnswerPorts, device: LinkDevice, ask: Ask): Promise<Answer> {
  const { hub } = ports;
  const active = linkDevice(hub, device.kiosk, device.epoch)?.state === 'active';
  if (!active && ask.ask !== 'outcomes') return no('suspended', 'this kiosk is suspended; the district office can say why');
  if ((ask.ask === 'hold' || ask.ask === 'lease') && hasForked(hub, device))
    return no('suspended', 'two histories were signed with the key of this kiosk; the district office must look into it');
  switch (ask.ask) {
    case 'log-in':
      return logIn(hub, device, ask.login, ask.pin);
    case 'key-challenge': {
      const challenge = challengeKey(hub, device.kiosk, ask.login);
      if (!challenge.ok) return no(challenge.error.code, challenge.error.detail);
      return { answer: 'key-challenge', ...challenge.value };
    }
    case 'log-in-key': {
      const checked = checkKey(hub, device.kiosk, ask.login, ask.assertion);
      if (!checked.ok) return no(checked.error.code, checked.error.detail);
      return { answer: 'operator', grant: operatorGrantFor(hub, device, checked.value).bytes };
    }
    case 'bill':
      return bill(ports, ask.service, ask.consumer);
    case 'presence':
      return presence(ports, device, ask);
    case 'hold': {
      const department = departmentOf(hub, ask.service);
      if (department === undefined) return no('service-unknown', `service ${ask.service} is not in the rule book`);
      if (isPaid(hub, department, ask.consumer, ask.billNumber)) return no('bill-paid', `bill ${ask.billNumber} is already paid`);
      const held = ports.grants.issueHold(device, ask);
      return held.ok
        ? { answer: 'hold', grant: held.value }
        : no(held.error.code === 'hold-differs' ? 'lease-refused' : held.error.code, held.error.detail);
    }
    case 'lease': {
      const lease = ports.grants.keepLease(device, ports.ingest.tip(device));
      return lease.ok ? { answer: 'lease', grant: lease.value } : no(lease.error.code, lease.error.detail);
    }
    case 'outcomes':
      return { answer: 'outcomes', outcomes: [...outcomes(hub, ask.transactions)] };
    case 'master':
      return masterPart(hub, ask.department, ask.have, ask.from);
    default:
      return unreachable(ask);
  }
}

async function logIn(hub: Hub, device: LinkDevice, login: string, pin: string): Promise<Answer> {
  const checked = await checkPin(hub, device.kiosk, login, pin);
  if (checked.ok) return { answer: 'operator', grant: operatorGrantFor(hub, device, checked.value).bytes };
  const { error } = checked;
  switch (error.code) {
    case 'pin-wrong':
      return no('pin-wrong', error.detail, { triesLeft: error.triesLeft });
    case 'login-locked':
      return no('login-locked', error.detail, { lockedUntil: error.lockedUntil });
    default:
      return no(error.code, error.detail);
  }
}

function departmentOf(hub: Hub, service: string): string | undefined {
  return newestRuleBook(hub).book.services.find((s) => s.code === service)?.department;
}

/** Hands a capture on to the department and forgets it: the block is neither opened, stored nor logged here. */
async function presence({ hub, connectors }: AnswerPorts, { kiosk }: LinkDevice, asked: Extract<Ask, { ask: 'presence' }>): Promise<Answer> {
  const department = departmentOf(hub, asked.service);
  if (department === undefined) return no('service-unknown', `service ${asked.service} is not in the rule book`);
  const connector = connectors(department);
  if (connector === undefined) return no('department-down', `${department} has no server in the hub's register`);
  const { transaction: requestId, service, consumer, totalPaise: amountPaise, bound, block } = asked;
  const agreed = presenceHash({ district: hub.district, kiosk, transaction: requestId, service, consumer, totalPaise: amountPaise });
  if (!equalBytes(agreed, bound)) return no('presence-refused', 'the press agreed to another sale than this one');
  const answer = await connector.checkPresence({ requestId, service, consumer, amountPaise, bound, block });
  switch (answer.kind) {
    case 'known':
      return { answer: 'presence', reference: answer.reference };
    case 'other':
      return no('presence-refused', answer.reason);
    case 'down':
      return no('department-down', answer.detail.slice(0, 300));
    default:
      return unreachable(answer);
  }
}

async function bill({ hub, connectors }: AnswerPorts, service: string, consumer: string): Promise<Answer> {
  const department = departmentOf(hub, service);
  const connector = department === undefined ? undefined : connectors(department);
  if (department === undefined) return no('service-unknown', `service ${service} is not in the rule book`);
  if (connector === undefined) return no('department-down', `${department} has no server in the hub's register`);
  const found = await connector.fetchBill(service, consumer);
  switch (found.kind) {
    case 'bill':
      if (isPaid(hub, department, found.bill.consumer, found.bill.number)) return no('bill-paid', `bill ${found.bill.number} is already paid`);
      return { answer: 'bill', bill: found.bill };
    case 'no-such-consumer':
      return no('consumer-unknown', `${department} knows no consumer ${consumer}`);
    case 'already-paid':
      return no('bill-paid', `${department} says that the bill is paid`);
    case 'down':
      return no('department-down', found.detail.slice(0, 300));
    default:
      return unreachable(found);
  }
}
