import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { districtCode } from '#protocol/identity/identity.js';
import type { Failure, Result } from '#protocol/result/result.js';
import type { SigningKey } from '#protocol/signing/keys.js';
import type { UnixMs } from '#protocol/time/time.js';
import type { Hub } from '../../../hub-server/hub.js';
import { addLsp } from '../../../hub-server/kiosks/enrolment/lsp.js';
import { approveKiosk } from '../../../hub-server/kiosks/enrolment/decide.js';
import { issueClaim } from '../../../hub-server/kiosks/enrolment/claim.js';
import { enrolmentRoutes, type EnrolmentRouteOptions } from '../../../hub-server/kiosks/enrolment/routes.js';
import { addSlot } from '../../../hub-server/kiosks/enrolment/slot.js';
import { createHub, openDistrictKey, openHub } from '../../../hub-server/operations/hub-folder.js';
import { newestRuleBook } from '../../../hub-server/operations/rule-books.js';
import { startDoor, type Door, type DoorOptions } from '../../../hub-server/web/door.js';
import { enrol, type EnrolOptions, type EnrolStep } from '../../../provisioning/technician/enrol.js';

export const START: UnixMs = Date.UTC(2026, 10, 22, 4, 30);
export const KIOSK = 'd35k1111';

/** A hub's clock that a test moves. */
export type Clock = { at: UnixMs };

export function valueOf<T>(result: Result<T, Failure<string>>): T {
  assert.ok(result.ok, result.ok ? '' : `${result.error.code}: ${result.error.detail}`);
  return result.value;
}

/** The code of a failure; fails when there was none. */
export function codeOf(result: Result<unknown, Failure<string>>): string {
  assert.ok(!result.ok, 'it was expected to fail');
  assert.ok(result.error.detail.length > 10, 'a refusal says why in words');
  return result.error.code;
}

/** A hub on disk with a door on a free port, and folders for kiosks; all of it removed by `close`. */
export class EnrolmentWorld {
  readonly root = mkdtempSync(join(tmpdir(), 'jharokha-enrolment-'));
  readonly clock: Clock = { at: START };
  readonly defects: string[] = [];
  /** Told of each enrolment request just before it is handled. */
  onVisit: ((path: string) => void) | undefined;
  #hub: Hub | undefined;
  #door: Door | undefined;
  #folders = 0;

  static async open(options: { readonly routes?: EnrolmentRouteOptions; readonly door?: Partial<DoorOptions> } = {}): Promise<EnrolmentWorld> {
    const world = new EnrolmentWorld();
    try {
      await world.#start(options.routes ?? {}, options.door ?? {});
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  get hub(): Hub {
    assert.ok(this.#hub !== undefined);
    return this.#hub;
  }

  get door(): Door {
    assert.ok(this.#door !== undefined);
    return this.#door;
  }

  get address(): string {
    return `127.0.0.1:${this.door.port}`;
  }

  get districtKey(): SigningKey {
    return valueOf(openDistrictKey(this.hub.folder));
  }

  folder(): string {
    this.#folders += 1;
    return join(this.root, `kiosk-${this.#folders}`);
  }

  claim(kind: 'first' | 'replace' = 'first', kiosk = KIOSK): string {
    return valueOf(issueClaim(this.hub, { kiosk, kind, hubAddress: this.address, by: 'test' })).text;
  }

  approve(fingerprint: string, kiosk = KIOSK): ReturnType<typeof approveKiosk> {
    return approveKiosk(this.hub, this.districtKey, { kiosk, by: 'test', fingerprint });
  }

  /** Starts the technician's command; `pending` resolves when the fingerprint is on its screen. */
  technician(folder: string, claim: string | undefined, more: Partial<EnrolOptions> = {}): Technician {
    return new Technician(folder, claim, this.clock, more);
  }

  /** Enrols a device to the end. */
  async enrolled(folder: string, claim: string, kiosk = KIOSK): ReturnType<typeof enrol> {
    const technician = this.technician(folder, claim);
    valueOf(this.approve(await technician.fingerprint, kiosk));
    return technician.done;
  }

  async close(): Promise<void> {
    await this.#door?.close();
    this.#hub?.db.close();
    rmSync(this.root, { recursive: true, force: true });
    assert.deepEqual(this.defects, []);
  }

  async #start(routes: EnrolmentRouteOptions, door: Partial<DoorOptions>): Promise<void> {
    const edges = { now: () => this.clock.at };
    valueOf(await createHub(join(this.root, 'hub'), newHub(), edges));
    const hub = valueOf(openHub(join(this.root, 'hub'), edges));
    this.#hub = hub;
    const { grammar } = newestRuleBook(hub).book;
    valueOf(addLsp(hub, { code: 'AKSH', name: { en: 'Aksh Optifibre', hi: 'अक्ष ऑप्टिफाइबर' } }));
    for (const code of [KIOSK, 'd35k2222']) valueOf(addSlot(hub, grammar, { code, lsp: 'AKSH', site: { en: 'Sanganer', hi: 'सांगानेर' } }));
    this.#door = await startDoor({
      hub,
      listen: { host: '127.0.0.1', port: 0 },
      routes: enrolmentRoutes(hub, { perMinute: 1_000, lookMs: 5, ...routes }).map((route) => ({
        ...route,
        handle: (visit) => {
          this.onVisit?.(visit.path);
          return route.handle(visit);
        },
      })),
      onDefect: (what, error) => this.defects.push(`${what}: ${String(error)}`),
      ...door,
    });
  }
}

export function newHub(): Parameters<typeof createHub>[1] {
  return {
    district: districtCode.parse('c11:110'),
    districtName: { en: 'Jaipur', hi: 'जयपुर' },
    society: { en: 'Jaipur e-Mitra Society', hi: 'जयपुर ई-मित्र सोसायटी' },
    name: 'jaipur-1',
    address: 'hub.jaipur.example:443',
  };
}

/** One run of `provision enrol`. */
export class Technician {
  readonly steps: EnrolStep[] = [];
  readonly fingerprint: Promise<string>;
  readonly done: ReturnType<typeof enrol>;

  constructor(folder: string, claim: string | undefined, clock: Clock, more: Partial<EnrolOptions>) {
    const shown = Promise.withResolvers<string>();
    this.fingerprint = shown.promise;
    this.fingerprint.catch(() => undefined);
    this.done = enrol({
      folder,
      claim,
      hints: { machine: 'a'.repeat(64), host: 'kiosk-box', system: 'linux x64' },
      waitMs: 15_000,
      now: () => clock.at,
      monotonicMs: () => performance.now(),
      random: (bytes) => randomBytes(bytes),
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      ...more,
      tell: (step) => {
        this.steps.push(step);
        if (step.step === 'pending') shown.resolve(step.fingerprint);
        more.tell?.(step);
      },
    });
    void this.done.then((result) => shown.reject(new Error(result.ok ? 'enrolled without waiting' : `${result.error.code}: ${result.error.detail}`)));
  }
}
