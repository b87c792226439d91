import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * The stand-in itself, as the operating system starts it: it hands its words and its folder to the simulator and does as it is told, line by
 * line. Its first word is the simulator's socket; `stand-in.ts` puts it there.
 */
type Told = { readonly out?: string; readonly error?: string; readonly exit?: number };

const [socketPath = '', ...words] = process.argv.slice(2);
const socket = connect(socketPath);
socket.on('error', () => process.exit(1));
socket.on('close', () => process.exit(1));
const send = (message: object): void => void socket.write(`${JSON.stringify(message)}\n`);
send({ words, folder: process.cwd() });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => send({ signal }));
createInterface({ input: socket }).on('line', (line) => {
  const { out, error, exit } = JSON.parse(line) as Told;
  if (out !== undefined) process.stdout.write(out);
  if (error !== undefined) process.stderr.write(error);
  if (exit !== undefined) process.exit(exit);
});
