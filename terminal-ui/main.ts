import type { CounterCommand } from '#protocol/counter/command.js';
import type { CounterView } from '#protocol/counter/view.js';
import type { Language } from '#protocol/identity/identity.js';
import type { Display } from './blessed/display.js';
import type { KeyOptions } from './keys/bindings.js';
import type { Key } from './keys/key.js';
import { press } from './keys/press.js';
import { followView, startLocal, type Local } from './local/local.js';
import { probeWidthModel } from './script/probe.js';
import type { WidthModel } from './script/width.js';
import { drawScreen } from './screens/screen.js';
import type { Away } from './screens/standing.js';
import { AgentClient } from './socket/agent-client.js';

export type TerminalOptions = {
  readonly socket: string;
  /** Asked for on the command line: told to the agent once; undefined leaves the choice to it. */
  readonly language: Language | undefined;
  /** Undefined asks the terminal. */
  readonly widthModel: WidthModel | undefined;
  readonly leaveKey: KeyOptions['leaveKey'];
  /** By screen name: see `Look.notes`. */
  readonly notes: Readonly<Record<string, string>>;
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
};

/** Ages and clocks on the screen move on by themselves. */
const TICK_MS = 1_000;
/** An agent that answers a command with no view at all must not lock the keyboard. */
const ANSWER_WAIT_MS = 2_000;

type Seen = { readonly view: CounterView; readonly at: number };

/** The operator's terminal: everything real is made here and wired. Resolves when the operator leaves or the terminal is gone. */
export class Terminal {
  readonly #options: TerminalOptions;
  readonly #client: AgentClient;
  #display: Display | undefined;
  #model: WidthModel = 'wcwidth';
  #seen: Seen | undefined;
  #last: CounterView | undefined;
  #away: Away = { since: 'start', tries: 0 };
  #local: Local = startLocal({ screen: 'unenrolled' });
  #asked: 'nothing' | 'language' = 'nothing';
  #answer: NodeJS.Timeout | undefined;
  #finish: () => void = () => undefined;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#client = new AgentClient(options.socket, { onView: (view) => this.#follow(view), onAway: (tries) => this.#lose(tries) });
  }

  async run(): Promise<void> {
    const { input, output, widthModel, leaveKey } = this.#options;
    const over = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    this.#client.start();
    // The terminal answers while blessed is being loaded.
    const loading = import('./blessed/display.js');
    const probed = widthModel === undefined ? await probeWidthModel(input, output) : { model: widthModel, typed: '' };
    const { Display } = await loading;
    this.#model = probed.model;
    const keyOptions: KeyOptions = { leaveKey };
    const display = new Display({
      input,
      output,
      model: probed.model,
      onKeys: (keys) => this.#press(keys, keyOptions),
      onResize: () => this.#draw(),
    });
    this.#display = display;
    // The terminal was closed under us: nothing is left to draw on.
    input.once('end', this.#finish);
    output.once('error', this.#finish);
    this.#draw();
    display.replay(Buffer.from(probed.typed, 'latin1'));
    const tick = setInterval(() => this.#draw(), TICK_MS);
    await over;
    clearInterval(tick);
    clearTimeout(this.#answer);
    this.#display = undefined;
    display.close();
    this.#client.close();
  }

  #follow(view: CounterView): void {
    clearTimeout(this.#answer);
    this.#local = followView(this.#last === undefined ? undefined : this.#local, this.#last, view);
    this.#seen = { view, at: performance.now() };
    this.#last = view;
    this.#tellLanguage(view);
    this.#draw();
  }

  #lose(tries: number): void {
    this.#seen = undefined;
    this.#away = { since: this.#last === undefined ? 'start' : 'work', tries };
    this.#local = { ...this.#local, sent: 'nothing' };
    this.#draw();
  }

  #tellLanguage(view: CounterView): void {
    const { language } = this.#options;
    if (this.#asked === 'language' || language === undefined) return;
    this.#asked = 'language';
    if (view.header.language !== language) this.#client.send({ do: 'set-language', language });
  }

  #press(keys: readonly Key[], options: KeyOptions): void {
    for (const key of keys) {
      const pressed = press(this.#seen?.view ?? null, this.#local, key, options);
      this.#local = pressed.local;
      if (pressed.command !== null) this.#send(pressed.command);
      if (pressed.leave === 'leave') return this.#finish();
    }
    this.#draw();
  }

  #send(command: CounterCommand): void {
    clearTimeout(this.#answer);
    if (!this.#client.send(command)) this.#local = { ...this.#local, sent: 'nothing' };
    this.#answer = setTimeout(() => {
      this.#local = { ...this.#local, sent: 'nothing' };
    }, ANSWER_WAIT_MS);
  }

  #draw(): void {
    const display = this.#display;
    if (display === undefined) return;
    const language = this.#last?.header.language ?? this.#options.language ?? 'en';
    const now = this.#seen === undefined ? 0 : this.#seen.view.header.now + Math.floor(performance.now() - this.#seen.at);
    const look = {
      language,
      model: this.#model,
      columns: display.columns,
      rows: display.rows,
      now,
      options: { leaveKey: this.#options.leaveKey },
      notes: this.#options.notes,
    };
    display.draw(drawScreen(this.#seen?.view ?? null, this.#local, look, this.#away));
  }
}
