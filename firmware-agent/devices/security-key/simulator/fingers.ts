import { randomBytes } from 'node:crypto';
import { bytesAt, encodeCborMap, mapAt, mapOf, numberAt, textAt, type CborMap } from '#protocol/security-key/cbor-map.js';
import { BIO_SUBS, SAMPLE_STATUS } from '../codec/bio.js';
import { PERMISSIONS } from '../codec/messages.js';
import { CTAP } from '../codec/status.js';
import type { Session } from './authenticator.js';
import type { Person } from './person.js';
import { EMPTY, refuse, type Answered, type Secrets } from './secrets.js';

const SAMPLES = 4;
const PLACES = 5;
/** maxTemplateFriendlyName. */
const NAME_BYTES_MAX = 32;

/** Fingers in a key's store, and one that is being enrolled (CTAP 2.1 §6.7). */
export class Fingers {
  readonly stored = new Map<string, { readonly id: Uint8Array; name: string }>();
  private readonly person: Person;
  private enrolling: { readonly id: Uint8Array; left: number } | undefined;

  constructor(person: Person) {
    this.person = person;
  }

  add(name: string): void {
    const id = randomBytes(4);
    this.stored.set(id.toString('hex'), { id, name });
  }

  async run(request: CborMap, secrets: Secrets, session: Session): Promise<Answered> {
    const [modality, sub, params, proof] = [numberAt(request, 1), numberAt(request, 2), mapAt(request, 3), bytesAt(request, 5)];
    if (request.get(6) === true) return { map: mapOf([[1, 1]]) };
    if (modality !== 1 || sub === undefined) return refuse(CTAP.missingParameter);
    if (sub === BIO_SUBS.sensorInfo) {
      return {
        map: mapOf([
          [2, 1],
          [3, SAMPLES],
          [8, NAME_BYTES_MAX],
        ]),
      };
    }
    // Ending an enrolment needs no proof (§6.7.4).
    if (sub === BIO_SUBS.cancel) return this.cancel();
    if (proof === undefined) return refuse(CTAP.tokenRequired);
    const proven = Buffer.concat([Uint8Array.of(modality, sub), params === undefined ? Uint8Array.of() : encodeCborMap(params)]);
    const checked = secrets.checkProof(numberAt(request, 4), proof, proven, PERMISSIONS.bioEnrollment);
    if (checked !== CTAP.ok) return refuse(checked);
    const id = params === undefined ? undefined : bytesAt(params, 1);
    switch (sub) {
      case BIO_SUBS.begin:
        if (this.stored.size >= PLACES) return refuse(CTAP.fingersFull);
        this.enrolling = { id: randomBytes(4), left: SAMPLES };
        return this.sample(session);
      case BIO_SUBS.next:
        return this.goOn(id, session);
      case BIO_SUBS.enumerate:
        return this.stored.size === 0
          ? refuse(CTAP.invalidOption)
          : {
              map: mapOf([
                [
                  7,
                  [...this.stored.values()].map((one) =>
                    mapOf([
                      [1, one.id],
                      [2, one.name],
                    ]),
                  ),
                ],
              ]),
            };
      case BIO_SUBS.setName:
        return this.rename(id, params === undefined ? undefined : textAt(params, 2));
      case BIO_SUBS.remove:
        return id !== undefined && this.stored.delete(Buffer.from(id).toString('hex')) ? EMPTY : refuse(CTAP.invalidOption);
      default:
        return refuse(CTAP.invalidParameter);
    }
  }

  private goOn(id: Uint8Array | undefined, session: Session): Answered | Promise<Answered> {
    if (this.enrolling === undefined) return refuse(CTAP.notAllowed);
    return id !== undefined && Buffer.from(id).equals(this.enrolling.id) ? this.sample(session) : refuse(CTAP.invalidOption);
  }

  private cancel(): Answered {
    this.enrolling = undefined;
    return EMPTY;
  }

  private rename(id: Uint8Array | undefined, name: string | undefined): Answered {
    const finger = id === undefined ? undefined : this.stored.get(Buffer.from(id).toString('hex'));
    if (finger === undefined || name === undefined) return refuse(CTAP.invalidOption);
    if (Buffer.byteLength(name, 'utf8') > NAME_BYTES_MAX) return refuse(CTAP.invalidLength);
    finger.name = name;
    return EMPTY;
  }

  private async sample({ touch, signal }: Session): Promise<Answered> {
    const { enrolling } = this;
    if (enrolling === undefined) return refuse(CTAP.notAllowed);
    touch('yes');
    const gesture = await this.person.gesture(signal);
    touch('no');
    const status = gesture.kind === 'sample' ? gesture.status : gesture.kind === 'press' ? 0 : SAMPLE_STATUS.indexOf('no-finger');
    if (status === 0) enrolling.left -= 1;
    if (enrolling.left === 0) {
      this.stored.set(Buffer.from(enrolling.id).toString('hex'), { id: enrolling.id, name: '' });
      this.enrolling = undefined;
    }
    return {
      map: mapOf([
        [4, enrolling.id],
        [5, status],
        [6, enrolling.left],
      ]),
    };
  }
}
