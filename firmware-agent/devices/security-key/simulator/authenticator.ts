import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { KEY_FLAGS } from '#protocol/security-key/authenticator-data.js';
import { bytesAt, encodeCborMap, listAt, mapAt, mapOf, numberAt, readCborMap, textAt, type CborMap } from '#protocol/security-key/cbor-map.js';
import { KEY_ALGORITHMS, p256Key } from '#protocol/security-key/cose-key.js';
import { PIN_SUBS } from '../codec/client-pin.js';
import { CTAP_COMMANDS, PERMISSIONS } from '../codec/messages.js';
import { CTAP } from '../codec/status.js';
import { Fingers } from './fingers.js';
import type { Person, Press } from './person.js';
import { refuse, Secrets, type Answered } from './secrets.js';

export type Level = '2.0' | '2.1';
/** How the signature counter moves. `none`: the key counts nothing and always says 0. */
export type Counting = 'rising' | 'stuck' | 'falling' | 'none';

type Credential = { readonly rpId: string; readonly privateKey: KeyObject };
/** One command under way. `touch` says to the host that a finger is awaited. */
export type Session = { readonly touch: (awaited: 'yes' | 'no') => void; readonly signal: AbortSignal };

const MESSAGE_BYTES_MAX = 1_200;
/** Credentials in one list. */
const CREDENTIALS_MAX = 8;
const AAGUID = Buffer.from('6a6861726f6b68612d73696d2d6b6579', 'hex');

/** A FIDO2 authenticator with a fingerprint sensor, in software (CTAP 2.1, or 2.0 with the drafts' finger management). */
export class Authenticator {
  level: Level = '2.1';
  counting: Counting = 'rising';
  signatures: 'good' | 'bad' = 'good';
  /** By what its owner may manage its fingers. */
  enrolmentBy: 'finger-or-pin' | 'pin' = 'finger-or-pin';
  readonly secrets = new Secrets();
  readonly fingers: Fingers;
  readonly credentials = new Map<string, Credential>();
  counter = 0;
  private readonly person: Person;

  constructor(person: Person) {
    this.person = person;
    this.fingers = new Fingers(person);
  }

  /** One CTAP2 message to its answer: a status byte, and CBOR behind it. Any bytes get an answer. */
  async answer(message: Uint8Array, session: Session): Promise<Uint8Array> {
    if (message.length > MESSAGE_BYTES_MAX) return Uint8Array.of(CTAP.requestTooLarge);
    const [command = 0] = message;
    const body = message.subarray(1);
    const read = body.length === 0 ? { ok: true as const, value: mapOf([]) } : readCborMap(body);
    if (!read.ok) return Uint8Array.of(CTAP.invalidCbor);
    const answered = await this.run(command, read.value, session);
    if (session.signal.aborted) return Uint8Array.of(CTAP.keepaliveCancel);
    if ('refused' in answered) return Uint8Array.of(answered.refused);
    return answered.map.size === 0 ? Uint8Array.of(CTAP.ok) : Buffer.concat([Uint8Array.of(CTAP.ok), encodeCborMap(answered.map)]);
  }

  private run(command: number, request: CborMap, session: Session): Answered | Promise<Answered> {
    switch (command) {
      case CTAP_COMMANDS.getInfo:
        return { map: this.info() };
      case CTAP_COMMANDS.clientPin:
        return this.clientPin(request, session);
      case CTAP_COMMANDS.makeCredential:
        return this.makeCredential(request, session);
      case CTAP_COMMANDS.getAssertion:
        return this.getAssertion(request, session);
      case this.level === '2.1' ? CTAP_COMMANDS.bioEnrollment : CTAP_COMMANDS.bioPreview:
        return this.fingers.run(request, this.secrets, session);
      default:
        return refuse(CTAP.invalidCommand);
    }
  }

  private info(): CborMap {
    const enrolled = this.fingers.stored.size > 0;
    const is21 = this.level === '2.1';
    return mapOf([
      [1, is21 ? ['FIDO_2_0', 'FIDO_2_1'] : ['FIDO_2_0', 'FIDO_2_1_PRE']],
      [3, AAGUID],
      [
        4,
        mapOf([
          ['rk', false],
          ['up', true],
          ['uv', enrolled],
          ['clientPin', this.secrets.pinHash !== undefined],
          ['pinUvAuthToken', is21 ? true : undefined],
          ['bioEnroll', is21 ? enrolled : undefined],
          ['uvBioEnroll', is21 && this.enrolmentBy === 'finger-or-pin' ? true : undefined],
          ['userVerificationMgmtPreview', is21 ? undefined : enrolled],
        ]),
      ],
      [5, MESSAGE_BYTES_MAX],
      [6, is21 ? [2, 1] : [1]],
      [7, is21 ? CREDENTIALS_MAX : undefined],
      [12, is21 ? this.secrets.pinChange === 'forced' : undefined],
      [13, is21 ? this.secrets.pinCodePointsMin : undefined],
      [14, 1],
    ]);
  }

  private async clientPin(request: CborMap, session: Session): Promise<Answered> {
    const { secrets, level } = this;
    const sub = numberAt(request, 2);
    switch (sub) {
      case PIN_SUBS.getPinRetries:
        return {
          map: mapOf([
            [3, secrets.pinTries],
            [4, secrets.isPowerCycleNeeded],
          ]),
        };
      case PIN_SUBS.getUvRetries:
        return { map: mapOf([[5, secrets.uvTries]]) };
      case PIN_SUBS.getKeyAgreement:
        return { map: secrets.agreed() };
      case PIN_SUBS.setPin:
        return secrets.setPin(request, 'first');
      case PIN_SUBS.changePin:
        return secrets.setPin(request, 'change');
      case PIN_SUBS.getPinToken:
      case PIN_SUBS.getTokenByPin:
      case PIN_SUBS.getTokenByFinger:
        break;
      default:
        return refuse(CTAP.invalidParameter);
    }
    if (sub !== PIN_SUBS.getPinToken && level === '2.0') return refuse(CTAP.invalidParameter);
    const secret = secrets.secretWith(request);
    if (secret === undefined) return refuse(CTAP.missingParameter);
    const byFinger = sub === PIN_SUBS.getTokenByFinger;
    const isForFingers = ((numberAt(request, 9) ?? 0) & PERMISSIONS.bioEnrollment) !== 0;
    if (byFinger && isForFingers && this.enrolmentBy === 'pin') return refuse(CTAP.unauthorizedPermission);
    const checked = byFinger ? await this.checkFinger(session) : secrets.checkPin(secret, bytesAt(request, 6), 'token');
    return checked === CTAP.ok ? secrets.give(secret, request, byFinger ? 'yes' : 'no', level === '2.0' ? 16 : 32) : refuse(checked);
  }

  private async makeCredential(request: CborMap, session: Session): Promise<Answered> {
    const [clientDataHash, rp] = [bytesAt(request, 1), mapAt(request, 2)];
    const rpId = rp === undefined ? undefined : textAt(rp, 'id');
    if (clientDataHash?.length !== 32 || rpId === undefined) return refuse(CTAP.missingParameter);
    if (listAt(request, 5).length > CREDENTIALS_MAX) return refuse(CTAP.limitExceeded);
    const takes = listAt(request, 4).some((one) => one instanceof Map && one.get('alg') === KEY_ALGORITHMS.es256);
    if (!takes) return refuse(CTAP.unsupportedAlgorithm);
    const checked = await this.checkOwner(request, { proof: 8, protocol: 9, options: 7 }, clientDataHash, PERMISSIONS.makeCredential, rpId, session);
    if (checked !== CTAP.ok) return refuse(checked);
    if (this.known(listAt(request, 5), rpId) !== undefined) return refuse(CTAP.credentialExcluded);
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const id = randomBytes(48);
    this.credentials.set(id.toString('hex'), { rpId, privateKey });
    const cose = encodeCborMap(p256Key(KEY_ALGORITHMS.es256, Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const authData = this.authData(rpId, KEY_FLAGS.credential, Buffer.concat([AAGUID, length, id, cose]));
    return {
      map: mapOf([
        [1, 'packed'],
        [2, authData],
        [
          3,
          mapOf([
            ['alg', KEY_ALGORITHMS.es256],
            ['sig', sign('sha256', Buffer.concat([authData, clientDataHash]), privateKey)],
          ]),
        ],
      ]),
    };
  }

  private async getAssertion(request: CborMap, session: Session): Promise<Answered> {
    const [rpId, clientDataHash] = [textAt(request, 1), bytesAt(request, 2)];
    if (clientDataHash?.length !== 32 || rpId === undefined) return refuse(CTAP.missingParameter);
    // Many real keys wait for the finger first, so that nobody learns without it which credentials they hold.
    const checked = await this.checkOwner(request, { proof: 6, protocol: 7, options: 5 }, clientDataHash, PERMISSIONS.getAssertion, rpId, session);
    if (checked !== CTAP.ok) return refuse(checked);
    const found = this.known(listAt(request, 3), rpId);
    if (found === undefined) return refuse(CTAP.noCredentials);
    const authData = this.authData(rpId, 0);
    const signature = sign('sha256', Buffer.concat([authData, clientDataHash]), found.credential.privateKey);
    if (this.signatures === 'bad') signature.writeUInt8(signature.readUInt8(signature.length - 1) ^ 1, signature.length - 1);
    return {
      map: mapOf([
        [
          1,
          mapOf([
            ['id', found.id],
            ['type', 'public-key'],
          ]),
        ],
        [2, authData],
        [3, signature],
      ]),
    };
  }

  /** Presence and finger, shown by a token (2.1) or asked for by the option `uv` (2.0). */
  private async checkOwner(
    request: CborMap,
    at: { readonly proof: number; readonly protocol: number; readonly options: number },
    clientDataHash: Uint8Array,
    permission: number,
    rpId: string,
    session: Session,
  ): Promise<number> {
    const proof = bytesAt(request, at.proof);
    if (proof !== undefined) {
      const proven = this.secrets.checkProof(numberAt(request, at.protocol), proof, clientDataHash, permission, rpId);
      if (proven !== CTAP.ok) return proven;
      return this.secrets.usePresence() === 'yes' ? CTAP.ok : this.touch(session);
    }
    const options = mapAt(request, at.options);
    if (options?.get('uv') !== true) return CTAP.tokenRequired;
    return this.fingers.stored.size === 0 ? CTAP.invalidOption : this.checkFinger(session);
  }

  private async checkFinger(session: Session): Promise<number> {
    if (this.fingers.stored.size === 0) return CTAP.notAllowed;
    if (this.secrets.uvTries === 0) return CTAP.uvBlocked;
    const press = await this.press(session);
    return press === undefined ? CTAP.userActionTimeout : this.secrets.countFinger(press);
  }

  private async touch(session: Session): Promise<number> {
    return (await this.press(session)) === undefined ? CTAP.userActionTimeout : CTAP.ok;
  }

  private async press({ touch, signal }: Session): Promise<Press | undefined> {
    touch('yes');
    const gesture = await this.person.gesture(signal);
    touch('no');
    return gesture.kind === 'press' ? gesture.press : undefined;
  }

  private known(list: readonly unknown[], rpId: string): { readonly id: Uint8Array; readonly credential: Credential } | undefined {
    for (const one of list) {
      const id = one instanceof Map ? bytesAt(one as CborMap, 'id') : undefined;
      const credential = id === undefined ? undefined : this.credentials.get(Buffer.from(id).toString('hex'));
      if (id !== undefined && credential?.rpId === rpId) return { id, credential };
    }
    return undefined;
  }

  private authData(rpId: string, flags: number, credential: Uint8Array = Uint8Array.of()): Buffer {
    if (this.counting === 'rising') this.counter += 1;
    if (this.counting === 'falling') this.counter = Math.max(1, this.counter - 1);
    const tail = Buffer.alloc(5);
    tail.writeUInt8(KEY_FLAGS.userPresent | KEY_FLAGS.userVerified | flags);
    tail.writeUInt32BE(this.counting === 'none' ? 0 : this.counter, 1);
    return Buffer.concat([createHash('sha256').update(rpId, 'utf8').digest(), tail, credential]);
  }
}
