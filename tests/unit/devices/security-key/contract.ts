import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { failure, ok, type Result } from '#protocol/result/result.js';
import { signatureFits } from '#protocol/security-key/cose-key.js';
import { readAuthenticatorData } from '#protocol/security-key/authenticator-data.js';
import { KEY_DELAYS } from '../../../../firmware-agent/devices/security-key/delays.js';
import { startSecurityKey } from '../../../../firmware-agent/devices/security-key/handle.js';
import type { PickFinger, RegisteredKey, SecurityKeyHandle } from '../../../../firmware-agent/devices/security-key/port.js';
import type { KeyOrder, KeySimulator } from '../../../../firmware-agent/devices/security-key/simulator/simulator.js';
import type { HidTransport } from '../../../../firmware-agent/devices/transport/hid.js';
import { codeOf, eventually, valueOf } from '../../../support/world-value.js';

export const RP = 'lgd-35.jharokha.invalid';
export const HASH = createHash('sha256').update('a moment').digest();
/** Waits as in the field, but for those that a test must sit out. */
export const TEST_DELAYS = {
  ...KEY_DELAYS,
  quietMs: 400,
  touchMs: 900,
  busyMs: 300,
  busyRetryMs: 50,
  backoffFirstMs: 20,
  backoffLongestMs: 100,
  pollMs: 100,
  connectMs: 1_500,
};

function detailOf(result: Result<unknown, { readonly detail: string }>): string {
  return result.ok ? '' : result.error.detail;
}

function named(wanted: string): PickFinger {
  return (stored) => {
    const finger = stored.find(({ name }) => name === wanted);
    return finger === undefined ? failure('key-finger-unknown', wanted) : ok(finger);
  };
}

export type KeyBench = { readonly key: SecurityKeyHandle; readonly simulator: KeySimulator; readonly close: () => Promise<void> };

export function openHandle(transport: HidTransport): SecurityKeyHandle {
  return startSecurityKey(transport, { presence: 'when-used', delays: TEST_DELAYS });
}

/** What every way to a security key must do alike. */
export function keyContract(name: string, open: () => Promise<KeyBench>): void {
  describe(`a security key ${name}`, function () {
    this.timeout(20_000);
    let bench: KeyBench;
    const order = async (wanted: KeyOrder): Promise<void> => assert.equal((await bench.simulator.order(wanted)).ok, true, JSON.stringify(wanted));
    const made = async (): Promise<RegisteredKey> => {
      await order({ do: 'habit', habit: 'right' });
      return valueOf(await bench.key.register({ rpId: RP, userName: 'd35k1111co01', clientDataHash: HASH }));
    };
    const sign = (id: Uint8Array, more: { readonly signal?: AbortSignal; readonly onTouch?: () => void } = {}) =>
      bench.key.assert({ rpId: RP, clientDataHash: HASH, allow: [id] }, more);
    beforeEach(async () => {
      bench = await open();
      await eventually('the key is ready', () => bench.key.state().state === 'ready');
    });
    afterEach(() => bench.close());

    for (const level of ['2.1', '2.0'] as const) {
      it(`of CTAP ${level} registers and signs with its owner's finger on it, its counter rising`, async () => {
        await order({ do: 'level', level });
        const credential = await made();
        let touches = 0;
        const answers = [];
        for (let i = 0; i < 2; i += 1) answers.push(valueOf(await sign(credential.id, { onTouch: () => (touches += 1) })));
        assert.equal(touches, 2);
        const data = answers.map((answer) => valueOf(readAuthenticatorData(answer.authenticatorData)));
        assert.deepEqual(
          data.map(({ userPresent, userVerified, counter }) => [userPresent, userVerified, counter]),
          [
            [true, true, credential.counter + 1],
            [true, true, credential.counter + 2],
          ],
        );
        for (const { authenticatorData, signature } of answers)
          assert.ok(signatureFits(credential.key, Buffer.concat([authenticatorData, HASH]), signature));
      });
    }

    it('says what went wrong with the finger: none, the wrong one, too many wrong ones', async () => {
      const { id } = await made();
      await order({ do: 'habit', habit: 'waits' });
      assert.equal(codeOf(await sign(id)), 'key-not-touched');
      await order({ do: 'habit', habit: 'wrong' });
      assert.equal(codeOf(await sign(id)), 'key-denied');
      await order({ do: 'blocked' });
      assert.equal(codeOf(await sign(id)), 'key-blocked');
      await eventually('its state says so', () => bench.key.state().problem?.code === 'key-blocked');
      await order({ do: 'normal' });
      await order({ do: 'habit', habit: 'right' });
      valueOf(await sign(id));
    });

    it('stops waiting when it is called off, and works after that', async () => {
      const { id } = await made();
      await order({ do: 'habit', habit: 'waits' });
      const off = new AbortController();
      assert.equal(codeOf(await sign(id, { signal: off.signal, onTouch: () => off.abort() })), 'key-cancelled');
      await order({ do: 'habit', habit: 'right' });
      valueOf(await sign(id));
    });

    it('knows no credential of another key, and makes none twice', async () => {
      const { id } = await made();
      // More than the key takes in one list, and in one message: those that come first count.
      const others = Array.from({ length: 30 }, (_, at) => Buffer.alloc(at < 10 ? 48 : 255, at));
      const again = await bench.key.register({ rpId: RP, userName: 'x', clientDataHash: HASH, exclude: [id, ...others] });
      assert.equal(codeOf(again), 'key-excluded');
      assert.match(detailOf(again), /registered for this login already.*0x19/u);
      const unknown = { rpId: RP, userName: 'x', clientDataHash: HASH, exclude: others.toReversed() };
      assert.notDeepEqual(valueOf(await bench.key.register(unknown)).id, id);
      await order({ do: 'forget' });
      assert.equal(codeOf(await sign(id)), 'key-unknown');
    });

    for (const fault of ['busy', 'wrong-channel', 'garbage', 'silent', 'bad-sequence'] as const) {
      it(`with a wire that is ${fault} fails in time, and is well when the wire is`, async () => {
        const { id } = await made();
        await order({ do: 'wire', fault });
        assert.match(codeOf(await sign(id)) ?? '', /^key-(?:error|absent)$/u);
        await order({ do: 'wire', fault: 'none' });
        await eventually('it signs again', async () => (await sign(id)).ok);
      });
    }

    for (const level of ['2.1', '2.0'] as const) {
      it(`of CTAP ${level} gets its first PIN, another by the one it has, and says how many tries are left`, async () => {
        await order({ do: 'level', level });
        const finger = (pin: string) => bench.key.fingers({ by: 'pin', pin });
        assert.equal(codeOf(await finger('246813')), 'key-no-finger');
        valueOf(await bench.key.setPin('क\u093fताब'));
        assert.equal(valueOf(await bench.key.info()).pin, 'set');
        valueOf(await finger('क\u093fताब'));
        assert.equal(codeOf(await bench.key.setPin('246813')), 'key-pin-refused');
        const wrong = await bench.key.setPin('246813', '000000');
        assert.equal(codeOf(wrong), 'key-denied');
        assert.match(detailOf(wrong), /the PIN is wrong .*tries left before it is blocked: 7/u);
        valueOf(await finger('क\u093fताब'));
        assert.equal(valueOf(await bench.key.retries()).pin, 8, 'the right PIN gives all tries back');
        valueOf(await bench.key.setPin('246813', 'क\u093fताब'));
        assert.equal(codeOf(await finger('क\u093fताब')), 'key-denied');
        valueOf(await finger('246813'));
      });
    }

    it('takes no PIN after three wrong ones before it was pulled, and none at all after eight', async () => {
      valueOf(await bench.key.setPin('246813'));
      const change = () => bench.key.setPin('135724', '000000');
      const codes = [];
      const details = [];
      for (let pulled = 0; pulled < 3; pulled += 1) {
        for (let i = 0; i < 3; i += 1) {
          const refused = await change();
          codes.push(codeOf(refused));
          details.push(detailOf(refused));
        }
        // The right PIN is not even looked at.
        if (pulled < 2) assert.equal(codeOf(await bench.key.setPin('135724', '246813')), 'key-blocked');
        await order({ do: 'unplug' });
        await order({ do: 'plug' });
        await eventually('the key is back', async () => (await bench.key.info()).ok);
      }
      const [denied, blocked] = ['key-denied', 'key-blocked'];
      assert.deepEqual(codes, [denied, denied, blocked, denied, denied, blocked, denied, blocked, blocked]);
      assert.match(details[2] ?? '', /pull the key out.*pinAuthBlocked.*blocked: 5/u);
      assert.match(details[7] ?? '', /only a reset.*pinBlocked/u);
      assert.deepEqual(valueOf(await bench.key.retries()).pin, 0);
    });

    it('that was issued with a longer PIN takes no shorter one, and wants it before anything else', async () => {
      valueOf(await bench.key.setPin('246813'));
      await order({ do: 'pin-length', codePoints: 8 });
      const { pinCodePointsMin, pinChange } = valueOf(await bench.key.info());
      assert.deepEqual([pinCodePointsMin, pinChange], [8, 'forced']);
      const asked = await bench.key.fingers({ by: 'pin', pin: '246813' });
      assert.equal(codeOf(asked), 'key-pin-refused');
      assert.match(detailOf(asked), /wants another PIN first/u);
      const short = await bench.key.setPin('1357246', '246813');
      assert.match(detailOf(short), /has 8 characters or more/u);
      assert.equal(valueOf(await bench.key.retries()).pin, 8, 'no try was spent on it');
      valueOf(await bench.key.setPin('13572468', '246813'));
      valueOf(await bench.key.fingers({ by: 'pin', pin: '13572468' }));
    });

    it('enrols, names, lists and removes fingers for the owner of its PIN', async () => {
      await order({ do: 'no-fingers' });
      assert.equal(codeOf(await bench.key.register({ rpId: RP, userName: 'x', clientDataHash: HASH })), 'key-no-finger');
      valueOf(await bench.key.setPin('246813'));
      const owner = { by: 'pin', pin: '246813' } as const;
      assert.equal(codeOf(await bench.key.fingers({ by: 'pin', pin: '000000' })), 'key-denied');
      await order({ do: 'habit', habit: 'right' });
      const left: number[] = [];
      const finger = valueOf(await bench.key.enrolFinger({ owner, name: 'thumb', onSample: ({ remaining }) => left.push(remaining) }));
      assert.deepEqual(left, [3, 2, 1, 0]);
      valueOf(await bench.key.renameFinger(owner, named('thumb'), 'left thumb'));
      assert.deepEqual(valueOf(await bench.key.fingers(owner)), [{ id: finger.id, name: 'left thumb' }]);
      await made();
      assert.deepEqual(valueOf(await bench.key.removeFinger(owner, named('left thumb'))), []);
      assert.deepEqual(valueOf(await bench.key.fingers(owner)), []);
      assert.deepEqual(valueOf(await bench.key.retries()), { pin: 8, finger: undefined });
    });

    it('lists and changes its fingers with one touch of its owner, and leaves them alone when none is meant', async () => {
      await order({ do: 'habit', habit: 'right' });
      let touches = 0;
      const touch = { onTouch: () => (touches += 1) };
      const owner = { by: 'finger' } as const;
      valueOf(await bench.key.renameFinger(owner, named('first'), 'अँगूठा', touch));
      assert.equal(touches, 1);
      assert.equal(codeOf(await bench.key.removeFinger(owner, named('first'), touch)), 'key-finger-unknown');
      assert.deepEqual(
        valueOf(await bench.key.fingers(owner)).map(({ name: given }) => given),
        ['अँगूठा'],
      );
      // 32 bytes are eleven letters of this script at most; nobody is asked for a finger in vain.
      const before = touches;
      assert.equal(codeOf(await bench.key.renameFinger(owner, named('अँगूठा'), 'क'.repeat(11), touch)), 'key-finger-name');
      assert.equal(codeOf(await bench.key.enrolFinger({ owner, name: 'क'.repeat(11) }, touch)), 'key-finger-name');
      assert.equal(touches, before);
    });

    it('that lets fingers be managed by PIN alone says so before it asks for a finger, and a wrong finger opens nothing', async () => {
      await order({ do: 'habit', habit: 'wrong' });
      assert.equal(codeOf(await bench.key.fingers({ by: 'finger' })), 'key-denied');
      await order({ do: 'enrolment-by', owner: 'pin' });
      let touches = 0;
      assert.equal(codeOf(await bench.key.fingers({ by: 'finger' }, { onTouch: () => (touches += 1) })), 'key-pin-needed');
      assert.equal(touches, 0);
      valueOf(await bench.key.setPin('246813'));
      assert.equal(valueOf(await bench.key.fingers({ by: 'pin', pin: '246813' })).length, 1);
    });

    it('blocked by wrong fingers is given free by its PIN', async () => {
      valueOf(await bench.key.setPin('246813'));
      await order({ do: 'blocked' });
      assert.equal(codeOf(await bench.key.fingers({ by: 'finger' })), 'key-blocked');
      valueOf(await bench.key.fingers({ by: 'pin', pin: '246813' }));
      await made();
    });

    it('tells each look at a finger that is enrolled, good or not, and has no room for a sixth', async () => {
      valueOf(await bench.key.setPin('246813'));
      const owner = { by: 'pin', pin: '246813' } as const;
      const bad = ['too-high', 'already-enrolled', 'not-lifted'] as const;
      const looks: (readonly [string, number])[] = [];
      const enrolled = bench.key.enrolFinger({ owner, name: 'thumb', onSample: ({ quality, remaining }) => looks.push([quality, remaining]) });
      for (const sample of ['good', ...bad, 'good', 'good', 'good'] as const) {
        await bench.simulator.awaitsFinger();
        await order({ do: 'sample', sample });
      }
      valueOf(await enrolled);
      assert.deepEqual(looks, [['good', 3], ...bad.map((status) => [status, 3] as const), ['good', 2], ['good', 1], ['good', 0]]);
      await order({ do: 'habit', habit: 'right' });
      for (const one of ['2', '3', '4']) valueOf(await bench.key.enrolFinger({ owner, name: one }));
      const sixth = await bench.key.enrolFinger({ owner, name: '6' });
      assert.equal(codeOf(sixth), 'key-fingers-full');
      assert.match(detailOf(sixth), /as many fingers as it can.*0x17/u);
      assert.equal(valueOf(await bench.key.fingers(owner)).length, 5);
    });

    it('of the drafts that finds its store full while it looks ends the enrolment', async () => {
      await order({ do: 'level', level: '2.0' });
      valueOf(await bench.key.setPin('246813'));
      const owner = { by: 'pin', pin: '246813' } as const;
      const enrolled = bench.key.enrolFinger({ owner, name: 'thumb' });
      await bench.simulator.awaitsFinger();
      await order({ do: 'sample', sample: 'store-full' });
      assert.equal(codeOf(await enrolled), 'key-fingers-full');
      assert.deepEqual(
        valueOf(await bench.key.fingers(owner)).map(({ name: given }) => given),
        ['first'],
      );
    });
  });
}
