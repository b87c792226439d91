import Database from 'better-sqlite3';
import { join } from 'node:path';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';

export type Unlock = () => void;

/** Holds the kiosk folder for one agent. The kernel lets go when the process ends, however it ends, so a killed agent leaves nothing to clean. */
export function lockFolder(folder: string): Result<Unlock, Failure<'already-running'>> {
  const db = new Database(join(folder, 'agent.lock'), { timeout: 0 });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
    return ok(() => db.close());
  } catch {
    db.close();
    return failure('already-running', `another agent is serving ${folder}; this one changes nothing and ends`);
  }
}
