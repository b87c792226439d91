import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { Unsubscribe } from '../ports.js';
import { within, type Timers } from '../timers.js';
import type { Connection } from '../transport/transport.js';
import { AnswerReader, type Answer } from './codec/answers.js';

/** `printer-absent`: the line is gone. `printer-silent`: the line stands and nothing comes, or nothing is taken. */
export type DialogueFault = Failure<'printer-absent' | 'printer-silent'>;

/** Questions and answers on one open line. It does not take turns: its driver holds the lock. */
export class Dialogue {
  private readonly connection: Connection;
  private readonly timers: Timers;
  private readonly reader = new AnswerReader();
  private readonly listeners = new Set<(answer: Answer) => void>();
  private lost: string | undefined;

  constructor(connection: Connection, timers: Timers) {
    this.connection = connection;
    this.timers = timers;
    connection.onBytes((chunk) => {
      for (const answer of this.reader.read(chunk)) for (const listener of this.listeners) listener(answer);
    });
    connection.onClose((why) => {
      this.lost = why;
    });
  }

  /** Hears every answer, asked for or not, until unsubscribed. */
  listen(listener: (answer: Answer) => void): Unsubscribe {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.connection.onClose(listener);
  }

  /**
   * Hands bytes to the line within a limit. A line that takes nothing is closed: what is half written can not be called back, and a later
   * command behind it would be read as its rest.
   * @param moreMs asked when the limit is over: how much longer it may take, for a known reason; 0 for no longer
   */
  async send(bytes: Uint8Array, limitMs: number, moreMs: () => number = () => 0): Promise<Result<void, DialogueFault>> {
    if (this.lost !== undefined) return failure('printer-absent', this.lost);
    const writing = this.connection.write(bytes);
    let written = await within(this.timers, limitMs, writing);
    for (let more = moreMs(); written === 'late' && more > 0; more = moreMs()) written = await within(this.timers, more, writing);
    if (written === 'late') {
      await this.connection.close();
      return failure('printer-silent', `took no bytes for ${limitMs} ms`);
    }
    return written.ok ? ok(undefined) : failure('printer-absent', written.error.detail);
  }

  /**
   * Sends a question and waits for the first answer that `pick` takes. `drop-unfinished`: what began on the line and did not end is given up first. In a job
   * it is kept: the rest of a change message, read by itself, would look like the job's confirmation.
   */
  async ask<T>(
    question: Uint8Array,
    pick: (answer: Answer) => T | undefined,
    limitMs: number,
    line: 'drop-unfinished' | 'keep-unfinished' = 'drop-unfinished',
  ): Promise<Result<T, DialogueFault>> {
    if (line === 'drop-unfinished') this.reader.pause();
    const waiting = this.next(pick, limitMs);
    const sent = await this.send(question, limitMs);
    if (!sent.ok) {
      waiting.cancel();
      return sent;
    }
    return waiting.answer;
  }

  /** The next answer that `pick` takes, from now. */
  next<T>(
    pick: (answer: Answer) => T | undefined,
    limitMs: number,
  ): { readonly answer: Promise<Result<T, DialogueFault>>; readonly cancel: () => void } {
    let cancel: () => void = () => undefined;
    const answer = new Promise<Result<T, DialogueFault>>((resolve) => {
      const end = (result: Result<T, DialogueFault>): void => {
        stopListening();
        stopMourning();
        stopClock();
        resolve(result);
      };
      const stopListening = this.listen((heard) => {
        const picked = pick(heard);
        if (picked !== undefined) end(ok(picked));
      });
      const stopClock = this.timers.after(limitMs, () => end(failure('printer-silent', `no answer within ${limitMs} ms`)));
      let stopMourning: Unsubscribe = () => undefined;
      stopMourning = this.connection.onClose((why) => end(failure('printer-absent', why)));
      cancel = () => end(failure('printer-silent', 'not waited for'));
    });
    return { answer, cancel };
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
