import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import { X509CertificateGenerator } from '@peculiar/x509';
import { departmentCode } from '#protocol/identity/identity.js';
import { signPosting, type Posting } from '#protocol/posting/posting.js';
import { receiptFacts, receiptPrefix, receiptText } from '#protocol/receipt/receipt.js';
import { encodeCbor } from '#protocol/signing/cbor.js';
import { publicKeyPem, type SigningKey } from '#protocol/signing/keys.js';
import { DAY, DISTRICT, KIOSK, NOW, chainOf, exportFile, exportParts, headOf, makeWorld, saleBody } from '#tests/unit/protocol/samples.js';

const MAIN = join(import.meta.dirname, '../../../bin/main.js');
const world = makeWorld();
const chain = chainOf(world, 6);
const parts = exportParts(world, chain);
const sale = saleBody(3);
const text = receiptText(
  world.kiosk,
  world.kioskCertificate,
  receiptPrefix('hub.jaipur:8443'),
  receiptFacts(sale, { seq: 3, hash: chain[2]?.hash ?? new Uint8Array() }, NOW, { kind: 'received', postBy: NOW + DAY }),
);

type Run = { readonly code: number | null; readonly out: string; readonly err: string };

function jharokha(args: readonly string[], input = ''): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args]);
    let [out, err] = ['', ''];
    child.stdout.on('data', (part: Buffer) => (out += part.toString()));
    child.stderr.on('data', (part: Buffer) => (err += part.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.end(input);
  });
}

describe('jharokha ledger and jharokha receipt', function () {
  this.timeout(30_000);
  let folder = '';
  let key: readonly string[] = [];
  const put = (name: string, bytes: Uint8Array | string): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'jharokha-checks-'));
    key = ['--district-key', put('district.pub', publicKeyPem(world.district.publicKey))];
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('a good ledger ends with 0 and its count', async () => {
    const file = put('good.cborseq', exportFile(parts));
    const run = await jharokha(['ledger', 'verify', file, ...key]);
    assert.deepEqual([run.code, run.err], [0, '']);
    assert.match(run.out, /^6 entries, all countersigned by the hub/u);
    const json = await jharokha(['ledger', 'verify', file, ...key, '--json']);
    assert.match(json.out, /^\{"ok":true,"count":6,"countersigned":6,/u);
  });

  it('[INV-12] a bad ledger ends with 1 and the name of the entry', async () => {
    const file = put('bad.cborseq', exportFile({ ...parts, entries: chain.filter((e) => e.entry.seq !== 4).map((e) => e.bytes) }));
    const run = await jharokha(['ledger', 'verify', file, ...key, '--json']);
    assert.equal(run.code, 1);
    assert.match(run.err, /entry 4: entry 5 stands where 4 is expected/u);
    assert.match(run.out, /^\{"ok":false,"entry":4,/u);
  });

  it('[INV-13] a tail without countersignature ends with 1, unless it is allowed', async () => {
    const file = put('tail.cborseq', exportFile({ ...parts, hubHead: headOf(world, 'hub', chain.slice(0, 4)) }));
    const [strict, allowed] = [
      await jharokha(['ledger', 'verify', file, ...key]),
      await jharokha(['ledger', 'verify', file, ...key, '--allow-tail']),
    ];
    assert.deepEqual([strict.code, allowed.code], [1, 0]);
    assert.match(strict.err, /entry 5: entries 5 to 6 are not countersigned/u);
    assert.match(allowed.out, /4 countersigned by the hub; 5 to 6 stand on the kiosk's word alone/u);
  });

  it('shows every entry it has checked, as lines or as JSON, and stops at the first bad one', async () => {
    const good = put('show.cborseq', exportFile(parts));
    const lines = (await jharokha(['ledger', 'show', good, ...key])).out.trimEnd().split('\n');
    assert.equal(lines.length, 7);
    assert.match(lines[2] ?? '', /sale .*210312345678.*Rs 1,980\.03/u);
    const json = (await jharokha(['ledger', 'show', good, ...key, '--json'])).out.trimEnd().split('\n');
    assert.deepEqual(
      json.map((l) => /"seq":(\d+)/u.exec(l)?.[1]),
      ['1', '2', '3', '4', '5', '6'],
    );
    const cut = await jharokha(['ledger', 'show', put('cut.cborseq', exportFile(parts).subarray(0, 1_500)), ...key]);
    assert.equal(cut.code, 1);
  });

  it('what can not be checked ends with 2', async () => {
    const good = put('two.cborseq', exportFile(parts));
    const runs = [
      ['ledger', 'verify', join(folder, 'none'), ...key],
      ['ledger', 'verify', good],
      ['ledger', 'verify', good, '--district-key', join(folder, 'none')],
      ['ledger', 'verify', good, '--district-key', good],
      ['ledger', 'verify', folder, ...key],
      ['ledger', 'other'],
      ['receipt', 'verify', text, ...key, '--consumer', '2103'],
      ['receipt', 'verify', text, ...key, '--consumer', '2103', '--salt', 'xyz'],
      ['receipt', 'status', text, ...key, '--hub', 'http://hub'],
    ];
    for (const args of runs) {
      const run = await jharokha(args);
      assert.equal(run.code, 2, args.join(' '));
      assert.notEqual(run.err, '');
    }
  });

  it('[INV-15] a receipt is told in words, from an argument or from standard input, and refused with its reason', async () => {
    for (const run of [await jharokha(['receipt', 'verify', text, ...key]), await jharokha(['receipt', 'verify', '-', ...key], `${text}\n`)]) {
      assert.equal(run.code, 0);
      assert.match(run.out, /D35K1111-1-000003[\s\S]*Rs 1,980\.03[\s\S]*to be posted to the department by 23-11-2026/u);
    }
    const altered = await jharokha(['receipt', 'verify', text.replace('JAIPUR', 'KOTA'), ...key]);
    assert.equal(altered.code, 1);
    assert.match(altered.err, /not a good receipt/u);
  });

  it('tells whose receipt it is only to who knows number and salt', async () => {
    const salt = Buffer.from(sale.salt).toString('hex');
    const right = await jharokha(['receipt', 'verify', text, ...key, '--consumer', sale.consumer, '--salt', salt]);
    const wrong = await jharokha(['receipt', 'verify', text, ...key, '--consumer', '210312345679', '--salt', salt]);
    assert.deepEqual([right.code, wrong.code], [0, 1]);
    assert.match(right.out, /210312345678/u);
  });

  describe('the second fact, from a hub over TLS', () => {
    let server: Server;
    let hub = '';
    let asked: readonly (string | undefined)[] = [];
    let reply: { readonly status: number; readonly type: string; readonly body: Uint8Array };
    const posting: Posting = {
      v: 1,
      district: DISTRICT,
      kiosk: KIOSK,
      receipt: 'D35K1111-1-000003',
      transaction: sale.transaction,
      department: departmentCode.parse('JVVNL'),
      state: { kind: 'posted', reference: 'JVVNL-417', at: NOW + 60_000 },
      at: NOW + 120_000,
    };
    const answer = (change: Partial<Posting> = {}, signer: SigningKey = world.hub): Uint8Array =>
      encodeCbor([world.hubCertificate.bytes, signPosting(signer, { ...posting, ...change })]);
    const status = async (body: Uint8Array, code = 200, type = 'application/cbor'): Promise<Run> => {
      reply = { status: code, type, body };
      return jharokha(['receipt', 'status', text, '--hub', hub, ...key]);
    };

    before(async () => {
      server = createServer(await selfSigned(), (request, response) => {
        asked = [request.url, request.headers.accept];
        response.writeHead(reply.status, { 'content-type': reply.type }).end(reply.body);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      hub = `https://127.0.0.1:${address.port}`;
    });
    after(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    it('is told in words, asked at the path of the receipt', async () => {
      const run = await status(answer());
      assert.deepEqual([run.code, run.err], [0, '']);
      assert.match(run.out, /posted to the department on 22-11-2026 10:01, reference JVVNL-417/u);
      assert.deepEqual(asked, [text.slice(text.indexOf('/R/')), 'application/cbor']);
    });

    it('[INV-21] is refused from another key, about another receipt, or in another form', async () => {
      const cases: readonly (readonly [string, () => Promise<Run>, RegExp])[] = [
        ['the kiosk', () => status(answer({}, world.kiosk)), /does not belong/u],
        ['another hub', () => status(encodeCbor([makeWorld('kota').hubCertificate.bytes, signPosting(world.hub, posting)])), /certificate/u],
        ['another receipt', () => status(answer({ receipt: 'D35K1111-1-000004' })), /D35K1111-1-000004/u],
        ['another department', () => status(answer({ department: departmentCode.parse('PHED') })), /PHED/u],
        ['another time', () => status(answer({ at: NOW - 10 * DAY })), /not certified/u],
        ['nonsense', () => status(Uint8Array.of(1, 2, 3)), /not a certificate and a posting/u],
        ['a page', () => status(answer(), 200, 'text/html'), /text\/html/u],
        ['unknown', () => status(answer(), 404), /does not know this receipt/u],
        ['trouble', () => status(answer(), 500), /HTTP status 500/u],
        ['too much', () => status(new Uint8Array(100_000)), /too long/u],
      ];
      for (const [what, ask, reason] of cases) {
        const run = await ask();
        assert.equal(run.code, 1, what);
        assert.match(run.err, reason, what);
      }
    });

    it('says so when nobody answers', async () => {
      const run = await jharokha(['receipt', 'status', text, '--hub', 'https://127.0.0.1:1', ...key]);
      assert.equal(run.code, 1);
      assert.match(run.err, /did not answer/u);
    });
  });
});

async function selfSigned(): Promise<{ readonly key: string; readonly cert: string }> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=hub',
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + DAY),
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`, cert: certificate.toString('pem') };
}
