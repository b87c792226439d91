import { createActor } from 'xstate';
import type { CounterCommand } from '#protocol/counter/command.js';
import type { Problem } from '#protocol/counter/problem.js';
import type { CounterView } from '#protocol/counter/view.js';
import type { Language } from '#protocol/identity/identity.js';
import type { ScanEvent } from '../devices/ports.js';
import { keepLanguage, keptLanguage } from '../station/kept-language.js';
import { applianceMachine } from './appliance-machine.js';
import { toEvent } from './events.js';
import { powerOf, type Power } from './gates.js';
import { problem, type Kiosk } from './kiosk.js';
import { appliancePorts } from './ports.js';
import { activityOf, headerView, screenView, type CounterActivity } from './view.js';

export type CounterInput = {
  readonly kiosk: Kiosk;
  /** Until another one was chosen. */
  readonly language: Language;
  /** What the last stop left open, as `closeOpenEnds` found it. */
  readonly told: Problem | null;
  /** Whether a technician is trying this device: what it reads then is not a citizen's. */
  readonly isTried: (device: string) => boolean;
  readonly unexpected: (event: string) => void;
  /** A chart failed: a defect. The process must end; the next start decides from the ledger. */
  readonly failed: (error: unknown) => void;
};

const SCAN_REFUSALS: ReadonlySet<string> = new Set(['scan-unknown', 'scan-unreadable', 'scan-not-now']);

/** The counter: takes commands and device events, gives views. Nothing outside sees the charts. */
export class Counter {
  readonly #input: CounterInput;
  readonly #actor;
  readonly #listeners = new Set<() => void>();
  #power: Power = 'enough';

  constructor(input: CounterInput) {
    this.#input = input;
    const { ledger } = input.kiosk;
    const broken = ledger.health.state === 'broken' ? { problem: brokenProblem(ledger.health), detail: ledger.health.detail } : null;
    this.#actor = createActor(applianceMachine, {
      input: { ports: appliancePorts(input.kiosk, input.told, input.unexpected), language: keptLanguage(ledger) ?? input.language, broken },
    });
    this.#actor.subscribe({ next: () => this.#changed(), error: input.failed });
    // The child's own steps do not show in the parent's snapshot: listen to it too, each time one begins.
    this.#actor.system.inspect((event) => event.type === '@xstate.snapshot' && queueMicrotask(() => this.#changed()));
    ledger.onChange(() => this.#ledgerChanged());
    input.kiosk.printer.onChange((report) => {
      if (report.state === 'ready' || report.state === 'warning') this.#actor.send({ type: 'PRINTER_WELL' });
    });
    for (const { handle } of input.kiosk.devices.all) handle.onChange(() => this.#devicesChanged());
    for (const { name, handle } of input.kiosk.devices.of('scanner'))
      handle.onScan((scan: ScanEvent) => {
        if (input.isTried(name)) return;
        this.#actor.send({ type: 'SCANNED', scan });
        const { body } = this.view();
        // The operator looks at the bill in hand, not at the screen.
        if ('problem' in body && SCAN_REFUSALS.has(body.problem?.code ?? '')) void handle.beep?.('bad');
      });
  }

  start(): void {
    this.#actor.start();
    this.#devicesChanged();
  }

  stop(): void {
    this.#actor.stop();
  }

  /** Anything that a screen may ask; what does not fit the moment changes nothing. */
  command(command: CounterCommand): void {
    this.#actor.send(toEvent(command));
    if (command.do === 'set-language') keepLanguage(this.#input.kiosk.ledger, command.language);
  }

  view(): CounterView {
    const snapshot = this.#actor.getSnapshot();
    return { header: headerView(this.#input.kiosk, snapshot), body: screenView(this.#input.kiosk, snapshot) };
  }

  /** Whether a citizen is being served, so that nothing else may take a device. */
  activity(): CounterActivity {
    return activityOf(this.#actor.getSnapshot());
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The link, the clock or a device changed something on the first row. */
  refresh(): void {
    this.#changed();
  }

  #devicesChanged(): void {
    const power = powerOf(this.#input.kiosk.devices, this.#power);
    if (power !== this.#power) {
      this.#power = power;
      this.#actor.send({ type: power === 'low' ? 'REST' : 'WAKE' });
    }
    this.#changed();
  }

  #ledgerChanged(): void {
    const { health } = this.#input.kiosk.ledger;
    if (health.state === 'broken') this.#actor.send({ type: 'LEDGER_BROKEN', problem: brokenProblem(health), detail: health.detail });
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function brokenProblem(health: { readonly seq: number; readonly detail: string }): Problem {
  return problem(health.detail.includes('the hub') ? 'ledger-fork' : 'ledger-broken', { entry: String(health.seq), detail: health.detail });
}
