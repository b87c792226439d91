import { createInterface } from 'node:readline';
import { CommandFailure } from './command.js';

/** A PIN never stands among a command's words, where every user of the machine could read it: it is typed unseen, or comes by standard input. */
export type PinSource = 'typed' | 'stdin';

/** Typed twice. */
export async function askNewPin(source: PinSource): Promise<string> {
  const [first = '', second = first] = await ask(source, ['New PIN (six digits): ', 'The same PIN again: ']);
  if (first !== second) throw new CommandFailure('the two PINs differ; nothing was changed');
  return first;
}

/** One that exists already. */
export async function askPin(source: PinSource, question: string): Promise<string> {
  const [pin = ''] = await ask(source, [question]);
  return pin;
}

async function ask(source: PinSource, questions: readonly string[]): Promise<readonly string[]> {
  if (source === 'stdin') return [await firstLine()];
  if (!process.stdin.isTTY) throw new CommandFailure('there is no terminal to type a PIN at; hand it over with --pin-from-stdin', 64);
  return typeUnseen(questions);
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) return line.trim();
    throw new CommandFailure('no PIN came by standard input', 64);
  } finally {
    lines.close();
  }
}

/** Asks one thing after the other. The terminal stops echoing before the first question stands there, and not in between: a fast typist is not shown. */
function typeUnseen(questions: readonly string[]): Promise<readonly string[]> {
  const { stdin, stderr } = process;
  stdin.setRawMode(true);
  stderr.write(questions[0] ?? '');
  return new Promise((resolve, reject) => {
    const answers: string[] = [];
    let typed = '';
    const end = (settle: () => void): void => {
      stdin.removeListener('data', take);
      stdin.setRawMode(false);
      stdin.pause();
      settle();
    };
    const take = (bytes: Buffer): void => {
      for (const character of bytes.toString('utf8')) {
        if (character === '\x03' || character === '\x04') {
          stderr.write('\n');
          return end(() => reject(new CommandFailure('stopped; nothing was changed', 130)));
        }
        if (character === '\r' || character === '\n') {
          answers.push(typed);
          typed = '';
          stderr.write(`\n${questions[answers.length] ?? ''}`);
          if (answers.length === questions.length) return end(() => resolve(answers));
        } else {
          typed = character === '\x7f' || character === '\b' ? typed.slice(0, -1) : typed + character;
        }
      }
      return undefined;
    };
    stdin.on('data', take);
    stdin.resume();
  });
}
