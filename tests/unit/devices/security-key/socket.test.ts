import assert from 'node:assert/strict';
import { startKeySimulator } from '../../../../firmware-agent/devices/security-key/simulator/simulator.js';
import { FIDO_USAGE } from '../../../../firmware-agent/devices/security-key/device.js';
import { KeyChannel } from '../../../../firmware-agent/devices/security-key/channel.js';
import { assertAny } from '../../../../firmware-agent/devices/security-key/selection.js';
import { systemTimers } from '../../../../firmware-agent/devices/timers.js';
import { hidSocketTransport } from '../../../../firmware-agent/devices/transport/hid-socket.js';
import { codeOf, eventually, valueOf } from '../../../support/world-value.js';
import { HASH, keyContract, openHandle, RP, TEST_DELAYS, type KeyBench } from './contract.js';

async function open(): Promise<KeyBench> {
  const simulator = await startKeySimulator({ host: '127.0.0.1', port: 0 });
  const key = openHandle(hidSocketTransport(simulator, FIDO_USAGE));
  return {
    key,
    simulator,
    async close() {
      await key.close();
      await simulator.close();
    },
  };
}

keyContract('on a socket', open);

describe('security keys that come and go', function () {
  this.timeout(20_000);
  const benches: KeyBench[] = [];
  const bench = async (): Promise<KeyBench> => {
    const opened = await open();
    benches.push(opened);
    return opened;
  };
  afterEach(async () => {
    for (const one of benches.splice(0)) await one.close();
  });

  it('are absent without a problem, and lost in the middle of a touch', async () => {
    const { key, simulator } = await bench();
    await eventually('ready', () => key.state().state === 'ready');
    await simulator.order({ do: 'habit', habit: 'right' });
    const { id } = valueOf(await key.register({ rpId: RP, userName: 'x', clientDataHash: HASH }));
    await simulator.order({ do: 'habit', habit: 'waits' });
    await simulator.order({ do: 'unplug-at-touch' });
    assert.equal(codeOf(await key.assert({ rpId: RP, clientDataHash: HASH, allow: [id] })), 'key-absent');
    await eventually('absent', () => key.state().state === 'absent');
    assert.deepEqual(key.state(), { state: 'absent' });
    assert.equal(codeOf(await key.info()), 'key-absent');
    await simulator.order({ do: 'plug' });
    valueOf(await key.info());
  });

  it('are absent when the line ended just before they were asked', async () => {
    const { key, simulator } = await bench();
    await eventually('ready', () => key.state().state === 'ready');
    const opened = valueOf(await hidSocketTransport(simulator, FIDO_USAGE).open());
    const channel = new KeyChannel(opened, { delays: TEST_DELAYS, timers: systemTimers, random: (bytes) => new Uint8Array(bytes) });
    await opened.close();
    assert.equal(codeOf(await channel.cbor(Uint8Array.of(4), 'answer')), 'lost');
  });

  it('are chosen by the finger: whichever is touched answers, the other is called off', async () => {
    const [one, two] = [await bench(), await bench()];
    for (const { key } of [one, two]) await eventually('ready', () => key.state().state === 'ready');
    await two.simulator.order({ do: 'habit', habit: 'right' });
    const { id } = valueOf(await two.key.register({ rpId: RP, userName: 'x', clientDataHash: HASH }));
    const answer = valueOf(await assertAny([one.key, two.key], { rpId: RP, clientDataHash: HASH, allow: [id] }));
    assert.deepEqual(answer.credential, id);
    valueOf(await one.key.info());
  });
});
