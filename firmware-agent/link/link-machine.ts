import { assign, fromCallback, setup } from 'xstate';

/** Delays of the link, milliseconds. Re-dialling waits a random time up to a bound that doubles, so a hub's restart is not met by every kiosk at once. */
export const LINK_DELAYS = { firstRetryMs: 500, retryMaxMs: 60_000, refusedRetryMs: 30_000 } as const;

export type LinkInput = {
  /** 0 ≤ x < 1 */
  readonly chance: () => number;
  readonly now: () => number;
};

export type LinkEvent =
  | { readonly type: 'WELCOMED' }
  | { readonly type: 'LOST'; readonly detail: string }
  | { readonly type: 'REFUSED'; readonly detail: string }
  | { readonly type: 'TRY_NOW' };

type Context = {
  readonly input: LinkInput;
  readonly attempt: number;
  readonly up: boolean;
  readonly since: number;
  readonly nextTryAt: number | null;
  readonly detail: string;
};

function backOffMs(attempt: number, chance: number): number {
  const bound = Math.min(LINK_DELAYS.retryMaxMs, LINK_DELAYS.firstRetryMs * 2 ** Math.min(attempt, 10));
  return Math.round(bound / 2 + (chance * bound) / 2);
}

/** Life of the link to the hub: dials, is up, is lost and dials again. The session itself is an invoked actor that the composition root gives. */
export const linkMachine = setup({
  types: { context: {} as Context, events: {} as LinkEvent, input: {} as LinkInput },
  actors: { session: fromCallback<LinkEvent>(() => undefined) },
  delays: {
    retry: ({ context }) => Math.max(0, (context.nextTryAt ?? 0) - context.input.now()),
  },
  actions: {
    welcomed: assign(({ context }) => ({ attempt: 0, up: true, since: context.input.now(), nextTryAt: null })),
    planRetry: assign(({ context }) => ({
      attempt: context.attempt + 1,
      nextTryAt: context.input.now() + backOffMs(context.attempt, context.input.chance()),
    })),
    planLateRetry: assign(({ context }) => ({ nextTryAt: context.input.now() + LINK_DELAYS.refusedRetryMs })),
    /** `since` stays that of the loss while dialling goes on in vain. */
    noteLoss: assign(({ context, event }) => ({
      up: false,
      since: context.up ? context.input.now() : context.since,
      detail: 'detail' in event ? event.detail : '',
    })),
  },
}).createMachine({
  id: 'link',
  context: ({ input }) => ({ input, attempt: 0, up: false, since: input.now(), nextTryAt: null, detail: '' }),
  initial: 'trying',
  states: {
    /** The session lives as long as this state: dialling, proving, then up. */
    trying: {
      invoke: { src: 'session', id: 'session' },
      initial: 'dialling',
      states: { dialling: { on: { WELCOMED: { target: 'up', actions: 'welcomed' } } }, up: {} },
      on: {
        LOST: { target: 'waiting', actions: ['noteLoss', 'planRetry'] },
        REFUSED: { target: 'refused', actions: ['noteLoss', 'planLateRetry'] },
        TRY_NOW: {},
      },
    },
    waiting: { after: { retry: 'trying' }, on: { TRY_NOW: 'trying' } },
    /** The hub would not have us; asked again now and then, since an administrator may change that. */
    refused: { after: { retry: 'trying' }, on: { TRY_NOW: 'trying' } },
  },
});
