import { z } from 'zod';
import type { LocalName } from '#protocol/identity/identity.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import type { Hub } from '../../hub.js';
import { change, rowOf, rowsOf } from '../../store/rows.js';

/** An operating company (local service provider) that answers for some of the district's kiosks. */
export type Lsp = { readonly code: string; readonly name: LocalName };

const lspCode = z.string().regex(/^[A-Z][A-Z0-9-]{1,15}$/u);
const lspRow = z
  .object({ code: z.string(), name_en: z.string(), name_hi: z.string() })
  .transform((r): Lsp => ({ code: r.code, name: { en: r.name_en, hi: r.name_hi } }));
const SELECT = 'SELECT code, name_en, name_hi FROM lsp WHERE district = @district';

export function addLsp(hub: Hub, lsp: Lsp): Result<Lsp, Failure<'bad-lsp-code' | 'lsp-exists'>> {
  if (!lspCode.safeParse(lsp.code).success)
    return failure('bad-lsp-code', `"${lsp.code}" is not an LSP code (2 to 16 of A-Z, 0-9, -, a letter first)`);
  const added = change(
    hub.db,
    'INSERT INTO lsp (district, code, name_en, name_hi, added_at) VALUES (@district, @code, @en, @hi, @at) ON CONFLICT (district, code) DO NOTHING',
    { district: hub.district, code: lsp.code, en: lsp.name.en, hi: lsp.name.hi, at: hub.now() },
  );
  return added === 1 ? ok(lsp) : failure('lsp-exists', `LSP ${lsp.code} is already in the books`);
}

export function findLsp(hub: Hub, code: string): Lsp | undefined {
  return rowOf(hub.db, lspRow, `${SELECT} AND code = @code`, { district: hub.district, code });
}

export function listLsps(hub: Hub): readonly Lsp[] {
  return rowsOf(hub.db, lspRow, `${SELECT} ORDER BY code`, { district: hub.district });
}
