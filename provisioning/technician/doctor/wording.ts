import type { Language } from '#protocol/identity/identity.js';
import type { BenchPrompt, BenchResult, JudgedPrompt } from '#protocol/technician/bench.js';
import { STATION, type CheckLine, type DeviceLine } from '#protocol/technician/messages.js';
import { troubleOf } from '#protocol/technician/sheet-layout.js';
import { deviceTodo, KIND_WORDS } from '#protocol/technician/words.js';

type Both = Readonly<Record<Language, string>>;

/** What a person is told to do, once for each prompt that a check can give. */
export const PROMPT_WORDS: Readonly<Record<BenchPrompt, Both>> = {
  'scan-a-code': { en: 'Hold any printed code before the scanner.', hi: 'कोई भी छपा कोड स्कैनर के सामने रखें।' },
  'lay-finger': { en: 'Lay a finger on the reader.', hi: 'यंत्र पर अंगुली रखें।' },
  'lift-finger': { en: 'Lift the finger.', hi: 'अंगुली उठा लें।' },
  'touch-key': { en: 'Touch the security key where it blinks.', hi: 'सुरक्षा कुंजी को जहाँ बत्ती टिमटिमाए, वहाँ छुएँ।' },
  'look-at-paper': { en: 'Look at the paper that comes out.', hi: 'निकलने वाला कागज़ देखें।' },
  'look-at-picture': { en: 'Look at the picture.', hi: 'चित्र देखें।' },
  'look-at-drawer': { en: 'Look at the cash drawer.', hi: 'नकद दराज़ देखें।' },
  'put-page': { en: 'Put a page in.', hi: 'एक पन्ना डालें।' },
  listen: { en: 'Listen to what is said.', hi: 'जो बोला जाए उसे सुनें।' },
};

export const JUDGE_WORDS: Readonly<Record<JudgedPrompt, Both>> = {
  'look-at-paper': { en: 'Is the paper whole, black and readable?', hi: 'क्या कागज़ पूरा, गहरा और पढ़ने योग्य है?' },
  'look-at-picture': { en: 'Is the picture sharp and the right way up?', hi: 'क्या चित्र साफ़ और सीधा है?' },
  'look-at-drawer': { en: 'Did the drawer open?', hi: 'क्या दराज़ खुला?' },
  listen: { en: 'Was it heard clearly?', hi: 'क्या साफ़ सुनाई दिया?' },
};

const ENGLISH = {
  'by-agent': 'by the agent that runs',
  'by-own': 'no agent runs; the devices were opened for this',
  ready: 'Enter: do it. S, then Enter: leave it out.',
  judge: 'Y or N, then Enter; Enter alone when not sure.',
  'no-answer': 'is no answer.',
  again: 'T, then Enter: try once more. Enter: go on.',
  plugged: 'What is plugged in: jharokha provision devices --dir',
  'other-path': 'Another file for it, then Enter; Enter alone: none.',
  unattended: 'nobody is there to do it',
  written: 'Sheet written to',
  printed: 'The sheet was printed.',
  'not-printed': 'The sheet was not printed',
  good: 'Good: the kiosk signed exactly this sheet, and the district vouches for the kiosk.',
} as const;
export type DoctorWord = keyof typeof ENGLISH;

const HINDI: Readonly<Record<DoctorWord, string>> = {
  'by-agent': 'चल रहे एजेंट से',
  'by-own': 'कोई एजेंट नहीं चल रहा; यंत्र इसी जाँच के लिए खोले गए',
  ready: 'Enter: जाँचें। S, फिर Enter: छोड़ें।',
  judge: 'हाँ Y, नहीं N, फिर Enter; पक्का न हो तो केवल Enter।',
  'no-answer': 'कोई उत्तर नहीं है।',
  again: 'T, फिर Enter: एक बार और जाँचें। Enter: आगे बढ़ें।',
  plugged: 'जुड़े यंत्र देखें: jharokha provision devices --dir',
  'other-path': 'दूसरी फ़ाइल लिखें, फिर Enter; केवल Enter: कोई नहीं।',
  unattended: 'करने के लिए कोई नहीं है',
  written: 'पत्र यहाँ लिखा गया:',
  printed: 'पत्र छप गया।',
  'not-printed': 'पत्र नहीं छपा',
  good: 'ठीक: यही पत्र कियोस्क ने हस्ताक्षरित किया है और ज़िला इस कियोस्क की पुष्टि करता है।',
};

export function say(language: Language, word: DoctorWord): string {
  return (language === 'hi' ? HINDI : ENGLISH)[word];
}

/** Hindi for every check by its name; one that a later kind brings is called by its English title until it has a line here. */
const HINDI_CHECKS: Readonly<Record<string, string>> = {
  status: 'जुड़ा है और कोई खराबी नहीं बताता',
  software: 'सॉफ़्टवेयर संस्करण',
  disk: 'डिस्क में जगह',
  folder: 'कुंजियाँ, बंडल और बही',
  'devices-file': 'devices.json पढ़ी जाती है',
  link: 'हब तक पहुँच',
  clock: 'घड़ी हब से मिलती है',
  power: 'मुख्य बिजली',
  'print-test-page': 'हिंदी और अंग्रेज़ी में परीक्षण पृष्ठ छापता है',
  drawer: 'नकद दराज़ खोलता है',
  'scan-a-code': 'सामने रखा कोड पढ़ता है',
  beep: 'अस्वीकृत कोड का स्वर बजाता है',
  light: 'शीशे की बत्ती जलाता और बुझाता है',
  'any-finger': 'किसी भी अंगुली की छाप लेता है',
  'enrol-and-match': 'खाली स्थान में अंगुली दर्ज करता, मिलाता और मिटाता है',
  sign: 'अंगुली से परीक्षण हस्ताक्षर करता है',
  capture: 'अंगुली की छाप लेकर फेंक देता है',
  fix: 'काउंटर का स्थान बताता है',
  'scan-page': 'शीशे से एक पन्ना स्कैन करता है',
  photograph: 'फ़ोटो लेता है और उसका आकार बताता है',
  say: 'हिंदी और अंग्रेज़ी में रकम बोलता है',
};

export function checkName({ check, title }: Pick<CheckLine, 'check' | 'title'>, language: Language): string {
  return language === 'hi' ? (HINDI_CHECKS[check] ?? title) : title;
}

export function deviceName({ name, kind }: Pick<DeviceLine, 'name' | 'kind'>, language: Language): string {
  return name === kind ? KIND_WORDS[language][kind] : `${KIND_WORDS[language][kind]} (${name})`;
}

const MARKS: Readonly<Record<Language, Readonly<Record<BenchResult['outcome'], string>>>> = {
  en: { pass: '[ ok ]', fail: '[FAIL]', 'not-done': '[ -- ]' },
  hi: { pass: '[ठीक]', fail: '[खराबी]', 'not-done': '[ -- ]' },
};

/** Lines for one check: what was tried, what came of it, and for a fault what the check saw and what to do. `folder` is the kiosk's. */
export function resultLines(check: CheckLine, result: BenchResult, language: Language, folder: string): readonly string[] {
  const mark = MARKS[language][result.outcome];
  // A title says what must hold; a fault or a reading says what was found.
  const trouble = troubleOf(result, language);
  const said = result.outcome === 'pass' && check.device !== STATION && result.problem === undefined ? '' : `: ${trouble}`;
  const facts = Object.entries(result.facts).map(([name, value]) => `${name} ${value}`);
  const lines = [`  ${mark} ${checkName(check, language)}${said}`];
  if (facts.length > 0 && check.device !== STATION) lines.push(`         ${facts.join(' · ')}`);
  if (result.outcome === 'pass') return lines;
  const more = [
    result.detail === trouble ? undefined : result.detail,
    result.problem === undefined ? undefined : deviceTodo(result.problem, language),
    result.problem?.code.endsWith('-absent') === true ? `${say(language, 'plugged')} ${folder}` : undefined,
  ];
  return [...lines, ...more.flatMap((line) => (line === undefined || line === '' ? [] : [`         ${line}`]))];
}

export function skippedLine(check: CheckLine, detail: string, language: Language): string {
  return `  ${MARKS[language]['not-done']} ${checkName(check, language)}: ${detail}`;
}
