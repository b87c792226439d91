import type { Sqlite } from '#platform/sqlite/open.js';
import type { DistrictCode } from '#protocol/identity/identity.js';
import type { Certificate } from '#protocol/signing/certificate.js';
import type { SigningKey, VerifyKey } from '#protocol/signing/keys.js';
import type { UnixMs } from '#protocol/time/time.js';

/** One district's hub, opened: what every room of it works with. Made by `operations/hub-folder.ts`, never a global. */
export type Hub = {
  readonly folder: string;
  readonly district: DistrictCode;
  readonly db: Sqlite;
  /** Wall clock of the hub; tests give their own. */
  readonly now: () => UnixMs;
  readonly random: (bytes: number) => Uint8Array<ArrayBuffer>;
  /** Signs grants, acknowledgements and operator grants; also the key of the TLS certificate. */
  readonly hubKey: SigningKey;
  readonly hubCertificate: Certificate;
  /** Public half of the district's root. Its private half is opened only by the commands that certify and sign bundles. */
  readonly districtKey: VerifyKey;
};
