/** What the receiving end of a printer obeys the moment it sees it, wherever it stands, inside a picture too. */
export type Realtime =
  | { readonly do: 'status'; readonly n: number }
  | { readonly do: 'recover'; readonly n: number }
  | { readonly do: 'pulse' }
  | { readonly do: 'clear' }
  | { readonly do: 'tell-now' };

const CLEAR = [0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08];
const LONGEST = 2 + CLEAR.length;

/** Watches the bytes as they arrive, across the pieces they come in. */
export class Receiver {
  private recent: number[] = [];
  private sinceDle = LONGEST;

  hear(byte: number): Realtime | undefined {
    this.sinceDle = byte === 0x10 ? 0 : this.sinceDle + 1;
    if (this.sinceDle >= LONGEST) return undefined;
    this.recent.push(byte);
    if (this.recent.length > LONGEST) this.recent.shift();
    const tail = (length: number): readonly number[] => this.recent.slice(-length);
    const [dle, second, n = 0] = tail(3);
    if (dle === 0x10 && second === 0x04 && n >= 1 && n <= 4) return { do: 'status', n };
    if (dle === 0x10 && second === 0x05 && (n === 1 || n === 2)) return { do: 'recover', n };
    const [d5, c5, f5, m5 = 9, t5 = 0] = tail(5);
    if (d5 === 0x10 && c5 === 0x14 && f5 === 1 && m5 <= 1 && t5 >= 1 && t5 <= 8) return { do: 'pulse' };
    const [d4, c4, f4, a4] = tail(4);
    if (d4 === 0x10 && c4 === 0x14 && f4 === 7 && a4 === 1) return { do: 'tell-now' };
    const last = tail(LONGEST);
    if (last[0] === 0x10 && last[1] === 0x14 && CLEAR.every((value, i) => last[i + 2] === value)) return { do: 'clear' };
    return undefined;
  }
}
