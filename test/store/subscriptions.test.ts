import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Address } from '../../src/lib/delivery.ts';
import { FOREVER_MS, type Store, type StoredIncident, type StoredSubscription } from '../../src/store/store.ts';
import { SubscriptionLimit } from '../../src/store/subscriptionLimit.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { ALERT, incident, view } from './sample.ts';

const chat = (chatId: string, threadId: string | null = null): Address => ({ platform: 'telegram', chatId, threadId });

describe.each(DIALECTS)('subscriptions on %s', (dialect) => {
  let rig: DatabaseRig;
  let store: Store;
  let url: string;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());
  beforeEach(async () => {
    url = await rig.emptyDatabase();
    store = await rig.open(url);
  });

  const add = async (address: Address, more: Partial<Parameters<Store['subscriptions']['add']>[0]> = {}) =>
    await store.subscriptions.add({
      address,
      title: 'Operators',
      kind: 'group',
      family: 'node',
      scope: 'all',
      subject: '',
      createdBy: 'ada',
      nowMs: 5_000,
      ...more,
    });

  const subjects = async (address: Address) =>
    (await store.subscriptions.list(address)).subscriptions.map(({ scope, subject }) => `${scope}:${subject}`);

  test('a chat that never subscribed has nothing', async () => {
    expect(await store.subscriptions.list(chat('1'))).toEqual({
      destination: null,
      subscriptions: [],
      mutes: [],
    });
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });

  test('what was subscribed is listed in that order, also by the next process', async () => {
    const { subscription, created } = await add(chat('1'), { scope: 'node', subject: '7' });
    expect(created).toBe(true);
    await add(chat('1'), { scope: 'owner', subject: '0xabc' });
    const expected: StoredSubscription = {
      id: subscription.id,
      destinationId: subscription.destinationId,
      family: 'node',
      rule: '',
      scope: 'node',
      subject: '7',
      floor: 'info',
      threshold: null,
      delaySeconds: null,
      mention: '',
      without: [],
      pausedUntilMs: null,
      createdBy: 'ada',
      createdAtMs: 5_000,
    };
    const { destination, subscriptions } = await (await rig.open(url)).subscriptions.list(chat('1'));
    expect(subscriptions[0]).toEqual(expected);
    expect(subscriptions).toHaveLength(2);
    expect(destination).toEqual({
      id: subscription.destinationId,
      address: chat('1'),
      title: 'Operators',
      kind: 'group',
      state: 'active',
      deadReason: null,
      settings: {
        timeZone: 'UTC',
        locale: '',
        quiet: null,
        resolveStyle: 'reply',
        digest: 'off',
        digestMinute: 540,
        escalation: null,
      },
      quietUntil: null,
      nextDigestAtMs: null,
    });
  });

  test('the same subscription twice is one, also when asked for at once', async () => {
    const answers = await Promise.all([1, 2, 3].map((by) => add(chat('1'), { createdBy: String(by) })));
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(answers.map(({ subscription }) => subscription.id)).size).toBe(1);
    expect(await store.subscriptions.counts()).toEqual({ destinations: 1, subscriptions: 1 });
  });

  test('topics of a chat and the chat itself are different destinations', async () => {
    const places = [chat('1'), chat('1', '2'), chat('1', '3'), { ...chat('1'), platform: 'discord' as const }];
    for (const [at, place] of places.entries()) await add(place, { scope: 'node', subject: String(at) });
    for (const [at, place] of places.entries()) {
      expect(await subjects(place)).toEqual([`node:${at}`]);
      expect((await store.subscriptions.list(place)).destination?.address).toEqual(place);
    }
  });

  test('only the chat that has a subscription can remove it, and only once', async () => {
    const { subscription } = await add(chat('1'));
    expect(await store.subscriptions.remove(chat('2'), subscription.id)).toBe(false);
    expect(await store.subscriptions.remove(chat('1', '2'), subscription.id)).toBe(false);
    expect(await store.subscriptions.remove(chat('1'), subscription.id)).toBe(true);
    expect(await store.subscriptions.remove(chat('1'), subscription.id)).toBe(false);
    expect(await subjects(chat('1'))).toEqual([]);
  });

  test('a chat has fifty subscriptions at most, also when asked for at once; more are refused and change nothing', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 60 }, (_, at) => add(chat('1'), { scope: 'owner', subject: `0x${at}` })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    const { destination } = await store.subscriptions.list(chat('1'));
    await store.subscriptions.markDead(destination?.id ?? 0, 'kicked');
    const refused = add(chat('1'), { title: 'Renamed' });
    await expect(refused).rejects.toBeInstanceOf(SubscriptionLimit);
    expect((await store.subscriptions.list(chat('1'))).destination).toMatchObject({
      title: 'Operators',
      state: 'dead',
    });
    // What is there already is no new one; another topic counts for itself.
    const [first] = await subjects(chat('1'));
    expect((await add(chat('1'), { scope: 'owner', subject: first?.slice(6) ?? '' })).created).toBe(false);
    expect((await add(chat('1', '5'))).created).toBe(true);
  });

  test('with its last subscription a chat is forgotten', async () => {
    const one = await add(chat('1'));
    const two = await add(chat('1'), { scope: 'node', subject: '7' });
    await store.subscriptions.remove(chat('1'), one.subscription.id);
    expect(await store.subscriptions.counts()).toEqual({ destinations: 1, subscriptions: 1 });
    await store.subscriptions.remove(chat('1'), two.subscription.id);
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
    expect((await add(chat('1'))).created).toBe(true);
  });

  test('while an alert waits to be sent, the chat is kept for it', async () => {
    const { subscription } = await add(chat('1'));
    await store.incidents.apply([{ incident: incident(), event: ALERT }], 1);
    await store.subscriptions.remove(chat('1'), subscription.id);
    const [waiting] = await store.deliveries.claim('telegram', 1, 2);
    expect(waiting?.destination.address).toEqual(chat('1'));
    await store.deliveries.markSent(waiting?.id ?? 0, '77', 3);
    const again = await add(chat('1'));
    await store.subscriptions.remove(chat('1'), again.subscription.id);
    expect(await store.subscriptions.counts()).toEqual({ destinations: 0, subscriptions: 0 });
  });

  test('a dead destination says why, and lives again when revived or subscribed to', async () => {
    const { subscription } = await add(chat('1'));
    const id = subscription.destinationId;
    const state = async () => {
      const destination = await store.subscriptions.destination(id);
      return [destination?.state, destination?.deadReason];
    };
    await store.subscriptions.markDead(id, 'the bot was blocked');
    expect(await state()).toEqual(['dead', 'the bot was blocked']);
    expect(await subjects(chat('1'))).toEqual(['all:']);
    await store.subscriptions.revive(chat('1'));
    expect(await state()).toEqual(['active', null]);
    await store.subscriptions.markDead(id, 'kicked');
    await add(chat('1'), { title: 'Renamed' });
    expect(await state()).toEqual(['active', null]);
    expect((await store.subscriptions.destination(id))?.title).toBe('Renamed');
    expect(await store.subscriptions.destination(id + 99)).toBe(null);
  });

  test('a chat that is lost takes its topics with it, a lost topic only itself; and so they come back', async () => {
    const places = [chat('1'), chat('1', '5'), chat('1', '6'), chat('2')];
    for (const place of places) await add(place);
    const states = () =>
      Promise.all(places.map(async (place) => (await store.subscriptions.list(place)).destination?.state));
    await store.subscriptions.placeGone(chat('1', '5'), 'the topic is closed', { wholeChat: false });
    expect(await states()).toEqual(['active', 'dead', 'active', 'active']);
    await store.subscriptions.placeGone(chat('1'), 'the bot was removed', { wholeChat: true });
    expect(await states()).toEqual(['dead', 'dead', 'dead', 'active']);
    await store.subscriptions.revive(chat('1', '6'));
    expect(await states()).toEqual(['dead', 'dead', 'active', 'active']);
    await store.subscriptions.revive(chat('1'));
    expect(await states()).toEqual(['active', 'active', 'active', 'active']);
  });

  test('a forum’s closed General, which has no topic id, does not take the topics with it', async () => {
    const places = [chat('1'), chat('1', '5')];
    for (const place of places) await add(place);
    const states = () =>
      Promise.all(places.map(async (place) => (await store.subscriptions.list(place)).destination?.state));
    await store.subscriptions.placeGone(chat('1'), 'the topic is closed', { wholeChat: false });
    expect(await states()).toEqual(['dead', 'active']);
    await store.subscriptions.placeGone(chat('1', '5'), 'the bot was removed', { wholeChat: true });
    expect(await states()).toEqual(['dead', 'dead']);
  });

  const MUTE = { rule: '', untilMs: 9_000, by: 'Ada' };
  const place = (address: Address) => ({ address, title: 'Operators', kind: 'group' as const, nowMs: 5_000 });

  test('rule and overrides are kept; of the same rule and subject there is one, with what it had', async () => {
    const overrides = { floor: 'warning', threshold: 7, delaySeconds: 60, mention: 'role:1' } as const;
    const { subscription } = await add(chat('1'), { rule: 'node.heartbeat', overrides });
    expect(subscription).toMatchObject({ rule: 'node.heartbeat', ...overrides });
    const again = await add(chat('1'), { rule: 'node.heartbeat', overrides: { floor: 'critical' } });
    expect(again).toEqual({ subscription, created: false });
    expect((await add(chat('1'))).created).toBe(true);
  });

  test('an edit changes what it names, of the chat’s own only', async () => {
    const { subscription } = await add(chat('1'), { overrides: { threshold: 7, mention: 'role:1' } });
    const changes = { floor: 'critical', threshold: null, pausedUntilMs: FOREVER_MS } as const;
    expect(await store.subscriptions.edit(chat('2'), subscription.id, changes)).toBe(null);
    const edited = { ...subscription, ...changes };
    expect(await store.subscriptions.edit(chat('1'), subscription.id, changes)).toEqual(edited);
    expect((await store.subscriptions.list(chat('1'))).subscriptions).toEqual([edited]);
  });

  test('settings are kept as far as they are named, and what is switched off has no next time', async () => {
    const quiet = { fromMinute: 1_320, toMinute: 420, criticalPasses: false };
    const escalation = { afterSeconds: 600, mention: 'role:1', toId: 7 };
    await store.subscriptions.configure({
      ...place(chat('1')),
      settings: { quiet, digest: 'daily', timeZone: 'Europe/Berlin', escalation },
      quietUntil: { fromMs: 6_000, toMs: 7_000 },
      nextDigestAtMs: 8_000,
    });
    const changed = await store.subscriptions.configure({ ...place(chat('1')), settings: { resolveStyle: 'both' } });
    expect(changed).toMatchObject({
      settings: { quiet, digest: 'daily', timeZone: 'Europe/Berlin', escalation, resolveStyle: 'both' },
      quietUntil: { fromMs: 6_000, toMs: 7_000 },
      nextDigestAtMs: 8_000,
    });
    const off = await store.subscriptions.configure({
      ...place(chat('1')),
      settings: { quiet: null, digest: 'off', escalation: null },
    });
    expect(off).toMatchObject({ settings: { quiet: null, escalation: null }, quietUntil: null, nextDigestAtMs: null });
    expect((await store.subscriptions.list(chat('1'))).destination).toEqual(off);
  });

  test('due are living chats whose quiet hours have passed or whose digest is due', async () => {
    const at = (id: string, more: Partial<Parameters<Store['subscriptions']['configure']>[0]>) =>
      store.subscriptions.configure({ ...place(chat(id)), settings: {}, ...more });
    await at('quiet', { quietUntil: { fromMs: 1, toMs: 100 } });
    await at('digest', { nextDigestAtMs: 100 });
    await at('later', { quietUntil: { fromMs: 1, toMs: 101 }, nextDigestAtMs: 101 });
    await at('neither', {});
    await store.subscriptions.markDead((await at('dead', { nextDigestAtMs: 1 })).id, 'gone');
    const due = async (nowMs: number) =>
      (await store.subscriptions.dueDestinations(nowMs)).map(({ address }) => address.chatId);
    expect(await due(99)).toEqual([]);
    expect(await due(100)).toEqual(['quiet', 'digest']);
  });

  test('a mute of the same rule is replaced; lifting all lifts the pauses too', async () => {
    const { subscription } = await add(chat('1'));
    await store.subscriptions.edit(chat('1'), subscription.id, { pausedUntilMs: 9_000 });
    await store.subscriptions.mute({ ...place(chat('1')), mute: { ...MUTE, rule: 'a' } });
    await store.subscriptions.mute({ ...place(chat('1')), mute: { ...MUTE, rule: 'a', untilMs: 1 } });
    await store.subscriptions.mute({ ...place(chat('1')), mute: MUTE });
    await store.subscriptions.mute({ ...place(chat('2')), mute: MUTE });
    expect((await store.subscriptions.list(chat('1'))).mutes).toEqual([{ ...MUTE, rule: 'a', untilMs: 1 }, MUTE]);
    expect(await store.subscriptions.unmute(chat('1'), 'b')).toBe(0);
    expect(await store.subscriptions.unmute(chat('1'), 'a')).toBe(1);
    expect(await store.subscriptions.unmute(chat('1'), null)).toBe(2);
    const { mutes, subscriptions } = await store.subscriptions.list(chat('1'));
    expect([mutes, subscriptions[0]?.pausedUntilMs]).toEqual([[], null]);
    expect((await store.subscriptions.list(chat('2'))).mutes).toEqual([MUTE]);
  });

  describe('what fires already when a chat subscribes', () => {
    const ends = async () => {
      const [open] = await store.incidents.open();
      const resolved = { ...(open as StoredIncident), state: 'resolved' as const, resolvedAtMs: 9 };
      await store.incidents.apply([{ incident: resolved, event: { kind: 'resolved', view: view('back') } }], 9_000);
      return (await store.deliveries.claim('telegram', 9, 99_999)).map(({ parts }) => parts[0]?.kind);
    };
    beforeEach(() => store.incidents.apply([{ incident: incident({ value: 5 }), event: ALERT }], 1_000));

    test('counts as told, so that its end is', async () => {
      await add(chat('1'));
      expect(await store.deliveries.claim('telegram', 9, 99_999)).toEqual([]);
      expect(await ends()).toEqual(['resolved']);
    });

    test.each([
      ['another subject', { scope: 'node', subject: '2' }],
      ['another rule', { rule: 'node.endpoint' }],
      ['a higher floor', { overrides: { floor: 'critical' } }],
      ['a higher threshold', { overrides: { threshold: 6 } }],
      ['a longer delay', { overrides: { delaySeconds: 60 } }],
    ] as const)('does not, where the subscription is for %s', async (_, more) => {
      await add(chat('1'), more);
      expect(await ends()).toEqual([]);
    });

    test('does not, where its rule is muted', async () => {
      await store.subscriptions.mute({ ...place(chat('1')), mute: { ...MUTE, rule: 'node.heartbeat' } });
      await add(chat('1'));
      expect(await ends()).toEqual([]);
    });
  });

  describe('when a chat moves', () => {
    test('all of its topics move with their subscriptions', async () => {
      await add(chat('1'));
      await add(chat('1', '5'), { scope: 'node', subject: '7' });
      await add(chat('2'), { scope: 'node', subject: '8' });
      await store.subscriptions.migrate('telegram', '1', '-100');
      expect((await store.subscriptions.list(chat('1'))).destination).toBe(null);
      expect(await subjects(chat('-100'))).toEqual(['all:']);
      expect(await subjects(chat('-100', '5'))).toEqual(['node:7']);
      expect(await subjects(chat('2'))).toEqual(['node:8']);
    });

    test('a chat of the same id on another platform stays', async () => {
      await add({ ...chat('1'), platform: 'discord' });
      await store.subscriptions.migrate('telegram', '1', '-100');
      expect(await subjects({ ...chat('1'), platform: 'discord' })).toEqual(['all:']);
    });

    test('what both had is there once', async () => {
      await add(chat('1'));
      await add(chat('1'), { scope: 'node', subject: '7' });
      await add(chat('-100'));
      await store.subscriptions.migrate('telegram', '1', '-100');
      expect((await subjects(chat('-100'))).sort()).toEqual(['all:', 'node:7']);
      expect(await store.subscriptions.counts()).toEqual({ destinations: 1, subscriptions: 2 });
    });

    test('mutes and notices move with it; the new chat’s own, and its settings, stay', async () => {
      for (const [id, by] of [
        ['1', 'old'],
        ['-100', 'new'],
      ] as const) {
        await add(chat(id));
        await store.subscriptions.mute({ ...place(chat(id)), mute: { ...MUTE, by, rule: 'both' } });
        await store.subscriptions.mute({ ...place(chat(id)), mute: { ...MUTE, by, rule: by } });
        await store.subscriptions.configure({ ...place(chat(id)), settings: { timeZone: `Zone/${by}` } });
      }
      await store.incidents.apply([{ incident: incident(), event: ALERT }], 1);
      const only = chat('3');
      await add(only);
      const { destination } = await store.subscriptions.list(chat('1'));
      await store.subscriptions.configure({
        ...place(only),
        settings: { escalation: { afterSeconds: 60, mention: '', toId: destination?.id ?? 0 } },
      });
      await store.subscriptions.migrate('telegram', '1', '-100');
      const moved = await store.subscriptions.list(chat('-100'));
      expect(moved.destination?.settings.timeZone).toBe('Zone/new');
      expect(moved.mutes.map(({ rule, by }) => `${rule} ${by}`).sort()).toEqual(['both new', 'new new', 'old old']);
      const notices = await rig.query<{ destinationId: number }>(url, 'SELECT "destinationId" FROM "Notice"');
      expect(notices.filter((each) => Number(each.destinationId) === moved.destination?.id)).toHaveLength(1);
      expect((await store.subscriptions.list(only)).destination?.settings.escalation?.toId).toBe(moved.destination?.id);
    });

    test('waiting alerts go to the new chat, none of them twice', async () => {
      await add(chat('1'));
      await store.incidents.apply([{ incident: incident(), event: ALERT }], 1);
      await add(chat('-100'));
      await store.incidents.apply([{ incident: incident({ subject: 'node:2' }), event: ALERT }], 2);
      // The first event is the old chat's alone, the second was queued for both.
      expect((await store.deliveries.backlog()).count).toBe(3);
      await store.subscriptions.migrate('telegram', '1', '-100');
      expect((await store.deliveries.backlog()).count).toBe(2);
      const first = await store.deliveries.claim('telegram', 10, 3);
      expect(first.map(({ destination }) => destination.address.chatId)).toEqual(['-100']);
    });

    test.each(['1', '-100'])('the new chat is alive, even if %s was dead before', async (dead) => {
      await add(chat('1'));
      const { subscription } = await add(chat('-100'), { scope: 'node', subject: '7' });
      const old = await add(chat('1'));
      const id = dead === '1' ? old.subscription.destinationId : subscription.destinationId;
      await store.subscriptions.markDead(id, 'gone');
      await store.subscriptions.migrate('telegram', '1', '-100');
      expect((await store.subscriptions.list(chat('-100'))).destination).toMatchObject({
        state: 'active',
        deadReason: null,
      });
    });

    test('to where it is already, or from where nothing is, nothing changes', async () => {
      await add(chat('1'));
      await store.subscriptions.migrate('telegram', '1', '1');
      await store.subscriptions.migrate('telegram', 'nowhere', '1');
      await store.subscriptions.migrate('telegram', '1', '-100');
      await store.subscriptions.migrate('telegram', '1', '-100');
      expect(await subjects(chat('-100'))).toEqual(['all:']);
    });

    describe.each(['moves to a new id', 'is merged into a chat that is there'])('and %s', (how) => {
      beforeEach(async () => {
        await add(chat('1'));
        if (how.includes('merged')) await add(chat('-100'), { scope: 'node', subject: '99' });
        await store.incidents.apply([{ incident: incident(), event: ALERT }], 1);
        const [fired] = await store.deliveries.claim('telegram', 1, 2);
        await store.deliveries.markSent(fired?.id ?? 0, '41', 3);
      });

      const tell = async (kind: 'changed' | 'resolved', atMs: number) => {
        const open = (await store.incidents.open())[0] as StoredIncident;
        const next = kind === 'resolved' ? { ...open, state: 'resolved' as const, resolvedAtMs: atMs } : open;
        await store.incidents.apply([{ incident: next, event: { kind, view: view(kind) } }], atMs);
      };
      const waiting = async () =>
        (await store.deliveries.claim('telegram', 9, 100)).map((delivery) => ({
          kind: delivery.parts[0]?.kind,
          chatId: delivery.destination.address.chatId,
          edits: delivery.editMessageId,
          repliesTo: delivery.replyToMessageId,
        }));
      const move = () => store.subscriptions.migrate('telegram', '1', '-100');

      test('its old message ids are forgotten: nothing is edited there, the end comes without a reply', async () => {
        await move();
        await tell('changed', 4);
        expect(await waiting()).toEqual([]);
        await tell('resolved', 5);
        expect(await waiting()).toEqual([{ kind: 'resolved', chatId: '-100', edits: null, repliesTo: null }]);
      });

      test.each(['waiting', 'under way'])('an edit that is %s is given up', async (state) => {
        await tell('changed', 4);
        if (state === 'under way') expect(await waiting()).toMatchObject([{ kind: 'changed', edits: '41' }]);
        await move();
        await store.deliveries.recover(5);
        expect(await waiting()).toEqual([]);
        expect((await store.deliveries.backlog()).count).toBe(0);
      });

      test('an end that waits is told without a reply', async () => {
        await tell('resolved', 4);
        await move();
        expect(await waiting()).toEqual([{ kind: 'resolved', chatId: '-100', edits: null, repliesTo: null }]);
      });
    });

    test('a chat with more deliveries than a statement takes parameters moves too', async () => {
      await add(chat('1'));
      const { subscription } = await add(chat('-100'));
      await store.incidents.apply([{ incident: incident() }], 1);
      const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70000) SELECT';
      await rig.query(
        url,
        `INSERT INTO "IncidentEvent" ("id", "incidentId", "kind", "atMs", "view") ${numbers} i, 1, 'fired', 1, '{}' FROM n`,
      );
      await rig.query(
        url,
        `INSERT INTO "Delivery" ("eventId", "destinationId", "state", "nextAttemptAtMs", "createdAtMs")
         SELECT "id", ${subscription.destinationId}, 'sent', 1, 1 FROM "IncidentEvent"`,
      );
      await store.subscriptions.migrate('telegram', '1', '-100');
      expect(await store.subscriptions.counts()).toEqual({ destinations: 1, subscriptions: 1 });
    });
  });
});
