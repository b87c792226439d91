import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { Candidate } from '#protocol/technician/discovery.js';
import { deviceConfig } from '../../../firmware-agent/devices/devices.js';
import { matchProfile, type DeviceLine } from '../../../provisioning/profiles/match.js';
import { planDevices, type Change } from '../../../provisioning/profiles/plan.js';
import { profileNames, readProfile, type MatchRule, type Profile } from '../../../provisioning/profiles/profile.js';
import { valueOf } from '../../support/world-value.js';

const USB_IDS = '/usr/share/misc/usb.ids';

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

/** Things that the rule takes: on USB without and with a serial number, or one of the machine's own ports. */
function candidatesFor(rule: MatchRule): readonly (readonly Candidate[])[] {
  if (rule.what === 'tcp' || rule.what === 'always') return [[]];
  const { what, path = '/dev/x', byId, maker: _maker, write: _write, ...ids } = rule;
  const one = { what, path, ...(byId === undefined ? {} : { stablePath: `/dev/serial/by-id/usb-${byId}-if00` }) };
  if (rule.path !== undefined) return [[{ ...one, ids }]];
  const usb = { vendorId: '0001', productId: '0002', ...ids };
  return [[{ ...one, ids: usb }], [{ ...one, ids: { ...usb, serial: 'SN 1' } }]];
}

const linesOf = (name: string, candidates: readonly Candidate[], kinds: readonly string[]): readonly DeviceLine[] =>
  matchProfile(valueOf(readProfile(name)), candidates).flatMap((one) => (one.found === 'yes' && kinds.includes(one.wanted.kind) ? [one.line] : []));

describe('hardware profiles', () => {
  for (const name of profileNames()) {
    it(`${name} is whole, and each of its rules writes a line that the agent takes`, () => {
      const profile = valueOf(readProfile(name));
      assert.equal(profile.name, name);
      for (const wanted of profile.devices)
        for (const rule of wanted.match)
          for (const candidates of candidatesFor(rule)) {
            const one: Profile = { ...profile, devices: [{ ...wanted, match: [rule] }] };
            const [matched] = matchProfile(one, candidates);
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
    assert.deepEqual(linesOf('emitra-counter-80mm', [HONEYWELL, EPSON], ['printer', 'scanner']), [
      { kind: 'printer', transport: 'usb-printer', vendorId: '04b8', productId: '0e15', serial: 'X1', width: '80mm', confirmation: 'paper-status' },
      {
        kind: 'scanner',
        transport: 'serial',
        usb: { vendorId: '0c2e', productId: '0b6a', interface: '00' },
        style: 'honeywell',
        setUp: 'aim-and-cr',
      },
    ]);
  });

  it('name the socket only where two alike are plugged in that tell no serial number of their own', () => {
    const printer: Profile['devices'][number] = { kind: 'printer', need: 'required', match: [{ what: 'usb-printer' }], write: { width: '80mm' } };
    const profile: Profile = { name: 'two', description: { en: 'two', hi: 'दो' }, devices: [printer, { ...printer, name: 'second' }] };
    const sockets = (plugged: readonly Candidate[]): readonly unknown[] =>
      matchProfile(profile, plugged).flatMap((one) => (one.found === 'yes' ? [deviceConfig.parse(one.line) && one.line['port']] : []));
    const first = { ...PLAIN, port: '1-1' };
    const second = { ...PLAIN, path: '/dev/usb/lp1', port: '1-2.3' };
    const withSerial = (one: Candidate, serial: string): Candidate => ({ ...one, ids: { ...one.ids, serial } });
    assert.deepEqual(sockets([first, second]), ['1-1', '1-2.3']);
    assert.deepEqual(sockets([withSerial(first, 'same'), withSerial(second, 'same')]), ['1-1', '1-2.3'], 'a serial number that tells nothing');
    assert.deepEqual(sockets([first, withSerial(second, 'S2')]), [undefined, undefined]);
    assert.deepEqual(sockets([first, { ...EPSON, port: '1-2.3' }]), [undefined, undefined]);
  });

  it('drive a dot-matrix printer in its own language, and keep a page printer for pages', () => {
    const lq: Candidate = {
      what: 'usb-printer',
      ids: { vendorId: '04b8', productId: '0005', ieee1284: 'MFG:EPSON;CMD:ESCPL2,BDC;' },
      path: '/dev/usb/lp0',
    };
    const laser: Candidate = {
      what: 'usb-printer',
      ids: { vendorId: '03f0', productId: '1317', ieee1284: 'MFG:HP;CMD:PCL,PJL;' },
      path: '/dev/usb/lp1',
    };
    assert.deepEqual(linesOf('emitra-dot-matrix', [laser, lq], ['page-printer', 'printer']), [
      { kind: 'page-printer', transport: 'ipp', url: 'ipp://localhost:631/printers/pages' },
      { kind: 'printer', transport: 'usb-printer', vendorId: '04b8', productId: '0005', language: 'escp', pins: 24, columns: 80 },
    ]);
    assert.deepEqual(
      linesOf('emitra-counter-80mm', [laser, EPSON], ['printer']).map((line) => line['productId']),
      ['0e15'],
    );
  });

  it('name a camera and a HID scanner as the agent wants them named', () => {
    const camera: Candidate = {
      what: 'camera',
      ids: { vendorId: '046d', productId: '0825' },
      path: '/dev/video0',
      stablePath: '/dev/v4l/by-id/usb-C270',
    };
    const hid: Candidate = {
      what: 'hid',
      ids: { vendorId: '0c2e', productId: '0b61', serial: '22', usagePage: '008c', usage: '0002' },
      path: '/dev/hidraw0',
    };
    assert.deepEqual(linesOf('emitra-counter-80mm', [camera, hid], ['scanner', 'camera']), [
      { kind: 'scanner', transport: 'hid', vendorId: '0c2e', productId: '0b61', serialNumber: '22' },
      { kind: 'camera', transport: 'v4l2', device: '/dev/v4l/by-id/usb-C270' },
    ]);
  });

  it(`know their makers by the numbers of the public list${existsSync(USB_IDS) ? '' : ' (skipped: the Debian package usb.ids is not installed)'}`, function () {
    if (!existsSync(USB_IDS)) return this.skip();
    const names = new Map([...readFileSync(USB_IDS, 'latin1').matchAll(/^([0-9a-f]{4}) {2}(.+)$/gmu)].map(([, id = '', name = '']) => [id, name]));
    for (const name of profileNames())
      for (const rule of valueOf(readProfile(name)).devices.flatMap(({ match }) => match)) {
        if (!('vendorId' in rule) || rule.vendorId === undefined) continue;
        const known = names.get(rule.vendorId)?.toLowerCase() ?? '';
        const makers = (rule.maker ?? '')
          .toLowerCase()
          .replace(/ \(.*\)/u, '')
          .split(', ');
        assert.ok(
          makers.some((maker) => maker !== '' && known.includes(maker)),
          `${rule.vendorId} is ${known}, not ${rule.maker}`,
        );
      }
  });

  it('are told apart from what is not there', () => {
    assert.equal(readProfile('nonesuch').ok, false);
    assert.equal(readProfile('../../package').ok, false);
  });
});

describe('a plan for devices.json', () => {
  const planned = (present: readonly DeviceLine[], candidates: readonly Candidate[]): readonly Change[] =>
    planDevices(present, matchProfile(valueOf(readProfile('emitra-counter-80mm')), candidates));

  it('adds, replaces, and keeps what the profile does not know or does not find', () => {
    const scanner = { kind: 'scanner', transport: 'serial', path: '/dev/ttyACM0' };
    const second = { kind: 'printer', name: 'second', transport: 'tcp', host: 'b', port: 1, width: '80mm' };
    const old = { kind: 'printer', transport: 'tcp', host: 'a', port: 1, width: '80mm' };
    const plan = planned([scanner, old, second], [EPSON]);
    assert.deepEqual(
      plan.map(({ change, line }) => [change, line['name'] ?? line['kind']]),
      [
        ['changed', 'printer'],
        ['kept', 'scanner'],
        ['added', 'security-key'],
        ['added', 'speaker'],
        ['kept', 'second'],
      ],
    );
    const again = planned(
      plan.map(({ line }) => line),
      [EPSON],
    );
    assert.ok(again.every(({ change }) => change !== 'changed' && change !== 'added'));
  });

  it('keeps how the technician set a device that is found again, and forgets it when another kind of line takes its place', () => {
    const line = { kind: 'printer', transport: 'usb-printer', vendorId: '0416', productId: '5011', width: '58mm', drawerPin: 5 };
    const [moved] = planned([line], [EPSON]);
    assert.deepEqual(moved?.line, {
      kind: 'printer',
      transport: 'usb-printer',
      vendorId: '04b8',
      productId: '0e15',
      serial: 'X1',
      width: '80mm',
      drawerPin: 5,
      confirmation: 'paper-status',
    });
    const [other] = planned([{ kind: 'printer', transport: 'tcp', host: 'a', port: 1, width: '80mm', drawerPin: 5 }], [EPSON]);
    assert.equal(other?.line['drawerPin'], undefined);
  });

  it('never drops the password of a fingerprint module, also one that may be there, whichever way the module is spoken to', () => {
    const kept = { password: '5e12a0c7', passwordPending: '0badcafe' };
    const module: Candidate = { what: 'serial', ids: { vendorId: '10c4', productId: 'ea60', serial: '0001' }, path: '/dev/ttyUSB0' };
    const present = [{ kind: 'finger-reader', transport: 'tcp', host: 'a', port: 1, ...kept }];
    const plan = planDevices(present, matchProfile(valueOf(readProfile('janmitra-rural')), [module]));
    const line = plan.find((change) => change.line.kind === 'finger-reader')?.line;
    assert.equal(line?.['transport'], 'serial');
    assert.deepEqual({ password: line?.['password'], passwordPending: line?.['passwordPending'] }, kept);
    assert.equal(line?.['host'], undefined);
  });
});
