import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { CounterCommand } from '#protocol/counter/command.js';
import { encodeFrame, FrameReader, readToScreen, SOCKET_FRAME_BYTES_MAX } from '#protocol/counter/socket.js';
import type { CounterView } from '#protocol/counter/view.js';
import { paise } from '#protocol/money/paise.js';
import { CounterSocket } from '../../../firmware-agent/socket/counter-socket.js';

function viewOf(n: number, detail = ''): CounterView {
  return {
    header: {
      kiosk: null,
      district: null,
      operator: null,
      language: 'en',
      now: n,
      link: { state: 'online' },
      devices: [],
      unsent: { count: 0, sum: paise(0n), oldest: null },
      leaseLeftPaise: null,
    },
    body: { screen: 'out-of-order', problem: { code: 'ledger-broken' }, detail },
  };
}

class World {
  readonly root = mkdtempSync(join(tmpdir(), 'jharokha-socket-'));
  readonly path = join(this.root, 'counter.sock');
  readonly commands: CounterCommand[] = [];
  readonly refused: string[] = [];
  view = viewOf(0);
  #waiting: (() => void)[] = [];
  readonly #screens: Socket[] = [];
  readonly socket = new CounterSocket({
    path: this.path,
    view: () => this.view,
    command: (command) => this.#note(() => this.commands.push(command)),
    refused: (detail) => this.#note(() => this.refused.push(detail)),
  });

  #note(add: () => void): void {
    add();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async until(test: () => boolean): Promise<void> {
    while (!test()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async screen(): Promise<Screen> {
    const socket = connect(this.path);
    this.#screens.push(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new Screen(socket);
  }

  async close(): Promise<void> {
    for (const screen of this.#screens) screen.destroy();
    await this.socket.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The other end: counts the views that come. */
class Screen {
  readonly socket: Socket;
  readonly seen: number[] = [];
  readonly closed: Promise<void>;
  readonly #reader = new FrameReader();
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      const frames = this.#reader.feed(bytes);
      assert.ok(frames.ok);
      for (const body of frames.value) {
        const read = readToScreen(body);
        assert.ok(read.ok);
        this.seen.push(read.value.view.header.now);
      }
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  async until(now: number): Promise<void> {
    while (this.seen.at(-1) !== now) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

const frame = (command: CounterCommand): Uint8Array => encodeFrame({ t: 'command', command });

describe('the counter socket', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    await world.socket.listen();
  });
  afterEach(() => world.close());

  it('may be opened by its owner and group only', () => assert.equal(statSync(world.path).mode & 0o777, 0o660));

  it('takes the place of a file that a killed agent left', async () => {
    const other = new World();
    writeFileSync(other.path, '');
    await other.socket.listen();
    const screen = await other.screen();
    await screen.until(0);
    await other.close();
    assert.ok(!existsSync(other.path));
  });

  it('shows the newest view at once, and each change to every screen', async () => {
    world.view = viewOf(7);
    const [one, two] = [await world.screen(), await world.screen()];
    await Promise.all([one.until(7), two.until(7)]);
    world.view = viewOf(8);
    world.socket.push();
    await Promise.all([one.until(8), two.until(8)]);
    one.socket.destroy();
    await one.closed;
    world.view = viewOf(9);
    world.socket.push();
    await two.until(9);
  });

  it('shows many changes of one moment once', async () => {
    const screen = await world.screen();
    await screen.until(0);
    for (let n = 1; n <= 100; n += 1) {
      world.view = viewOf(n);
      world.socket.push();
    }
    await screen.until(100);
    assert.deepEqual(screen.seen, [0, 100]);
  });

  it('understands commands however the bytes are cut', async () => {
    const screen = await world.screen();
    const commands: CounterCommand[] = [
      { do: 'agree' },
      { do: 'give-consumer', consumer: 'उपभोक्ता 210312345678' },
      { do: 'take-cash', received: '' },
      { do: 'log-in', login: '01', pin: '482915' },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 }), async (cuts) => {
        world.commands.length = 0;
        const bytes = Buffer.concat(commands.map(frame));
        for (let at = 0, i = 0; at < bytes.length; i += 1) {
          const size = cuts[i % cuts.length] ?? 1;
          await new Promise<void>((resolve) => screen.socket.write(bytes.subarray(at, at + size), () => resolve()));
          at += size;
        }
        await world.until(() => world.commands.length === commands.length);
        assert.deepEqual(world.commands, commands);
      }),
      { numRuns: 20 },
    );
  });

  it('hangs up on a frame that is too large before its bytes have come, and serves the others', async () => {
    const [bad, good] = [await world.screen(), await world.screen()];
    const head = Buffer.alloc(4);
    head.writeUInt32BE(SOCKET_FRAME_BYTES_MAX + 1);
    bad.socket.write(head);
    await bad.closed;
    assert.match(world.refused[0] ?? '', /a frame of \d+ bytes/u);
    good.socket.write(frame({ do: 'agree' }));
    await world.until(() => world.commands.length === 1);
  });

  it('refuses what is not a command, and goes on with what follows [INV-24]', async () => {
    const screen = await world.screen();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (garbage) => {
        const [before, refused] = [world.commands.length, world.refused.length];
        const head = Buffer.alloc(4);
        head.writeUInt32BE(garbage.length);
        screen.socket.write(Buffer.concat([head, garbage, frame({ do: 'back' })]));
        await world.until(() => world.commands.length === before + 1);
        assert.equal(world.refused.length, refused + 1);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a view where a command is expected', async () => {
    const screen = await world.screen();
    screen.socket.write(encodeFrame({ t: 'view', view: viewOf(1) }));
    await world.until(() => world.refused.length === 1);
    assert.deepEqual(world.commands, []);
  });

  it('lets a slow screen miss views, never the newest', async () => {
    const [slow, quick] = [await world.screen(), await world.screen()];
    await Promise.all([slow.until(0), quick.until(0)]);
    slow.socket.pause();
    const last = 60;
    for (let n = 1; n <= last; n += 1) {
      world.view = viewOf(n, 'x'.repeat(100_000));
      world.socket.push();
      await quick.until(n);
    }
    slow.socket.resume();
    await slow.until(last);
    assert.ok(slow.seen.length < last, `it saw ${slow.seen.length} of ${last + 1}`);
    assert.equal(quick.seen.length, last + 1);
    assert.deepEqual(
      slow.seen,
      slow.seen.toSorted((a, b) => a - b),
    );
  });

  it('ends its screens when it closes, also with a view still due', async () => {
    const screen = await world.screen();
    await screen.until(0);
    world.socket.push();
    await world.socket.close();
    await screen.closed;
  });
});
