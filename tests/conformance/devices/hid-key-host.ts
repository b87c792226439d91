import { createHash } from 'node:crypto';
import { readAuthenticatorData } from '#protocol/security-key/authenticator-data.js';
import { signatureFits } from '#protocol/security-key/cose-key.js';
import { FIDO_USAGE } from '../../../firmware-agent/devices/security-key/device.js';
import { startSecurityKey } from '../../../firmware-agent/devices/security-key/handle.js';
import { hidNodeTransport } from '../../../firmware-agent/devices/transport/hid-node.js';

/** Runs where mock devices are: registers and signs by node-hid on whichever FIDO key is there, and prints what came as one JSON object. */
const RP = 'peer.jharokha.invalid';
const clientDataHash = createHash('sha256').update('a moment').digest();
const key = startSecurityKey(hidNodeTransport({}, FIDO_USAGE), { presence: 'always' });
let touches = 0;
const touch = {
  onTouch: () => {
    touches += 1;
  },
};
const made = await key.register({ rpId: RP, userName: 'peer', clientDataHash }, touch);
const signed = made.ok ? await key.assert({ rpId: RP, clientDataHash, allow: [made.value.id] }, touch) : made;
const said = (): unknown => {
  if (!made.ok || !signed.ok) return { failed: made.ok ? (signed.ok ? '' : signed.error) : made.error };
  const data = readAuthenticatorData(signed.value.authenticatorData);
  const message = Buffer.concat([signed.value.authenticatorData, clientDataHash]);
  return { fits: signatureFits(made.value.key, message, signed.value.signature), counter: data.ok ? data.value.counter : undefined, touches };
};
process.stdout.write(`${JSON.stringify(said())}\n`);
await key.close();
