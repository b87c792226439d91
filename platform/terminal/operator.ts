import pty from '@lydell/node-pty';
import headless from '@xterm/headless';

/** What one position of the screen holds. */
export type ScreenCell = { readonly text: string; readonly columns: number; readonly inverse: boolean; readonly bold: boolean };

/** Keys by the bytes that a terminal sends for them. */
export const KEYS = {
  enter: '\r',
  escape: '\x1b',
  backspace: '\x7f',
  delete: '\x1b[3~',
  tab: '\t',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  home: '\x1b[H',
  end: '\x1b[F',
  'page-up': '\x1b[5~',
  'page-down': '\x1b[6~',
  'ctrl-c': '\x03',
  f1: '\x1bOP',
  f2: '\x1bOQ',
  f3: '\x1bOR',
  f4: '\x1bOS',
  f5: '\x1b[15~',
  f6: '\x1b[17~',
  f7: '\x1b[18~',
  f8: '\x1b[19~',
  f9: '\x1b[20~',
  f10: '\x1b[21~',
  f11: '\x1b[23~',
  f12: '\x1b[24~',
} as const;
export type OperatorKey = keyof typeof KEYS;

export type OperatorOptions = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
};

/** What must be seen: a text on some row, a pattern on some row, or a judgement over all rows. */
export type Sight = string | RegExp | ((rows: readonly string[]) => boolean);

type Waiter = { readonly seen: (rows: readonly string[]) => boolean; readonly settle: () => void };

const WAIT_TIMEOUT_MS = 10_000;
const HANG_UP_TIMEOUT_MS = 2_000;

/** The environment of a plain colour terminal, in place of whatever started this process. */
function environment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[0] !== 'NODE_OPTIONS');
  return { ...Object.fromEntries(own), TERM: 'xterm-256color', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', NCURSES_NO_UTF8_ACS: '1', ...extra };
}

/**
 * Someone at a terminal: starts a program on a pseudo-terminal, reads its screen as cells, presses keys, and waits for what must appear.
 * Knows nothing of what the program is. Waiting is woken by output, never by a clock. The terminal answers questions (cursor reports) as xterm does.
 */
export class Operator {
  readonly #pty: pty.IPty;
  readonly #terminal: headless.Terminal;
  readonly #waiters = new Set<Waiter>();
  #over: number | undefined;
  #bytesSeen = 0;
  /** Resolves with the exit code when the program ends (128 + signal when it was killed). */
  readonly exited: Promise<number>;

  constructor(options: OperatorOptions) {
    const columns = options.columns ?? 80;
    const rows = options.rows ?? 25;
    this.#terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
    this.#pty = pty.spawn(options.command, [...options.args], {
      name: 'xterm-256color',
      cols: columns,
      rows,
      env: environment(options.env ?? {}),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    this.#terminal.onData((answer) => this.#write(answer));
    this.#pty.onData((output) => {
      this.#bytesSeen += Buffer.byteLength(output);
      this.#terminal.write(output, () => this.#look());
    });
    this.exited = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        const code = signal === undefined || signal === 0 ? exitCode : 128 + signal;
        this.#over = code;
        // What was written last is parsed before anyone is told that nothing more comes.
        this.#terminal.write('', () => {
          this.#look();
          resolve(code);
        });
      });
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Bytes of output so far, as a measure of how much the program draws. */
  get bytesSeen(): number {
    return this.#bytesSeen;
  }

  /** The rows as they stand now, each as wide as the screen. */
  screen(): readonly string[] {
    // Read anew each time: a full-screen program switches between two buffers.
    const buffer = this.#terminal.buffer.active;
    return Array.from({ length: this.#terminal.rows }, (_, y) => buffer.getLine(buffer.baseY + y)?.translateToString(false) ?? '');
  }

  /** One cell; `columns` is 0 for the second half of a wide one. */
  cell(row: number, column: number): ScreenCell {
    const buffer = this.#terminal.buffer.active;
    const cell = buffer.getLine(buffer.baseY + row)?.getCell(column);
    if (cell === undefined) return { text: '', columns: 0, inverse: false, bold: false };
    return { text: cell.getChars() || ' ', columns: cell.getWidth(), inverse: cell.isInverse() !== 0, bold: cell.isBold() !== 0 };
  }

  cursor(): { readonly row: number; readonly column: number } {
    return { row: this.#terminal.buffer.active.cursorY, column: this.#terminal.buffer.active.cursorX };
  }

  /** Types text as it is. */
  type(text: string): void {
    this.#write(text);
  }

  /** Presses named keys one after the other. */
  press(...keys: readonly OperatorKey[]): void {
    for (const key of keys) this.#write(KEYS[key]);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** Resolves with the rows as soon as they show what is asked; rejects, with the screen, when time is over or the program has ended. */
  waitFor(sight: Sight, timeoutMs = WAIT_TIMEOUT_MS): Promise<readonly string[]> {
    const seen = judge(sight);
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        const rows = this.screen();
        if (seen(rows)) resolve(rows);
        else reject(new Error(`the program ended with ${this.#over ?? '?'} before ${describe(sight)} was seen:\n${frame(rows)}`));
      };
      const waiter: Waiter = { seen, settle };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`${describe(sight)} was not seen within ${timeoutMs} ms:\n${frame(this.screen())}`));
      }, timeoutMs);
      this.#waiters.add(waiter);
      this.#look();
    });
  }

  /** Hangs up, and kills the program if it does not take the hint. Resolves when it is gone. */
  async close(): Promise<void> {
    if (this.#over === undefined) {
      this.#pty.kill('SIGHUP');
      const timer = setTimeout(() => this.#pty.kill('SIGKILL'), HANG_UP_TIMEOUT_MS);
      await this.exited;
      clearTimeout(timer);
    }
    this.#terminal.dispose();
  }

  #write(bytes: string): void {
    if (this.#over === undefined) this.#pty.write(bytes);
  }

  #look(): void {
    if (this.#waiters.size === 0) return;
    const rows = this.screen();
    for (const waiter of this.#waiters) if (this.#over !== undefined || waiter.seen(rows)) waiter.settle();
  }
}

function judge(sight: Sight): (rows: readonly string[]) => boolean {
  if (typeof sight === 'function') return sight;
  if (typeof sight === 'string') return (rows) => rows.some((row) => row.includes(sight));
  return (rows) => rows.some((row) => sight.test(row));
}

function describe(sight: Sight): string {
  return typeof sight === 'function' ? 'what was waited for' : typeof sight === 'string' ? `"${sight}"` : String(sight);
}

function frame(rows: readonly string[]): string {
  return rows.map((row) => `|${row.trimEnd()}`).join('\n');
}
