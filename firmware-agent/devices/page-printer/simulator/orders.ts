import { z } from 'zod';

/** What another process or a test may do with the virtual page printer. One JSON object a line on its control socket. */
export const pagePrinterOrder = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('media-empty') }).describe('the tray is empty: jobs stop until normal'),
  z.strictObject({ do: z.literal('jam') }).describe('paper is jammed: jobs stop until normal'),
  z.strictObject({ do: z.literal('cover') }).describe('the cover is open: jobs stop until normal'),
  z.strictObject({ do: z.literal('toner-low') }).describe('toner is nearly used up: it warns and prints'),
  z.strictObject({ do: z.literal('toner-out') }).describe('toner is used up: jobs stop until normal'),
  z.strictObject({ do: z.literal('stuck') }).describe('takes jobs, says that it prints, and never gets on'),
  z.strictObject({ do: z.literal('dead') }).describe('a queue whose printer is gone: says so only in a message of the job'),
  z.strictObject({ do: z.literal('refuse') }).describe('answers each job with: not accepting jobs'),
  z.strictObject({ do: z.literal('abort') }).describe('gives each job up in the middle'),
  z
    .strictObject({ do: z.literal('drop'), when: z.enum(['sending', 'answering', 'printing']) })
    .describe('cuts the connection: in the middle of the next document, after it before the answer, or at each question while a job prints'),
  z.strictObject({ do: z.literal('forget') }).describe('forgets each job as soon as it is taken'),
  z.strictObject({ do: z.literal('garbage') }).describe('answers with bytes that are no IPP'),
  z.strictObject({ do: z.literal('slow'), delayMs: z.int().min(0).max(600_000) }).describe('waits so long before each answer'),
  z.strictObject({ do: z.literal('unplug') }).describe('takes no connections any more, and cuts those that stand'),
  z.strictObject({ do: z.literal('plug') }).describe('takes connections again, at the same port'),
  z.strictObject({ do: z.literal('normal') }).describe('mends every fault and plugs it in'),
  z.strictObject({ do: z.literal('state') }).describe('tells how it stands, with its jobs'),
]);
export type PagePrinterOrder = z.infer<typeof pagePrinterOrder>;

/** What is wrong with the virtual printer; one thing at a time. */
export type PageFault = Exclude<PagePrinterOrder['do'], 'drop' | 'slow' | 'unplug' | 'plug' | 'normal' | 'state' | 'garbage'> | 'none';
