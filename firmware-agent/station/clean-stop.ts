import { roomFor, type Ledger } from '../ledger/ledger.js';

const NAME = 'clean-stop';

/** Whether the agent's last end was meant: told in its next `started` entry, so that nobody takes a power cut for somebody's act, or the other way round. */
export function wasCleanStop(ledger: Ledger): boolean {
  return ledger.kept(NAME)?.[0] === 1 || ledger.tip.seq === 0;
}

/** What the next start shall think if nothing more is heard: `meant` when all is on disk and nothing is going on, `cut` while work may begin. */
export function noteStop(ledger: Ledger, next: 'meant' | 'cut'): void {
  roomFor(() => ledger.keep(NAME, Uint8Array.of(next === 'meant' ? 1 : 0)));
}
