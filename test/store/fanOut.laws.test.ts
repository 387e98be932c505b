import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SEVERITIES, type Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { fanOutRig } from './fanOutRig.ts';
import { hex } from './sample.ts';

const RULES = ['node.heartbeat', 'node.tls'];
const OWNERS = [hex(0xa1, 20), hex(0xa2, 20)];

/** Topics of an incident and subjects of subscriptions: some hold what a pattern would take for more. */
const SUBJECTS = ['acme/fraud', 'acme/f%', 'acme/f_aud', 'acme/fraud|blob:ab', '%', '|', 'ab', '1'];
const TOPICS = SUBJECTS.flatMap((subject) =>
  (['model', 'blob', 'watch'] as const).map((scope) => ({ scope, subject })),
);

const incidents = fc.record({
  rule: fc.constantFrom(...RULES),
  family: fc.constantFrom('node', 'vote'),
  severity: fc.constantFrom(...SEVERITIES),
  nodeId: fc.constantFrom(null, 1, 2),
  owner: fc.constantFrom(null, ...OWNERS),
  topics: fc.subarray(
    TOPICS.map(({ scope, subject }) => `${scope}:${subject}`),
    { maxLength: 4 },
  ),
  value: fc.option(fc.integer({ min: 0, max: 4 })),
});

const subscriptions = fc.record({
  chatId: fc.constantFrom('a', 'b', 'c', 'd'),
  family: fc.constantFrom('node', 'vote'),
  rule: fc.constantFrom('', ...RULES),
  about: fc.constantFrom(
    { scope: 'all', subject: '' } as const,
    { scope: 'node', subject: '1' } as const,
    { scope: 'node', subject: '2' } as const,
    { scope: 'owner', subject: OWNERS[0] as string } as const,
    ...TOPICS,
  ),
  overrides: fc.record({
    floor: fc.constantFrom(...SEVERITIES),
    threshold: fc.option(fc.integer({ min: 0, max: 4 })),
    delaySeconds: fc.option(fc.integer({ min: 0, max: 3 })),
  }),
});

type Incident = typeof incidents extends fc.Arbitrary<infer T> ? T : never;
type Subscription = typeof subscriptions extends fc.Arbitrary<infer T> ? T : never;

/** The same question asked naively, of one subscription. */
function wants(s: Subscription, i: Incident, ageSeconds: number): boolean {
  const { scope, subject } = s.about;
  const concerns =
    scope === 'all' ||
    (i.nodeId === null && i.owner === null && i.topics.length === 0) ||
    (scope === 'node' && String(i.nodeId) === subject) ||
    (scope === 'owner' && i.owner === subject) ||
    i.topics.includes(`${scope}:${subject}`);
  const { floor, threshold, delaySeconds } = s.overrides;
  return (
    concerns &&
    s.family === i.family &&
    (s.rule === '' || s.rule === i.rule) &&
    SEVERITIES.indexOf(i.severity) >= SEVERITIES.indexOf(floor) &&
    (threshold === null || (i.value !== null && i.value >= threshold)) &&
    (delaySeconds === null || ageSeconds >= delaySeconds)
  );
}

describe.each(DIALECTS)('laws of the fan-out on %s', (dialect) => {
  let databases: DatabaseRig;
  let store: Store;
  let url: string;
  beforeAll(async () => {
    databases = await startDatabases(dialect);
    url = await databases.emptyDatabase();
    store = await databases.open(url);
  });
  afterAll(() => databases.close());

  const emptied = async () => {
    await databases.query(url, 'DELETE FROM "Destination"');
    await databases.query(url, 'DELETE FROM "Incident"');
    return fanOutRig(databases, store, url);
  };

  /** Of two equal subscriptions of a chat the first stands. */
  const distinct = fc.uniqueArray(subscriptions, {
    maxLength: 8,
    selector: ({ chatId, family, rule, about }) => [chatId, family, rule, about.scope, about.subject].join(),
  });

  test('exactly who matches is told, once, whatever is repeated; and each of them hears the end', async () => {
    await fc.assert(
      fc.asyncProperty(distinct, incidents, incidents, async (subscribed, given, next) => {
        const rig = await emptied();
        for (const { chatId, family, rule, about, overrides } of subscribed)
          await rig.subscribe(chatId, overrides, { family, rule, ...about });
        const told = async () => (await rig.rows()).filter(({ mode }) => mode === 'send').map(({ chatId }) => chatId);
        const matching = (of: Incident, seconds: number) =>
          subscribed.filter((each) => wants(each, of, seconds)).map(({ chatId }) => chatId);
        const expected = new Set(matching(given, 0));

        const open = await rig.fire(given, 0);
        expect((await told()).sort()).toEqual([...expected].sort());
        // Again, as after a restart that does not know how far it had come.
        await store.incidents.tellLate(0);
        await store.incidents.apply([{ incident: open }], 0);
        expect((await told()).sort()).toEqual([...expected].sort());

        // It changes, by words; then time passes.
        const changed = { ...given, severity: next.severity, value: next.value };
        for (const _ of ['once', 'again']) await rig.change(open, changed, 1_000);
        for (const chatId of matching(changed, 1)) expected.add(chatId);
        expect((await told()).sort()).toEqual([...expected].sort());
        for (const seconds of [2, 3, 3]) {
          await store.incidents.tellLate(seconds * 1_000);
          for (const chatId of matching(changed, seconds)) expected.add(chatId);
        }
        expect((await told()).sort()).toEqual([...expected].sort());

        await rig.resolve({ ...open, ...changed }, 9_000);
        const ends = (await rig.rows()).filter(({ kind }) => kind === 'resolved').map(({ chatId }) => chatId);
        expect(ends.sort()).toEqual([...expected].sort());
      }),
      { numRuns: dialect === 'sqlite' ? 60 : 25, endOnFailure: true },
    );
  }, 60_000);
});
