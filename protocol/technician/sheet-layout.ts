import type { Language } from '../identity/identity.js';
import type { PaperLine } from '../receipt/paper.js';
import { base32 } from '../signing/base32.js';
import { printedTime } from '../time/time.js';
import { STATION } from './messages.js';
import { undoneOf, verdictOf, type OpenSheet, type SheetRow } from './sheet.js';
import { deviceTrouble, KIND_WORDS, SHEET_WORDS } from './words.js';

/** The text of a sheet's QR code: enough to find the sheet and to see that it is the same one. `-` stands for no kiosk. */
export function sheetQr({ facts, hash }: OpenSheet): string {
  return `JB1/${facts.kiosk?.code.toUpperCase() ?? '-'}/${base32(hash)}`;
}

/** `7K3M Q9XT` */
export function spokenCode({ code }: Pick<OpenSheet, 'code'>): string {
  return code.replace(/^(.{4})/u, '$1 ');
}

/** A sheet on the receipt printer's paper: each device with the worst of its checks, and each trouble in words. */
export function sheetLines(sheet: OpenSheet, language: Language): readonly PaperLine[] {
  const w = SHEET_WORDS[language];
  const { facts } = sheet;
  const verdict = verdictOf(facts);
  const pair = (left: string, right: string, weight: 'normal' | 'bold' = 'normal'): PaperLine => ({ kind: 'pair', left, right, weight });
  const text = (words: string, weight: 'normal' | 'bold' | 'large' = 'normal', align: 'left' | 'centre' = 'left'): PaperLine => ({
    kind: 'text',
    text: words,
    align,
    weight,
  });
  const devices = [...new Set(facts.rows.map(({ device }) => device))].flatMap((device): readonly PaperLine[] => {
    const rows = facts.rows.filter((row) => row.device === device);
    const worst = worstOf(rows);
    const kind = rows[0]?.kind ?? 'station';
    const called = device === STATION || device === kind ? KIND_WORDS[language][kind] : `${KIND_WORDS[language][kind]} (${device})`;
    const troubles = rows.filter(({ outcome }) => outcome === 'fail').map((row) => text(`${row.check}: ${troubleOf(row, language)}`));
    const undone = undoneOf({ rows }).map(({ check }) => check);
    const left = undone.length === 0 ? [] : [text(`${w['not-done']}: ${undone.join(', ')}`)];
    return [pair(called, w[worst], worst === 'fail' ? 'bold' : 'normal'), ...troubles, ...left];
  });
  return [
    text(w.title, 'large', 'centre'),
    text(w[verdict], 'large', 'centre'),
    ...(verdict === 'partial' ? [text(w['partial-note'], 'bold', 'centre')] : []),
    { kind: 'rule' },
    pair(w.kiosk, facts.kiosk === null ? '-' : `${facts.kiosk.code} / ${facts.kiosk.epoch}`),
    pair(w.time, printedTime(facts.at)),
    pair(w.software, facts.software),
    { kind: 'rule' },
    ...devices,
    { kind: 'rule' },
    text(w[sheet.form], 'bold'),
    { kind: 'qr', text: sheetQr(sheet) },
    pair(w.code, spokenCode(sheet), 'bold'),
    { kind: 'feed', lines: 3 },
  ];
}

/** In the reader's language where the trouble is a known one; the check's own English sentence otherwise. */
export function troubleOf({ problem, detail }: Pick<SheetRow, 'problem' | 'detail'>, language: Language): string {
  return (problem === undefined ? undefined : deviceTrouble(problem, language)) ?? detail;
}

function worstOf(rows: readonly SheetRow[]): SheetRow['outcome'] | 'partly' {
  if (rows.some(({ outcome }) => outcome === 'fail')) return 'fail';
  if (!rows.some(({ outcome }) => outcome === 'pass')) return 'not-done';
  return undoneOf({ rows }).length === 0 ? 'pass' : 'partly';
}
