import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepScreen } from '../../../provisioning/demo/by-hand.js';
import { tempFolder } from '../../unit/devices/world.js';

/** A screen that notes that it was opened and then does what stands at its number. */
const SCREEN = `
  const { appendFileSync, readFileSync } = require('node:fs');
  const [file, ...ends] = process.argv.slice(1);
  appendFileSync(file, 'opened\\n');
  const end = ends[readFileSync(file, 'utf8').trim().split('\\n').length - 1] ?? '0';
  if (end === 'killed') process.kill(process.pid, 'SIGKILL');
  process.exit(Number(end));
`;

describe("the demonstration's screen", () => {
  const opened = async (...ends: readonly string[]): Promise<number> => {
    const folder = tempFolder();
    const file = join(folder.path, 'opened');
    writeFileSync(file, '');
    await keepScreen(process.execPath, ['-e', SCREEN, '--', file, ...ends]);
    const count = readFileSync(file, 'utf8').trim().split('\n').length;
    folder.remove();
    return count;
  };

  it('is opened anew when it was killed, and ends when it is left', async () => assert.equal(await opened('killed', '0'), 2));
  it('is given up when it can not even begin', async () => assert.equal(await opened('1', '1', '1', '1'), 3));
  it('listens to no signal any more afterwards', async () => {
    const before = process.listenerCount('SIGTERM');
    await opened('0');
    assert.equal(process.listenerCount('SIGTERM'), before);
  });
});
