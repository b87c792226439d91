import assert from 'node:assert/strict';
import { encodeCbor } from '#protocol/signing/cbor.js';
import { SOCKET_FRAME_BYTES_MAX } from '#protocol/counter/socket.js';
import { auditSettled, moved, paid } from '../../support/world-audit.js';
import { PATIENCE_MS, CounterClient } from '../../support/counter-client.js';
import { sideBySide } from '../../support/world-side-by-side.js';
import { inWorld } from '../../support/world.js';

/** A frame with any body, right or wrong. */
function framed(body: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeUInt32BE(body.length);
  frame.set(body, 4);
  return frame;
}

const NONSENSE: Readonly<Record<string, Uint8Array>> = {
  'text of another protocol': Buffer.from('GET / HTTP/1.1\r\nHost: counter\r\n\r\n'),
  'a frame longer than any may be': Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xff]), Buffer.alloc(1_000, 7)]),
  'a frame just too long': Buffer.from([0, ...Buffer.from((SOCKET_FRAME_BYTES_MAX + 1).toString(16).padStart(6, '0'), 'hex')]),
  'bytes that are no CBOR': framed(Buffer.from([0xff, 0xff, 0x00, 0x1c])),
  'an empty frame': framed(Buffer.alloc(0)),
  'a command that there is not': framed(encodeCbor({ t: 'command', command: { do: 'open-the-drawer' } })),
  'a command with more in it': framed(encodeCbor({ t: 'command', command: { do: 'agree', total: 1 } })),
  'a command with too long a text': framed(encodeCbor({ t: 'command', command: { do: 'take-cash', received: '9'.repeat(100_000) } })),
  'half a frame': Buffer.from([0, 0, 0, 40, 0xa2]),
};

describe('faults of the screen', () => {
  sideBySide({
    'the screen': {
      'is gone in the middle of a sale: the agent keeps the sale, and a new screen shows where it stands': () =>
        inWorld({}, async (world) => {
          const kiosk = world.kiosk();
          await kiosk.start();
          const first = await kiosk.openCounter();
          const before = await auditSettled(world);
          const bill = world.nextBill('JVVNL');
          const { quote } = await kiosk.toTender(first, bill);
          first.close();
          await first.closed;
          const second = await kiosk.screen();
          assert.equal((await second.until('tender')).quote.transaction, quote.transaction);
          second.send({ do: 'take-cash', received: '' });
          second.close();
          await second.closed;
          const third = await kiosk.screen();
          await third.until('handover', ({ sale }) => sale.transaction === quote.transaction);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'sends nonsense: it is cut off or not heard, and the counter goes on': () =>
        inWorld({}, async (world) => {
          const kiosk = world.kiosk();
          await kiosk.start();
          const good = await kiosk.openCounter();
          const before = await auditSettled(world);
          const bill = world.nextBill('JVVNL');
          const { quote } = await kiosk.toTender(good, bill);
          for (const [what, bytes] of Object.entries(NONSENSE)) {
            const bad = await CounterClient.connect(kiosk.socketPath);
            bad.sendBytes(bytes);
            bad.send({ do: 'set-language', language: 'hi' });
            const heard = bad.when(({ header }) => header.language === 'hi', 'the other language', PATIENCE_MS).then(() => 'heard' as const);
            // What follows half a frame belongs to it, and is never a command of its own.
            if (what === 'half a frame') bad.close();
            await Promise.race([heard.catch(() => 'cut' as const), bad.closed]);
            bad.close();
            await bad.closed;
            await heard.catch(() => undefined);
            good.send({ do: 'set-language', language: 'en' });
            const view = await good.when(({ header }) => header.language === 'en', 'a screen that still works');
            assert.equal(view.body.screen, 'tender', what);
          }
          good.send({ do: 'take-cash', received: '' });
          await good.until('handover', ({ sale }) => sale.transaction === quote.transaction);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
        }),

      'is there twice: both show the same, and a key pressed on both counts once': () =>
        inWorld({}, async (world) => {
          const kiosk = world.kiosk();
          await kiosk.start();
          const one = await kiosk.openCounter();
          const other = await kiosk.screen();
          const before = await auditSettled(world);
          const bill = world.nextBill('JVVNL');
          const { quote } = await kiosk.toTender(one, bill);
          assert.equal((await other.until('tender')).quote.transaction, quote.transaction);
          for (const screen of [one, other]) screen.send({ do: 'take-cash', received: '' });
          for (const screen of [one, other]) await screen.until('handover', ({ sale }) => sale.transaction === quote.transaction);
          assert.deepEqual(moved(before, await auditSettled(world)), paid('JVVNL', bill.amountPaise));
          for (const screen of [one, other]) screen.send({ do: 'confirm' });
          for (const screen of [one, other]) await screen.until('menu');
        }),

      'presses keys that do not fit the moment: nothing moves': () =>
        inWorld({}, async (world) => {
          const kiosk = world.kiosk();
          await kiosk.start();
          const screen = await kiosk.openCounter();
          const before = await auditSettled(world);
          const bill = world.nextBill('JVVNL');
          await kiosk.toQuote(screen, bill);
          for (const command of [
            { do: 'take-cash', received: '' },
            { do: 'it-printed' },
            { do: 'print-now' },
            { do: 'confirm' },
            { do: 'close-till', counted: '0' },
            { do: 'open-till', float: '999999' },
            { do: 'log-in', login: kiosk.login, pin: '482915' },
            { do: 'start-closing' },
            { do: 'log-out' },
          ] as const)
            screen.send(command);
          screen.send({ do: 'set-language', language: 'hi' });
          const view = await screen.when(({ header }) => header.language === 'hi', 'the last key');
          assert.equal(view.body.screen, 'quote');
          screen.send({ do: 'back' });
          await screen.until('menu');
          assert.deepEqual(moved(before, await auditSettled(world)), {});
        }),
    },
  });
});
