import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Address } from '../../src/lib/delivery.ts';
import { FOREVER_MS, type Store, type SubscriptionAbout } from '../../src/store/store.ts';
import { MAX_SUBSCRIPTIONS, SubscriptionLimit } from '../../src/store/subscriptionLimit.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { incident } from './sample.ts';

const NOW_MS = 5_000;
const here: Address = { platform: 'telegram', chatId: '1', threadId: null };

const onNode = (subject: string, changes: SubscriptionAbout['changes'] = {}): SubscriptionAbout => ({
  ...{ family: 'node', rule: '', scope: 'node', subject, changes },
});

describe.each(DIALECTS)('a set of a chat on %s', (dialect) => {
  let rig: DatabaseRig;
  let store: Store;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());
  beforeEach(async () => {
    store = await rig.open();
  });

  const apply = async (more: Partial<Parameters<Store['subscriptions']['applySet']>[0]>) =>
    await store.subscriptions.applySet({
      ...{ address: here, title: 'Operators', kind: 'group', byId: 'telegram:7', nowMs: NOW_MS },
      ...{ additions: [], edits: [], mutes: [], settings: {} },
      ...more,
    });

  test('is stored whole: additions, changes, mutes and settings with their moments', async () => {
    await apply({ additions: [onNode('1')] });
    const [first] = (await store.subscriptions.list(here)).subscriptions;
    const changed = await apply({
      additions: [onNode('2', { floor: 'critical', mention: 'user:7', pausedUntilMs: FOREVER_MS })],
      edits: [{ id: first?.id ?? 0, changes: { delaySeconds: 60 } }],
      mutes: [{ rule: 'node.heartbeat', untilMs: 9_000, by: 'Ada' }],
      settings: { quiet: { fromMinute: 60, toMinute: 120, criticalPasses: false }, digest: 'daily' },
      quietUntil: { fromMs: 6_000, toMs: 7_000 },
      nextDigestAtMs: 8_000,
    });
    expect(changed).toMatchObject({ quietUntil: { fromMs: 6_000, toMs: 7_000 }, nextDigestAtMs: 8_000 });
    const { subscriptions, mutes, destination } = await store.subscriptions.list(here);
    expect(subscriptions).toMatchObject([
      { subject: '1', delaySeconds: 60, floor: 'info', createdBy: 'telegram:7' },
      { subject: '2', delaySeconds: null, floor: 'critical', mention: 'user:7', pausedUntilMs: FOREVER_MS },
    ]);
    expect(mutes).toEqual([{ rule: 'node.heartbeat', untilMs: 9_000, by: 'Ada' }]);
    expect(destination?.settings).toMatchObject({ digest: 'daily', quiet: { criticalPasses: false } });
    expect((await store.accounts.stored('telegram:7')).mutes).toBe(1);
  });

  test('an addition that is there by now stays as it is, an edit of another chat’s is none', async () => {
    await apply({ additions: [onNode('1', { floor: 'warning' })] });
    const other: Address = { ...here, chatId: '2' };
    await apply({ address: other, additions: [onNode('1')] });
    const [theirs] = (await store.subscriptions.list(other)).subscriptions;
    await apply({ additions: [onNode('1')], edits: [{ id: theirs?.id ?? 0, changes: { floor: 'critical' } }] });
    expect((await store.subscriptions.list(here)).subscriptions).toMatchObject([{ floor: 'warning' }]);
    expect((await store.subscriptions.list(other)).subscriptions).toMatchObject([{ floor: 'info' }]);
  });

  test('with too many alerts stores nothing of it at all', async () => {
    const many = Array.from({ length: MAX_SUBSCRIPTIONS + 1 }, (_, index) => onNode(String(index)));
    const refused = apply({
      additions: many,
      mutes: [{ rule: '', untilMs: 9_000, by: 'Ada' }],
      settings: { digest: 'daily' },
    });
    await expect(refused).rejects.toThrow(SubscriptionLimit);
    expect(await store.subscriptions.list(here)).toEqual({ destination: null, subscriptions: [], mutes: [] });
  });

  test('what fires already counts as told for what was added, unless it rests', async () => {
    await store.incidents.apply([{ incident: incident({ state: 'firing', firedAtMs: 1_000, nodeId: 1 }) }], 1_000);
    const rests: Address = { ...here, chatId: '2' };
    const { id: awake } = await apply({ additions: [onNode('1')] });
    const { id: asleep } = await apply({ address: rests, additions: [onNode('1', { pausedUntilMs: FOREVER_MS })] });
    const toldTo = async (destinationId: number) =>
      (await store.incidents.recent({ limit: 5, destinationId })).map(({ notice }) => notice?.toldAtMs ?? null);
    expect(await toldTo(awake)).toEqual([NOW_MS]);
    expect(await toldTo(asleep)).toEqual([null]);
  });

  test('the private chats of a person are those of every linked account', async () => {
    const mine: Address = { platform: 'discord', chatId: 'dm', threadId: null };
    await apply({ address: mine, kind: 'private', byId: 'discord:5', additions: [onNode('1')] });
    await apply({ address: { ...here, chatId: '7' }, kind: 'private', additions: [onNode('1')] });
    await apply({ additions: [onNode('1')] });
    const chatsOf = async (account: string) =>
      (await store.accounts.chats(account)).map(({ address }) => address.chatId);
    expect(await chatsOf('discord:5')).toEqual(['dm']);
    await store.accounts.createCode('discord:5', 'hash', 9_000);
    await store.accounts.redeem('hash', 'telegram:7', NOW_MS);
    expect(await chatsOf('discord:5')).toEqual(['dm', '7']);
    expect(await chatsOf('telegram:7')).toEqual(['dm', '7']);
    expect(await chatsOf('telegram:8')).toEqual([]);
  });
});
