import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** One field of an order, as the simulator describes it. */
const orderField = z.object({
  name: z.string(),
  type: z.enum(['text', 'number', 'choice', 'yes-no', 'other']),
  need: z.enum(['required', 'optional']),
  choices: z.array(z.string()).readonly().optional(),
});
export type OrderField = z.infer<typeof orderField>;

/** One order that a simulator understands, with plain words. */
export const orderText = z.object({ do: z.string(), about: z.string(), fields: z.array(orderField).readonly() });
export type OrderText = z.infer<typeof orderText>;

const answerShape = z.object({ ok: z.boolean(), error: z.string().optional(), state: z.unknown().optional(), orders: z.array(orderText).optional() });
export type OrderAnswer = z.infer<typeof answerShape>;

const ANSWER_MS = 10_000;

/** Gives one order to a virtual device on its control socket; resolves with its answer, rejects when it refuses or does not answer. */
export function order(controlPath: string, what: Readonly<Record<string, unknown>>): Promise<OrderAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(controlPath);
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the device went away')));
    createInterface({ input: socket })
      .once('line', (line) => {
        socket.destroy();
        const answer = readAnswer(line);
        if (answer?.ok === true) resolve(answer);
        else reject(new Error(answer === undefined ? 'an answer that can not be read' : (answer.error ?? 'refused')));
      })
      // The reader passes on the socket's own errors; they were told above.
      .on('error', () => undefined);
    socket.write(`${JSON.stringify(what)}\n`);
  });
}

function readAnswer(line: string): OrderAnswer | undefined {
  try {
    return answerShape.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** What the device understands. */
export async function orderList(controlPath: string): Promise<readonly OrderText[]> {
  return (await order(controlPath, { do: 'orders' })).orders ?? [];
}
