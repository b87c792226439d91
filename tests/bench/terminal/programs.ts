import { commandLine } from '../../../provisioning/demo/tool.js';
import { TimedScreen } from './timed-screen.js';

/** The real screen program on a counter socket. */
export function openTerminal(socket: string): TimedScreen {
  const [command, args] = commandLine('terminal', '--socket', socket);
  return new TimedScreen(command, args);
}

const ECHO = 'process.stdin.setRawMode(true);process.stdin.on("data",(b)=>process.stdout.write(b));process.stdout.write("ready\\r\\n")';

/** The least that a key can cost here: a Node program that writes back what it reads. */
export async function openEcho(): Promise<TimedScreen> {
  const screen = new TimedScreen(process.execPath, ['-e', ECHO]);
  await screen.wait(({ rows }) => rows[0]?.startsWith('ready') === true, 'the echo program');
  return screen;
}

/** Milliseconds of each of some keys at the echo program. */
export async function echoTimes(echo: TimedScreen, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const letter = i % 2 === 0 ? 'a' : 'b';
    times.push(await echo.press(`\r${letter}`, ({ row, column, rows }) => column === 1 && rows[row]?.startsWith(letter) === true, 'an echo'));
  }
  return times;
}
