import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { chat, fanOutRig } from './fanOutRig.ts';

const SCOPES = ['model', 'blob', 'watch', 'network', 'voter'] as const;
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
  'opengradient',
  '0xab12',
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

  test('a subscription hears nothing of the rules that it does without: at once, later, or as it begins', async () => {
    await databases.query(url, 'DELETE FROM "Incident"');
    await databases.query(url, 'DELETE FROM "Destination"');
    const rig = fanOutRig(databases, store, url);
    const RULES = ['gov.ends-24h', 'gov.ends-6h', 'gov.ends-1h', 'gov.ends', 'ends-6h'];
    const network = { family: 'gov', scope: 'network', subject: 'opengradient' } as const;
    for (const without of [[], ...RULES.map((rule) => [rule]), RULES.slice(0, 2), RULES]) {
      const name = without.join('+') || 'none';
      await rig.subscribe(`now ${name}`, { without }, network);
      await rig.subscribe(`later ${name}`, { without, delaySeconds: 1 }, network);
      // What one subscription leaves out, another of the same chat may ask for.
      await rig.subscribe(`both ${name}`, { without }, network);
      await rig.subscribe(`both ${name}`, { without: ['gov.ends-24h'] }, { family: 'gov' });
    }
    const wants = (rule: string) => (name: string) =>
      name.startsWith('both ') && rule !== 'gov.ends-24h' ? true : !name.split(/[ +]/).includes(rule);
    const names = ['none', ...RULES, RULES.slice(0, 2).join('+'), RULES.join('+')];
    const chats = async (kind: string) =>
      (await rig.rows()).flatMap((row) => (row.kind === kind ? [row.chatId] : [])).sort();
    for (const rule of RULES) {
      await databases.query(url, 'DELETE FROM "Incident"');
      const about = { family: 'gov', rule, nodeId: null, owner: null, topics: ['network:opengradient'] };
      const open = await rig.fire({ ...about, subject: `${rule} 1` }, 0);
      const soon = names.flatMap((name) => [`now ${name}`, `both ${name}`]).filter(wants(rule));
      expect(await chats('fired')).toEqual([...soon].sort());
      await store.incidents.tellLate(1_000);
      const all = [...soon, ...names.map((name) => `later ${name}`).filter(wants(rule))].sort();
      expect(await chats('fired')).toEqual(all);
      // One that begins now has been told by the answer to its command, if it asks for that rule: it hears the end.
      await rig.subscribe(`new ${rule}`, { without: [rule] }, network, 1_500);
      await rig.subscribe(`new not ${rule}`, { without: ['gov.other'] }, network, 1_500);
      await rig.sent();
      await rig.resolve(open, 2_000);
      const began = `new not ${rule}`;
      expect((await chats('resolved')).filter((name) => !name.startsWith('new ') || name.endsWith(rule))).toEqual(
        [...all, began].sort(),
      );
      for (const name of [began, `new ${rule}`])
        await databases.query(url, `DELETE FROM "Destination" WHERE "chatId" = '${name}'`);
    }
  });

  test('whoever was told and then does without the rule is not told of its end', async () => {
    await databases.query(url, 'DELETE FROM "Incident"');
    await databases.query(url, 'DELETE FROM "Destination"');
    const rig = fanOutRig(databases, store, url);
    const { id } = await rig.subscribe('changes', {}, { family: 'gov' });
    await rig.subscribe('stays', {}, { family: 'gov' });
    const open = await rig.fire({ family: 'gov', rule: 'gov.ends-6h', nodeId: null, owner: null }, 0);
    await rig.sent();
    const changed = await store.subscriptions.edit(chat('changes'), id, { without: ['gov.ends-6h', 'gov.ends-1h'] });
    expect(changed?.without).toEqual(['gov.ends-6h', 'gov.ends-1h']);
    await rig.resolve(open, 1_000);
    expect(await rig.queued()).toEqual([
      'changes fired send sent',
      'stays fired send sent',
      'stays resolved reply pending',
    ]);
  });
});
