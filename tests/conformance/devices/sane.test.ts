import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentScannerContract, type Fault, type ScannerWorld } from '../../unit/devices/document-scanner/contract.js';
import { tempFolder } from '../../unit/devices/world.js';

/** SANE's own test back end gives these back on demand (sane-test(5)). */
const OPTIONS: Readonly<Record<Fault, readonly string[]>> = {
  jam: ['--read-return-value=SANE_STATUS_JAMMED'],
  cover: ['--read-return-value=SANE_STATUS_COVER_OPEN'],
  empty: ['--read-return-value=SANE_STATUS_NO_DOCS'],
  busy: ['--read-return-value=SANE_STATUS_DEVICE_BUSY'],
  denied: ['--read-return-value=SANE_STATUS_ACCESS_DENIED'],
  io: ['--read-return-value=SANE_STATUS_IO_ERROR'],
  slow: ['--read-delay=yes', '--read-delay-duration=200000'],
};

async function world(fault?: Fault): Promise<ScannerWorld> {
  const folder = tempFolder();
  writeFileSync(join(folder.path, 'dll.conf'), 'test\n');
  return {
    config: {
      device: 'test:0',
      saneConfigFolder: folder.path,
      flatbed: 'Flatbed',
      feeder: 'Automatic Document Feeder',
      options: ['--test-picture=Grid', ...(fault === undefined ? [] : OPTIONS[fault])],
    },
    close: async () => folder.remove(),
  };
}

if (spawnSync('scanimage', ['--version']).status === 0) documentScannerContract("SANE's scanimage and test device", world);
else it.skip("document scanner: SANE's scanimage and test device (scanimage is not installed: Debian sane-utils)");
