import type { Language } from '../identity/identity.js';
import type { Paise } from './paise.js';

const EN_SMALL = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
];
const EN_TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];

/** Hindi has a word of its own for each number below a hundred. */
const HI_SMALL = (
  'शून्य एक दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस तीस ' +
  'इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस चालीस इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास पचास इक्यावन बावन तिरपन चौवन पचपन ' +
  'छप्पन सत्तावन अट्ठावन उनसठ साठ इकसठ बासठ तिरसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उनासी अस्सी इक्यासी ' +
  'बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी नब्बे इक्यानवे बानवे तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे'
).split(' ');

const SCALES: readonly { readonly size: bigint; readonly en: string; readonly hi: string }[] = [
  { size: 10_000_000n, en: 'crore', hi: 'करोड़' },
  { size: 100_000n, en: 'lakh', hi: 'लाख' },
  { size: 1_000n, en: 'thousand', hi: 'हज़ार' },
  { size: 100n, en: 'hundred', hi: 'सौ' },
];

/** Looks a word up by a bigint: sums never become floating-point numbers, not even as an index. */
function word(words: readonly string[], n: bigint): string {
  return words.find((_, i) => BigInt(i) === n) ?? '';
}

function below100(n: bigint, language: Language): string {
  if (language === 'hi') return word(HI_SMALL, n);
  if (n < 20n) return word(EN_SMALL, n);
  const ten = word(EN_TENS, n / 10n);
  return n % 10n === 0n ? ten : `${ten}-${word(EN_SMALL, n % 10n)}`;
}

function whole(n: bigint, language: Language): string {
  const scale = SCALES.find((s) => n >= s.size);
  if (scale === undefined) return below100(n, language);
  const head = `${whole(n / scale.size, language)} ${scale[language]}`;
  return n % scale.size === 0n ? head : `${head} ${whole(n % scale.size, language)}`;
}

/** `12345678` paise → `one lakh twenty-three thousand four hundred fifty-six rupees and seventy-eight paise`. Not for negative sums. */
export function rupeesInWords(sum: Paise, language: Language): string {
  const rupees = sum / 100n;
  const rest = sum % 100n;
  const text = { en: { one: 'rupee', many: 'rupees', and: 'and', paise: 'paise' }, hi: { one: 'रुपया', many: 'रुपये', and: 'और', paise: 'पैसे' } }[
    language
  ];
  const head = `${whole(rupees, language)} ${rupees === 1n ? text.one : text.many}`;
  return rest === 0n ? head : `${head} ${text.and} ${whole(rest, language)} ${text.paise}`;
}
