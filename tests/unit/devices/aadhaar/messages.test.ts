import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { pidOptions, readCapture, readDeviceInfo, readServiceAnswer } from '../../../../firmware-agent/devices/aadhaar/messages.js';
import { PidBlock } from '../../../../firmware-agent/devices/aadhaar/pid-block.js';
import { DOCTYPE_BOMB } from '../../../../firmware-agent/devices/aadhaar/simulator/answers.js';
import { encodeCbor } from '#protocol/signing/cbor.js';
import { FRAME_BYTES_MAX, PID_BLOCK_BYTES_MAX } from '#protocol/wire/frames.js';
import { escapeXml, readXml, XML_BYTES } from '../../../../firmware-agent/devices/aadhaar/xml.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

describe('aadhaar: strict XML', () => {
  it('reads both quotes, a declaration, comments and the five entities', () => {
    const read = readXml(bytes(`<?xml version="1.0"?><!-- x --><A b='1' c="2 &amp; 3"><D>t&#x41;</D></A>`));
    assert.ok(read.ok);
    const { name, attributes, children } = read.value;
    assert.deepEqual([name, attributes, children[0]?.text], ['A', { b: '1', c: '2 & 3' }, 'tA']);
  });

  const refused: Readonly<Record<string, string>> = {
    'a DOCTYPE with entities that multiply': DOCTYPE_BOMB,
    'a DOCTYPE alone': '<!DOCTYPE a><a/>',
    'an entity of nobody': '<a>&x;</a>',
    'a processing instruction': '<?php x?><a/>',
    'two roots': '<a/><b/>',
    'an unclosed element': '<a><b></a>',
    'a doubled attribute': '<a b="1" b="2"/>',
    'an unquoted attribute': '<a b=1/>',
    nothing: '',
    'too deep': `${'<a>'.repeat(9)}${'</a>'.repeat(9)}`,
    'too many': `<a>${'<b/>'.repeat(300)}</a>`,
    'too long': `<a>${' '.repeat(XML_BYTES)}</a>`,
  };
  for (const [what, text] of Object.entries(refused)) it(`refuses ${what}`, () => assert.equal(readXml(bytes(text)).ok, false));

  it('refuses what is not UTF-8', () => assert.equal(readXml(Uint8Array.from([0x3c, 0x61, 0xff, 0x2f, 0x3e])).ok, false));

  it('never throws, whatever the bytes are', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '/',
      '<a>',
      '</a>',
      '&',
      ';',
      '"',
      '<!DOCTYPE',
      '<?',
      '?>',
      '<![CDATA[',
      ']]>',
      '<PidData>',
      '<Resp errCode="0"/>',
      '=',
      '\u0000',
    );
    const wild = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(pieces, { maxLength: 40 }).map((all) => bytes(all.join(''))),
    );
    fc.assert(
      fc.property(wild, (any) => {
        readXml(any);
        readServiceAnswer(any);
        readDeviceInfo(any);
        readCapture(any);
      }),
      { numRuns: 600 },
    );
  });

  it('reads back every text that it escapes', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((one) => !/[\p{Cc}\p{Cs}\p{Cn}\uFFFE\uFFFF]/u.test(one));
    fc.assert(
      fc.property(text, (one) => {
        const read = readXml(bytes(`<a>${escapeXml(one)}</a>`));
        assert.ok(read.ok);
        assert.equal(read.value.text, one);
      }),
    );
  });
});

describe('aadhaar: answers of services', () => {
  const paths: readonly (readonly [string, string | undefined])[] = [
    ['/rd/capture', '/rd/capture'],
    ['/127.0.0.1:11102/capture', '/capture'],
    ['127.0.0.1:11102/capture', '/capture'],
    ['http://127.0.0.1:11101/rd/capture', '/rd/capture'],
    ['https://elsewhere.example:443/rd/capture', '/rd/capture'],
    ['rd/capture', undefined],
    ['/rd capture', undefined],
    ['', undefined],
  ];
  for (const [given, wanted] of paths)
    it(`path "${given}"`, () => {
      const xml = `<RDService status="READY" info="x"><Interface id="DEVICEINFO" path="/rd/info"/><Interface id="CAPTURE" path="${given}"/></RDService>`;
      const read = readServiceAnswer(bytes(xml));
      assert.equal(read.ok ? read.value.capturePath : undefined, wanted);
    });

  it('counts an unknown status as not ready', () => {
    const read = readServiceAnswer(
      bytes(`<RDService status='Resting'><Interface id='CAPTURE' path='/c'/><Interface id='DEVICEINFO' path='/i'/></RDService>`),
    );
    assert.equal(read.ok && read.value.status, 'NOTREADY');
  });

  it('sees that a device has not registered', () => {
    const read = readDeviceInfo(bytes('<DeviceInfo dpId="" rdsId="" rdsVer="" dc="" mi="" mc=""/>'));
    assert.equal(!read.ok && read.error.code, 'unregistered');
  });

  const block = '<Skey ci="20291231">QUJD</Skey><Hmac>QUJD</Hmac><Data type="X">QUJD\n REVG</Data>';
  it('hashes the data whatever its line breaks, and takes the worst of several qualities', () => {
    const read = readCapture(bytes(`<PidData><Resp errCode="0" qScore="80,41"/>${block}</PidData>`));
    assert.ok(read.ok);
    assert.equal(read.value.quality, 41);
    // printf QUJDREVG | sha256sum
    assert.equal(Buffer.from(read.value.dataSha256 ?? []).toString('hex'), '115656f56cb019a43768dbfa47c28ef591cdc2a7628829e318337dca18423469');
  });

  for (const part of ['Skey', 'Hmac', 'Data'])
    it(`does not believe in a capture without ${part}`, () => {
      const cut = block.replace(new RegExp(`<${part}.*?</${part}>`, 'su'), '');
      assert.equal(readCapture(bytes(`<PidData><Resp errCode="0" qScore="80"/>${cut}</PidData>`)).ok, false);
    });

  it('writes the options of the specification, escaped', () => {
    const text = pidOptions({ environment: 'PP', fingers: 2, fingerType: 0, format: 1, wadh: 'a"b', timeoutMs: 20_000 });
    const read = readXml(bytes(text));
    assert.ok(read.ok);
    const wanted = {
      fCount: '2',
      fType: '0',
      iCount: '0',
      pCount: '0',
      format: '1',
      pidVer: '2.0',
      timeout: '20000',
      otp: '',
      wadh: 'a"b',
      posh: 'UNKNOWN',
      env: 'PP',
    };
    assert.deepEqual([read.value.name, read.value.attributes, read.value.children[0]?.attributes], ['PidOptions', { ver: '1.0' }, wanted]);
  });
});

describe('aadhaar: encrypted block', () => {
  it('is never so long that the link or a department would refuse it', () => {
    const about = { transaction: '00000000-0000-4000-8000-000000000001', service: 'ELEC', consumer: '1'.repeat(24), totalPaise: 2n ** 53n };
    const block = new Uint8Array(PID_BLOCK_BYTES_MAX);
    assert.equal(XML_BYTES, PID_BLOCK_BYTES_MAX);
    const frame = encodeCbor({ t: 'ask', id: 1, ask: { ask: 'presence', ...about, bound: new Uint8Array(32), block } });
    assert.ok(frame.length <= FRAME_BYTES_MAX);
    assert.ok(Buffer.from(block).toString('base64').length <= 200_000, 'what hub-server/services/department-http.ts takes');
  });

  it('shows itself nowhere', () => {
    const block = new PidBlock(bytes('SECRET'));
    const shown = [
      `${String(block)}`,
      JSON.stringify({ block }),
      inspect({ block }, { showHidden: true, depth: 9 }),
      JSON.stringify(Object.entries(block)),
    ];
    for (const text of shown) assert.doesNotMatch(text, /SECRET|83,\s*69/u);
  });

  it('is given once, and overwritten when it is not wanted', () => {
    const taken = new PidBlock(bytes('SECRET'));
    assert.equal(Buffer.from(taken.consume() ?? []).toString(), 'SECRET');
    assert.equal(taken.consume(), undefined);
    const held = Uint8Array.from(bytes('SECRET'));
    new PidBlock(held).discard();
    assert.deepEqual([...new Set(held)], [0]);
  });
});
