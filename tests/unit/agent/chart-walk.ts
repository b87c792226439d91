import { getStateNodes } from 'xstate/graph';
import type { AnyMachineSnapshot, AnyStateMachine, StateNode } from 'xstate';
import type { ApplianceEvent } from '../../../firmware-agent/counter/appliance-machine.js';

/** Every key and device that speaks to an open counter, each in a form that is understood. */
export const KEYS: readonly ApplianceEvent[] = [
  { type: 'CHOOSE', code: '101' },
  { type: 'GIVE_CONSUMER', consumer: 'good' },
  { type: 'PAY_PART', amount: 'good' },
  { type: 'AGREE' },
  { type: 'TAKE_CASH', received: 'good' },
  { type: 'BACK' },
  { type: 'CONFIRM' },
  { type: 'PRINT_NOW' },
  { type: 'PRINT_LATER' },
  { type: 'IT_PRINTED' },
  { type: 'SHOW_RECEIPTS' },
  { type: 'REPRINT', receipt: 'good' },
  { type: 'REPRINT', receipt: 'refused' },
  { type: 'PAPER_SEEN', receipt: 'good' },
  { type: 'SHOW_QUEUE' },
  { type: 'SHOW_STOCK' },
  { type: 'NOTE_FORMS', forms: { do: 'load-forms', first: 'good', last: '' } },
  { type: 'SCANNED', scan: { kind: 'scan', text: 'good' } },
  { type: 'SCANNED', scan: { kind: 'unreadable' } },
  { type: 'PRINTER_WELL' },
  { type: 'LANGUAGE', language: 'hi' },
];

/** Everything that an operator or a device can do. */
export const EVERY_KEY = [
  { type: 'CHOOSE', code: '101' },
  { type: 'CHOOSE', code: '999' },
  { type: 'GIVE_CONSUMER', consumer: 'good' },
  { type: 'GIVE_CONSUMER', consumer: 'bad' },
  { type: 'PAY_PART', amount: 'good' },
  { type: 'PAY_PART', amount: 'bad' },
  { type: 'AGREE' },
  { type: 'TAKE_CASH', received: 'good' },
  { type: 'TAKE_CASH', received: 'bad' },
  { type: 'BACK' },
  { type: 'CONFIRM' },
  { type: 'PRINT_NOW' },
  { type: 'PRINT_LATER' },
  { type: 'IT_PRINTED' },
  { type: 'SHOW_RECEIPTS' },
  { type: 'REPRINT', receipt: 'good' },
  { type: 'REPRINT', receipt: 'refused' },
  { type: 'REPRINT', receipt: 'none' },
  { type: 'PAPER_SEEN', receipt: 'good' },
  { type: 'PAPER_SEEN', receipt: 'none' },
  { type: 'SHOW_QUEUE' },
  { type: 'SHOW_STOCK' },
  { type: 'NOTE_FORMS', forms: { do: 'load-forms', first: 'good', last: '' } },
  { type: 'NOTE_FORMS', forms: { do: 'spoil-forms', first: 'bad', last: 'bad' } },
  { type: 'TRY_LINK' },
  { type: 'START_CLOSING' },
  { type: 'LOG_OUT' },
  { type: 'LANGUAGE', language: 'hi' },
  { type: 'SCANNED', scan: { kind: 'scan', text: 'good' } },
  { type: 'SCANNED', scan: { kind: 'unreadable' } },
  { type: 'PRINTER_WELL' },
  { type: 'SAY_AMOUNT' },
  { type: 'WITNESS', witness: 'good' },
  { type: 'WITNESS', witness: 'bad' },
  { type: 'REST' },
  { type: 'WAKE' },
] as const;

/** Every state in which a chart can rest, by its path. */
export const leaves = (machine: AnyStateMachine): readonly string[] =>
  getStateNodes(machine)
    .filter((node: StateNode) => Object.keys(node.states).length === 0)
    .map((node: StateNode) => node.path.join('.'));

/** Where a chart stands. */
export const placeOf = (snapshot: AnyMachineSnapshot): string =>
  typeof snapshot.value === 'string'
    ? snapshot.value
    : Object.entries(snapshot.value as Record<string, string>)
        .flat()
        .join('.');
