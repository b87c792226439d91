import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatRupees, paise, type Paise } from '#protocol/money/paise.js';
import type { Served } from './scripted.js';
import { must, run } from './tool.js';
import { DEMO, type World } from './world.js';

type ReceiptLine = {
  readonly receipt: string;
  readonly qr: string;
  readonly totalPaise: string;
  readonly department: string;
  readonly outcome: string;
};

/** What the day left behind, checked by the same commands that anyone else would use. */
export type Evidence = { readonly faults: readonly string[] };

/** Writes the day's files into the demo folder, prints what they say, and names whatever does not agree. */
export async function gatherEvidence(world: World, served: readonly Served[], say: (line: string) => void): Promise<Evidence> {
  const faults: string[] = [];
  const { root, hubDir, kioskDir } = world;
  const dir = ['--dir', hubDir];
  const publicKey = join(root, 'district.pub');
  copyFileSync(join(hubDir, 'district.pub'), publicKey);
  const receipts = await settledReceipts(kioskDir);
  say('');
  for (const line of (await must(['agent', 'receipts', '--dir', kioskDir, '--text'])).split('\n')) say(line);
  faults.push(...compare(served, receipts));
  keepPapers(root, receipts);
  for (const receipt of receipts) {
    const checked = await run(['receipt', 'verify', receipt.qr, '--district-key', publicKey]);
    const status = await run(['receipt', 'status', receipt.qr, '--district-key', publicKey, '--hub', `https://${world.hubAddress}`]);
    say(`${receipt.receipt}: ${checked.code === 0 ? 'verifies' : 'DOES NOT VERIFY'}; ${(status.out + status.err).trim().split('\n').at(0) ?? ''}`);
    if (checked.code !== 0) faults.push(`${receipt.receipt} does not verify: ${checked.err}`);
    if (status.code !== 0 || receipt.outcome !== 'posted') faults.push(`${receipt.receipt} is not posted: ${status.err}`);
  }
  say('');
  const wallet = await must(['hub', 'statement', '--kiosk', DEMO.kiosk, ...dir]);
  say(`wallet of ${DEMO.kiosk}`);
  say(wallet.trimEnd());
  say('');
  say('trial balance of the district (payables are 2020)');
  say((await must(['hub', 'trial-balance', ...dir])).trimEnd());
  await must(['hub', 'journal', '--out', join(root, 'books.journal'), ...dir]);
  const books = await run(['hub', 'check', ...dir]);
  say(`books: ${lastLine(books.out + books.err)}`);
  if (books.code !== 0) faults.push(`books: ${books.err}`);
  const ledger = await verifyLedger(world, publicKey);
  say(`ledger: ${lastLine(ledger.out + ledger.err)}`);
  if (ledger.code !== 0) faults.push(`ledger: ${ledger.err}`);
  return { faults };
}

/** The department's last answer reaches the counter a moment after the batch was posted: asks again, a bounded number of times. */
async function settledReceipts(kioskDir: string): Promise<readonly ReceiptLine[]> {
  const read = async (): Promise<readonly ReceiptLine[]> =>
    (await must(['agent', 'receipts', '--dir', kioskDir, '--json']))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ReceiptLine);
  let receipts = await read();
  for (let tries = 0; tries < 20 && receipts.some((r) => r.outcome !== 'posted'); tries++) receipts = await read();
  return receipts;
}

/** The agent's newest entries travel a moment after the screen shows them: asks again, a bounded number of times. */
async function verifyLedger(world: World, publicKey: string): Promise<Awaited<ReturnType<typeof run>>> {
  const file = join(world.root, 'ledger.cborseq');
  let verdict = await exportAndVerify(world, file, publicKey);
  for (let tries = 0; tries < 10 && verdict.code !== 0; tries++) verdict = await exportAndVerify(world, file, publicKey);
  return verdict;
}

async function exportAndVerify(world: World, file: string, publicKey: string): Promise<Awaited<ReturnType<typeof run>>> {
  await must(['agent', 'export', '--dir', world.kioskDir, '--out', file]);
  return run(['ledger', 'verify', file, '--district-key', publicKey]);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

function compare(served: readonly Served[], receipts: readonly ReceiptLine[]): readonly string[] {
  if (served.length !== receipts.length) return [`${served.length} citizens were served and ${receipts.length} receipts stand`];
  return served.flatMap((one, i) => {
    const receipt = receipts[i];
    const total: Paise = paise(BigInt(receipt?.totalPaise ?? '0'));
    return receipt?.department === one.department && total === one.expectedPaise
      ? []
      : [
          `${one.what}: expected Rs ${formatRupees(one.expectedPaise)} to ${one.department}, the receipt says Rs ${formatRupees(total)} to ${receipt?.department ?? '?'}`,
        ];
  });
}

/** After work by hand: the same files, without the judgement of a day that was not planned. */
export async function leaveFiles(world: World, say: (line: string) => void): Promise<void> {
  const { root, hubDir, kioskDir } = world;
  copyFileSync(join(hubDir, 'district.pub'), join(root, 'district.pub'));
  const lines = (await must(['agent', 'receipts', '--dir', kioskDir, '--json']))
    .trim()
    .split('\n')
    .filter((line) => line !== '');
  const folder = join(root, 'receipts');
  mkdirSync(folder, { recursive: true });
  for (const [i, line] of lines.entries()) {
    const receipt = JSON.parse(line) as ReceiptLine;
    writeFileSync(join(folder, `${String(i + 1).padStart(3, '0')}.txt`), `${receipt.qr}\n`);
  }
  await must(['hub', 'journal', '--out', join(root, 'books.journal'), '--dir', hubDir]);
  await must(['agent', 'export', '--dir', kioskDir, '--out', join(root, 'ledger.cborseq')]);
  say(`${lines.length} receipts; left in ${root}: ledger.cborseq district.pub receipts/ paper/ books.journal`);
}

/** `NNN.txt` is the text of the code of the NNNth receipt, `NNN.png` its paper as it left the virtual printer. */
function keepPapers(root: string, receipts: readonly ReceiptLine[]): void {
  const folder = join(root, 'receipts');
  mkdirSync(folder, { recursive: true });
  const papers = readdirSync(join(root, 'paper'))
    .filter((name) => name.endsWith('.png'))
    .sort();
  for (const [i, receipt] of receipts.entries()) {
    const name = String(i + 1).padStart(3, '0');
    writeFileSync(join(folder, `${name}.txt`), `${receipt.qr}\n`);
    const paper = papers[i];
    if (paper !== undefined) copyFileSync(join(root, 'paper', paper), join(folder, `${name}.png`));
  }
}
