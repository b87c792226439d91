import { createInterface } from 'node:readline';
import { CommandFailure } from '#platform/console/command.js';

/** A PIN never stands among a command's words, where every user of the machine could read it: it is typed unseen, twice, or comes by standard input. */
export async function askNewPin(source: 'typed' | 'stdin'): Promise<string> {
  if (source === 'stdin') return firstLine();
  if (!process.stdin.isTTY) throw new CommandFailure('there is no terminal to type a PIN at; hand it over with --pin-from-stdin', 64);
  const first = await typeUnseen('New PIN (six digits): ');
  const second = await typeUnseen('The same PIN again: ');
  if (first !== second) throw new CommandFailure('the two PINs differ; nothing was changed');
  return first;
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

function typeUnseen(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.resume();
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (settle: () => void): void => {
      stdin.removeListener('data', take);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
      settle();
    };
    const take = (bytes: Buffer): void => {
      for (const character of bytes.toString('utf8')) {
        if (character === '\r' || character === '\n') return end(() => resolve(typed));
        if (character === '\x03' || character === '\x04') return end(() => reject(new CommandFailure('stopped; nothing was changed', 130)));
        typed = character === '\x7f' || character === '\b' ? typed.slice(0, -1) : typed + character;
      }
      return undefined;
    };
    stdin.on('data', take);
  });
}
