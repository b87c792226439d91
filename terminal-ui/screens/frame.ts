import type { HeaderView, LinkView, CounterView } from '#protocol/counter/view.js';
import { formatRupees } from '#protocol/money/paise.js';
import { clockTime } from '#protocol/time/time.js';
import { bindings, type Binding } from '../keys/bindings.js';
import type { Local } from '../local/local.js';
import { nameIn, type WordKey } from '../text/catalogue.js';
import { deviceSummary } from './devices.js';
import { BOX_BOTTOM, BOX_TOP, COLUMNS, FACTS_ROW, KEYS_ROW, duration, type Pen } from './pen.js';

type LinkSign = { readonly mark: string; readonly word: WordKey };

/** A state is a mark and a word; colour only repeats it. */
const LINK_SIGNS: Readonly<Record<LinkView['state'], LinkSign>> = {
  online: { mark: '[*]', word: 'online' },
  connecting: { mark: '[~]', word: 'connecting' },
  offline: { mark: '[X]', word: 'offline' },
  refused: { mark: '[!]', word: 'link-refused' },
};

/** Columns that kiosk and operator may claim before the devices give way. */
const WHO_COLUMNS = 24;

function linkText(pen: Pen, link: LinkView): string {
  const { mark, word } = LINK_SIGNS[link.state];
  const age = link.state === 'offline' || link.state === 'refused' ? ` ${duration(link.since, pen.look.now)}` : '';
  return `${mark}${pen.say(word)}${age}`;
}

/** Row 1: who and where, the link, the devices, the clock. */
export function drawHeader(pen: Pen, header: HeaderView): void {
  const { canvas } = pen;
  canvas.fill(0, 0, 1, COLUMNS, 'bar');
  const kiosk = header.kiosk ?? pen.say('not-enrolled');
  const district = header.district === null ? [] : [nameIn(pen.look.language, header.district)];
  const operator = header.operator === null ? [] : [header.operator];
  const link = linkText(pen, header.link);
  const clock = clockTime(pen.look.now);
  const name = Math.min(WHO_COLUMNS, canvas.width([kiosk, ...operator].join(' ')));
  const devices = deviceSummary(pen, header.devices, COLUMNS - name - canvas.width(link) - clock.length - 9);
  const right = [link, ...(devices === '' ? [] : [devices]), clock].join('  ');
  const start = COLUMNS - 1 - canvas.width(right);
  canvas.put(0, start, right, 'bar');
  // The operator matters more than the district when both do not fit.
  const all = [kiosk, ...district, ...operator].join('  ');
  const who = canvas.width(all) <= start - 3 ? all : [kiosk, ...operator].join(' ');
  canvas.name(0, 1, who, 'bar', start - 3);
}

/** What of the devices changes the work at hand, most urgent first. */
const DEVICE_BANNERS = ['ups-low', 'outside-place', 'ups-on-battery'] as const;

/** Row 2: what power, place or an absent link mean for the work, or what is still on its way. */
export function drawBanner(pen: Pen, header: HeaderView, screen: string): void {
  const { canvas } = pen;
  const { link, leaseLeftPaise, unsent } = header;
  const sum = formatRupees(unsent.sum);
  const waiting = unsent.count === 0 ? '' : pen.say('banner-waiting', { count: String(unsent.count) });
  const tell = (text: string): void => {
    canvas.fill(1, 0, 1, COLUMNS, 'banner');
    const used = canvas.put(1, 0, `*** ${text}`, 'banner');
    // How many wait is said here when there is room; F8 always says it.
    if (canvas.width(waiting) <= COLUMNS - used - 3) canvas.right(1, COLUMNS - 1, waiting, 'banner');
  };
  const urgent = DEVICE_BANNERS.find((code) => header.devices.some(({ problem }) => problem?.code === code));
  if (urgent !== undefined) tell(pen.say(`banner-${urgent}`));
  else if (link.state === 'offline') {
    tell(leaseLeftPaise === null ? pen.say('banner-offline-no-lease') : pen.say('banner-offline', { sum: formatRupees(leaseLeftPaise) }));
  } else if (link.state === 'refused') tell(pen.say('banner-refused'));
  else if (link.state === 'connecting') tell(pen.say('banner-connecting'));
  else if (unsent.count > 0) canvas.put(1, 1, pen.say('banner-sending', { count: String(unsent.count), sum }), 'quiet');
  else canvas.name(1, 1, pen.look.notes?.[screen] ?? '', 'quiet', COLUMNS - 2);
}

export function drawBox(pen: Pen, title: string): void {
  pen.canvas.box(BOX_TOP, 0, BOX_BOTTOM - BOX_TOP + 1, COLUMNS, title);
}

function barText(pen: Pen, keys: readonly Binding[]): readonly (readonly [string, string])[] {
  return keys.map((one) => [one.key, pen.say(one.word)]);
}

function barWidth(pen: Pen, parts: readonly (readonly [string, string])[], gap: number): number {
  return parts.reduce((sum, [key, word]) => sum + key.length + 1 + pen.canvas.width(word) + gap, 0);
}

/** Keys that leave the last row first when it is too full: F1 lists them all. */
const GIVES_WAY: readonly Binding['key'][] = ['F11', 'F9', 'F3', 'F8', 'F10', 'F5', 'F2'];

/** Last row: the keys that work now. */
export function drawKeys(pen: Pen, view: CounterView | null, local: Local): void {
  const { canvas, look } = pen;
  canvas.fill(KEYS_ROW, 0, 1, COLUMNS, 'bar');
  let valid = bindings(view, local, look.options).filter((one) => one.does.kind !== 'nothing');
  for (const key of GIVES_WAY) {
    if (barWidth(pen, barText(pen, valid), 1) <= COLUMNS - 2) break;
    valid = valid.filter((one) => one.key !== key);
  }
  const parts = barText(pen, valid);
  const gap = barWidth(pen, parts, 2) <= COLUMNS - 2 ? 2 : 1;
  let column = 1;
  for (const [key, word] of parts) {
    column += canvas.put(KEYS_ROW, column, key, 'key');
    column += canvas.put(KEYS_ROW, column, ` ${word}`, 'bar') + gap;
  }
}

/** The row above the keys: why the last key did nothing, or else facts of the screen. */
export function drawFacts(pen: Pen, local: Local, facts: string): void {
  if (local.hint !== null) pen.canvas.put(FACTS_ROW, 1, `[i] ${pen.say(local.hint)}`, 'strong');
  else if (facts !== '') pen.canvas.put(FACTS_ROW, 1, facts, 'quiet');
}
