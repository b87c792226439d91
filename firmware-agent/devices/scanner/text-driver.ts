import { failure, ok } from '#protocol/result/result.js';
import type { Look } from '../life/live-driver.js';
import { Listeners } from '../life/listeners.js';
import { Lock } from '../life/lock.js';
import type { ScanEvent, ScannerOutcome, Unsubscribe } from '../ports.js';
import { within } from '../timers.js';
import type { Connection } from '../transport/transport.js';
import { ScanFramer } from './codec/framer.js';
import { ReplySieve, TEXT_COMMANDS, type TextCommand, type TextReply, type TextStyle } from './codec/text-commands.js';
import { GapClock, unfit, type DriverContext, type ScannerDriver, type ScannerOrder } from './driver.js';

/** Whether the scanner is told to send symbology identifiers and a CR behind each code, at each connection. */
export type TextSetUp = 'leave' | 'aim-and-cr';

type Answer = { readonly answer: 'replied'; readonly reply: TextReply } | { readonly answer: 'silent' | 'lost'; readonly detail: string };

/** A scanner that sends codes as lines and takes orders as text (Honeywell menu commands, Newland unified commands). */
export class TextDriver implements ScannerDriver {
  private readonly connection: Connection;
  private readonly style: TextStyle;
  private readonly context: DriverContext;
  private readonly replies = new Listeners<TextReply>();
  private readonly lock = new Lock();
  private missing: readonly TextCommand[];

  constructor(connection: Connection, style: TextStyle, setUp: TextSetUp, context: DriverContext) {
    this.connection = connection;
    this.style = style;
    this.context = context;
    this.missing = setUp === 'leave' ? [] : TEXT_COMMANDS[style].setUp;
    const sieve = new ReplySieve(style);
    const framer = new ScanFramer();
    const tell = (events: readonly ScanEvent[]): void => events.forEach(context.tell);
    const clock = new GapClock(context, {
      standing: () => (sieve.isHolding ? 'within' : framer.standing),
      lost() {
        const held = sieve.gap();
        tell(framer.gap());
        // Half an answer, which is no code that anybody misses; or half a code, and then its rest is none.
        if (held === 'held') framer.passOver();
        return undefined;
      },
      quiet: () => framer.quiet(),
    });
    connection.onBytes((chunk) => {
      const { data, replies } = sieve.read(chunk);
      tell(framer.read(data));
      replies.forEach((reply) => this.replies.tell(reply));
      // A reply in the middle of a code does not make its rest come.
      if (data.length > 0 || sieve.isHolding) clock.heard();
    });
    connection.onClose(() => clock.end());
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.connection.onClose(listener);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** Sets up what is not set up yet, then asks what the scanner is. Codes are heard all the while, so a scanner that does not answer is only a warning. */
  look(): Promise<Look> {
    return this.lock.hold(async () => {
      while (this.missing[0] !== undefined) {
        const set = await this.ask(this.missing[0]);
        if (set.answer !== 'replied') return unanswered(set);
        if (set.reply.status !== 'taken') return { found: 'answer', report: WARNING };
        this.missing = this.missing.slice(1);
      }
      const asked = await this.ask(TEXT_COMMANDS[this.style].query);
      if (asked.answer !== 'replied') return unanswered(asked);
      const { value } = asked.reply;
      if (value !== '')
        this.context.memory.facts = {
          says: value
            .replaceAll(/[^\x20-\x7e]+/gu, ' ')
            .trim()
            .slice(0, 120),
        };
      return { found: 'answer', report: { state: 'ready' } };
    });
  }

  obey(order: ScannerOrder): Promise<ScannerOutcome> {
    return this.lock.hold(async () => {
      const command = commandOf(this.style, order);
      if (command === undefined) return unfit(`this scanner has no command for ${order}`);
      const answer = await this.ask(command);
      if (answer.answer !== 'replied') {
        if (answer.answer === 'silent' && command.answer === undefined) return ok(undefined);
        return failure(answer.answer === 'lost' ? 'scanner-absent' : 'scanner-error', answer.detail);
      }
      return answer.reply.status === 'taken' ? ok(undefined) : unfit(`the scanner refused ${order}: ${answer.reply.status}`);
    });
  }

  private async ask({ bytes, answer: tag }: TextCommand): Promise<Answer> {
    const { timers, delays } = this.context;
    const waiting = this.reply(tag);
    const written = await within(timers, delays.writeMs, this.connection.write(bytes));
    if (written === 'late') await this.connection.close();
    return waiting;
  }

  /** The next reply to a tag; a command without one counts as unanswered as soon as the line has taken it. */
  private reply(tag: string | undefined): Promise<Answer> {
    const { timers, delays } = this.context;
    return new Promise((resolve) => {
      const end = (answer: Answer): void => {
        stopListening();
        stopClock();
        stopMourning();
        resolve(answer);
      };
      const stopListening = this.replies.add((reply) => {
        if (reply.tag === tag) end({ answer: 'replied', reply });
      });
      const limitMs = tag === undefined ? 0 : delays.answerMs;
      const stopClock = timers.after(limitMs, () => end({ answer: 'silent', detail: `no reply within ${limitMs} ms` }));
      let stopMourning: Unsubscribe = () => undefined;
      stopMourning = this.connection.onClose((why) => end({ answer: 'lost', detail: why }));
    });
  }
}

const WARNING = { state: 'warning', problem: { code: 'scanner-error' } } as const;

function unanswered({ answer, detail }: { readonly answer: 'silent' | 'lost'; readonly detail: string }): Look {
  return answer === 'lost' ? { found: 'gone', why: detail } : { found: 'silence', report: WARNING };
}

function commandOf(style: TextStyle, order: ScannerOrder): TextCommand | undefined {
  const commands = TEXT_COMMANDS[style];
  if (order === 'good-beep') return commands.goodBeep;
  if (order === 'bad-beep') return commands.badBeep;
  if (order === 'trigger-on') return commands.triggerOn;
  if (order === 'trigger-off') return commands.triggerOff;
  return undefined;
}
