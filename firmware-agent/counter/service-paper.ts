import { assign } from 'xstate';
import { problem } from './kiosk.js';
import { serviceSetup } from './service-setup.js';

const state = serviceSetup.createStateConfig;

/** Whatever comes out of the printer: a receipt, its copies, the slip of a refund. The sale is safe in the ledger in each of them. */
export const paperStates = {
  printing: state({
    entry: ['stamp', 'clearProblem'],
    // The refusal may come while the printer is mended: the cash goes back first, then a slip says so.
    always: { guard: 'isRefused', target: 'refused' },
    invoke: {
      src: 'print',
      input: ({ context }) => ({ context }),
      onDone: [
        { guard: ({ event }) => event.output.kind === 'printed', target: 'handover' },
        {
          guard: ({ event }) => event.output.kind === 'unknown',
          target: 'didItPrint',
          actions: assign(({ event }) => ({ problem: event.output.kind === 'printed' ? null : event.output.problem })),
        },
        { target: 'printTrouble', actions: assign(({ event }) => ({ problem: event.output.kind === 'printed' ? null : event.output.problem })) },
      ],
      onError: { target: 'didItPrint', actions: 'stuck' },
    },
    after: { printMs: { target: 'didItPrint', actions: 'stuck' } },
  }),
  /** No byte of the receipt was sent: it prints by itself when the printer is well. */
  printTrouble: state({
    on: {
      PRINTER_WELL: 'printing',
      PRINT_NOW: 'printing',
      CONFIRM: 'printing',
      PRINT_LATER: { target: 'handover', actions: 'notePrintLater' },
      /** No form may be what is wrong. */
      SHOW_STOCK: { target: 'stock', actions: 'clearProblem' },
      SCANNED: {},
    },
  }),
  /** Only the operator's eyes can tell; nothing prints by itself from here. */
  didItPrint: state({
    on: {
      IT_PRINTED: { target: 'seenTried', actions: 'sawItPrinted' },
      PRINT_NOW: 'printing',
      PRINT_LATER: { target: 'handover', actions: 'notePrintLater' },
      SCANNED: {},
    },
  }),
  /** What the operator saw counts when it is written down. */
  seenTried: state({ always: [{ guard: 'seenNoted', target: 'handover' }, { target: 'didItPrint' }] }),
  /** A slip that will not print does not hold the counter. */
  slip: state({
    entry: 'stamp',
    invoke: {
      src: 'print',
      input: ({ context }) => ({ context }),
      onDone: { target: 'menu', actions: ['nextCitizen', 'noteRefund'] },
      onError: { target: 'menu', actions: ['nextCitizen', 'noteRefund'] },
    },
    after: { printMs: { target: 'menu', actions: ['nextCitizen', 'noteRefund'] } },
  }),
  reprinting: state({
    entry: 'stamp',
    // Its slip would say that the cash was given back: that is done first.
    always: { guard: 'isRefused', target: 'refused' },
    invoke: {
      src: 'print',
      input: ({ context }) => ({ context }),
      onDone: [
        {
          guard: ({ event }) => event.output.kind === 'unknown',
          target: 'didItPrint',
          actions: assign(({ event }) => ({ problem: event.output.kind === 'unknown' ? event.output.problem : null })),
        },
        {
          target: 'receipts',
          actions: assign(({ event }) => ({ problem: event.output.kind === 'printed' ? problem('saved-printed') : event.output.problem })),
        },
      ],
      onError: { target: 'receipts', actions: 'stuck' },
    },
    after: { printMs: { target: 'receipts', actions: 'stuck' } },
  }),
};
