import assert from 'node:assert/strict';
import { PROBLEM_CODES } from '#protocol/counter/problem.js';
import { fill } from '#protocol/counter/problem-text.js';
import { explain, say, valuesOf, type WordKey } from '../../../terminal-ui/text/catalogue.js';
import { english } from '../../../terminal-ui/text/english.js';
import { englishProblems } from '../../../terminal-ui/text/english-problems.js';
import { hindi } from '../../../terminal-ui/text/hindi.js';
import { hindiProblems } from '../../../terminal-ui/text/hindi-problems.js';
import { problemOf } from './fixtures.js';

const placeholders = (text: string): readonly string[] => Array.from(text.matchAll(/\{(\w+)\}/gu), (match) => match[1] ?? '').toSorted();

/** Words that stay in Latin letters in Hindi: marks of the machine, not language. */
const SAME_IN_BOTH: ReadonlySet<string> = new Set(['paper-unknown', 'key-language']);

describe('the texts of the screen', () => {
  it('have the same keys in both languages', () => {
    assert.deepEqual(Object.keys(hindi).toSorted(), Object.keys(english).toSorted());
    assert.deepEqual(Object.keys(englishProblems).toSorted(), [...PROBLEM_CODES].toSorted());
    assert.deepEqual(Object.keys(hindiProblems).toSorted(), [...PROBLEM_CODES].toSorted());
  });

  it('quote the same values in both languages', () => {
    for (const key of Object.keys(english) as WordKey[]) assert.deepEqual(placeholders(hindi[key]), placeholders(english[key]), key);
  });

  it('are Hindi in Hindi: in Devanagari, with Latin digits', () => {
    for (const key of Object.keys(english) as WordKey[]) {
      if (!SAME_IN_BOTH.has(key)) assert.match(hindi[key], /[\u0900-\u097f]/u, key);
      assert.doesNotMatch(hindi[key], /[\u0966-\u096f]/u, key);
    }
    for (const text of Object.values(hindiProblems).flatMap((one) => [one.title, one.money, one.todo])) {
      assert.match(text, /[\u0900-\u097f]/u);
      assert.doesNotMatch(text, /[\u0966-\u096f]/u);
      assert.equal(text, text.normalize('NFC'));
    }
  });

  for (const language of ['en', 'hi'] as const) {
    it(`say for every problem what happened, whether the money is safe and what to do (${language}) [INV-45]`, () => {
      for (const code of PROBLEM_CODES) {
        for (const text of [explain(language, { code }), explain(language, problemOf(code))]) {
          for (const sentence of [text.title, text.money, text.todo]) {
            assert.ok(sentence.trim().length >= 8, `${code}: "${sentence}"`);
            assert.doesNotMatch(sentence, /[{}«»]/u, code);
            assert.doesNotMatch(sentence, / {2}|\s$|^\s/u, `${code}: "${sentence}"`);
          }
          assert.match(text.todo, /[.।]$/u, code);
          assert.match(text.money, /[.।]$/u, code);
        }
      }
    });
  }

  it('show each value that a problem names, in both languages or in neither', () => {
    for (const code of PROBLEM_CODES) {
      const values = Object.fromEntries(valuesOf(code).map((name) => [name, `<${name}>`]));
      for (const language of ['en', 'hi'] as const) {
        const text = Object.values(explain(language, { code, values })).join(' ');
        for (const name of valuesOf(code)) assert.ok(text.includes(`<${name}>`), `${code} in ${language} leaves out ${name}`);
      }
    }
  });

  it('say something else when a restart left the paper open', () => {
    for (const language of ['en', 'hi'] as const) {
      for (const code of ['printer-silent', 'print-unknown'] as const) {
        const plain = explain(language, { code });
        const restarted = explain(language, { code, values: { cause: 'restart' } });
        assert.notEqual(restarted.title, plain.title);
        assert.equal(restarted.money, plain.money);
      }
    }
  });

  it('leaves a part out when its value is missing', () => {
    assert.equal(fill('A« at {at}» and« {b} of {c}»{d}.', { at: '5', b: '1' }), 'A at 5 and.');
    assert.equal(fill('A« {b} left».', { b: '' }), 'A.');
    assert.equal(say('en', 'tries-left', { count: '2' }), '2 tries left');
  });
});
