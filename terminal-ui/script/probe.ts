import type { WidthModel } from './width.js';

/** Long enough for a serial console; a terminal on the same machine answers within a millisecond or two. */
export const PROBE_TIMEOUT_MS = 400;

/**
 * Asks for the cursor column (CPR) after a blank two columns wide by the text sizing protocol, and again after "का", which is two columns
 * under wcwidth and one where marks have none. The line is wiped afterwards.
 */
export const PROBE_QUESTION = '\r\x1b]66;w=2; \x1b\\\x1b[6n\r\x1b[K\u0915\u093e\x1b[6n\r\x1b[K';

export type ProbeAnswer = { readonly model: WidthModel | undefined; readonly rest: string };

/**
 * Reads the two cursor reports out of what arrived. `model` is undefined until both are there; `rest` is what was typed meanwhile, which
 * must not be lost. A pair that fits no model means a terminal that draws nothing of this: wcwidth, the most common.
 */
export function readProbe(arrived: string): ProbeAnswer {
  const columns: number[] = [];
  const rest = arrived.replace(/\x1b\[\d+;(\d+)R/gu, (_whole, column: string) => {
    columns.push(Number.parseInt(column, 10));
    return '';
  });
  const [afterSized, afterLetter] = columns;
  if (afterSized === undefined || afterLetter === undefined) return { model: undefined, rest };
  if (afterSized === 3) return { model: 'osc66', rest };
  return { model: afterLetter === 2 ? 'mark0' : 'wcwidth', rest };
}

export type ProbedTerminal = { readonly model: WidthModel; readonly typed: string };

/** Asks the terminal which width model it follows. Leaves `input` paused and cooked, and hands back what was typed meanwhile. */
export function probeWidthModel(input: NodeJS.ReadStream, output: NodeJS.WriteStream, timeoutMs = PROBE_TIMEOUT_MS): Promise<ProbedTerminal> {
  return new Promise((resolve) => {
    let arrived = '';
    const finish = (found: ProbedTerminal): void => {
      clearTimeout(timer);
      input.off('data', listen);
      input.setRawMode(false);
      input.pause();
      resolve(found);
    };
    const listen = (bytes: Buffer): void => {
      arrived += bytes.toString('latin1');
      const { model, rest } = readProbe(arrived);
      if (model !== undefined) finish({ model, typed: rest });
    };
    const timer = setTimeout(() => finish({ model: 'wcwidth', typed: readProbe(arrived).rest }), timeoutMs);
    input.setRawMode(true);
    input.on('data', listen);
    input.resume();
    output.write(PROBE_QUESTION);
  });
}
