/** Scanners that take their orders as text between their codes. */
export type TextStyle = 'honeywell' | 'newland';

export type ReplyStatus = 'taken' | 'bad-value' | 'unknown-command';
export type TextReply = { readonly tag: string; readonly value: string; readonly status: ReplyStatus };

/** `answer`: the tag that a reply echoes, or none when the scanner gives no reply to it. */
export type TextCommand = { readonly bytes: Uint8Array; readonly answer: string | undefined };

const TAG_LETTERS = 6;
const STATUS: ReadonlyMap<number, ReplyStatus> = new Map([
  [0x06, 'taken'],
  [0x15, 'bad-value'],
  [0x05, 'unknown-command'],
]);

/** Everything said to each make. Nothing is saved in the scanner: it is set up anew at each connection. */
export const TEXT_COMMANDS = {
  honeywell: {
    // Clear first: an added prefix or suffix would stand there twice. 99 is every symbology, 5C81 its AIM id, 0D the CR.
    setUp: ['PRECA2', 'PREBK2995C81', 'SUFCA2', 'SUFBK2990D'].map(honeywellMenu),
    query: { bytes: latin('\x16M\rTERMID?.'), answer: 'TERMID' },
    goodBeep: { bytes: latin('\x16\x07\r'), answer: undefined },
    badBeep: { bytes: latin('\x16\x07\r'.repeat(3)), answer: undefined },
    triggerOn: { bytes: latin('\x16T\r'), answer: undefined },
    triggerOff: { bytes: latin('\x16U\r'), answer: undefined },
  },
  newland: {
    setUp: ['AIDENA1', 'TSUENA1', 'TSUSET0D'].map(newlandUnified),
    query: newlandUnified('QRYSYS'),
    goodBeep: newlandUnified('BEEPON2700F080T20V'),
    badBeep: newlandUnified('BEEPON0800F400T20V'),
    triggerOn: newlandUnified('SCNTRG1'),
    triggerOff: newlandUnified('SCNTRG0'),
  },
} as const satisfies Record<
  TextStyle,
  Record<'query' | 'goodBeep' | 'badBeep' | 'triggerOn' | 'triggerOff', TextCommand> & { readonly setUp: readonly TextCommand[] }
>;

/** SYN M CR, the tag and its value; `!` changes it until the power goes. */
export function honeywellMenu(text: string): TextCommand {
  return { bytes: latin(`\x16M\r${text}!`), answer: text.slice(0, TAG_LETTERS) };
}

/** `#` changes it until the power goes. */
export function newlandUnified(text: string): TextCommand {
  return { bytes: latin(`~\x010000#${text};\x03`), answer: text.slice(0, TAG_LETTERS) };
}

function latin(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

const HONEYWELL_TAGS = new Set<string>([...TEXT_COMMANDS.honeywell.setUp, TEXT_COMMANDS.honeywell.query].flatMap(({ answer }) => answer ?? []));
const NEWLAND_LEAD = '\x02\x010000';
const HONEYWELL_VALUE_BYTES = 64;
const NEWLAND_TEXT_BYTES = 512;

type Match = { readonly reply: TextReply; readonly length: number } | 'no' | 'unfinished';

/**
 * Takes the replies out of what a scanner sends, wherever they stand, whether awaited or late: left in, one would become a part of the next
 * code. All else passes through at once and in order. What may yet become a reply is held until it is one or not, or `gap` drops it.
 */
export class ReplySieve {
  private readonly match: (text: string) => Match;
  private held = '';

  constructor(style: TextStyle) {
    this.match = style === 'honeywell' ? honeywellReply : newlandReply;
  }

  get isHolding(): boolean {
    return this.held !== '';
  }

  read(chunk: Uint8Array): { readonly data: Uint8Array; readonly replies: readonly TextReply[] } {
    let text = this.held + Buffer.from(chunk).toString('latin1');
    let data = '';
    const replies: TextReply[] = [];
    while (text !== '') {
      const match = this.match(text);
      if (match === 'unfinished') break;
      if (match === 'no') {
        data += text.charAt(0);
        text = text.slice(1);
      } else {
        replies.push(match.reply);
        text = text.slice(match.length);
      }
    }
    this.held = text;
    return { data: latin(data), replies };
  }

  /** Drops the half of a reply that the line went quiet in. */
  /** Whether anything was held. */
  gap(): 'held' | 'nothing' {
    const { isHolding } = this;
    this.held = '';
    return isHolding ? 'held' : 'nothing';
  }
}

/** Tag, value, status and the terminator that the command had. */
function honeywellReply(text: string): Match {
  const tag = text.slice(0, TAG_LETTERS).toUpperCase();
  if (tag.length < TAG_LETTERS) return [...HONEYWELL_TAGS].some((known) => known.startsWith(tag)) ? 'unfinished' : 'no';
  if (!HONEYWELL_TAGS.has(tag)) return 'no';
  let at = TAG_LETTERS;
  while (at < text.length && isPrintable(text.charCodeAt(at))) at += 1;
  if (at - TAG_LETTERS > HONEYWELL_VALUE_BYTES) return 'no';
  if (at + 1 >= text.length && (at === text.length || STATUS.has(text.charCodeAt(at)))) return 'unfinished';
  const status = STATUS.get(text.charCodeAt(at));
  if (status === undefined || !/^[.!]$/u.test(text.charAt(at + 1))) return 'no';
  return { reply: { tag, value: text.slice(TAG_LETTERS, at), status }, length: at + 2 };
}

/** STX SOH 0000, the text of the command behind its sign, status, `;` and ETX. */
function newlandReply(text: string): Match {
  const lead = text.slice(0, NEWLAND_LEAD.length);
  if (lead !== NEWLAND_LEAD) return NEWLAND_LEAD.startsWith(lead) ? 'unfinished' : 'no';
  const end = text.indexOf(';\x03', NEWLAND_LEAD.length);
  if (end < 0) return text.length > NEWLAND_TEXT_BYTES ? 'no' : 'unfinished';
  const status = STATUS.get(text.charCodeAt(end - 1));
  const body = text.slice(NEWLAND_LEAD.length + 1, end - 1);
  if (status === undefined || body.length < TAG_LETTERS || end > NEWLAND_TEXT_BYTES) return 'no';
  return { reply: { tag: body.slice(0, TAG_LETTERS), value: body.slice(TAG_LETTERS), status }, length: end + 2 };
}

function isPrintable(code: number): boolean {
  return code >= 0x20 && code <= 0x7e;
}
