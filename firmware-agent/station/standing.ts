import type { Sqlite } from '#platform/sqlite/open.js';
import { roomFor } from '../ledger/ledger.js';

const NAME = 'standing';

/**
 * What the district last said of this kiosk. It is remembered over a lost link and a restart, so that a suspended kiosk does not sell again by being cut off
 * from the hub that suspended it.
 */
export class Standing {
  readonly #db: Sqlite;
  #isSuspended: boolean;
  #written: 'yes' | 'no-room' = 'yes';

  constructor(db: Sqlite) {
    this.#db = db;
    const kept = db.prepare<[string], { value: Buffer }>('SELECT value FROM kept WHERE name = ?').get(NAME);
    this.#isSuspended = kept?.value.readUInt8(0) === 1;
  }

  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  note(state: 'active' | 'suspended'): void {
    const isSuspended = state === 'suspended';
    if (isSuspended === this.#isSuspended && this.#written === 'yes') return;
    this.#isSuspended = isSuspended;
    const value = Buffer.of(isSuspended ? 1 : 0);
    const put = this.#db.prepare('INSERT INTO kept VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value');
    // It counts at once; on a full disk it is written when the hub says it again.
    this.#written = roomFor(() => put.run(NAME, value)) === 'no-room' ? 'no-room' : 'yes';
  }
}
