export const SOFTWARE = 'jharokha 0.1.0';
export const COUNTER_SOCKET = 'counter.sock';

/** An agent that serves its folder until it is stopped. */
export type RunningAgent = { readonly stop: () => Promise<void> };
