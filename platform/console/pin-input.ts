import { createInterface } from 'node:readline';
import { StringDecoder } from 'node:string_decoder';
import { CommandFailure } from './command.js';

/** A PIN never stands among a command's words, where every user of the machine could read it: it is typed unseen, or comes by standard input. */
export type PinSource = 'typed' | 'stdin';

/** Six digits, typed twice. */
export async function askNewPin(source: PinSource): Promise<string> {
  const { next } = await askPinChange(source, { next: 'New PIN (six digits): ', again: 'The same PIN again: ' });
  return source === 'stdin' ? next.trim() : next;
}

/** The old one where `old` asks for it, and the new one: twice when it is typed, each on a line of its own by standard input. */
export async function askPinChange(
  source: PinSource,
  questions: { readonly old?: string; readonly next: string; readonly again: string },
): Promise<{ readonly old: string | undefined; readonly next: string }> {
  const asked = [...(questions.old === undefined ? [] : [questions.old]), questions.next];
  const answers = source === 'stdin' ? await linesIn(asked.length) : await ask([...asked, questions.again]);
  const old = questions.old === undefined ? undefined : answers[0];
  const [next = '', again = next] = answers.slice(asked.length - 1);
  // One letter may be typed in two ways, by a letter of its own or by two that are put together.
  if (next.normalize('NFC') !== again.normalize('NFC')) throw new CommandFailure('the two PINs differ; nothing was changed');
  return { old, next };
}

/** One that exists already. */
export async function askPin(source: PinSource, question: string): Promise<string> {
  const [pin = ''] = source === 'stdin' ? await linesIn(1) : await ask([question]);
  return pin;
}

async function ask(questions: readonly string[]): Promise<readonly string[]> {
  if (!process.stdin.isTTY) throw new CommandFailure('there is no terminal to type a PIN at; hand it over with --pin-from-stdin', 64);
  return typeUnseen(questions);
}

/** As they stand but for their ends: a space may be part of a PIN. */
async function linesIn(count: number): Promise<readonly string[]> {
  const input = createInterface({ input: process.stdin });
  const lines: string[] = [];
  try {
    for await (const line of input) if (lines.push(line) === count) return lines;
    throw new CommandFailure(count === 1 ? 'no PIN came by standard input' : `${count} lines with a PIN each were to come by standard input`, 64);
  } finally {
    input.close();
  }
}

/** Asks one thing after the other. The terminal stops echoing before the first question stands there, and not in between: a fast typist is not shown. */
function typeUnseen(questions: readonly string[]): Promise<readonly string[]> {
  const { stdin, stderr } = process;
  // A letter of several bytes may come in two pieces.
  const decoder = new StringDecoder('utf8');
  stdin.setRawMode(true);
  stderr.write(questions[0] ?? '');
  return new Promise((resolve, reject) => {
    const answers: string[] = [];
    let typed: string[] = [];
    const end = (settle: () => void): void => {
      stdin.removeListener('data', take);
      stdin.setRawMode(false);
      stdin.pause();
      settle();
    };
    const take = (bytes: Buffer): void => {
      for (const character of decoder.write(bytes)) {
        if (character === '\x03' || character === '\x04') {
          stderr.write('\n');
          return end(() => reject(new CommandFailure('stopped; nothing was changed', 130)));
        }
        if (character === '\r' || character === '\n') {
          answers.push(typed.join(''));
          typed = [];
          stderr.write(`\n${questions[answers.length] ?? ''}`);
          if (answers.length === questions.length) return end(() => resolve(answers));
        } else if (character === '\x7f' || character === '\b') typed.pop();
        else typed.push(character);
      }
      return undefined;
    };
    stdin.on('data', take);
    stdin.resume();
  });
}
