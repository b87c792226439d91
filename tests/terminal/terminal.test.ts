import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import type { CounterCommand } from '#protocol/counter/command.js';
import type { CounterView } from '#protocol/counter/view.js';
import { Operator, type OperatorOptions } from '#tests/support/operator.js';
import { bodyNamed, problemOf, troubleBody, viewOf } from '../unit/terminal/fixtures.js';
import { FakeAgent } from './fake-agent.js';

const ENTRY = join(import.meta.dirname, 'run-terminal.js');

const menu = viewOf(bodyNamed('menu'));
const login = viewOf(bodyNamed('login'));
const quote = viewOf(bodyNamed('quote'));
const tender = viewOf(bodyNamed('tender'));
const handover = viewOf(bodyNamed('handover'));

/** A till of few words: what each command of a sale leads to. */
function sale(command: CounterCommand): CounterView | undefined {
  switch (command.do) {
    case 'log-in':
      return menu;
    case 'choose-service':
      return viewOf({ ...bodyNamed('capture 101'), typed: '' });
    case 'give-consumer':
      return quote;
    case 'agree':
      return tender;
    case 'take-cash':
      return handover;
    case 'confirm':
      return menu;
    default:
      return undefined;
  }
}

describe('the terminal on a real pseudo-terminal', () => {
  let agent: FakeAgent;
  let operator: Operator;

  async function start(view: CounterView, args: readonly string[] = [], size: Partial<OperatorOptions> = {}): Promise<void> {
    agent = await FakeAgent.start(view);
    const command = process.execPath;
    operator = new Operator({ command, args: [ENTRY, 'terminal', '--socket', agent.path, ...args], ...size });
  }

  afterEach(async () => {
    await operator.close();
    await agent.close();
  });

  /** The frame must stand in the first and last column of every row of the box, whatever script is between. */
  function assertFrame(): void {
    for (let row = 3; row <= 21; row += 1) {
      assert.match(operator.cell(row, 0).text, /[│├]/u, `row ${row}: ${operator.screen()[row]}`);
      assert.match(operator.cell(row, 79).text, /[│┤]/u, `row ${row}: ${operator.screen()[row]}`);
    }
    assert.equal(operator.cell(2, 0).text, '┌');
    assert.equal(operator.cell(2, 79).text, '┐');
    assert.equal(operator.cell(22, 79).text, '┘');
  }

  function cells(): readonly string[] {
    return Array.from({ length: 25 * 80 }, (_, i) => {
      const cell = operator.cell(Math.floor(i / 80), i % 80);
      return `${cell.text}${cell.inverse ? 'i' : ''}${cell.bold ? 'b' : ''}`;
    });
  }

  it('logs in: the PIN shows as stars, the command carries both', async () => {
    await start(login);
    agent.answers(sale);
    await operator.waitFor('Operator login');
    operator.type('d35k1111co01');
    await operator.waitFor('[ d35k1111co01 ');
    operator.press('enter');
    operator.type('482915');
    await operator.waitFor('[ ****** ');
    assert.deepEqual(operator.cursor(), { row: 8, column: 51 });
    operator.press('enter');
    assert.deepEqual(await agent.command(1), { do: 'log-in', login: 'd35k1111co01', pin: '482915' });
    await operator.waitFor('SERVICE: type a code');
    assert.ok(!operator.screen().join('').includes('482915'));
  });

  it('serves a typed bill from menu to change', async () => {
    await start(menu);
    agent.answers(sale);
    await operator.waitFor('5 of 5');
    operator.type('bij');
    const narrowed = await operator.waitFor('1 of 5');
    assert.ok(narrowed.some((row) => row.includes('>> 101')));
    assert.ok(!narrowed.some((row) => row.includes('Water bill')));
    assert.ok(operator.cell(6, 4).inverse);
    operator.press('enter');
    await operator.waitFor('K number');
    operator.type('210512345678');
    operator.press('left', 'backspace', 'end');
    await operator.waitFor('[ 21051234568 ');
    operator.press('enter');
    await operator.waitFor('one lakh twenty-three thousand');
    operator.press('enter');
    await operator.waitFor('Cash received');
    // The keypad in application mode, as VT terminals send it.
    operator.type('\x1bOq\x1bOr\x1bOs\x1bOu\x1bOp\x1bOp');
    await operator.waitFor(/CHANGE TO GIVE .* Rs 43\.22/u);
    operator.type('\x1bOM');
    const done = await operator.waitFor('DONE: give change and receipt');
    assert.ok(done.some((row) => /█ █ ▀▀█ {3}▀▀█ ▀▀█/u.test(row)));
    operator.press('enter');
    await operator.waitFor('5 of 5');
    assert.deepEqual(
      agent.commands.map((command) => command.do),
      ['choose-service', 'give-consumer', 'agree', 'take-cash', 'confirm'],
    );
    assert.deepEqual(agent.commands[1], { do: 'give-consumer', consumer: '21051234568' });
    assert.deepEqual(agent.commands[3], { do: 'take-cash', received: '123500' });
  });

  it('opens and closes a box over Hindi and leaves the screen as it was, cell for cell', async () => {
    await start(viewOf(bodyNamed('quote'), 'hi'));
    await operator.waitFor('नागरिक सहमत');
    assertFrame();
    const before = cells();
    operator.press('f1');
    await operator.waitFor('अभी काम करने वाली कुंजियाँ');
    assertFrame();
    assert.notDeepEqual(cells(), before);
    operator.press('escape');
    await operator.waitFor((rows) => !rows.some((row) => row.includes('अभी काम करने वाली कुंजियाँ')));
    assert.deepEqual(cells(), before);
    agent.show(viewOf(troubleBody('did-it-print'), 'hi'));
    await operator.waitFor('क्या रसीद निकली?');
    assertFrame();
    agent.show(viewOf(bodyNamed('quote'), 'hi'));
    await operator.waitFor('नागरिक सहमत');
    assert.deepEqual(cells(), before);
  });

  it('changes to Hindi and back with every border on the grid', async () => {
    await start(menu);
    agent.answers((command) => (command.do === 'set-language' ? viewOf(bodyNamed('menu'), command.language) : undefined));
    await operator.waitFor('5 of 5');
    const english = cells();
    operator.press('f2');
    await operator.waitFor('5 में से 5');
    assert.deepEqual(agent.commands, [{ do: 'set-language', language: 'hi' }]);
    assertFrame();
    operator.press('f2');
    await operator.waitFor('5 of 5');
    assert.deepEqual(cells(), english);
  });

  it('tells the agent the language of the command line, once', async () => {
    await start(menu, ['--language', 'hi']);
    agent.answers((command) => (command.do === 'set-language' ? viewOf(bodyNamed('menu'), command.language) : undefined));
    await operator.waitFor('5 में से 5');
    assert.deepEqual(agent.commands, [{ do: 'set-language', language: 'hi' }]);
  });

  it('says that money is safe while the agent is away, and goes on with what was typed', async () => {
    await start(tender);
    await operator.waitFor('Cash received');
    operator.type('1235');
    await operator.waitFor('[ 1235 ');
    await agent.vanish();
    await operator.waitFor('The screen lost the counter program');
    await operator.waitFor('Money is safe there');
    operator.type('9');
    operator.press('enter');
    await agent.listen();
    await operator.waitFor('[ 1235 ');
    operator.press('enter');
    assert.deepEqual(await agent.command(1), { do: 'take-cash', received: '1235' });
  });

  it('cuts a line that does not speak our language, and comes back', async () => {
    await start(menu);
    await operator.waitFor('5 of 5');
    agent.babble(Uint8Array.from([0, 0, 0, 3, 1, 2, 3]));
    await operator.waitFor('The screen lost the counter program');
    await operator.waitFor('5 of 5');
  });

  it('draws the newest view and skips those before it', async () => {
    await start(menu);
    await operator.waitFor('5 of 5');
    const drawn = operator.bytesSeen;
    agent.show(...Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? quote : tender)), handover);
    await operator.waitFor('DONE: give change and receipt');
    assert.ok(operator.bytesSeen - drawn < 40_000, `${operator.bytesSeen - drawn} bytes were drawn`);
  });

  it('follows the size of the terminal', async () => {
    await start(viewOf(bodyNamed('menu'), 'hi'));
    await operator.waitFor('5 में से 5');
    const before = cells();
    operator.resize(60, 20);
    await operator.waitFor('80 x 25');
    operator.resize(100, 31);
    await operator.waitFor(
      (rows) => rows.some((row) => row.includes('5 में से 5')) && operator.cell(5, 10).text === '┌' && operator.cell(5, 89).text === '┐',
    );
    operator.resize(80, 25);
    // Drawn in pieces: the last one is the one that counts.
    await operator.waitFor(() => isDeepStrictEqual(cells(), before));
  });

  it('takes no second answer before the next screen was seen, and keeps what was typed for it', async () => {
    await start(quote);
    await operator.waitFor('Read the name');
    operator.press('enter', 'enter');
    operator.type('500');
    assert.deepEqual(await agent.command(1), { do: 'agree' });
    agent.show(tender);
    await operator.waitFor('[ 500 ');
    assert.equal(agent.commands.length, 1);
  });

  it('cannot be left by Ctrl-C, Ctrl-Z or F12 on an appliance', async () => {
    await start(menu);
    await operator.waitFor('5 of 5');
    operator.type('\x03\x1a\x1c');
    operator.press('f12');
    operator.type('y');
    await operator.waitFor('[ y ');
    assert.ok(!operator.screen().join('').includes('F12'));
  });

  it('is left by F12 and Y where that was asked for, and gives the terminal back', async () => {
    await start(menu, ['--leave-key']);
    await operator.waitFor('F12 Leave');
    operator.press('f12');
    await operator.waitFor('[Y] leave');
    operator.type('n');
    await operator.waitFor((rows) => !rows.some((row) => row.includes('[Y] leave')));
    operator.press('f12');
    await operator.waitFor('[Y] leave');
    operator.type('y');
    assert.equal(await operator.exited, 0);
    assert.ok(operator.screen().every((row) => row.trim() === ''));
  });

  it('shows trouble with its three sentences and takes the answer', async () => {
    await start(viewOf({ ...troubleBody('fix'), problem: problemOf('paper-out') }));
    await operator.waitFor('The printer has no paper');
    await operator.waitFor('IS SAFE');
    operator.press('enter');
    assert.deepEqual(await agent.command(1), { do: 'print-now' });
  });

  it('waits for an agent that is not there yet', async () => {
    await start(menu);
    await operator.close();
    await agent.vanish();
    operator = new Operator({ command: process.execPath, args: [ENTRY, 'terminal', '--socket', agent.path, '--language', 'hi'] });
    await operator.waitFor('काउंटर प्रोग्राम से जुड़ रहा है');
    await agent.listen();
    await operator.waitFor('5 of 5');
  });
});

describe('the terminal without a terminal', () => {
  it('says what is missing', async () => {
    const { spawnSync } = await import('node:child_process');
    const done = spawnSync(process.execPath, [ENTRY, 'terminal', '--socket', '/nowhere'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    assert.notEqual(done.status, 0);
    assert.match(done.stderr, /needs a terminal/u);
  });
});
