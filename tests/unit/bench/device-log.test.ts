import assert from 'node:assert/strict';
import type { LifeLogEvent } from '../../../firmware-agent/devices/life/live-driver.js';
import { deviceLog } from '../../../firmware-agent/bench/device-log.js';

type Line = readonly [level: string, event: string, untold: number | undefined];

describe('the log of what happens to devices', () => {
  const lines: Line[] = [];
  let nowMs = 0;
  const writer =
    (level: string) =>
    ({ event, untold }: { readonly event: LifeLogEvent; readonly untold?: number }): void =>
      void lines.push([level, event.event, untold]);
  const told = (): ((event: LifeLogEvent) => void) => {
    lines.length = 0;
    nowMs = 0;
    // Pino's own functions take anything; here it is an object and a word.
    return deviceLog({ info: writer('info'), warn: writer('warn'), debug: writer('debug') } as never, () => nowMs);
  };

  it('shows at the usual level that a device came, is not there, and went', () => {
    const tell = told();
    tell({ event: 'connected', name: 'tcp a' });
    tell({ event: 'lost', name: 'tcp a', why: 'pulled' });
    tell({ event: 'not-connected', name: 'tcp a', why: 'refused' });
    assert.deepEqual(lines, [
      ['info', 'connected', undefined],
      ['warn', 'lost', undefined],
      ['warn', 'not-connected', undefined],
    ]);
  });

  it('a loose contact leaves three lines in ten minutes, how many were left out, and nothing of another device', () => {
    const tell = told();
    for (let i = 0; i < 100; i += 1) tell({ event: 'lost', name: 'tcp a', why: `the ${i}th time` });
    tell({ event: 'lost', name: 'tcp b', why: 'pulled' });
    const shown = (): readonly Line[] => lines.filter(([level]) => level !== 'debug');
    assert.equal(shown().length, 4);
    assert.equal(lines.length, 101);
    nowMs = 10 * 60_000;
    tell({ event: 'lost', name: 'tcp a', why: 'again' });
    assert.deepEqual(shown().at(-1), ['warn', 'lost', 97]);
  });
});
