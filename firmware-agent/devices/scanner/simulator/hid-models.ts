/** Bits of the order report, lowest first: prevent, initiate, error beep, good beep. */
type OrderBits = { readonly reportId: number; readonly prevent: number; readonly initiate: number; readonly error: number; readonly good: number };

/** One model's interface: what its descriptor says and how it lays out its reports. Written by hand, so that no reader of ours proves itself. */
export type HidModel = {
  /** None when the model does not tell it. */
  readonly descriptor: Uint8Array | undefined;
  readonly pieceBytes: number;
  readonly report: (aim: string, piece: Uint8Array, more: 'more' | 'last') => Uint8Array;
  readonly orders: OrderBits | undefined;
};

/** Count, identifier, 56 bytes of data, two of the maker's own, the flag and seven bits of nothing. */
const USUAL_INPUT = `0912 a102 8502 1500 26ff00 7508 9501 0501 093b 8102 9503 058c 09fb 09fc 09fd 8102 9538 09fe 820201
  9502 0666ff 0904 0900 8102 058c 7501 9501 09ff 8102 9507 8103 c0`;
const USUAL_OUTPUT = '0914 a102 8504 1500 2501 7501 9508 0900 095f 0960 0900 0900 0985 0986 9186 c0';
const USUAL_ORDERS: OrderBits = { reportId: 4, prevent: 0x02, initiate: 0x04, error: 0x20, good: 0x40 };

const usual: HidModel = {
  descriptor: hex(`058c 0902 a101 ${USUAL_INPUT} ${USUAL_OUTPUT} c0`),
  pieceBytes: 56,
  orders: USUAL_ORDERS,
  report(aim, piece, more) {
    const report = Buffer.alloc(64);
    report[0] = 0x02;
    report[1] = piece.length;
    report.write(`]${aim}`, 2, 'latin1');
    report.set(piece, 5);
    report[63] = more === 'more' ? 1 : 0;
    return report;
  },
};

/** Puts identifier and data one byte further than the descriptor says. */
const shifted: HidModel = {
  ...usual,
  pieceBytes: 55,
  report(aim, piece, more) {
    const report = Buffer.alloc(64);
    report[0] = 0x02;
    report[1] = piece.length;
    report.write(`]${aim}`, 3, 'latin1');
    report.set(piece, 6);
    report[63] = more === 'more' ? 1 : 0;
    return report;
  },
};

/** Another maker: the flag in front, no count, 30 bytes of data filled up with NULs, the identifier behind; two orders in other places. */
const flagFirst: HidModel = {
  descriptor: hex(`058c 0902 a101 8505 1500 2501 7501 9501 09ff 8102 9507 8103 1500 26ff00 7508 951e 09fe 820201 9503 19fb 29fd 8102
    8506 2501 7501 9504 0986 0985 0960 095f 9102 9504 9103 c0`),
  pieceBytes: 30,
  orders: { reportId: 6, good: 0x01, error: 0x02, initiate: 0x04, prevent: 0x08 },
  report(aim, piece, more) {
    const report = Buffer.alloc(35);
    report[0] = 0x05;
    report[1] = more === 'more' ? 1 : 0;
    report.set(piece, 2);
    report.write(`]${aim}`, 32, 'latin1');
    return report;
  },
};

/** Numbers no reports, and takes no orders. */
const unnumbered: HidModel = {
  descriptor: hex(`058c 0902 a101 1500 26ff00 7508 9501 0501 093b 8102 9503 058c 09fb 09fc 09fd 8102 953b 09fe 820201 9501 09ff 8102 c0`),
  pieceBytes: 59,
  orders: undefined,
  report(aim, piece, more) {
    const report = Buffer.alloc(64);
    report[0] = piece.length;
    report.write(`]${aim}`, 1, 'latin1');
    report.set(piece, 4);
    report[63] = more === 'more' ? 0x80 : 0;
    return report;
  },
};

/** A boot keyboard (HID 1.11 appendix E.6). */
const KEYBOARD_DESCRIPTOR = hex(`0501 0906 a101 0507 19e0 29e7 1500 2501 7501 9508 8102 9501 7508 8103
  9506 7508 1500 2565 1900 2965 8100 c0`);

/** A digit on the top row and Enter, as usages of the keyboard page: pressed and let go. */
const keyboard: HidModel = {
  descriptor: KEYBOARD_DESCRIPTOR,
  pieceBytes: 1,
  orders: undefined,
  report(_aim, piece) {
    const digit = (piece[0] ?? 0x30) - 0x30;
    return Uint8Array.of(0, 0, digit === 0 ? 0x27 : 0x1d + digit, 0, 0, 0, 0, 0);
  },
};

export const HID_MODELS = {
  usual,
  shifted,
  'no-descriptor': { ...usual, descriptor: undefined },
  'flag-first': flagFirst,
  unnumbered,
  'no-orders': { ...usual, descriptor: hex(`058c 0902 a101 ${USUAL_INPUT} c0`), orders: undefined },
  keyboard,
} as const satisfies Record<string, HidModel>;
export type HidModelName = keyof typeof HID_MODELS;

/** A code as the reports that carry it. */
export function hidReports(model: HidModel, aim: string, bytes: Uint8Array): readonly Uint8Array[] {
  const reports: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += model.pieceBytes) {
    const more = at + model.pieceBytes < bytes.length ? 'more' : 'last';
    reports.push(model.report(aim, bytes.subarray(at, at + model.pieceBytes), more));
  }
  return reports;
}

/** Items of a report descriptor, one word each. */
function hex(items: string): Uint8Array {
  return Uint8Array.from(Buffer.from(items.replaceAll(/\s+/gu, ''), 'hex'));
}
