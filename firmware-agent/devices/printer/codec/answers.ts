/**
 * What a printer says, taken apart. Its answers share one wire without framing and are told apart by fixed bits (Epson's tables):
 * - `realtime`  answer to DLE EOT       0xx1xx10
 * - `changed`   automatic status (GS a) 0xx1xx00 and three bytes 0xx0xxxx
 * - `queued`    answer to GS r          0xx0xxxx
 * - `name`      answer to GS I          5F … 00
 * - `process`   answer to GS ( H        37 22 d1 d2 d3 d4 00
 * - `flow`      XON, XOFF; `noise`      anything else: dropped
 */
export type Answer =
  | { readonly kind: 'realtime'; readonly bits: number }
  | { readonly kind: 'changed'; readonly bits: readonly [number, number, number, number] }
  | { readonly kind: 'queued'; readonly bits: number }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'process'; readonly id: string }
  | { readonly kind: 'flow'; readonly go: 'on' | 'off' }
  | { readonly kind: 'noise'; readonly byte: number };

const NAME_START = 0x5f;
const PROCESS_START = 0x37;
const PROCESS_SECOND = 0x22;
const PROCESS_CHARACTERS = 4;
const XON = 0x11;
const XOFF = 0x13;
/** Longer than any maker or model; a name that does not end is not a name. */
const NAME_LIMIT = 64;

type Part =
  | { readonly in: 'nothing' }
  | { readonly in: 'changed'; readonly bits: readonly number[] }
  | { readonly in: 'name'; readonly text: string }
  | { readonly in: 'process'; readonly text: string | undefined };

const NOTHING: Part = { in: 'nothing' };

/**
 * Reads a stream of answers however it is cut into pieces. Any bytes at all are read without an error, in bounded memory; after garbage the
 * next or next but one answer is read rightly, at once after `pause()`.
 */
export class AnswerReader {
  private part: Part = NOTHING;

  read(chunk: Uint8Array): readonly Answer[] {
    const answers: Answer[] = [];
    for (const byte of chunk) answers.push(...this.take(byte));
    return answers;
  }

  /** The line was quiet: what is unfinished will not be finished. */
  pause(): void {
    this.part = NOTHING;
  }

  private take(byte: number): readonly Answer[] {
    const { part } = this;
    switch (part.in) {
      case 'nothing':
        return this.begin(byte);
      case 'changed':
        return this.goOnChanged(part.bits, byte);
      case 'name':
        return this.goOnName(part.text, byte);
      case 'process':
        return this.goOnProcess(part.text, byte);
    }
  }

  private begin(byte: number): readonly Answer[] {
    this.part = NOTHING;
    if (byte === XON || byte === XOFF) return [{ kind: 'flow', go: byte === XON ? 'on' : 'off' }];
    if (byte === NAME_START) this.part = { in: 'name', text: '' };
    else if (byte === PROCESS_START) this.part = { in: 'process', text: undefined };
    else if (isRealtime(byte)) return [{ kind: 'realtime', bits: byte }];
    else if (isChangedStart(byte)) this.part = { in: 'changed', bits: [byte] };
    else if (isQueued(byte)) return [{ kind: 'queued', bits: byte }];
    else return [{ kind: 'noise', byte }];
    return [];
  }

  private goOnChanged(before: readonly number[], byte: number): readonly Answer[] {
    if (isQueued(byte)) {
      const [a = 0, b = 0, c = 0] = before;
      if (before.length === 3) return this.end({ kind: 'changed', bits: [a, b, c, byte] });
      this.part = { in: 'changed', bits: [...before, byte] };
      return [];
    }
    // A real-time answer may come between the four bytes; they go on after it.
    if (isRealtime(byte)) return [{ kind: 'realtime', bits: byte }];
    if (byte === XON || byte === XOFF) return [{ kind: 'flow', go: byte === XON ? 'on' : 'off' }];
    return [...noise(before), ...this.begin(byte)];
  }

  private goOnName(before: string, byte: number): readonly Answer[] {
    if (byte === 0) return this.end({ kind: 'name', text: before });
    if (byte >= 0x20 && byte < 0x7f && before.length < NAME_LIMIT) {
      this.part = { in: 'name', text: before + String.fromCharCode(byte) };
      return [];
    }
    return [{ kind: 'noise', byte: NAME_START }, ...this.begin(byte)];
  }

  private goOnProcess(before: string | undefined, byte: number): readonly Answer[] {
    if (before === undefined && byte === PROCESS_SECOND) {
      this.part = { in: 'process', text: '' };
      return [];
    }
    if (before !== undefined && before.length === PROCESS_CHARACTERS && byte === 0) return this.end({ kind: 'process', id: before });
    if (before !== undefined && before.length < PROCESS_CHARACTERS && byte >= 0x20 && byte < 0x7f) {
      this.part = { in: 'process', text: before + String.fromCharCode(byte) };
      return [];
    }
    return [{ kind: 'noise', byte: PROCESS_START }, ...this.begin(byte)];
  }

  private end(answer: Answer): readonly Answer[] {
    this.part = NOTHING;
    return [answer];
  }
}

function noise(dropped: readonly number[]): readonly Answer[] {
  return dropped.map((byte) => ({ kind: 'noise', byte }));
}

function isRealtime(byte: number): boolean {
  return (byte & 0x93) === 0x12;
}

function isChangedStart(byte: number): boolean {
  return (byte & 0x93) === 0x10;
}

function isQueued(byte: number): boolean {
  return (byte & 0x90) === 0x00;
}
