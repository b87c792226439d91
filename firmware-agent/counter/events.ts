import type { CounterCommand } from '#protocol/counter/command.js';
import { unreachable } from '#protocol/result/result.js';
import type { ApplianceEvent } from './appliance-machine.js';

/** The chart's event for a command of the screen. */
export function toEvent(command: CounterCommand): ApplianceEvent {
  switch (command.do) {
    case 'log-in':
      return { type: 'LOG_IN', login: command.login, pin: command.pin };
    case 'log-out':
      return { type: 'LOG_OUT' };
    case 'set-language':
      return { type: 'LANGUAGE', language: command.language };
    case 'log-in-by-key':
      return { type: 'LOG_IN_BY_KEY', login: command.login };
    case 'open-till':
      return { type: 'OPEN_TILL', float: command.float };
    case 'choose-service':
      return { type: 'CHOOSE', code: command.code };
    case 'give-consumer':
      return { type: 'GIVE_CONSUMER', consumer: command.consumer };
    case 'pay-part':
      return { type: 'PAY_PART', amount: command.amount };
    case 'agree':
      return { type: 'AGREE' };
    case 'say-amount':
      return { type: 'SAY_AMOUNT' };
    case 'take-witness':
      return { type: 'WITNESS', witness: command.witness };
    case 'take-cash':
      return { type: 'TAKE_CASH', received: command.received };
    case 'back':
      return { type: 'BACK' };
    case 'confirm':
      return { type: 'CONFIRM' };
    case 'print-now':
      return { type: 'PRINT_NOW' };
    case 'print-later':
      return { type: 'PRINT_LATER' };
    case 'it-printed':
      return { type: 'IT_PRINTED' };
    case 'show-receipts':
      return { type: 'SHOW_RECEIPTS' };
    case 'reprint':
      return { type: 'REPRINT', receipt: command.receipt };
    case 'paper-seen':
      return { type: 'PAPER_SEEN', receipt: command.receipt };
    case 'show-queue':
      return { type: 'SHOW_QUEUE' };
    case 'try-link-now':
      return { type: 'TRY_LINK' };
    case 'show-stock':
      return { type: 'SHOW_STOCK' };
    case 'load-forms':
    case 'spoil-forms':
      return { type: 'NOTE_FORMS', forms: command };
    case 'start-closing':
      return { type: 'START_CLOSING' };
    case 'close-till':
      return { type: 'CLOSE_TILL', counted: command.counted };
    default:
      return unreachable(command);
  }
}
