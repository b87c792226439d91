import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailure } from '#platform/console/command.js';
import { TECHNICIAN_SOCKET } from '#protocol/technician/messages.js';
import { startService, stopService } from '../../demo/tool.js';
import { BenchClient } from './client.js';

/** `agent`: the counter's own daemon serves the bench. `own`: none ran, so one was started for this. */
export type Reached = { readonly client: BenchClient; readonly by: 'agent' | 'own'; readonly close: () => Promise<void> };

/** Connects to the kiosk's bench, or starts `jharokha agent bench` for as long as it is needed. Ends the command when neither can be. */
export async function reachBench(folder: string): Promise<Reached> {
  const socket = join(folder, TECHNICIAN_SOCKET);
  const running = await BenchClient.connect(socket);
  if (running.ok) {
    const { value: client } = running;
    return { client, by: 'agent', close: async () => client.close() };
  }
  if (running.error.code === 'forbidden') throw new CommandFailure(running.error.detail, 2);
  const logs = mkdtempSync(join(tmpdir(), 'jharokha-doctor-'));
  const forgetLogs = (): void => rmSync(logs, { recursive: true, force: true });
  const service = await startService('bench', ['agent', 'bench', '--dir', folder, '--log', join(logs, 'bench.log')], logs).catch((error: unknown) => {
    const why = lastSaid(join(logs, 'bench.log')) ?? (error instanceof Error ? error.message : String(error));
    forgetLogs();
    throw new CommandFailure(`the bench of ${folder} does not start: ${why}`, 2);
  });
  const close = async (): Promise<void> => {
    await stopService(service);
    forgetLogs();
  };
  const own = await BenchClient.connect(socket);
  if (!own.ok) {
    await close();
    throw new CommandFailure(own.error.detail, 2);
  }
  const { value: client } = own;
  return {
    client,
    by: 'own',
    close: async () => {
      client.close();
      await close();
    },
  };
}

/** What the bench told people at its end; its log lines are JSON. */
function lastSaid(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .findLast((line) => line !== '' && !line.startsWith('{'));
  } catch {
    return undefined;
  }
}
