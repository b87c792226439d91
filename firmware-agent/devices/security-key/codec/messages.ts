import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { readAuthenticatorData } from '#protocol/security-key/authenticator-data.js';
import { bytesAt, encodeCborMap, listAt, mapAt, mapOf, numberAt, type CborMap, type KeyCbor } from '#protocol/security-key/cbor-map.js';
import { KEY_ALGORITHMS } from '#protocol/security-key/cose-key.js';
import { PIN_CODE_POINTS_MIN } from './pin-uv.js';
import type { AssertAsk, KeyAnswer, KeyInfo, RegisterAsk, RegisteredKey } from '../port.js';

/** First byte of a CTAP2 message (CTAP 2.1 §6). */
export const CTAP_COMMANDS = {
  makeCredential: 0x01,
  getAssertion: 0x02,
  getInfo: 0x04,
  clientPin: 0x06,
  bioEnrollment: 0x09,
  bioPreview: 0x40,
} as const;

/** What every key takes that does not say more (§6.4, maxMsgSize). */
const MESSAGE_BYTES_LEAST = 1_024;

/** What a proven token lets the key do (§6.5.5.7). */
export const PERMISSIONS = { makeCredential: 0x01, getAssertion: 0x02, bioEnrollment: 0x08 } as const;

/** How a command shows that the finger was checked. */
export type Verification =
  | { readonly by: 'option' }
  | { readonly by: 'token'; readonly protocol: 1 | 2; readonly prove: (message: Uint8Array) => Uint8Array };

type Wrong = Failure<'not-understood'>;

function wrong(what: string): Result<never, Wrong> {
  return failure('not-understood', `the key's ${what} can not be read`);
}

export function messageOf(command: number, map?: CborMap): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat([Uint8Array.of(command), map === undefined ? Uint8Array.of() : encodeCborMap(map)]));
}

function descriptors(ids: readonly Uint8Array[]): readonly KeyCbor[] {
  return ids.map((id) =>
    mapOf([
      ['id', id],
      ['type', 'public-key'],
    ]),
  );
}

function proofOf(verification: Verification, clientDataHash: Uint8Array): readonly [Uint8Array, number] | undefined {
  return verification.by === 'token' ? [verification.prove(clientDataHash), verification.protocol] : undefined;
}

/** §6.1. No resident credential: the hub keeps the ids, and a key's few places stay free. */
function makeCredential(ask: RegisterAsk, userId: Uint8Array, verification: Verification): Uint8Array<ArrayBuffer> {
  const proof = proofOf(verification, ask.clientDataHash);
  const exclude = ask.exclude ?? [];
  return messageOf(
    CTAP_COMMANDS.makeCredential,
    mapOf([
      [1, ask.clientDataHash],
      [
        2,
        mapOf([
          ['id', ask.rpId],
          ['name', ask.rpId],
        ]),
      ],
      [
        3,
        mapOf([
          ['id', userId],
          ['name', ask.userName],
          ['displayName', ask.userName],
        ]),
      ],
      [
        4,
        Object.values(KEY_ALGORITHMS).map((alg) =>
          mapOf([
            ['alg', alg],
            ['type', 'public-key'],
          ]),
        ),
      ],
      [5, exclude.length === 0 ? undefined : descriptors(exclude)],
      [7, verification.by === 'option' ? mapOf([['uv', true]]) : undefined],
      [8, proof?.[0]],
      [9, proof?.[1]],
    ]),
  );
}

/**
 * The same with as many of the excluded credentials as the key takes in one message. A login has at most eight keys in the books; what is left out is
 * the oldest, and a key that holds it gets a second credential, which does no harm.
 */
export function makeCredentialWithin(
  { messageBytesMax, credentialsMax }: KeyInfo,
  ask: RegisterAsk,
  userId: Uint8Array,
  verification: Verification,
): Uint8Array<ArrayBuffer> {
  let exclude = (ask.exclude ?? []).slice(0, credentialsMax);
  for (;;) {
    const message = makeCredential({ ...ask, exclude }, userId, verification);
    if (message.length <= messageBytesMax || exclude.length === 0) return message;
    exclude = exclude.slice(0, -1);
  }
}

/** §6.2. */
export function getAssertion(ask: AssertAsk, verification: Verification): Uint8Array<ArrayBuffer> {
  const proof = proofOf(verification, ask.clientDataHash);
  return messageOf(
    CTAP_COMMANDS.getAssertion,
    mapOf([
      [1, ask.rpId],
      [2, ask.clientDataHash],
      [3, descriptors(ask.allow)],
      [5, verification.by === 'option' ? mapOf([['uv', true]]) : undefined],
      [6, proof?.[0]],
      [7, proof?.[1]],
    ]),
  );
}

/** The attestation is not judged: a person from the district stands beside the key while it is registered. */
export function readRegistered(map: CborMap): Result<RegisteredKey, Wrong> {
  const data = readAuthenticatorData(bytesAt(map, 2) ?? Uint8Array.of());
  if (!data.ok || data.value.credential === undefined) return wrong('new credential');
  const { credential, counter } = data.value;
  return ok({ id: credential.id, key: credential.key, counter, aaguid: Buffer.from(credential.aaguid).toString('hex') });
}

/** A key may leave out the credential when only one was asked for. */
export function readAnswer(map: CborMap, allow: readonly Uint8Array[]): Result<KeyAnswer, Wrong> {
  const told = mapAt(map, 1);
  const only = allow.length === 1 ? allow[0] : undefined;
  const credential = (told === undefined ? undefined : bytesAt(told, 'id')) ?? (only === undefined ? undefined : Uint8Array.from(only));
  const authenticatorData = bytesAt(map, 2);
  const signature = bytesAt(map, 3);
  if (credential === undefined || authenticatorData === undefined || signature === undefined) return wrong('signature');
  return ok({ credential, authenticatorData, signature });
}

/** §6.4. */
export function readInfo(map: CborMap): Result<KeyInfo, Wrong> {
  const versions = listAt(map, 1).filter((version) => typeof version === 'string');
  const options = mapAt(map, 4) ?? mapOf([]);
  const aaguid = bytesAt(map, 3);
  if (versions.length === 0 || aaguid === undefined) return wrong('information');
  const uv = options.get('uv');
  const pin = options.get('clientPin');
  const protocols = listAt(map, 6).filter((protocol) => protocol === 1 || protocol === 2);
  return ok({
    versions,
    aaguid: Buffer.from(aaguid).toString('hex'),
    finger: uv === true ? 'enrolled' : uv === false ? 'none-enrolled' : 'no-sensor',
    pin: pin === true ? 'set' : pin === false ? 'not-set' : 'not-known',
    enrolment: options.has('bioEnroll') ? 'bio' : options.has('userVerificationMgmtPreview') ? 'preview' : 'none',
    enrolmentBy: options.get('uvBioEnroll') === true ? 'finger-or-pin' : 'pin',
    verification: options.get('pinUvAuthToken') === true ? 'token' : 'option',
    protocols: protocols.length === 0 ? [1] : protocols,
    firmware: numberAt(map, 14),
    messageBytesMax: numberAt(map, 5) ?? MESSAGE_BYTES_LEAST,
    credentialsMax: numberAt(map, 7) ?? Number.MAX_SAFE_INTEGER,
    pinCodePointsMin: numberAt(map, 13) ?? PIN_CODE_POINTS_MIN,
    pinChange: map.get(12) === true ? 'forced' : 'free',
  });
}
