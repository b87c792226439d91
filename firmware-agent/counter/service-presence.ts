import { assign } from 'xstate';
import { serviceSetup } from './service-setup.js';

const state = serviceSetup.createStateConfig;

/** Between the citizen's yes and the cash, where the service wants the person's finger (R46). */
export const presenceStates = {
  /** The person lays a finger for this transaction and this sum. Leaving it ends the press. */
  presence: state({
    entry: 'stamp',
    on: { BACK: { target: 'quote', actions: 'clearProblem' }, SCANNED: {} },
    invoke: {
      src: 'presence',
      input: ({ context }) => ({ context }),
      onDone: [
        {
          guard: ({ event }) => event.output.ok,
          target: 'tender',
          actions: 'clearProblem',
        },
        { target: 'presenceAgain', actions: assign(({ event }) => ({ problem: event.output.ok ? null : event.output.error })) },
      ],
      onError: { target: 'presenceAgain', actions: 'presenceStuck' },
    },
    after: { presenceMs: { target: 'presenceAgain', actions: 'presenceStuck' } },
  }),
  /** Nothing presses by itself again: the next press is asked for by name. */
  presenceAgain: state({
    on: {
      AGREE: { target: 'presence', actions: 'clearProblem' },
      WITNESS: { target: 'presenceTried', actions: 'takeWitness' },
      BACK: { target: 'quote', actions: 'clearProblem' },
      SCANNED: {},
    },
  }),
  presenceTried: state({ always: [{ guard: 'witnessTaken', target: 'tender' }, { target: 'presenceAgain' }] }),
};
