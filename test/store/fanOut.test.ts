import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { chat, fanOutRig } from './fanOutRig.ts';
import { ALERT, incident } from './sample.ts';

const MINUTE = 60_000;
const NIGHT = { fromMs: 0, toMs: 100_000 };
const QUIET = { fromMinute: 0, toMinute: 60 };

/** An owner's incident, which may speak for those of its nodes. */
const LARGER = { rule: 'owner.down', subject: 'owner:0xabc', nodeId: null, owner: '0xabc' };
const LARGER_KEY = `${LARGER.rule}|${LARGER.subject}`;

describe.each(DIALECTS)('fan-out on %s', (dialect) => {
  let databases: DatabaseRig;
  let store: Store;
  let rig: ReturnType<typeof fanOutRig>;
  beforeAll(async () => {
    databases = await startDatabases(dialect);
  });
  afterAll(() => databases.close());
  beforeEach(async () => {
    const url = await databases.emptyDatabase();
    store = await databases.open(url);
    rig = fanOutRig(databases, store, url);
  });

  test('a floor, a threshold, a delay or another rule keeps a chat from hearing, and a level above tells it', async () => {
    await rig.subscribe('any');
    await rig.subscribe('this rule', {}, { rule: 'node.heartbeat' });
    await rig.subscribe('other rule', {}, { rule: 'node.tls' });
    await rig.subscribe('critical', { floor: 'critical' });
    await rig.subscribe('above 9', { threshold: 9 });
    await rig.subscribe('at 5', { threshold: 5 });
    await rig.subscribe('later', { delaySeconds: 60 });
    const open = await rig.fire({ value: 5.9 });
    expect(await rig.queued()).toEqual([
      'any fired send pending',
      'this rule fired send pending',
      'at 5 fired send pending',
    ]);
    await rig.change(open, { severity: 'critical', level: 'dead', value: 9 }, 2_000);
    expect((await rig.queued()).slice(3).sort()).toEqual([
      'above 9 changed send pending',
      'critical changed send pending',
    ]);
  });

  test('an incident without a value reaches no threshold', async () => {
    await rig.subscribe('1', { threshold: 0 });
    await rig.fire({ value: null });
    expect(await rig.queued()).toEqual([]);
  });

  test('several subscriptions of one chat are one delivery, calling whom one of them names', async () => {
    await rig.subscribe('1');
    await rig.subscribe('1', { mention: 'role:7' }, { scope: 'node', subject: '1' });
    await rig.subscribe('1', { mention: 'role:9', floor: 'critical' }, { rule: 'node.heartbeat' });
    await rig.fire();
    expect(await rig.rows()).toMatchObject([{ chatId: '1', mention: 'role:7', priority: 1, state: 'pending' }]);
  });

  test('a value that grows without a word reaches a threshold, and is told once', async () => {
    await rig.subscribe('1', { threshold: 10 });
    const open = await rig.fire({ value: 5 });
    expect(await store.incidents.tellLate(2_000)).toBe(0);
    await store.incidents.apply([{ incident: { ...open, value: 10 } }], 3_000);
    expect(await store.incidents.tellLate(3_000)).toBe(1);
    expect(await store.incidents.tellLate(4_000)).toBe(0);
    expect(await rig.queued()).toEqual(['1 fired send pending']);
  });

  test('a delay is over to the second, counted since it fired', async () => {
    await rig.subscribe('1', { delaySeconds: 60 });
    await rig.fire();
    expect(await store.incidents.tellLate(1_000 + MINUTE - 1)).toBe(0);
    expect(await store.incidents.tellLate(1_000 + MINUTE)).toBe(1);
  });

  test('the end of a mute or a pause tells what still fires, and leaves no mute', async () => {
    await rig.subscribe('muted');
    await rig.mute('muted', 'node.heartbeat', 5_000);
    await rig.subscribe('muted wholly');
    await rig.mute('muted wholly', '', 6_000);
    await rig.subscribe('muted elsewhere');
    await rig.mute('muted elsewhere', 'node.tls', 5_000);
    const { id } = await rig.subscribe('paused');
    await store.subscriptions.edit(chat('paused'), id, { pausedUntilMs: 5_000 });
    await rig.fire();
    expect(await rig.queued()).toEqual(['muted elsewhere fired send pending']);
    expect(await store.incidents.tellLate(4_999)).toBe(0);
    expect(await store.incidents.tellLate(5_000)).toBe(2);
    expect((await rig.queued()).slice(1).sort()).toEqual(['muted fired send pending', 'paused fired send pending']);
    expect(await store.incidents.tellLate(6_000)).toBe(1);
    expect((await store.subscriptions.list(chat('muted'))).mutes).toEqual([]);
    expect((await store.subscriptions.list(chat('paused'))).subscriptions[0]?.pausedUntilMs).toBe(null);
  });

  test('who subscribes while it fires knows, is told no more of it, and hears the end', async () => {
    const open = await rig.fire();
    await rig.subscribe('late', {}, {}, 2_000);
    expect(await store.incidents.tellLate(9_000)).toBe(0);
    await rig.resolve(open, 10_000);
    expect(await rig.queued()).toEqual(['late resolved reply pending']);
  });

  test('an inhibited incident is not told until it speaks for itself, then with the newest words', async () => {
    await rig.subscribe('1');
    await rig.fire(LARGER, 500);
    await store.incidents.apply(
      [{ incident: incident({ inhibitedBy: LARGER_KEY }), event: ALERT, alsoTo: [chat('admin')] }],
      1_000,
    );
    const open = await rig.open();
    await rig.change(open, { level: 'dead' }, 2_000);
    expect(await store.incidents.tellLate(3_000)).toBe(0);
    expect(await rig.queued()).toEqual(['1 fired send pending']);
    await store.incidents.apply([{ incident: { ...open, inhibitedBy: null } }], 4_000);
    expect(await rig.queued()).toEqual(['1 fired send pending', '1 changed send pending']);
    expect(await store.incidents.tellLate(5_000)).toBe(0);
  });

  test('inhibited and resolved, it was never heard of; told before, its end is told', async () => {
    await rig.subscribe('1');
    await rig.fire(LARGER, 500);
    await rig.fire({ subject: 'node:2', inhibitedBy: LARGER_KEY });
    await rig.resolve(await rig.open('node:2'), 2_000);
    expect(await rig.queued()).toEqual(['1 fired send pending']);
    const told = await rig.fire({ subject: 'node:3' }, 3_000);
    await rig.resolve({ ...told, inhibitedBy: LARGER_KEY }, 4_000);
    expect(await rig.queued()).toEqual(['1 fired send pending', '1 fired send pending', '1 resolved reply pending']);
  });

  test('what waits for its group is taken back when a larger incident speaks for it, and told once none does', async () => {
    await rig.subscribe('both');
    await rig.subscribe('node', {}, { scope: 'node', subject: '2' });
    await rig.fire({ subject: 'node:1', nodeId: 1 }, 1_000);
    await rig.sent();
    const waits = await rig.fire({ subject: 'node:2', nodeId: 2 }, 2_000);
    await rig.fire(LARGER, 3_000);
    const inhibited = { ...(await rig.open('node:2')), inhibitedBy: LARGER_KEY };
    await store.incidents.apply([{ incident: inhibited }], 3_000);
    const told = ['both fired send sent', 'node fired send pending', 'both fired send pending'];
    expect(await rig.queued()).toEqual(told);
    await rig.change(inhibited, { level: 'dead' }, 4_000);
    expect(await rig.queued()).toEqual(told);
    await store.incidents.apply([{ incident: { ...inhibited, inhibitedBy: null } }], 5_000);
    expect((await rig.queued()).slice(3)).toEqual(['both changed send pending']);
    await rig.resolve(waits, 6_000);
    expect((await rig.queued()).slice(4).toSorted()).toEqual([
      'both resolved reply pending',
      'node resolved reply pending',
    ]);
  });

  test('a larger incident takes back nothing that was sent, or is told in any case', async () => {
    await rig.subscribe('1');
    const sent = await rig.fire({ subject: 'node:1', nodeId: 1 }, 1_000);
    await rig.sent();
    await store.incidents.apply(
      [{ incident: incident({ subject: 'node:2', nodeId: 2 }), event: ALERT, alsoTo: [chat('1')] }],
      2_000,
    );
    await rig.fire(LARGER, 3_000);
    const inhibited = [sent, await rig.open('node:2')].map((one) => ({
      incident: { ...one, inhibitedBy: LARGER_KEY },
    }));
    await store.incidents.apply(inhibited, 3_000);
    expect(await rig.queued()).toEqual(['1 fired send sent', '1 fired send pending', '1 fired send pending']);
  });

  test('a chat that was not told of the larger incident is told of the smaller one', async () => {
    await rig.subscribe('owner', {}, { rule: LARGER.rule });
    await rig.subscribe('node', {}, { scope: 'node', subject: '1' });
    await rig.subscribe('all');
    await rig.subscribe('muted');
    await rig.mute('muted', LARGER.rule, 1_000_000);
    await rig.fire(LARGER, 500);
    await rig.fire({ nodeId: 1, inhibitedBy: LARGER_KEY });
    expect((await rig.queued()).toSorted()).toEqual([
      'all fired send pending',
      'muted fired send pending',
      'node fired send pending',
      'owner fired send pending',
    ]);
  });

  test('the end is told in the style of the chat', async () => {
    for (const style of ['reply', 'edit', 'both', 'none'] as const) {
      await rig.subscribe(style);
      await rig.configure(style, { resolveStyle: style });
    }
    const open = await rig.fire();
    await rig.sent();
    await rig.resolve(open, 2_000);
    expect((await rig.queued()).slice(4).sort()).toEqual([
      'both resolved edit pending',
      'both resolved reply pending',
      'edit resolved edit pending',
      'reply resolved reply pending',
    ]);
  });

  test('who left, muted or rests since does not hear the end; an overridden floor does not matter', async () => {
    const { id } = await rig.subscribe('left');
    await rig.subscribe('left', {}, { family: 'other' });
    await rig.subscribe('muted');
    const paused = await rig.subscribe('paused');
    const raised = await rig.subscribe('raised');
    const open = await rig.fire();
    await rig.sent();
    await store.subscriptions.remove(chat('left'), id);
    await rig.mute('muted', 'node.heartbeat', 9_000);
    await store.subscriptions.edit(chat('paused'), paused.id, { pausedUntilMs: 9_000 });
    await store.subscriptions.edit(chat('raised'), raised.id, { floor: 'critical', threshold: 99, delaySeconds: 99 });
    await rig.resolve(open, 2_000);
    expect((await rig.queued()).slice(4)).toEqual(['raised resolved reply pending']);
  });

  test('the admin is told whatever it subscribed to, of the change and the end too', async () => {
    await store.incidents.apply([{ incident: incident(), event: ALERT, alsoTo: [chat('admin')] }], 1_000);
    await rig.sent();
    const open = await rig.open();
    await rig.change(open, { level: 'dead' }, 2_000);
    await rig.sent();
    await rig.resolve(open, 3_000);
    expect(await rig.queued()).toEqual([
      'admin fired send sent',
      'admin changed edit sent',
      'admin resolved reply pending',
    ]);
  });

  test('in quiet hours the beginning and its end are held and become one message; critical passes unless it may not', async () => {
    await rig.subscribe('night');
    await rig.configure('night', { quiet: { ...QUIET, criticalPasses: true }, resolveStyle: 'edit' }, NIGHT);
    await rig.subscribe('deaf');
    await rig.configure('deaf', { quiet: { ...QUIET, criticalPasses: false } }, NIGHT);
    const open = await rig.fire();
    await rig.fire({ subject: 'node:2', severity: 'critical' }, 2_000);
    await rig.resolve(open, 3_000);
    expect((await rig.queued()).sort()).toEqual([
      'deaf fired send held',
      'deaf fired send held',
      'deaf resolved reply held',
      'night fired send held',
      'night fired send pending',
      'night resolved reply held',
    ]);
    await rig.sent();
    const { destination } = await store.subscriptions.list(chat('night'));
    expect(await store.incidents.release(destination?.id ?? 0, 100_000)).toBe(2);
    // Nobody has failed to send it during the night.
    expect(await store.deliveries.backlog()).toEqual({ count: 2, oldestAtMs: 100_000 });
    const released = (await rig.rows()).filter(({ groupKey }) => groupKey === 'quiet');
    expect(released.map(({ chatId, state, dueMs }) => [chatId, state, dueMs])).toEqual([
      ['night', 'pending', 100_000],
      ['night', 'pending', 100_000],
    ]);
  });

  test('what is held is told at once when it becomes critical', async () => {
    await rig.subscribe('night');
    await rig.configure('night', { quiet: { ...QUIET, criticalPasses: true } }, NIGHT);
    const open = await rig.fire();
    await rig.change(open, { severity: 'critical', level: 'dead' }, 2_000);
    expect(await rig.rows()).toMatchObject([{ kind: 'fired', state: 'pending', priority: 0, dueMs: 2_000 }]);
    expect(await store.deliveries.backlog()).toEqual({ count: 1, oldestAtMs: 2_000 });
  });

  test('the first of a rule is due at once, those of the next ten seconds together, and no other rule waits', async () => {
    await rig.subscribe('1');
    await store.incidents.apply(
      [
        { incident: incident({ subject: 'node:1' }), event: ALERT },
        { incident: incident({ subject: 'node:2' }), event: ALERT },
      ],
      1_000,
    );
    await rig.fire({ subject: 'node:3' }, 4_000);
    await rig.fire({ subject: 'node:4' }, 10_999);
    await rig.fire({ subject: 'node:5', rule: 'node.tls' }, 4_000);
    await rig.fire({ subject: 'node:6' }, 30_000);
    expect((await rig.rows()).map(({ dueMs }) => dueMs)).toEqual([1_000, 1_000, 11_000, 11_000, 4_000, 30_000]);
  });

  test('an end never comes before its beginning that waits for its group', async () => {
    await rig.subscribe('1');
    await rig.fire({ subject: 'node:1' }, 1_000);
    const second = await rig.fire({ subject: 'node:2' }, 2_000);
    await rig.resolve(second, 3_000);
    expect((await rig.rows()).map(({ kind, dueMs }) => [kind, dueMs])).toEqual([
      ['fired', 1_000],
      ['fired', 11_000],
      ['resolved', 11_000],
    ]);
  });
});
