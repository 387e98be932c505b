import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { fanOutRig } from './fanOutRig.ts';

const SCOPES = ['model', 'blob', 'watch'] as const;
/** What people and the hub may write; some of it a pattern, or the text of several topics, would take for more. */
const SUBJECTS = [
  'acme/fraud',
  'acme/f%',
  'acme/f_aud',
  '%',
  '|',
  '',
  'ab',
  'acme/fraud|blob:ab',
  'ab|watch:12',
  '12',
  '1',
];
const ABOUT = SCOPES.flatMap((scope) => SUBJECTS.map((subject) => ({ scope, subject, topic: `${scope}:${subject}` })));

describe.each(DIALECTS)('topics on %s', (dialect) => {
  let databases: DatabaseRig;
  let store: Store;
  let url: string;
  beforeAll(async () => {
    databases = await startDatabases(dialect);
    url = await databases.emptyDatabase();
    store = await databases.open(url);
  });
  afterAll(() => databases.close());

  test('a subscription to a topic hears of exactly that topic: at once, later, and when it ends', async () => {
    const rig = fanOutRig(databases, store, url);
    for (const [at, { scope, subject }] of ABOUT.entries()) {
      await rig.subscribe(`now ${at}`, {}, { family: 'model', scope, subject });
      await rig.subscribe(`later ${at}`, { delaySeconds: 1 }, { family: 'model', scope, subject });
    }
    await rig.subscribe('all', {}, { family: 'model' });
    await fc.assert(
      fc.asyncProperty(fc.subarray(ABOUT, { minLength: 1, maxLength: 4 }), async (some) => {
        await databases.query(url, 'DELETE FROM "Incident"');
        const topics = some.map(({ topic }) => topic);
        const open = await rig.fire({ family: 'model', nodeId: null, owner: null, topics }, 0);
        expect(open.topics).toEqual(topics);
        const chats = async (kind: string) =>
          (await rig.rows())
            .filter((row) => row.kind === kind)
            .map(({ chatId }) => chatId)
            .sort();
        const mine = ABOUT.flatMap(({ topic }, at) => (topics.includes(topic) ? [at] : []));
        const now = [...mine.map((at) => `now ${at}`), 'all'];
        expect(await chats('fired')).toEqual([...now].sort());
        await store.incidents.tellLate(1_000);
        const everybody = [...now, ...mine.map((at) => `later ${at}`)].sort();
        expect(await chats('fired')).toEqual(everybody);
        await rig.sent();
        await rig.resolve(open, 2_000);
        expect(await chats('resolved')).toEqual(everybody);
      }),
      { numRuns: dialect === 'sqlite' ? 40 : 15 },
    );
  }, 60_000);
});
