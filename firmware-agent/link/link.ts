import { createActor, fromCallback } from 'xstate';
import type { LinkView } from '#protocol/counter/view.js';
import { failure, type Failure, type Result } from '#protocol/result/result.js';
import type { Answer, Ask, Outcome } from '#protocol/wire/frames.js';
import type { Ledger } from '../ledger/ledger.js';
import type { KioskIdentity } from '../station/identity.js';
import { Standing } from '../station/standing.js';
import { linkMachine, type LinkEvent } from './link-machine.js';
import { HubSession, type Welcome } from './session.js';

export type LinkListener = {
  /** After each welcome: the hub's time, perhaps a newer rule book. */
  readonly welcomed: (welcome: Welcome) => void;
  readonly outcome: (outcome: Outcome) => void;
  readonly closeLease: () => void;
  /** Link state or acknowledged count changed. */
  readonly changed: () => void;
};

/** The kiosk's link to its hub, as the counter sees it: up or not, and questions with an answer or `down`. */
export class HubLink {
  readonly #ledger: Ledger;
  readonly #standing: Standing;
  #session: HubSession | undefined;
  #lastAnswerAt: number | null = null;
  readonly #actor;

  constructor(identity: KioskIdentity, ledger: Ledger, now: () => number, listener: LinkListener) {
    this.#ledger = ledger;
    this.#standing = new Standing(ledger.db);
    const session = fromCallback<LinkEvent>(({ sendBack }) => {
      this.#session = new HubSession(identity, ledger, {
        welcomed: (welcome) => {
          this.#lastAnswerAt = now();
          sendBack({ type: 'WELCOMED' });
          this.#standing.note(welcome.state);
          listener.welcomed(welcome);
        },
        outcome: listener.outcome,
        closeLease: listener.closeLease,
        acknowledged: () => {
          this.#lastAnswerAt = now();
          listener.changed();
        },
        forked: (seq, head) => ledger.markForked(seq, head),
        ended: (why, detail) => sendBack({ type: why === 'lost' ? 'LOST' : 'REFUSED', detail }),
      });
      return () => {
        this.#session?.close();
        this.#session = undefined;
      };
    });
    this.#actor = createActor(linkMachine.provide({ actors: { session } }), { input: { chance: Math.random, now } });
    this.#actor.subscribe({
      next: () => listener.changed(),
      error: (error) => {
        throw error;
      },
    });
  }

  start(): void {
    this.#actor.start();
  }

  stop(): void {
    this.#actor.stop();
  }

  tryNow(): void {
    this.#actor.send({ type: 'TRY_NOW' });
  }

  get isUp(): boolean {
    return this.#actor.getSnapshot().matches({ trying: 'up' });
  }

  view(): LinkView {
    const snapshot = this.#actor.getSnapshot();
    const { since, attempt, up } = snapshot.context;
    if (snapshot.matches({ trying: 'up' })) return { state: 'online' };
    if (snapshot.matches('refused')) return { state: 'refused', since };
    return attempt === 0 && !up ? { state: 'connecting', since } : { state: 'offline', since };
  }

  get nextTryAt(): number | null {
    return this.#actor.getSnapshot().context.nextTryAt;
  }

  get lastAnswerAt(): number | null {
    return this.#lastAnswerAt;
  }

  async ask(question: Ask, timeoutMs: number): Promise<Result<Answer, Failure<'down'>>> {
    const answer = await (this.#session?.ask(question, timeoutMs) ?? Promise.resolve(failure('down', 'the link is not up')));
    if (answer.ok) this.#noteStanding(answer.value);
    return answer;
  }

  /** The district suspended this kiosk when it last spoke: it sells nothing, with the link or without. */
  get isSuspended(): boolean {
    return this.#standing.isSuspended;
  }

  #noteStanding(answer: Answer): void {
    if (answer.answer === 'no' && answer.code === 'suspended') this.#standing.note('suspended');
    else if (answer.answer === 'hold' || answer.answer === 'lease' || answer.answer === 'operator') this.#standing.note('active');
  }

  /** Resolves `sent` once the hub has acknowledged everything up to `seq`; `late` when the time runs out first. */
  sent(seq: number, timeoutMs: number): Promise<'sent' | 'late'> {
    const isSent = (): boolean => (this.#ledger.acked?.count ?? 0) >= seq;
    if (isSent()) return Promise.resolve('sent');
    return new Promise((resolve) => {
      const finish = (result: 'sent' | 'late'): void => {
        clearTimeout(timer);
        stop();
        resolve(result);
      };
      const timer = setTimeout(() => finish('late'), timeoutMs);
      const stop = this.#ledger.onChange(() => isSent() && finish('sent'));
    });
  }
}
