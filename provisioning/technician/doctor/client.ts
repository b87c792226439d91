import { connect, type Socket } from 'node:net';
import { FrameReader } from '#protocol/counter/socket.js';
import type { BenchPrompt } from '#protocol/technician/bench.js';
import {
  encodeToBench,
  readToTechnician,
  type TechnicianAnswer,
  type TechnicianAsk,
  type TechnicianRefusal,
  type ToTechnician,
} from '#protocol/technician/messages.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';

type Waiting = { readonly prompt: (prompt: BenchPrompt) => void; readonly settle: (answer: Answered) => void };
export type AskError = TechnicianRefusal | 'lost';
type Answered = Result<TechnicianAnswer, Failure<AskError>>;
type AnswerTo<D extends TechnicianAsk['do']> = Extract<TechnicianAnswer, { to: D }>;

/** An ask that was sent: its number, by which it can be stopped or judged, and what comes of it. */
export type Asked<D extends TechnicianAsk['do']> = { readonly id: number; readonly answer: Promise<Result<AnswerTo<D>, Failure<AskError>>> };

/** One connection to the technician's socket. Asks are answered in any order; a lost connection answers all that wait. */
export class BenchClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new FrameReader();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#lost('the agent has gone'));
    socket.on('data', (bytes) => {
      const frames = reader.feed(bytes);
      if (!frames.ok) return void socket.destroy();
      for (const body of frames.value) {
        const read = readToTechnician(body);
        if (read.ok) this.#take(read.value);
        else socket.destroy();
      }
    });
  }

  /** Fails when nobody serves the socket. */
  static connect(path: string): Promise<Result<BenchClient, Failure<'no-agent' | 'forbidden'>>> {
    return new Promise((resolve) => {
      const socket = connect(path);
      const failed = (error: NodeJS.ErrnoException): void =>
        resolve(
          error.code === 'EACCES' || error.code === 'EPERM'
            ? failure('forbidden', `${path} is for the owner of the kiosk folder: run this as that user`)
            : failure('no-agent', `${path}: ${error.message}`),
        );
      socket.once('error', failed);
      socket.once('connect', () => {
        socket.off('error', failed);
        resolve(ok(new BenchClient(socket)));
      });
    });
  }

  ask<D extends TechnicianAsk['do']>(ask: TechnicianAsk & { readonly do: D }, prompt: (prompt: BenchPrompt) => void = () => undefined): Asked<D> {
    const id = this.#next++;
    const answer = new Promise<Answered>((settle) => {
      if (this.#socket.destroyed) return settle(failure('lost', 'the agent has gone'));
      this.#waiting.set(id, { prompt, settle });
      this.#socket.write(encodeToBench({ t: 'ask', id, ask }));
    });
    return { id, answer: answer.then((answered) => (answered.ok ? fitting<D>(ask.do, answered.value) : answered)) };
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(message: ToTechnician): void {
    const waiting = this.#waiting.get(message.id);
    if (message.t === 'prompt') return waiting?.prompt(message.prompt);
    this.#waiting.delete(message.id);
    waiting?.settle(message.t === 'answer' ? ok(message.answer) : failure(message.code, message.detail));
  }

  #lost(why: string): void {
    for (const { settle } of this.#waiting.values()) settle(failure('lost', why));
    this.#waiting.clear();
  }
}

function fitting<D extends TechnicianAsk['do']>(asked: D, answer: TechnicianAnswer): Result<AnswerTo<D>, Failure<AskError>> {
  const fits = (one: TechnicianAnswer): one is AnswerTo<D> => one.to === asked;
  return fits(answer) ? ok(answer) : failure('lost', `an answer to ${answer.to} came for ${asked}`);
}
