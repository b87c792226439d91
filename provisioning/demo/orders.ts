import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** Gives one order to a virtual device on its control socket; resolves with its answer, rejects when it refuses. */
export function order(controlPath: string, what: Readonly<Record<string, unknown>>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(controlPath);
    socket.once('error', reject);
    createInterface({ input: socket }).once('line', (line) => {
      socket.end();
      const answer = JSON.parse(line) as { readonly ok: boolean; readonly error?: string };
      if (answer.ok) resolve(answer);
      else reject(new Error(answer.error ?? 'refused'));
    });
    socket.write(`${JSON.stringify(what)}\n`);
  });
}
