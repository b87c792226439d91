import assert from 'node:assert/strict';
import { ok } from '#protocol/result/result.js';
import { PrinterDriver, type Confirmation, type Leftover } from '../../../../firmware-agent/devices/printer/driver.js';
import { PRINTER_DELAYS, type PrinterDelays } from '../../../../firmware-agent/devices/printer/delays.js';
import type { PrintOutcome } from '../../../../firmware-agent/devices/ports.js';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { Line, type Connection } from '../../../../firmware-agent/devices/transport/transport.js';

const PAPER = { widthDots: 384, heightDots: 64, bytesPerRow: 48, data: new Uint8Array(48 * 64).fill(0x55) };
const DELAYS: PrinterDelays = {
  ...PRINTER_DELAYS,
  queuedAnswerMs: 100,
  flushedAnswerMs: 300,
  confirmMs: 400,
  confirmPerRowMs: 0,
  askWhileWaitingMs: 60,
};
const WELL = 0x12;

type Heard = 'realtime' | 'tidy' | 'kick' | 'job';
type Line1 = { readonly say: (bytes: readonly number[], afterMs?: number) => void };

/** What a command asks for; a job is whatever ends in its question after dots. */
function heardIn(bytes: Buffer): Heard {
  const text = bytes.toString('latin1');
  if (text.startsWith('\x10\x04')) return 'realtime';
  if (text.includes('\x1bp')) return 'kick';
  return text.includes('\x1ba') || text.includes('\x1b@') ? 'tidy' : 'job';
}

/** A printer played by hand: `answer` says what comes when it hears something that wants an answer. */
function played(answer: (heard: Heard, bytes: Buffer, line: Line1) => void): Connection {
  const line = new Line();
  const say = (bytes: readonly number[], afterMs = 0): void => void setTimeout(() => line.bytes(Uint8Array.from(bytes)), afterMs);
  return {
    async write(bytes) {
      const heard = Buffer.from(bytes);
      if (/\x10\x04|\x1dr|\x1dI|\x1d\(H/u.test(heard.toString('latin1'))) answer(heardIn(heard), heard, { say });
      return ok(undefined);
    },
    onBytes: (listener) => line.onBytes(listener),
    onClose: (listener) => line.onClose(listener),
    close: async () => line.end('closed'),
  };
}

const NAME = [...Buffer.from('_EPSON'), 0];

async function print(
  connection: Connection,
  before: 'nothing' | 'drawer' = 'nothing',
  state: Leftover['state'] = 'clean',
  confirmation: Confirmation = 'paper-status',
): Promise<PrintOutcome> {
  const driver = new PrinterDriver(connection, { state }, { confirmation, drawerPin: 2, cutter: 'partial', delays: DELAYS, timers: systemTimers });
  if (before === 'drawer') assert.equal((await driver.openDrawer()).ok, false);
  const outcome = await driver.print(PAPER);
  await driver.close();
  return outcome;
}

/** A printer that knows names, and what it does at the end of a job. */
const named =
  (atJob: (line: Line1) => void) =>
  (heard: Heard, bytes: Buffer, line: Line1): void => {
    if (heard === 'realtime') line.say([WELL]);
    else if (heard === 'job') atJob(line);
    else if (bytes.includes(Buffer.from('\x1dI', 'latin1'))) line.say(NAME);
  };

/** One that knows none: it answers paper questions alone, each with a byte. */
const nameless =
  (atJob: (line: Line1) => void, atTidy: (line: Line1) => void = (line) => line.say([0])) =>
  (heard: Heard, bytes: Buffer, line: Line1): void => {
    if (heard === 'realtime') line.say([WELL]);
    else if (heard === 'job') atJob(line);
    else if (bytes.includes(Buffer.from('\x1dr', 'latin1'))) atTidy(line);
  };

describe('printer: only its own word makes a paper printed', () => {
  it('with a name: the paper answer and the name behind it', async () => {
    assert.deepEqual(await print(played(named((line) => line.say([0, ...NAME])))), { outcome: 'printed' });
  });

  it('without names: both paper answers', async () => {
    assert.deepEqual(await print(played(nameless((line) => line.say([0, 0])))), { outcome: 'printed' });
  });

  for (const byte of [0x00, 0x20, 0x60])
    for (const [kind, answers] of [
      ['with a name', named],
      ['without names', nameless],
    ] as const)
      it(`${kind}: one byte ${byte.toString(16)} of noise is no confirmation`, async () => {
        assert.equal((await print(played(answers((line) => line.say([byte], 20))))).outcome, 'unknown');
      });

  it('the rest of a change message that came in two pieces is no confirmation', async () => {
    let asked = 0;
    const connection = played((heard, bytes, line) => {
      if (heard === 'job') return line.say([0x18]);
      if (heard !== 'realtime') return named(() => undefined)(heard, bytes, line);
      asked += 1;
      // The first question of the job falls into the middle of the message, which says that the paper is out.
      return asked > 4 && asked <= 8 ? line.say(asked === 5 ? [0x00, 0x0c, 0x00, WELL] : [WELL]) : line.say([WELL]);
    });
    const outcome = await print(connection);
    assert.deepEqual([outcome.outcome, 'cause' in outcome ? outcome.cause : ''], ['unknown', 'paper-out']);
  });

  it('the late answer to a drawer is no confirmation', async () => {
    const connection = played((heard, bytes, line) => {
      if (heard === 'kick') return line.say([0], 250);
      return nameless(() => undefined)(heard, bytes, line);
    });
    assert.equal((await print(connection, 'drawer', 'unsure')).outcome, 'unknown');
  });

  it('the late answers to an older job are no confirmation', async () => {
    const tidied = (line: Line1): void => {
      line.say([0], 30);
      // One for each question that the next job will ask.
      line.say([0], 200);
      line.say([0], 210);
    };
    assert.equal((await print(played(nameless(() => undefined, tidied)), 'nothing', 'remainder')).outcome, 'unknown');
  });

  it('paper that ends right behind the job takes nothing back', async () => {
    assert.deepEqual(await print(played(named((line) => line.say([0, ...NAME, 0x18, 0, 0x0c, 0])))), { outcome: 'printed' });
  });

  it('of two troubles the first is told', async () => {
    const outcome = await print(played(named((line) => line.say([0x18, 0, 0x0c, 0, 0x38, 0, 0x0c, 0]))));
    assert.deepEqual([outcome.outcome, 'cause' in outcome ? outcome.cause : ''], ['unknown', 'paper-out']);
  });

  it('a change message that lost its end before the job does not swallow the confirmation', async () => {
    let tidied = false;
    const connection = played((heard, bytes, line) => {
      named((at) => at.say([0, ...NAME]))(heard, bytes, line);
      // It comes behind the name, and the rest of it never does.
      if (!tidied && heard === 'tidy') line.say([0x10]);
      tidied ||= heard === 'tidy';
    });
    const options = { confirmation: 'paper-status', drawerPin: 2, cutter: 'partial', delays: DELAYS, timers: systemTimers } as const;
    const driver = new PrinterDriver(connection, { state: 'unsure' }, options);
    assert.deepEqual((await driver.clear()).ok, true);
    assert.deepEqual(await driver.print(PAPER), { outcome: 'printed' });
    await driver.close();
  });

  it('on a new line nothing is printed before the printer stands at the start of a command', async () => {
    const heard: Heard[] = [];
    const answer = named((line) => line.say([0, ...NAME]));
    const connection = played((what, bytes, line) => {
      if (what !== 'realtime') heard.push(what);
      answer(what, bytes, line);
    });
    assert.deepEqual(await print(connection, 'nothing', 'clean'), { outcome: 'printed' });
    assert.deepEqual(heard, ['tidy', 'job']);
  });

  it('a paper answer that says that there is no paper is told as that', async () => {
    const outcome = await print(played(named((line) => line.say([0x0c, ...NAME]))));
    assert.deepEqual([outcome.outcome, 'cause' in outcome ? outcome.cause : ''], ['unknown', 'paper-out']);
  });
});
