import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { ok, type Result } from '#protocol/result/result.js';
import { systemTimers, within } from '../../../../firmware-agent/devices/timers.js';

const ANSWER_LIMIT_MS = 20_000;

const answer = z.union([
  z.object({ id: z.int(), return: z.unknown() }),
  z.object({ id: z.int(), error: z.object({ class: z.string(), desc: z.string() }) }),
]);

export type Qmp = { readonly execute: (command: string, options: Readonly<Record<string, unknown>>) => Promise<Result<void, string>> };

/** QEMU's control line (docs/interop/qmp-spec): commands with a number, answers by that number; greeting and events are passed over. */
export async function startQmp(socket: Socket): Promise<Qmp> {
  const waiting = new Map<number, (result: Result<void, string>) => void>();
  let last = 0;
  createInterface({ input: socket }).on('line', (line) => {
    const said = answer.safeParse(JSON.parse(line));
    if (!said.success) return;
    waiting.get(said.data.id)?.('error' in said.data ? { ok: false, error: said.data.error.desc } : ok(undefined));
    waiting.delete(said.data.id);
  });
  const execute: Qmp['execute'] = async (command, options) => {
    last += 1;
    const id = last;
    const answered = new Promise<Result<void, string>>((resolve) => {
      waiting.set(id, resolve);
    });
    socket.write(`${JSON.stringify({ execute: command, id, arguments: options })}\n`);
    const result = await within(systemTimers, ANSWER_LIMIT_MS, answered);
    return result === 'late' ? { ok: false, error: `no answer to ${command} within ${ANSWER_LIMIT_MS} ms` } : result;
  };
  const ready = await execute('qmp_capabilities', {});
  if (!ready.ok) throw new Error(`QMP: ${ready.error}`);
  return { execute };
}
