import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { LiveDriver, Look } from '../life/live-driver.js';
import type { Unsubscribe } from '../ports.js';
import { within, type Timers } from '../timers.js';
import { LineCutter } from '../transport/lines.js';
import type { Connection } from '../transport/transport.js';
import { LINE_BYTES, LIST_LINES, quoted, wordsOf } from './codec.js';
import { readingOf, UPS_ABSENT, UPS_LOW, type LowMarks, type Power } from './status.js';

/** `refused`: upsd answered ERR, its code stands in the detail. `late` and `garbled` make the line worthless: what comes later would be taken for another answer. */
export type UpsFault = Failure<'refused' | 'late' | 'garbled' | 'lost'>;
type Words = readonly string[];

/** Answers of upsd that mean: I stand, and my UPS does not tell me anything (RFC 9271). */
const UPS_SILENT = ['DATA-STALE', 'DRIVER-NOT-CONNECTED'];

/** What is known of the power, kept by the handle over lost lines and written by whichever driver hears it. */
export type PowerMemory = { power: Power; heardAtMs: number };

export type UpsDriverOptions = { readonly low: LowMarks; readonly answerMs: number; readonly timers: Timers; readonly memory: PowerMemory };

/** One line to upsd (RFC 9271): a command, its answer, and only then the next. */
export class UpsDriver implements LiveDriver {
  private readonly connection: Connection;
  private readonly options: UpsDriverOptions;
  private listener: (line: string | undefined) => void = () => undefined;
  private upsName = '';

  constructor(connection: Connection, options: UpsDriverOptions) {
    this.connection = connection;
    this.options = options;
    const cutter = new LineCutter(LINE_BYTES);
    connection.onBytes((chunk) => {
      for (const line of cutter.read(chunk)) this.listener(line);
    });
  }

  /** Names of the UPSes that upsd serves. */
  async listUpses(): Promise<Result<readonly string[], UpsFault>> {
    const rows = await this.list('UPS');
    return rows.ok ? ok(rows.value.flatMap(([name]) => name ?? [])) : rows;
  }

  watch(upsName: string): void {
    this.upsName = upsName;
  }

  /** Counts this kiosk among those that upsd's keeper (upsmon) waits for before it cuts the power. */
  async logIn(username: string, password: string): Promise<Result<void, UpsFault>> {
    for (const command of [`USERNAME ${quoted(username)}`, `PASSWORD ${quoted(password)}`, `LOGIN ${quoted(this.upsName)}`]) {
      const answer = await this.ask(command, (words) => (words[0] === 'OK' ? [] : undefined));
      if (!answer.ok) return answer;
    }
    return ok(undefined);
  }

  async variables(): Promise<Result<ReadonlyMap<string, string>, UpsFault>> {
    const rows = await this.list('VAR', this.upsName);
    return rows.ok ? ok(new Map(rows.value.flatMap(([name, value]) => (name === undefined || value === undefined ? [] : [[name, value]])))) : rows;
  }

  async look(): Promise<Look> {
    const variables = await this.variables();
    if (!variables.ok) {
      const { code, detail } = variables.error;
      return code === 'refused' && UPS_SILENT.some((word) => detail.includes(word)) ? this.silence() : { found: 'gone', why: detail };
    }
    const reading = readingOf(variables.value, this.options.low);
    if (reading === undefined) return this.silence();
    const { memory, timers } = this.options;
    memory.power = reading.power;
    memory.heardAtMs = timers.now();
    return { found: 'answer', report: reading.report };
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.connection.onClose(listener);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** A UPS that falls silent on battery is taken to be at its end, as upsmon takes it: nobody would tell us when it is. */
  private silence(): Look {
    return { found: 'answer', report: this.options.memory.power.source === 'battery' ? UPS_LOW : UPS_ABSENT };
  }

  /** `LIST what of`: rows between BEGIN and END, without the words that every row repeats. */
  private list(what: 'UPS' | 'VAR', ...of: Words): Promise<Result<readonly Words[], UpsFault>> {
    const rows: Words[] = [];
    const heading = ['LIST', what, ...of];
    let begun: 'no' | 'yes' = 'no';
    return this.ask(`LIST ${[what, ...of.map(quoted)].join(' ')}`, (words) => {
      if (same(words, ['BEGIN', ...heading])) begun = 'yes';
      else if (begun === 'no') return undefined;
      else if (same(words, ['END', ...heading])) return rows;
      else if (!same(words.slice(0, heading.length - 1), heading.slice(1)) || rows.length >= LIST_LINES) return undefined;
      else rows.push(words.slice(heading.length - 1));
      return 'more';
    });
  }

  /** `take` gets each line of the answer: says `more`, gives what was asked for, or undefined when the line does not belong there. */
  private async ask<T>(command: string, take: (words: Words) => T | 'more' | undefined): Promise<Result<T, UpsFault>> {
    const { timers, answerMs } = this.options;
    let stop: Unsubscribe = () => undefined;
    const answer = new Promise<Result<T, UpsFault>>((resolve) => {
      stop = this.connection.onClose((why) => resolve(failure('lost', why)));
      this.listener = (line) => {
        const words = line === undefined ? undefined : wordsOf(line);
        if (words?.[0] === 'ERR') return resolve(failure('refused', `upsd refuses ${verbOf(command)}: ${words[1] ?? ''}`));
        const taken = words === undefined ? undefined : take(words);
        if (taken === undefined) resolve(failure('garbled', `upsd gave a line that is no answer to ${verbOf(command)}`));
        else if (taken !== 'more') resolve(ok(taken));
      };
    });
    const asked = this.connection.write(Buffer.from(`${command}\n`)).then((sent) => (sent.ok ? answer : sent));
    const answered = await within(timers, answerMs, asked);
    stop();
    this.listener = () => undefined;
    return answered === 'late' ? failure('late', `upsd did not answer ${verbOf(command)} within ${answerMs} ms`) : answered;
  }
}

/** Without its arguments: a password is among them. */
function verbOf(command: string): string {
  return command.split(' ', 1)[0] ?? '';
}

function same(some: Words, others: Words): boolean {
  return some.length === others.length && some.every((word, i) => word === others[i]);
}
