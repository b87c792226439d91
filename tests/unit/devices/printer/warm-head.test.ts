import assert from 'node:assert/strict';
import { ok } from '#protocol/result/result.js';
import type { PrintOutcome } from '../../../../firmware-agent/devices/ports.js';
import { PrinterDriver } from '../../../../firmware-agent/devices/printer/driver.js';
import { PRINTER_DELAYS } from '../../../../firmware-agent/devices/printer/delays.js';
import type { Timers } from '../../../../firmware-agent/devices/timers.js';
import { Line, type Connection } from '../../../../firmware-agent/devices/transport/transport.js';

const PAPER = { widthDots: 384, heightDots: 300, bytesPerRow: 48, data: new Uint8Array(48 * 300).fill(0x55) };
const { coolMs, writeMs, confirmMs, confirmPerRowMs } = PRINTER_DELAYS;
const LIMIT_MS = confirmMs + PAPER.heightDots * confirmPerRowMs;

const WELL = [0x12, 0x12, 0x12, 0x12];
const HOT = [0x1a, 0x52, 0x52, 0x12];
const NO_PAPER = [0x1a, 0x32, 0x12, 0x7e];
const TELLS_HOT = [0x18, 0x40, 0, 0];
const TELLS_WELL = [0x10, 0, 0, 0];
const NAME = [...Buffer.from('_EPSON'), 0];
const CONFIRMED = [0, ...NAME];

const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Time that passes only when it is told to. */
function heldTime(): { readonly timers: Timers; readonly pass: (ms: number) => Promise<void> } {
  let now = 0;
  const waiting = new Set<{ readonly at: number; readonly run: () => void }>();
  return {
    timers: {
      now: () => now,
      after(delayMs, run) {
        const one = { at: now + delayMs, run };
        waiting.add(one);
        return () => waiting.delete(one);
      },
    },
    async pass(ms) {
      const until = now + ms;
      for (;;) {
        await settled();
        const [next] = [...waiting].toSorted((a, b) => a.at - b.at);
        if (next === undefined || next.at > until) break;
        waiting.delete(next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = until;
    },
  };
}

type Played = {
  readonly outcome: () => PrintOutcome | undefined;
  readonly told: readonly string[];
  readonly pass: (ms: number) => Promise<void>;
  /** From now on it answers DLE EOT so. */
  readonly become: (bits: readonly number[]) => void;
  readonly say: (bytes: readonly number[]) => Promise<void>;
  /** Takes, after all, the band that it left standing. */
  readonly take: () => Promise<void>;
  readonly isClosed: () => boolean;
};

/** One job on a printer played by hand, which answers DLE EOT and names, and confirms only when a test says so. `full`: it does not take the first band. */
async function printing(buffer: 'roomy' | 'full' = 'roomy'): Promise<Played> {
  const { timers, pass } = heldTime();
  const line = new Line();
  let bits: readonly number[] = WELL;
  let outcome: PrintOutcome | undefined;
  let standing: (() => void) | undefined;
  let bands = 0;
  const answer = (bytes: readonly number[]): void => queueMicrotask(() => line.bytes(Uint8Array.from(bytes)));
  const connection: Connection = {
    write(bytes) {
      const said = Buffer.from(bytes).toString('latin1');
      assert.equal(standing, undefined, 'something was sent into the middle of a command');
      if (said.startsWith('\x10\x04')) answer([bits[(bytes[2] ?? 1) - 1] ?? 0]);
      if (said.startsWith('\x1b@')) answer(NAME);
      if (said.startsWith('\x1dv')) bands += 1;
      if (bands !== 1 || buffer === 'roomy') return Promise.resolve(ok(undefined));
      return new Promise((resolve) => {
        standing = () => resolve(ok(undefined));
      });
    },
    onBytes: (listener) => line.onBytes(listener),
    onClose: (listener) => line.onClose(listener),
    close: async () => line.end('closed'),
  };
  const options = { confirmation: 'paper-status', drawerPin: 2, cutter: 'partial', delays: PRINTER_DELAYS, timers } as const;
  const driver = new PrinterDriver(connection, { state: 'unsure' }, options);
  const told: string[] = [];
  driver.onReport(({ state, problem }) => told.push(problem?.code ?? state));
  void driver.print(PAPER).then((ended) => {
    outcome = ended;
  });
  await pass(0);
  return {
    outcome: () => outcome,
    told,
    pass,
    become: (now) => {
      bits = now;
    },
    async say(bytes) {
      line.bytes(Uint8Array.from(bytes));
      await pass(0);
    },
    async take() {
      const taken = standing;
      standing = undefined;
      bands += 1;
      taken?.();
      await pass(0);
    },
    isClosed: () => line.why !== undefined,
  };
}

const causeOf = (outcome: PrintOutcome | undefined): string | undefined => (outcome?.outcome === 'unknown' ? outcome.cause : outcome?.outcome);

describe('printer: a head that is too warm in mid job', () => {
  it('is waited for, longer than a confirmation may take, and the paper is printed', async () => {
    const { outcome, become, pass, say, told } = await printing();
    become(HOT);
    await pass(coolMs - 1_000);
    assert.equal(outcome(), undefined);
    assert.equal(told.at(-1), 'printer-hot');
    become(WELL);
    await pass(1_000);
    assert.equal(told.at(-1), 'ready');
    await say(CONFIRMED);
    assert.deepEqual(outcome(), { outcome: 'printed' });
  });

  it('is waited for no longer than its bound', async () => {
    const { outcome, become, pass } = await printing();
    become(HOT);
    await pass(coolMs + 2_000);
    assert.equal(causeOf(outcome()), 'printer-hot');
  });

  it('in several pauses: all of them together have that bound', async () => {
    const { outcome, become, pass } = await printing();
    for (const _ of [1, 2]) {
      become(HOT);
      await pass(coolMs / 2 - 2_000);
      become(WELL);
      await pass(1_000);
    }
    assert.equal(outcome(), undefined);
    become(HOT);
    await pass(6_000);
    assert.equal(causeOf(outcome()), 'printer-hot');
  });

  it('that is warm for a moment gains no time to confirm', async () => {
    const { outcome, say, pass } = await printing();
    await pass(1_000);
    await say(TELLS_HOT);
    await say(TELLS_WELL);
    await pass(LIMIT_MS - 1_001);
    assert.equal(outcome(), undefined);
    await pass(1_000);
    assert.equal(causeOf(outcome()), 'printer-silent');
  });

  it('does not hide what comes after it', async () => {
    const { outcome, become, pass } = await printing();
    become(HOT);
    await pass(10_000);
    become(NO_PAPER);
    await pass(1_000);
    assert.equal(causeOf(outcome()), 'paper-out');
  });

  it('whose printer takes no more bytes meanwhile: asked nothing in the middle of a band, and printed when it has cooled', async () => {
    const { outcome, say, pass, take, isClosed } = await printing('full');
    await say(TELLS_HOT);
    await pass(writeMs * 3);
    assert.deepEqual([outcome(), isClosed()], [undefined, false]);
    await say(TELLS_WELL);
    await pass(writeMs - 1_000);
    assert.equal(outcome(), undefined);
    await take();
    await say(CONFIRMED);
    assert.deepEqual(outcome(), { outcome: 'printed' });
  });

  it('whose printer takes no more bytes when it has cooled is stuck, like any other', async () => {
    const { outcome, say, pass, isClosed } = await printing('full');
    await say(TELLS_HOT);
    await pass(writeMs * 3);
    await say(TELLS_WELL);
    await pass(writeMs + 1_000);
    assert.equal(causeOf(outcome()), 'printer-silent');
    assert.equal(isClosed(), true);
  });

  it('whose printer takes no more bytes is waited for no longer than the bound', async () => {
    const { outcome, say, pass, isClosed } = await printing('full');
    await say(TELLS_HOT);
    await pass(coolMs + 2_000);
    assert.equal(causeOf(outcome()), 'printer-hot');
    assert.equal(isClosed(), true);
  });

  it('between two bands: the next one is held back until it has cooled', async () => {
    const { outcome, say, become, pass, take } = await printing('full');
    become(HOT);
    await say(TELLS_HOT);
    await take();
    await say(CONFIRMED);
    await pass(10_000);
    assert.equal(outcome(), undefined, 'a confirmation before the end of the job is none');
    become(WELL);
    await pass(1_000);
    await say(CONFIRMED);
    assert.deepEqual(outcome(), { outcome: 'printed' });
  });
});
