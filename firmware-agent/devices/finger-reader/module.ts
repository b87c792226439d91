import { failure, ok, type Result } from '#protocol/result/result.js';
import { parametersIn, pagesIn, INDEX_PAGES, u16In, type Answer, type ModuleParameters } from './codec/answers.js';
import * as say from './codec/commands.js';
import type { FingerDelays } from './delays.js';
import type { Dialogue } from './dialogue.js';
import type { LibraryFailure } from './port.js';

/** Outlives a connection. `pending`: was sent to the module, and whether it took it is not known yet. */
export type Secret = { password: number; pending?: number | undefined };

/** What a module must prove before it is used. */
export type Identity = { readonly secret: Secret; readonly systemId: number | undefined };

/** One module behind its dialogue, known and unlocked: commands with their refusals sorted out. */
export class FingerModule {
  readonly dialogue: Dialogue;
  readonly delays: FingerDelays;
  readonly parameters: ModuleParameters;
  private readonly secret: Secret;
  private lamp: 'unknown' | 'aura' | 'lamp' | 'none' = 'unknown';

  private constructor(dialogue: Dialogue, delays: FingerDelays, parameters: ModuleParameters, secret: Secret) {
    this.dialogue = dialogue;
    this.delays = delays;
    this.parameters = parameters;
    this.secret = secret;
  }

  /** Lets the line settle, gives the password, and reads what the module is. */
  static async open(dialogue: Dialogue, delays: FingerDelays, { secret, systemId }: Identity): Promise<Result<FingerModule, LibraryFailure>> {
    await dialogue.settle();
    const unlocked = await unlockBySecret(dialogue, secret);
    if (!unlocked.ok) return unlocked;
    const parameters = await readParameters(dialogue);
    if (!parameters.ok) return parameters;
    if (systemId !== undefined && parameters.value.systemId !== systemId) {
      const hex = (value: number): string => value.toString(16).padStart(4, '0');
      return failure('finger-reader-locked', `the module has the system id ${hex(parameters.value.systemId)}, not ${hex(systemId)}`);
    }
    return ok(new FingerModule(dialogue, delays, parameters.value, secret));
  }

  /**
   * Before each piece of work: the module is there, is the same, and is unlocked (it forgets the password with its power). Answers to older
   * commands have passed by when this one is answered.
   */
  async prepare(): Promise<Result<void, LibraryFailure>> {
    const first = await readParameters(this.dialogue);
    const now = first.ok || first.error.code !== 'finger-reader-locked' ? first : await this.unlockAgain();
    if (!now.ok) return now;
    if (sameModule(now.value, this.parameters)) return ok(undefined);
    await this.dialogue.close();
    return failure('finger-reader-absent', 'another module answers now');
  }

  /** One command; `ok` with any answer that is not about locks. */
  async ask(command: say.Command): Promise<Result<Answer, LibraryFailure>> {
    const answer = await this.dialogue.ask(command);
    return answer.ok ? lockedOr(command, answer.value) : answer;
  }

  /** One command that has no other good answer than `ok`. */
  async demand(command: say.Command): Promise<Result<Answer, LibraryFailure>> {
    const answer = await this.ask(command);
    return answer.ok && answer.value.confirmation !== 'ok' ? refused(command, answer.value) : answer;
  }

  async count(): Promise<Result<number, LibraryFailure>> {
    const answer = await this.demand(say.countTemplates());
    return answer.ok ? ok(u16In(answer.value.args)) : answer;
  }

  /** Pages in use. */
  async pages(): Promise<Result<readonly number[], LibraryFailure>> {
    const pages: number[] = [];
    for (let part = 0; part * INDEX_PAGES < this.parameters.capacity; part += 1) {
      const answer = await this.demand(say.readIndex(part));
      if (!answer.ok) return answer;
      pages.push(...pagesIn(part, answer.value.args));
    }
    return ok(pages.filter((page) => page < this.parameters.capacity));
  }

  async holds(page: number): Promise<Result<'yes' | 'no', LibraryFailure>> {
    if (!Number.isInteger(page) || page < 0 || page >= this.parameters.capacity)
      return failure('page-unknown', `the module has pages 0 to ${this.parameters.capacity - 1}, not ${page}`);
    const part = Math.floor(page / INDEX_PAGES);
    const answer = await this.demand(say.readIndex(part));
    return answer.ok ? ok(pagesIn(part, answer.value.args).includes(page) ? 'yes' : 'no') : answer;
  }

  /** Reads the template in a buffer. */
  async readBuffer(buffer: number): Promise<Result<Uint8Array, LibraryFailure>> {
    const command = say.sendTemplate(buffer);
    const received = await this.dialogue.receive(command, this.parameters.packetBytes);
    if (!received.ok) return received;
    const { answer, data } = received.value;
    return answer.confirmation === 'ok' ? ok(data) : refused(command, answer);
  }

  /** Puts a template into a buffer. The module confirms nothing, so it is read back. */
  async writeBuffer(buffer: number, template: Uint8Array): Promise<Result<void, LibraryFailure>> {
    const agreed = await this.demand(say.takeTemplate(buffer));
    if (!agreed.ok) return agreed;
    const sent = await this.dialogue.sendData(template, this.parameters.packetBytes);
    if (!sent.ok) return sent;
    const back = await this.readBuffer(buffer);
    if (!back.ok) return back.error.code === 'finger-reader-error' ? failure('template-refused', back.error.detail) : back;
    return Buffer.from(back.value).equals(template)
      ? ok(undefined)
      : failure('template-refused', `the module holds ${back.value.length} bytes that differ from the ${template.length} sent`);
  }

  /** Tries the ring, then the lamp, and remembers what the module has. */
  async light(light: say.Light): Promise<Result<'lit' | 'unsupported', LibraryFailure>> {
    if (this.lamp === 'none') return ok('unsupported');
    for (const kind of this.lamp === 'unknown' ? (['aura', 'lamp'] as const) : [this.lamp]) {
      const answer = await this.dialogue.ask(kind === 'aura' ? say.aura(light) : say.lamp(light), this.delays.lampMs);
      // A module that stayed silent may still answer, and must not seem to answer the next command.
      const passed = answer.ok ? ok(undefined) : await this.dialogue.barrier();
      if (!passed.ok) return passed;
      if (answer.ok && answer.value.confirmation === 'ok') {
        this.lamp = kind;
        return ok('lit');
      }
    }
    // A known lamp that did not answer this once is asked again the next time.
    if (this.lamp === 'unknown') this.lamp = 'none';
    return ok('unsupported');
  }

  /** The answer may be lost: which password opens the module decides. */
  async setPassword(password: number): Promise<Result<void, LibraryFailure>> {
    this.secret.pending = password;
    const asked = await this.ask(say.setPassword(password));
    const taken = await unlock(this.dialogue, password);
    if (taken.ok) {
      adopt(this.secret, password);
      return ok(undefined);
    }
    const still = await unlock(this.dialogue, this.secret.password);
    if (!still.ok) return still;
    this.secret.pending = undefined;
    const why = asked.ok ? `answered ${asked.value.confirmation}` : asked.error.detail;
    return failure('finger-reader-error', `the old password holds: SetPwd ${why}`);
  }

  private async unlockAgain(): Promise<Result<ModuleParameters, LibraryFailure>> {
    const unlocked = await unlockBySecret(this.dialogue, this.secret);
    return unlocked.ok ? readParameters(this.dialogue) : unlocked;
  }
}

function adopt(known: Secret, password: number): void {
  Object.assign(known, { password, pending: undefined });
}

/** A line that broke while the password was set left two that may be the right one. */
async function unlockBySecret(dialogue: Dialogue, secret: Secret): Promise<Result<void, LibraryFailure>> {
  const unlocked = await unlock(dialogue, secret.password);
  if (unlocked.ok || unlocked.error.code !== 'finger-reader-locked' || secret.pending === undefined) return unlocked;
  const second = await unlock(dialogue, secret.pending);
  if (second.ok) adopt(secret, secret.pending);
  return second;
}

async function unlock(dialogue: Dialogue, password: number): Promise<Result<void, LibraryFailure>> {
  const command = say.verifyPassword(password);
  const answer = await dialogue.ask(command);
  if (!answer.ok) return answer;
  const allowed = lockedOr(command, answer.value);
  if (!allowed.ok) return allowed;
  return allowed.value.confirmation === 'ok' ? ok(undefined) : refused(command, allowed.value);
}

async function readParameters(dialogue: Dialogue): Promise<Result<ModuleParameters, LibraryFailure>> {
  const command = say.readParameters();
  const answer = await dialogue.ask(command);
  if (!answer.ok) return answer;
  const allowed = lockedOr(command, answer.value);
  if (!allowed.ok) return allowed;
  const parameters = parametersIn(allowed.value.args);
  return parameters === undefined ? failure('finger-reader-error', 'the module tells parameters that can not be') : ok(parameters);
}

function lockedOr({ name }: say.Command, answer: Answer): Result<Answer, LibraryFailure> {
  const { confirmation } = answer;
  const locked = confirmation === 'wrong-password' || confirmation === 'password-needed' || confirmation === 'address-wrong';
  return locked ? failure('finger-reader-locked', `the module answered ${name} with ${confirmation}`) : ok(answer);
}

export function refused({ name }: say.Command, { confirmation, code }: Answer): Result<never, LibraryFailure> {
  return failure('finger-reader-error', `the module answered ${name} with ${confirmation} (${code.toString(16).padStart(2, '0')})`);
}

function sameModule(one: ModuleParameters, other: ModuleParameters): boolean {
  return one.systemId === other.systemId && one.capacity === other.capacity && one.packetBytes === other.packetBytes;
}
