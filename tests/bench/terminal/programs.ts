import { fileURLToPath } from 'node:url';
import { TimedScreen } from './timed-screen.js';

const MAIN = fileURLToPath(new URL('../../../bin/main.js', import.meta.url));

export type Words = readonly [string, readonly string[]];

export const jharokha = (...words: readonly string[]): Words => [process.execPath, [MAIN, ...words]];

/** The real screen program on a counter socket. */
export function openTerminal(socket: string): TimedScreen {
  const [command, args] = jharokha('terminal', '--socket', socket);
  return new TimedScreen(command, args);
}

const ECHO = 'process.stdin.setRawMode(true);process.stdin.on("data",(b)=>process.stdout.write(b));process.stdout.write("ready\\r\\n")';

/** The least that a key can cost here: a Node program that writes back what it reads. */
export async function openEcho(): Promise<TimedScreen> {
  const screen = new TimedScreen(process.execPath, ['-e', ECHO]);
  await screen.wait(({ rows }) => rows[0]?.startsWith('ready') === true, 'the echo program');
  return screen;
}
