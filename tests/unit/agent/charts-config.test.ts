import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { APPLIANCE_DELAYS, applianceMachine } from '../../../firmware-agent/counter/appliance-machine.js';
import { serviceMachine } from '../../../firmware-agent/counter/service-machine.js';
import { SERVICE_DELAYS } from '../../../firmware-agent/counter/service-setup.js';
import { linkMachine } from '../../../firmware-agent/link/link-machine.js';

type Invoke = { readonly src?: unknown; readonly onError?: unknown };
type Node = {
  readonly invoke?: Invoke | readonly Invoke[];
  readonly after?: Readonly<Record<string, unknown>>;
  readonly always?: unknown;
  readonly states?: Readonly<Record<string, Node>>;
};
type Found = { readonly path: string; readonly node: Node };

function* walk(node: Node, path: string): Generator<Found> {
  yield { path, node };
  for (const [name, child] of Object.entries(node.states ?? {})) yield* walk(child, `${path}.${name}`);
}

const nodesOf = (config: object, name: string): readonly Found[] => [...walk(config, name)];
const invokesOf = ({ invoke }: Node): readonly Invoke[] => (invoke === undefined ? [] : [invoke].flat());

const CHARTS = {
  appliance: { nodes: nodesOf(applianceMachine.config, 'appliance'), delays: Object.keys(APPLIANCE_DELAYS) },
  service: { nodes: nodesOf(serviceMachine.config, 'service'), delays: Object.keys(SERVICE_DELAYS) },
  link: { nodes: nodesOf(linkMachine.config, 'link'), delays: ['retry'] },
} as const;

/** What is invoked without a time-out, and why it can not hang. */
const NO_TIME_OUT: Readonly<Record<string, string>> = {
  'service.recovering': 'reads the ledger at once',
  'service.committing': 'one flush to disk: to stop waiting for it would be to forget whether money moved',
  'service.returning': 'one flush to disk, as above',
  'appliance.open': 'the service chart, which has its own',
  'link.trying': 'the session, which has its own for dialling, proof and silence',
};
/** Whose failure is told another way than by `onError`. */
const NO_ON_ERROR: Readonly<Record<string, string>> = { 'link.trying': 'the session tells its end as an event; what throws in it is a defect' };

describe('the charts as they are written', () => {
  for (const [name, { nodes, delays }] of Object.entries(CHARTS)) {
    it(`${name}: every invoked actor has a time-out, or a reason to have none`, () => {
      const without = nodes.filter(({ node }) => invokesOf(node).length > 0 && node.after === undefined).map(({ path }) => path);
      assert.deepEqual(
        without.filter((path) => NO_TIME_OUT[path] === undefined),
        [],
      );
    });

    it(`${name}: every invoked actor's failure leads somewhere`, () => {
      const without = nodes.filter(({ node }) => invokesOf(node).some((one) => one.onError === undefined)).map(({ path }) => path);
      assert.deepEqual(
        without.filter((path) => NO_ON_ERROR[path] === undefined),
        [],
      );
    });

    it(`${name}: every delay is a field of the one documented object, and every field is used`, () => {
      const used = new Set(nodes.flatMap(({ node }) => Object.keys(node.after ?? {})));
      assert.deepEqual([...used].toSorted(), delays.toSorted());
    });

    it(`${name}: actors and delays are named, not written where they are used`, () => {
      for (const { path, node } of nodes) for (const { src } of invokesOf(node)) assert.equal(typeof src, 'string', path);
    });
  }

  it('the reasons name states that are there', () => {
    const all = Object.values(CHARTS).flatMap(({ nodes }) => nodes.map(({ path }) => path));
    for (const path of [...Object.keys(NO_TIME_OUT), ...Object.keys(NO_ON_ERROR)]) assert.ok(all.includes(path), path);
  });

  it('no snapshot is ever kept or restored: an invoked print or commit would run again [INV-42]', () => {
    const root = fileURLToPath(new URL('../../../../firmware-agent', import.meta.url));
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    assert.ok(files.length > 50);
    for (const name of files) {
      const text = readFileSync(join(root, name), 'utf8');
      assert.ok(!/getPersistedSnapshot|resolveState|createActor\([^;]*\bsnapshot:/u.test(text), `${name} keeps a snapshot`);
    }
  });
});
