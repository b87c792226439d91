import { pino, type Logger } from 'pino';

export type { Logger };

/** JSON lines on stderr, or into a file when one is named. Level by JHAROKHA_LOG (default `info`). Never a PIN, key or consumer number. */
export function openLog(program: string, file?: string): Logger {
  const level = process.env['JHAROKHA_LOG'] ?? 'info';
  return pino({ name: program, level, base: { pid: process.pid } }, pino.destination({ dest: file ?? 2, sync: true, mkdir: true }));
}
