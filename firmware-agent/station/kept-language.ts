import { language, type Language } from '#protocol/identity/identity.js';
import { roomFor, type Ledger } from '../ledger/ledger.js';

const NAME = 'language';

/** The language in which this counter last spoke: after a stop in the middle of the work nobody has to find it again. */
export function keptLanguage(ledger: Ledger): Language | undefined {
  const kept = ledger.kept(NAME);
  const read = language.safeParse(kept === undefined ? undefined : Buffer.from(kept).toString('utf8'));
  return read.success ? read.data : undefined;
}

/** On a full disk, and beside a broken ledger, it is not kept, and nobody is stopped by that. */
export function keepLanguage(ledger: Ledger, spoken: Language): void {
  if (ledger.health.state === 'whole') roomFor(() => ledger.keep(NAME, Buffer.from(spoken)));
}
