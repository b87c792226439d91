import assert from 'node:assert/strict';
import { failure, ok } from '#protocol/result/result.js';
import type { TechnicianAsk } from '#protocol/technician/messages.js';
import type { BenchClient } from '../../../provisioning/technician/doctor/client.js';
import { examine, type DoctorEvent } from '../../../provisioning/technician/doctor/examine.js';

const CHECKS = ['status', 'light'].map((check) => ({ device: 'finger-reader', kind: 'finger-reader', check, title: check, needs: 'nobody' }));

describe('an examination', () => {
  it('ends when the agent does, and asks nobody to do anything more for it', async () => {
    const asked: string[] = [];
    const ask = ({ do: what }: TechnicianAsk): { readonly id: number; readonly answer: Promise<unknown> } => {
      asked.push(what);
      if (what === 'devices') return { id: 1, answer: Promise.resolve(ok({ to: 'devices', devices: [] })) };
      if (what === 'checks') return { id: 2, answer: Promise.resolve(ok({ to: 'checks', checks: CHECKS })) };
      return { id: 3, answer: Promise.resolve(failure('lost', 'the agent has gone')) };
    };
    const told: DoctorEvent[] = [];
    // Of the client only its asking is used.
    const client = { ask } as unknown as BenchClient;
    const done = await examine({ client, person: undefined, tell: (event) => told.push(event) });
    assert.ok(!done.ok);
    assert.equal(done.error.code, 'lost');
    assert.match(done.error.detail, /start the agent and run this again/u);
    assert.deepEqual(asked, ['devices', 'checks', 'run']);
    assert.deepEqual(
      told.map(({ event }) => event),
      ['checking', 'skipped'],
    );
  });
});
