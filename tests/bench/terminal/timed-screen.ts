import pty from '@lydell/node-pty';
import headless from '@xterm/headless';

export type ScreenState = { readonly rows: readonly string[]; readonly row: number; readonly column: number };
export type Seen = (state: ScreenState) => boolean;

const COLUMNS = 80;
const ROWS = 25;
const WAIT_MS = 15_000;

/**
 * A program on a pseudo-terminal whose output is stamped with the time of its arrival, before it is parsed. What is awaited is judged on the parsed
 * screen, so a figure is the arrival of the very piece of output that completed it, and the emulator's own work is not in it.
 */
export class TimedScreen {
  readonly #pty: pty.IPty;
  readonly #terminal = new headless.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true, scrollback: 0 });
  readonly #begun: number;
  #judge: ((arrivedAt: number) => void) | undefined;
  #typed = 0;
  readonly #exited: Promise<void>;

  constructor(command: string, args: readonly string[]) {
    const own = Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[0] !== 'NODE_OPTIONS');
    const env = { ...Object.fromEntries(own), TERM: 'xterm-256color', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', NCURSES_NO_UTF8_ACS: '1' };
    this.#begun = performance.now();
    this.#pty = pty.spawn(command, [...args], { name: 'xterm-256color', cols: COLUMNS, rows: ROWS, env });
    this.#terminal.onData((answer) => this.#pty.write(answer));
    this.#pty.onData((output) => {
      const arrivedAt = performance.now();
      this.#terminal.write(output, () => this.#judge?.(arrivedAt));
    });
    this.#exited = new Promise((resolve) => this.#pty.onExit(() => resolve()));
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Keys pressed so far. */
  get keys(): number {
    return this.#typed;
  }

  state(): ScreenState {
    const buffer = this.#terminal.buffer.active;
    const rows = Array.from({ length: ROWS }, (_, y) => buffer.getLine(buffer.baseY + y)?.translateToString(false) ?? '');
    return { rows, row: buffer.cursorY, column: buffer.cursorX };
  }

  /** Milliseconds from the program's start to the output that showed it. */
  async since(seen: Seen, what: string): Promise<number> {
    return (await this.#until(seen, what)) - this.#begun;
  }

  /** Presses one key; milliseconds to the output that showed its effect. */
  async press(key: string, seen: Seen, what: string): Promise<number> {
    const begun = performance.now();
    this.#typed += 1;
    this.#pty.write(key);
    return (await this.#until(seen, what)) - begun;
  }

  /** Presses keys whose effects need no look each, as fast as they go. */
  type(text: string): void {
    this.#typed += [...text].length;
    this.#pty.write(text);
  }

  /** Waits until the screen shows something; tells when the output that did it arrived, or now when it stood there already. */
  #until(seen: Seen, what: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#judge = undefined;
        reject(
          new Error(
            `${what} was not seen; the screen shows\n${this.state()
              .rows.map((row) => `|${row.trimEnd()}`)
              .join('\n')}`,
          ),
        );
      }, WAIT_MS);
      this.#judge = (arrivedAt) => {
        if (!seen(this.state())) return;
        clearTimeout(timer);
        this.#judge = undefined;
        resolve(arrivedAt);
      };
    });
  }

  async wait(seen: Seen, what: string): Promise<void> {
    if (!seen(this.state())) await this.#until(seen, what);
  }

  async close(): Promise<void> {
    this.#pty.kill('SIGKILL');
    await this.#exited;
    this.#terminal.dispose();
  }
}

/** A row that holds this text. */
export function shows(text: string): Seen {
  return ({ rows }) => rows.some((row) => row.includes(text));
}

/** The cursor stands in an empty field, which is where every whole frame of such a screen ends. */
export const inEmptyField: Seen = ({ rows, row, column }) => rows[row]?.slice(0, column).endsWith('[ ') === true && rows[row]?.charAt(column) === ' ';
