import { connect, type Socket } from 'node:net';
import type { CounterCommand } from '#protocol/counter/command.js';
import { FrameReader, encodeFrame, readToScreen } from '#protocol/counter/socket.js';
import type { CounterView } from '#protocol/counter/view.js';

/** How long to wait before each new try; the last one repeats. A restarted agent is back within a second or two. */
export const RECONNECT_DELAYS_MS = [100, 200, 400, 800, 1_500, 3_000] as const;

export type AgentClientEvents = {
  /** A view that came; older ones of the same burst are skipped. */
  readonly onView: (view: CounterView) => void;
  /** The agent is not there (any more). `why` is for the log, not for the operator. */
  readonly onAway: (tries: number, why: string) => void;
};

/** The screen's end of the counter socket: connects, connects again for ever, hands out views, sends commands. */
export class AgentClient {
  readonly #path: string;
  readonly #events: AgentClientEvents;
  #socket: Socket | undefined;
  #connected = false;
  #tries = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(path: string, events: AgentClientEvents) {
    this.#path = path;
    this.#events = events;
  }

  start(): void {
    this.#connect();
  }

  /** False when the agent is away: the command is dropped, since it answered a screen that may be gone when the agent is back. */
  send(command: CounterCommand): boolean {
    if (this.#socket === undefined || !this.#connected) return false;
    this.#socket.write(encodeFrame({ t: 'command', command }));
    return true;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #connect(): void {
    const socket = connect(this.#path);
    const reader = new FrameReader();
    let why = 'the socket closed';
    this.#socket = socket;
    socket.on('connect', () => {
      this.#connected = true;
    });
    socket.on('data', (bytes: Buffer) => {
      const fault = this.#take(reader, bytes);
      if (fault === undefined) return;
      why = fault;
      socket.destroy();
    });
    socket.on('error', (error) => {
      why = error.message;
    });
    socket.on('close', () => this.#lost(why));
  }

  /** Reads the frames that are whole, and hands out the newest view. Returns what is wrong when the other end does not speak our language. */
  #take(reader: FrameReader, bytes: Buffer): string | undefined {
    const bodies = reader.feed(bytes);
    if (!bodies.ok) return bodies.error.detail;
    const newest = bodies.value.at(-1);
    if (newest === undefined) return undefined;
    const frame = readToScreen(newest);
    if (!frame.ok) return frame.error.detail;
    this.#tries = 0;
    this.#events.onView(frame.value.view);
    return undefined;
  }

  #lost(why: string): void {
    this.#connected = false;
    this.#socket = undefined;
    if (this.#closed) return;
    const delayMs = RECONNECT_DELAYS_MS[Math.min(this.#tries, RECONNECT_DELAYS_MS.length - 1)] ?? 0;
    this.#tries += 1;
    this.#timer = setTimeout(() => this.#connect(), delayMs);
    this.#events.onAway(this.#tries, why);
  }
}
