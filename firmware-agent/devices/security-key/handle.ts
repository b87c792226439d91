import { randomBytes } from 'node:crypto';
import { ok, type Result } from '#protocol/result/result.js';
import { Life } from '../life/life.js';
import type { LifeLogEvent } from '../life/live-driver.js';
import { portCauseIn, type DeviceReport } from '../ports.js';
import { systemTimers, type Timers } from '../timers.js';
import type { HidTransport } from '../transport/hid.js';
import type { Random } from './channel.js';
import { KEY_DELAYS, type KeyDelays } from './delays.js';
import { KeyDriver } from './driver.js';
import { KEY_CAUSES, type KeyFailure, type SecurityKeyHandle } from './port.js';

export type KeyOptions = {
  /** Whether a key must always be plugged in. One that its owner carries is absent most of the day, and that is no trouble. */
  readonly presence: 'always' | 'when-used';
  readonly delays?: KeyDelays;
  readonly timers?: Timers;
  readonly random?: Random;
  readonly log?: (event: LifeLogEvent) => void;
};

const systemRandom: Random = (bytes) => Uint8Array.from(randomBytes(bytes));

/** Starts the life of a security key on a transport and gives the narrow face of it that the counter sees. */
export function startSecurityKey(transport: HidTransport, options: KeyOptions): SecurityKeyHandle {
  const { presence, delays = KEY_DELAYS, timers = systemTimers, random = systemRandom, log = () => undefined } = options;
  const life = new Life<KeyDriver>({
    name: transport.name,
    connect: async (givenUp) => {
      const opened = await transport.open(givenUp);
      return opened.ok ? ok(new KeyDriver(opened.value, { delays, timers, random })) : opened;
    },
    absent: presence === 'always' ? { state: 'absent', problem: { code: 'key-absent' } } : { state: 'absent' },
    delays,
    timers,
    log,
  });
  /** A key is plugged in the moment before it is used: looked for again before it is said to be absent. */
  const take = async <T>(work: (key: KeyDriver) => Promise<Result<T, KeyFailure>>): Promise<Result<T, KeyFailure>> => {
    if (life.state().state === 'absent' || portCauseIn(life.state()) !== undefined) await appeared(life, timers, delays.connectMs);
    return life.take<Result<T, KeyFailure>>(work, (report, detail) => ({ ok: false, error: { code: causeIn(report), detail } }));
  };
  return {
    ...life.face(),
    info: () => take((key) => key.info()),
    register: (ask, touch) => take((key) => key.register(ask, touch)),
    assert: (ask, touch) => take((key) => key.assert(ask, touch)),
    enrolFinger: (ask, touch) => take((key) => key.fingers.enrol(ask, touch)),
    fingers: (owner, touch) => take((key) => key.fingers.list(owner, touch)),
    renameFinger: (owner, pick, name, touch) => take((key) => key.fingers.rename(owner, pick, name, touch)),
    removeFinger: (owner, pick, touch) => take((key) => key.fingers.remove(owner, pick, touch)),
    setPin: (pin, old) => take((key) => key.setPin(pin, old)),
    retries: () => take((key) => key.retries()),
  };
}

/** One more try to connect, now; ends when the key is there, or soon after it is not. */
function appeared(life: Life<KeyDriver>, timers: Timers, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stop();
      cancel();
      resolve();
    };
    // A key that is plugged in this moment may for an instant be one that nobody may open: udev sets the rights after the node is there.
    const stop = life.onChange(() => (life.whyAway() === undefined ? done() : undefined));
    const cancel = timers.after(limitMs, done);
    life.nudge();
  });
}

function causeIn({ problem }: DeviceReport): KeyFailure['code'] {
  return KEY_CAUSES.find((code) => code === problem?.code) ?? 'key-absent';
}
