import assert from 'node:assert/strict';
import type { Problem, ProblemCode } from '#protocol/counter/problem.js';
import { explain } from '../../terminal-ui/text/catalogue.js';

/** What a text must say of the money: none was taken, the cash on the table is the citizen's, it went back, nothing is lost or deleted, or what was paid is safe. */
export type MoneyWord = 'none-taken' | 'citizens' | 'gone-back' | 'nothing-lost' | 'nothing-deleted' | 'safe';

const SAYS: Readonly<Record<MoneyWord, { readonly en: RegExp; readonly hi: RegExp }>> = {
  'none-taken': { en: /No money has moved|Nothing changed/u, hi: /कोई रकम नहीं|कुछ नहीं बदला/u },
  citizens: { en: /Nothing (?:new )?was saved|citizen's/u, hi: /कुछ दर्ज नहीं|नया कुछ दर्ज नहीं|नागरिक (?:का|की)/u },
  'gone-back': { en: /wallet was not charged/u, hi: /वॉलेट से कुछ नहीं कटा/u },
  'nothing-lost': { en: /Nothing is lost/u, hi: /कुछ नहीं खोया/u },
  'nothing-deleted': { en: /No new sales\. Nothing is deleted/u, hi: /नया भुगतान बंद। कुछ मिटाया नहीं/u },
  safe: { en: /safe/iu, hi: /सुरक्षित/u },
};

/** The screen shows this very problem, and its text says in both languages what happened, whether the money is safe, and what to do. */
export function assertTold(problem: Problem | null | undefined, code: ProblemCode, money: MoneyWord): void {
  assert.equal(problem?.code, code);
  for (const language of ['en', 'hi'] as const) {
    const text = explain(language, problem);
    for (const part of [text.title, text.money, text.todo])
      assert.ok(part.trim().length > 3 && !/[{}«»]/u.test(part), `${code} in ${language}: "${part}"`);
    assert.match(text.money, SAYS[money][language]);
    if (language === 'hi')
      assert.ok(
        [text.title, text.money, text.todo].every((part) => /\p{Script=Devanagari}/u.test(part)),
        `${code} is told in Hindi`,
      );
  }
}
