import assert from 'node:assert/strict';
import fc from 'fast-check';
import { placesOf } from '../../../../firmware-agent/devices/page-printer/client.js';
import { pagePrinterConfig } from '../../../../firmware-agent/devices/page-printer/device.js';
import { attribute, decode, encode, GROUP, LANGUAGE, TAG, type Attributes } from '../../../../firmware-agent/devices/page-printer/ipp.js';
import { readJob, reportOf } from '../../../../firmware-agent/devices/page-printer/status.js';

describe('page printer: IPP', () => {
  const message = encode({
    version: { major: 2, minor: 0 },
    code: 0x0501,
    requestId: 7,
    groups: [
      { tag: GROUP.operation, attributes: LANGUAGE },
      {
        tag: GROUP.job,
        attributes: [attribute(TAG.integer, 'copies', -3), attribute(TAG.keyword, 'words', ['a', 'b']), attribute(TAG.noValue, 'none', '')],
      },
    ],
  });

  it('reads back what it wrote, with the document behind it', () => {
    const read = decode(Buffer.concat([message, Buffer.from('%PDF')]));
    assert.equal(read?.data.toString(), '%PDF');
    assert.deepEqual([read.code, read.requestId], [0x0501, 7]);
    assert.deepEqual(
      [...(read.groups[1]?.attributes ?? [])],
      [
        ['copies', { tag: TAG.integer, values: [-3] }],
        ['words', { tag: TAG.keyword, values: ['a', 'b'] }],
        ['none', { tag: TAG.noValue, values: [''] }],
      ],
    );
  });

  it('takes any bytes without an error or a hang', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decode(Buffer.from(bytes))),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.nat(message.length - 1), fc.nat(255), (at, byte) => {
        const turned = Buffer.from(message);
        turned[at] = byte;
        decode(turned);
        assert.equal(decode(message.subarray(0, at)), undefined, 'a message that was cut');
      }),
      { numRuns: 2_000 },
    );
  });

  const rows: readonly (readonly [string, string, string])[] = [
    ['ipp://10.0.0.7/ipp/print', 'ipp://10.0.0.7:631/ipp/print', 'http://10.0.0.7:631/ipp/print'],
    ['ipps://p.local/x', 'ipps://p.local:631/x', 'https://p.local:631/x'],
    ['http://127.0.0.1:8631/printers/a', 'ipp://127.0.0.1:8631/printers/a', 'http://127.0.0.1:8631/printers/a'],
    ['https://p.local/x', 'ipps://p.local:443/x', 'https://p.local:443/x'],
  ];
  for (const [given, uri, url] of rows)
    it(given, () => {
      const places = placesOf(given);
      assert.deepEqual([places.uri, places.url.href], [uri, new URL(url).href]);
      assert.ok(pagePrinterConfig.safeParse({ kind: 'page-printer', transport: 'ipp', url: given }).success);
    });

  it('wants an address of a printer', () => {
    for (const url of ['lpd://x/y', 'nonsense', '']) assert.ok(!pagePrinterConfig.safeParse({ kind: 'page-printer', transport: 'ipp', url }).success);
  });
});

describe('page printer: what it says of itself', () => {
  const printer = (state: number, ...reasons: readonly string[]): Attributes =>
    new Map([
      ['printer-state', { tag: TAG.enum, values: [state] }],
      ['printer-state-reasons', { tag: TAG.keyword, values: reasons }],
    ]);
  const rows: readonly (readonly [number, readonly string[], string])[] = [
    [3, ['none'], 'ready'],
    [3, ['media-low-warning', 'cups-missing-filter-warning'], 'ready'],
    [3, ['media-low'], 'ready'],
    [5, ['media-empty-error', 'cover-open'], 'trouble page-printer-cover'],
    [5, ['media-empty', 'media-needed'], 'trouble page-printer-paper'],
    [4, ['media-empty-warning'], 'warning page-printer-paper'],
    [5, ['media-jam-error', 'toner-low-warning'], 'trouble page-printer-jam'],
    [3, ['toner-low-warning'], 'warning page-printer-toner-low'],
    [3, ['marker-supply-low'], 'warning page-printer-toner-low'],
    [3, ['marker-supply-low-report'], 'ready'],
    [3, ['marker-supply-empty-error'], 'trouble page-printer-toner-out'],
    [5, ['marker-supply-empty'], 'trouble page-printer-toner-out'],
    [5, ['toner-empty'], 'trouble page-printer-toner-out'],
    [3, ['toner-empty-warning'], 'warning page-printer-toner-out'],
    [5, ['media-jam-warning'], 'trouble page-printer-jam'],
    [5, ['media-empty-warning', 'cover-open-warning'], 'trouble page-printer-cover'],
    [4, ['media-jam-warning'], 'warning page-printer-jam'],
    [5, ['media-jam-report'], 'trouble page-printer-error'],
    [5, ['paused'], 'trouble page-printer-error'],
    [3, ['offline-report'], 'absent page-printer-absent'],
    [4, ['connecting-to-device'], 'absent page-printer-absent'],
  ];
  for (const [state, reasons, wanted] of rows)
    it(reasons.join(' '), () => {
      const report = reportOf(printer(state, ...reasons));
      assert.equal(`${report.state} ${report.problem?.code ?? ''}`.trim(), wanted);
    });

  it('believes a completed job only when it is said to have been printed', () => {
    const job = (state: number, reason: string): Attributes =>
      new Map([
        ['job-state', { tag: TAG.enum, values: [state] }],
        ['job-state-reasons', { tag: TAG.keyword, values: [reason] }],
      ]);
    const states = [
      readJob(job(9, 'job-completed-successfully')),
      readJob(job(9, 'queued-in-device')),
      readJob(job(9, 'job-completed-with-errors')),
      readJob(job(8, 'aborted-by-system')),
      readJob(job(77, 'none')),
    ];
    assert.deepEqual(
      states.map((read) => read?.state),
      ['ended-well', 'ended-unsure', 'ended-unsure', 'ended-badly', undefined],
    );
  });
});
