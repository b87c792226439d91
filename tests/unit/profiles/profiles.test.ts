import assert from 'node:assert/strict';
import type { Candidate } from '#protocol/technician/discovery.js';
import { deviceConfig } from '../../../firmware-agent/devices/devices.js';
import { matchProfile } from '../../../provisioning/profiles/match.js';
import { planDevices } from '../../../provisioning/profiles/plan.js';
import { profileNames, readProfile, type MatchRule, type Profile } from '../../../provisioning/profiles/profile.js';
import { valueOf } from '../../support/world-value.js';

const EPSON: Candidate = {
  what: 'usb-printer',
  ids: { vendorId: '04b8', productId: '0e15', serial: 'X1', ieee1284: 'MFG:EPSON;CMD:ESC/POS;' },
  path: '/dev/usb/lp1',
};
const PLAIN: Candidate = { what: 'usb-printer', ids: { vendorId: '0416', productId: '5011' }, path: '/dev/usb/lp0' };
const HONEYWELL: Candidate = {
  what: 'serial',
  ids: { vendorId: '0c2e', productId: '0b6a', interface: '00' },
  path: '/dev/ttyACM0',
  stablePath: '/dev/serial/by-id/usb-Honeywell-if00',
};

/** Something that the rule takes. */
function candidateFor(rule: MatchRule): Candidate[] {
  if (rule.what === 'tcp' || rule.what === 'always') return [];
  const { what, path = '/dev/x', byId, ...ids } = rule;
  const isOwnPort = rule.path !== undefined;
  const usb = isOwnPort ? {} : { vendorId: '0001', productId: '0002' };
  return [{ what, ids: { ...usb, ...ids }, path, ...(byId === undefined ? {} : { stablePath: byId }) }];
}

describe('hardware profiles', () => {
  for (const name of profileNames()) {
    it(`${name} is whole, and each of its rules writes a line that the agent takes`, () => {
      const profile = valueOf(readProfile(name));
      assert.equal(profile.name, name);
      for (const wanted of profile.devices)
        for (const rule of wanted.match) {
          const one: Profile = { ...profile, devices: [{ ...wanted, match: [rule] }] };
          const [matched] = matchProfile(one, candidateFor(rule));
          assert.equal(matched?.found, 'yes', JSON.stringify(rule));
          deviceConfig.parse(matched.line);
        }
    });
  }

  it('prefer the first rule, and give each plugged thing to one device only', () => {
    const wants = (name: string): Profile['devices'][number] => ({
      kind: 'printer',
      name,
      need: 'required',
      match: [{ what: 'usb-printer', vendorId: '04b8' }, { what: 'usb-printer' }],
      write: { width: '80mm' },
    });
    const two: Profile = { name: 'two', description: { en: 'two', hi: 'दो' }, devices: [wants('a'), wants('b'), wants('c')] };
    const found = matchProfile(two, [PLAIN, EPSON]).map((one) => (one.found === 'yes' ? one.candidate?.path : 'none'));
    assert.deepEqual(found, ['/dev/usb/lp1', '/dev/usb/lp0', 'none']);
  });

  it('name devices by ids that stay', () => {
    const matched = matchProfile(valueOf(readProfile('emitra-counter-80mm')), [HONEYWELL, EPSON]);
    assert.deepEqual(
      matched.map((one) => (one.found === 'yes' ? one.line : undefined)),
      [
        { kind: 'printer', transport: 'usb-printer', vendorId: '04b8', productId: '0e15', serial: 'X1', width: '80mm', confirmation: 'paper-status' },
        { kind: 'scanner', transport: 'serial', usb: { vendorId: '0c2e', productId: '0b6a', interface: '00' } },
      ],
    );
  });

  it('are told apart from what is not there', () => {
    assert.equal(readProfile('nonesuch').ok, false);
    assert.equal(readProfile('../../package').ok, false);
  });
});

describe('a plan for devices.json', () => {
  it('adds, replaces, and keeps what the profile does not know or does not find', () => {
    const matched = matchProfile(valueOf(readProfile('emitra-counter-80mm')), [EPSON]);
    const scanner = { kind: 'scanner', transport: 'serial', path: '/dev/ttyACM0' };
    const ups = { kind: 'ups', host: '127.0.0.1' };
    const old = { kind: 'printer', transport: 'tcp', host: 'a', port: 1, width: '80mm', drawerPin: 5 };
    const plan = planDevices([ups, scanner, old], matched);
    assert.deepEqual(
      plan.map(({ change, line }) => [change, line['kind']]),
      [
        ['changed', 'printer'],
        ['kept', 'scanner'],
        ['kept', 'ups'],
      ],
    );
    const again = planDevices(
      plan.map(({ line }) => line),
      matched,
    );
    assert.ok(again.every(({ change }) => change !== 'changed' && change !== 'added'));
  });
});
