import { emitKeypressEvents } from 'node:readline';
import { order } from '../demo/orders.js';
import type { DockDevice } from '../demo/simulators.js';
import { deeds, orderFrom, stateText } from './devices.js';
import { callOf, drawDock, ORDER_KEYS, type DockPicture, type DockRow } from './screen.js';

/** Between two looks at every device. */
const LOOK_MS = 400;

type Key = { readonly name?: string; readonly ctrl?: boolean; readonly sequence?: string };
/** What is typed: the words of one order of the device, or a whole order (`order` undefined). */
type Typing = { readonly order: DockDevice['orders'][number] | undefined; readonly text: string };

/** The dock on a terminal: shows how every device stands, and gives the orders that keys choose. Ends with `q` or Ctrl-C. */
export class LiveDock {
  readonly #devices: readonly DockDevice[];
  readonly #folder: string;
  readonly #states = new Map<string, DockRow>();
  #chosen = 0;
  #typing: Typing | undefined;
  #note = '';
  #drawn = '';
  #timer: NodeJS.Timeout | undefined;
  #leave: () => void = () => undefined;

  constructor(folder: string, devices: readonly DockDevice[]) {
    this.#folder = folder;
    this.#devices = devices;
  }

  async run(): Promise<void> {
    const { stdin, stdout } = process;
    const onKey = (text: string | undefined, key: Key): void => this.#press(text ?? '', key);
    const onResize = (): void => this.#draw('anew');
    emitKeypressEvents(stdin);
    stdin.setRawMode(true);
    stdin.on('keypress', onKey);
    stdout.on('resize', onResize);
    // Another buffer of the terminal, without a cursor: what stood there before comes back at the end.
    stdout.write('\u001b[?1049h\u001b[?25l');
    try {
      await new Promise<void>((resolve) => {
        this.#leave = resolve;
        for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
        void this.#watch();
      });
    } finally {
      clearTimeout(this.#timer);
      this.#leave = () => undefined;
      stdin.off('keypress', onKey);
      stdin.setRawMode(false);
      stdin.pause();
      stdout.off('resize', onResize);
      stdout.write('\u001b[?25h\u001b[?1049l');
    }
  }

  async #watch(): Promise<void> {
    await Promise.all(this.#devices.map((device) => this.#look(device)));
    this.#draw();
    this.#timer = setTimeout(() => void this.#watch(), LOOK_MS);
  }

  async #look({ name, control }: DockDevice): Promise<void> {
    const row = await order(control, { do: 'state' }).then(
      ({ state }): DockRow => ({ name, state: stateText(state), isAway: false }),
      (): DockRow => ({ name, state: '', isAway: true }),
    );
    this.#states.set(name, row);
  }

  get #device(): DockDevice | undefined {
    return this.#devices[this.#chosen];
  }

  #press(text: string, key: Key): void {
    if (key.ctrl === true && (key.name === 'c' || key.name === 'd')) return this.#leave();
    if (this.#typing !== undefined) this.#edit(this.#typing, text, key);
    else if (text === 'q') return this.#leave();
    else if (text === ':') this.#typing = { order: undefined, text: '' };
    else if (key.name === 'up' || key.name === 'down') {
      const count = this.#devices.length;
      this.#chosen = (this.#chosen + (key.name === 'up' ? count - 1 : 1)) % count;
    } else this.#choose(text);
    this.#draw();
  }

  #choose(text: string): void {
    const device = this.#device;
    const chosen = device === undefined ? undefined : deeds(device)[ORDER_KEYS.indexOf(text)];
    if (device === undefined || chosen === undefined) return;
    if (chosen.fields.some(({ need }) => need === 'required')) this.#typing = { order: chosen, text: '' };
    else void this.#give(device, chosen, []);
  }

  #edit(typing: Typing, text: string, key: Key): void {
    if (key.name === 'escape') this.#typing = undefined;
    else if (key.name === 'backspace') this.#typing = { ...typing, text: [...typing.text].slice(0, -1).join('') };
    else if (key.name === 'return' || key.name === 'enter') {
      this.#typing = undefined;
      this.#typed(typing);
    } else if (/^\P{Cc}+$/u.test(text)) this.#typing = { ...typing, text: typing.text + text };
  }

  #typed({ order: chosen, text }: Typing): void {
    const device = this.#device;
    if (device === undefined) return;
    // One value is taken whole, with its spaces: a scanned code may have some.
    if (chosen !== undefined) return void this.#give(device, chosen, chosen.fields.length === 1 || !/\b\w+=/u.test(text) ? [text] : text.split(' '));
    const [name = '', ...words] = text.trim().split(/\s+/u);
    const found = device.orders.find((one) => one.do === name);
    if (found === undefined) this.#note = `${device.name} knows no order "${name}"`;
    else void this.#give(device, found, words);
  }

  async #give(device: DockDevice, chosen: DockDevice['orders'][number], words: readonly string[]): Promise<void> {
    const made = orderFrom(chosen, words);
    if (!made.ok) this.#note = made.error.detail;
    else {
      const done = await order(device.control, made.value).then(
        () => 'done',
        (error: unknown) => `refused: ${error instanceof Error ? error.message : String(error)}`,
      );
      this.#note = `${device.name} ${[chosen.do, ...words].join(' ')}: ${done}`;
      await this.#look(device);
    }
    this.#draw();
  }

  #picture(): DockPicture {
    const device = this.#device;
    const orders = device === undefined ? [] : deeds(device);
    const typing = this.#typing;
    return {
      folder: this.#folder,
      rows: this.#devices.map(({ name }) => this.#states.get(name) ?? { name, state: '', isAway: false }),
      chosen: this.#chosen,
      orders: orders.slice(0, ORDER_KEYS.length).map((one, i) => ({ key: ORDER_KEYS[i] ?? '', order: one })),
      typing:
        typing === undefined
          ? undefined
          : { label: `${device?.name ?? ''}: ${typing.order === undefined ? '' : `${callOf(typing.order)}: `}`, text: typing.text },
      note: this.#note,
    };
  }

  /** Writes only when something changed, so that a terminal at rest stays at rest. */
  #draw(how: 'changes' | 'anew' = 'changes'): void {
    const { columns, rows } = process.stdout;
    const text = drawDock(this.#picture(), columns, rows)
      .map((line) => `${line}\u001b[K`)
      .join('\r\n');
    if (text === this.#drawn && how === 'changes') return;
    this.#drawn = text;
    process.stdout.write(`\u001b[H${text}\u001b[J`);
  }
}
