import assert from 'node:assert/strict';
import fc from 'fast-check';
import { counterCommand, type CounterCommand } from '#protocol/counter/command.js';
import type { CounterView } from '#protocol/counter/view.js';
import { bindings, type KeyLabel } from '../../../terminal-ui/keys/bindings.js';
import { KeyDecoder } from '../../../terminal-ui/keys/decode.js';
import { KEY_NAMES, named, typed, type Key } from '../../../terminal-ui/keys/key.js';
import { press, type Pressed } from '../../../terminal-ui/keys/press.js';
import { editField, fieldOf, insertText } from '../../../terminal-ui/local/field.js';
import { followView, startLocal, type Local } from '../../../terminal-ui/local/local.js';
import { matchServices } from '../../../terminal-ui/local/match.js';
import { MANY_SERVICES, PLAIN_BODIES, SERVICES, bodyNamed, problemOf, troubleBody, viewOf } from './fixtures.js';

const OPTIONS = { leaveKey: 'on' } as const;

function run(view: CounterView | null, keys: readonly Key[], start?: Local): Pressed {
  let pressed: Pressed = { local: start ?? startLocal(view?.body ?? { screen: 'unenrolled' }), command: null, leave: 'stay' };
  for (const key of keys) pressed = press(view, pressed.local, key, OPTIONS);
  return pressed;
}

const text = (letters: string): readonly Key[] => Array.from(letters, typed);
const enter = named('enter');
const escape = named('escape');

type Row = readonly [screen: string, keys: readonly Key[], expected: CounterCommand | null];

const ROWS: readonly Row[] = [
  ['login', [...text('d35k1111co01'), enter, ...text('482915'), enter], { do: 'log-in', login: 'd35k1111co01', pin: '482915' }],
  ['login', [...text('d35k1111co01'), enter, ...text('48291'), enter], null],
  ['login', [...text('d35k1111co01'), enter, ...text('4x8y2-915'), enter], { do: 'log-in', login: 'd35k1111co01', pin: '482915' }],
  ['login', [...text('d35k1111co01'), enter, enter], { do: 'log-in-by-key', login: 'd35k1111co01' }],
  ['login', [enter, enter], null],
  ['login, checking', [enter], null],
  ['till opening', [...text('2000'), enter], { do: 'open-till', float: '2000' }],
  ['till opening', [named('f9')], { do: 'log-out' }],
  ['menu', [...text('102'), enter], { do: 'choose-service', code: '102' }],
  ['menu', [...text('pan'), enter], { do: 'choose-service', code: '102' }],
  ['menu', [named('down'), named('down'), enter], { do: 'choose-service', code: '103' }],
  ['menu', [named('down'), ...text('bij'), enter], { do: 'choose-service', code: '101' }],
  ['menu', [...text('999'), enter], { do: 'choose-service', code: '999' }],
  ['menu', [...text('999'), escape, enter], { do: 'choose-service', code: '101' }],
  ['menu', [escape], null],
  ['menu', [named('f5')], { do: 'show-receipts' }],
  ['menu', [named('f8')], { do: 'show-queue' }],
  ['menu', [named('f6')], { do: 'show-stock' }],
  ['stock', [enter], null],
  ['stock', [...text('RJ-1'), enter, ...text('RJ-9'), enter], { do: 'load-forms', first: 'RJ-1', last: 'RJ-9' }],
  ['stock', [...text('RJ-1'), enter, enter], { do: 'load-forms', first: 'RJ-1', last: '' }],
  ['stock', [...text('RJ-1'), named('f4')], { do: 'spoil-forms', first: 'RJ-1', last: '' }],
  ['stock', [named('f4')], null],
  ['stock', [escape], { do: 'back' }],
  ['stock, none', [enter], null],
  ['menu', [named('f10')], { do: 'start-closing' }],
  ['menu', [named('f9')], { do: 'log-out' }],
  ['menu, no services', [enter], null],
  ['capture 101', [...text('99'), enter], { do: 'give-consumer', consumer: '210599' }],
  ['capture 101', [escape], { do: 'back' }],
  ['fetching, hub', [escape], { do: 'back' }],
  ['quote', [enter], { do: 'agree' }],
  ['quote', [escape], { do: 'back' }],
  ['quote', [named('f7'), ...text('500'), enter], { do: 'pay-part', amount: '500' }],
  ['quote', [named('f7'), ...text('500'), escape], null],
  ['quote', [named('f7'), ...text('500'), escape, enter], { do: 'agree' }],
  ['quote, late', [named('f7')], null],
  ['quote', [named('f5')], null],
  ['tender', [enter], { do: 'take-cash', received: '' }],
  ['tender', [...text('1,23,500'), enter], { do: 'take-cash', received: '1,23,500' }],
  ['tender', [escape], { do: 'back' }],
  ['tender', [named('f10')], null],
  ['working, disk', [enter], null],
  ['working, disk', [escape], null],
  ['refused', [enter], { do: 'confirm' }],
  ['refused', [escape], null],
  ['handover', [enter], { do: 'confirm' }],
  ['handover', [escape], null],
  ['handover', [named('f5')], { do: 'show-receipts' }],
  ['receipts', [named('down'), enter], { do: 'reprint', receipt: 'D35K1111-1-000001' }],
  ['receipts', [named('end'), enter], { do: 'reprint', receipt: 'D35K1111-1-000029' }],
  ['receipts', [named('up'), named('page-down'), enter], { do: 'reprint', receipt: 'D35K1111-1-000008' }],
  ['receipts', [named('home'), typed('y')], null],
  ['receipts', [named('home'), named('down'), typed('y')], { do: 'paper-seen', receipt: 'D35K1111-1-000001' }],
  ['receipts', [escape], { do: 'back' }],
  ['receipts, none', [enter], null],
  ['queue', typedT(), { do: 'try-link-now' }],
  ['queue', [enter], { do: 'back' }],
  ['till closing', [...text('50210'), enter], { do: 'close-till', counted: '50210' }],
  ['till closing', [escape], { do: 'back' }],
  ['till closed', [enter], { do: 'confirm' }],
];

function typedT(): readonly Key[] {
  return [typed('t')];
}

describe('keys on each screen', () => {
  for (const [screen, keys, expected] of ROWS) {
    const names = keys.map((key) => (key.kind === 'named' ? `<${key.name}>` : key.text)).join('');
    it(`${screen}: ${names} → ${expected === null ? 'nothing' : JSON.stringify(expected)}`, () => {
      assert.deepEqual(run(viewOf(bodyNamed(screen)), keys).command, expected);
    });
  }

  it('asks for a key of its own where the paper may be out already', () => {
    const ask = viewOf(troubleBody('did-it-print'));
    assert.equal(run(ask, [enter]).command, null);
    assert.equal(run(ask, [escape]).command, null);
    assert.deepEqual(run(ask, text('y')).command, { do: 'it-printed' });
    assert.deepEqual(run(ask, text('D')).command, { do: 'print-now' });
    assert.deepEqual(run(ask, text('l')).command, { do: 'print-later' });
    const fix = viewOf(troubleBody('fix'));
    assert.deepEqual(run(fix, [enter]).command, { do: 'print-now' });
    assert.deepEqual(run(fix, text('L')).command, { do: 'print-later' });
    assert.deepEqual(run(fix, [named('f6')]).command, { do: 'show-stock' });
    assert.equal(run(fix, text('y')).command, null);
  });

  it('takes a notice away from the services with Esc', () => {
    const told = viewOf({ ...bodyNamed('menu'), problem: problemOf('abandoned') });
    assert.deepEqual(run(told, [escape]).command, { do: 'back' });
    assert.equal(run(told, [...text('1'), escape]).command, null);
  });

  it('serves a scanned bill with three keys', () => {
    const path = ['quote', 'tender', 'handover'].map((screen) => run(viewOf(bodyNamed(screen)), [enter]).command?.do);
    assert.deepEqual(path, ['agree', 'take-cash', 'confirm']);
  });

  it('changes the language from everywhere', () => {
    for (const [name, body] of PLAIN_BODIES) {
      assert.deepEqual(run(viewOf(body, 'en'), [named('f2')]).command, { do: 'set-language', language: 'hi' }, name);
      assert.deepEqual(run(viewOf(body, 'hi'), [named('f2')]).command, { do: 'set-language', language: 'en' }, name);
    }
  });

  it('opens help everywhere, and help swallows every key but those that close it', () => {
    for (const [name, body] of PLAIN_BODIES) {
      const view = viewOf(body);
      const open = run(view, [named('f1')]);
      assert.equal(open.local.overlay, 'help', name);
      const swallowed = run(view, [...text('ydlt1'), named('f5'), named('f10'), named('down')], open.local);
      assert.deepEqual([swallowed.command, swallowed.local], [null, open.local], name);
      for (const key of [enter, escape, named('f1')]) assert.equal(run(view, [key], open.local).local.overlay, 'none', name);
    }
  });

  it('leaves only by F12 then Y, and only where that was allowed', () => {
    const view = viewOf(bodyNamed('tender'));
    assert.equal(run(view, [named('f12'), typed('Y')]).leave, 'leave');
    assert.equal(run(view, [named('f12'), enter, typed('Y')]).leave, 'stay');
    assert.equal(run(view, [named('f12'), escape]).local.overlay, 'none');
    assert.equal(run(null, [named('f12'), typed('y')]).leave, 'leave');
    const closed = press(view, startLocal(view.body), named('f12'), { leaveKey: 'off' });
    assert.equal(closed.local.overlay, 'none');
  });

  it('gives each key one meaning, and a reason wherever it does nothing', () => {
    const words = new Map<KeyLabel, Set<string>>();
    for (const body of [...PLAIN_BODIES.map(([, one]) => one), troubleBody('fix'), troubleBody('did-it-print')]) {
      const view = viewOf(body);
      const all = bindings(view, startLocal(view.body), OPTIONS);
      assert.equal(new Set(all.map((one) => one.key)).size, all.length);
      for (const one of all) {
        words.set(one.key, (words.get(one.key) ?? new Set()).add(one.word));
        if (one.does.kind === 'command') assert.ok(counterCommand.safeParse(one.does.command).success);
      }
      for (const key of ['F1', 'F2', 'F5', 'F6', 'F7', 'F8', 'F9', 'F10'] as const) {
        assert.ok(
          all.some((one) => one.key === key),
          `${key} on ${view.body.screen}`,
        );
      }
    }
    for (const [key, meanings] of words) if (key.startsWith('F')) assert.equal(meanings.size, 1, `${key}: ${[...meanings].join(', ')}`);
    assert.deepEqual([...(words.get('Esc') ?? [])].toSorted(), ['key-back', 'key-clear']);
  });

  it('says why a key did nothing, until the next key', () => {
    const view = viewOf(bodyNamed('working, disk'));
    const refused = run(view, [named('f10')]);
    assert.equal(refused.local.hint, 'why-working');
    assert.equal(run(view, [named('left')], refused.local).local.hint, null);
  });

  it('answers no screen unseen: after a command nothing is sent until a view came', () => {
    const quote = viewOf(bodyNamed('quote'));
    const tender = viewOf(bodyNamed('tender'));
    const sent = run(quote, [enter]);
    assert.deepEqual(sent.command, { do: 'agree' });
    const again = run(quote, [enter, ...text('500'), enter], sent.local);
    assert.equal(again.command, null);
    const there = followView(again.local, quote, tender);
    assert.equal(there.fields[0]?.text, '500');
    assert.deepEqual(run(tender, [enter], there).command, { do: 'take-cash', received: '500' });
  });

  it('keeps what is typed over a tick of the clock, and forgets it with the screen', () => {
    const tender = viewOf(bodyNamed('tender'));
    const local = run(tender, text('500')).local;
    assert.equal(followView(local, tender, viewOf(bodyNamed('tender'), 'hi', { unsent: { count: 3, sum: 5, oldest: null } })).fields[0]?.text, '500');
    assert.equal(followView(local, tender, viewOf({ ...bodyNamed('tender'), problem: problemOf('cash-short') })).fields[0]?.text, '500');
    assert.equal(followView(local, tender, viewOf(bodyNamed('menu'))).fields[0]?.text, '');
  });

  it('begins a refused sum anew with the next digit, keeps it for Enter and for corrections, and takes no letters for a sum', () => {
    const tender = viewOf(bodyNamed('tender'));
    const refused = viewOf({ ...bodyNamed('tender'), problem: problemOf('cash-short') });
    const sent = run(tender, [...text('4a 0'), enter]).local;
    const local = followView(sent, tender, refused);
    assert.equal(local.fields[0]?.text, '40');
    assert.equal(run(refused, text('600'), local).local.fields[0]?.text, '600');
    assert.deepEqual(run(refused, [enter], local).command, { do: 'take-cash', received: '40' });
    assert.equal(run(refused, [named('backspace'), ...text('5')], local).local.fields[0]?.text, '45');
  });

  it('empties the PIN after a refused try', () => {
    const checking = viewOf(bodyNamed('login, checking'));
    const refused = viewOf({ ...bodyNamed('login, tries left'), problem: problemOf('pin-wrong') });
    const local = run(viewOf(bodyNamed('login')), [...text('d35k1111co01'), enter, ...text('482915'), enter]).local;
    const after = followView(followView(local, undefined, checking), checking, refused);
    assert.deepEqual(
      after.fields.map((field) => field.text),
      ['d35k1111co01', ''],
    );
    assert.equal(after.focus, 1);
  });

  it('sends only commands that the door allows, whatever is pressed', () => {
    const keys = fc.array(fc.oneof(fc.constantFrom(...KEY_NAMES).map(named), fc.constantFrom(...'ydlt10 .,कि'.split('')).map(typed)), {
      maxLength: 40,
    });
    const bodies = fc.constantFrom(...PLAIN_BODIES.map(([, body]) => body), troubleBody('fix'), troubleBody('did-it-print'));
    fc.assert(
      fc.property(bodies, keys, (body, pressed) => {
        const view = viewOf(body);
        let local = startLocal(view.body);
        for (const key of pressed) {
          const next = press(view, local, key, OPTIONS);
          if (next.command !== null) assert.ok(counterCommand.safeParse(next.command).success, JSON.stringify(next.command));
          local = { ...next.local, sent: 'nothing' };
        }
      }),
    );
  });
});

describe('finding a service', () => {
  const codes = (words: string): readonly string[] => matchServices(SERVICES, words).map((service) => service.code);

  it('takes codes, English, Hindi and Hindi in Latin letters', () => {
    assert.deepEqual(codes(''), ['101', '102', '103', '210', '330']);
    assert.deepEqual(codes('10'), ['101', '102', '103']);
    assert.deepEqual(codes('BIJ'), ['101']);
    assert.deepEqual(codes('water'), ['102']);
    assert.deepEqual(codes('जल'), ['102']);
    assert.deepEqual(codes('nagar kar'), ['210']);
    assert.deepEqual(codes('bill tele'), ['103']);
    assert.deepEqual(codes('zzz'), []);
    assert.equal(matchServices(MANY_SERVICES, '55').length, 2);
  });
});

describe('a field', () => {
  it('moves and deletes by letters as a reader sees them', () => {
    const field = fieldOf('श्री क्षे');
    assert.equal(editField(field, 'backspace').text, 'श्री ');
    assert.equal(editField(editField(field, 'home'), 'delete').text, ' क्षे');
    assert.equal(insertText(editField(field, 'left'), 'x', 20).text, 'श्री xक्षे');
  });

  it('mends in the middle', () => {
    const middle = editField(editField(fieldOf('1234'), 'left'), 'left');
    assert.deepEqual(insertText(middle, '9', 10), { text: '12934', caret: 3 });
    assert.deepEqual(editField(middle, 'backspace'), { text: '134', caret: 1 });
    assert.deepEqual(editField(middle, 'delete'), { text: '124', caret: 2 });
    assert.deepEqual(editField(middle, 'end'), { text: '1234', caret: 4 });
    assert.deepEqual(insertText(middle, '9', 4), middle);
  });

  it('keeps the caret inside, whatever is done', () => {
    const edit = fc.constantFrom('backspace', 'delete', 'left', 'right', 'home', 'end', '1', 'क', 'ि', '्', 'ष');
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 60 }), (steps) => {
        let field = fieldOf('');
        for (const step of steps) {
          field = step.length > 1 ? editField(field, step as 'left') : insertText(field, step, 12);
          assert.ok(field.caret >= 0 && field.caret <= fieldOf(field.text).caret, JSON.stringify(field));
        }
      }),
    );
  });
});

describe('what the keyboard sends', () => {
  const read = (bytes: string): readonly string[] =>
    new KeyDecoder().feed(Buffer.from(bytes)).map((key) => (key.kind === 'named' ? `<${key.name}>` : key.text));

  const sequences: readonly (readonly [string, readonly string[]])[] = [
    ['101\r', ['1', '0', '1', '<enter>']],
    ['\x1bOp\x1bOq\x1bOy\x1bOn\x1bOM', ['0', '1', '9', '.', '<enter>']],
    ['\x1b[A\x1bOB\x1b[1;5C\x1b[D', ['<up>', '<down>', '<right>', '<left>']],
    ['\x1bOP\x1b[[A\x1b[11~\x1b[15~\x1b[21~\x1b[24~', ['<f1>', '<f1>', '<f1>', '<f5>', '<f10>', '<f12>']],
    ['\x1b[3~\x1b[5~\x1b[6~\x1b[H\x1b[4~\x1b[Z\t', ['<delete>', '<page-up>', '<page-down>', '<home>', '<end>', '<back-tab>', '<tab>']],
    ['\x7f\b', ['<backspace>', '<backspace>']],
    ['\x03\x1a\x1c', []],
    ['क्षि₹', ['क', '्', 'ष', 'ि', '₹']],
    ['\x1b[200~12\x1b[201~', ['1', '2']],
    ['\x1b[12;3R7', ['7']],
    ['\x1bx', ['<escape>', 'x']],
  ];
  for (const [bytes, expected] of sequences) {
    it(`reads ${JSON.stringify(bytes)}`, () => {
      assert.deepEqual(read(bytes), expected);
    });
  }

  it('reads the same keys however the bytes are cut', () => {
    const bytes = Buffer.from('1\x1b[15~क्षि\x1bOM₹\x1b[1;5C9');
    const whole = new KeyDecoder().feed(bytes);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 6 }), (cuts) => {
        const decoder = new KeyDecoder();
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const keys = edges.slice(1).flatMap((edge, i) => decoder.feed(bytes.subarray(edges[i], edge)));
        assert.deepEqual(keys, whole);
      }),
    );
  });

  it('takes a lone ESC for the Escape key only when nothing follows', () => {
    const decoder = new KeyDecoder();
    assert.deepEqual(decoder.feed(Buffer.from('\x1b')), []);
    assert.ok(decoder.waiting);
    assert.deepEqual(decoder.flush(), [named('escape')]);
    assert.deepEqual(decoder.feed(Buffer.from('\x1b[')), []);
    assert.deepEqual(decoder.flush(), []);
  });
});
