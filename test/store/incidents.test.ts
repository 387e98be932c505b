import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { applyChange } from '../../src/store/applyChange.ts';
import { type Db, openClient } from '../../src/store/client.ts';
import type { Store, StoredIncident } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { ALERT, incident, view } from './sample.ts';

const CHATS = 10_000;

describe.each(DIALECTS)('incidents on %s', (dialect) => {
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

  const onlyOpen = async () => (await store.incidents.open())[0] as StoredIncident;
  const resolved = (of: StoredIncident): StoredIncident => ({ ...of, state: 'resolved', resolvedAtMs: 9_000 });
  const eventKinds = async () =>
    (await rig.query<{ kind: string }>(url, 'SELECT "kind" FROM "IncidentEvent" ORDER BY "id"')).map(
      ({ kind }) => kind,
    );

  /** `count` chats, each subscribed to all nodes. */
  async function chats(count: number): Promise<void> {
    const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) SELECT`;
    await rig.query(
      url,
      `INSERT INTO "Destination" ("platform", "chatId", "title", "createdAtMs") ${numbers} 'telegram', 'chat ' || i, '', 0 FROM n`,
    );
    await rig.query(
      url,
      `INSERT INTO "Subscription" ("destinationId", "family", "scope", "subject", "createdBy", "createdAtMs")
       SELECT "id", 'node', 'all', '', '', 0 FROM "Destination"`,
    );
  }

  test('what is stored is read back by the next process, so that it does not fire again', async () => {
    const given = incident({ clearSinceSeconds: 7, detail: { nested: { ä: [1, null] } } });
    await store.incidents.apply([{ incident: given, event: ALERT }], 1_234);
    const [open] = await (await rig.open(url)).incidents.open();
    expect(open).toEqual({ ...given, id: open?.id, updatedAtMs: 1_234 });
  });

  test('what lapses is not told where it still waits, and stays where it was sent', async () => {
    await chats(3);
    await store.incidents.apply([{ incident: incident(), event: ALERT }], 1);
    const [first] = await store.deliveries.claim('telegram', 1, 2);
    await store.deliveries.markSent(first?.id ?? 0, 'm1', 3);
    const [tried] = await store.deliveries.claim('telegram', 1, 4);
    const open = await onlyOpen();
    await store.incidents.apply([{ incident: resolved(open), lapses: true }], 5);
    const told = await rig.query<{ id: number }>(url, 'SELECT "id" FROM "Delivery" ORDER BY "id"');
    expect(told.map(({ id }) => Number(id))).toEqual([first?.id, tried?.id].sort());
    expect(await rig.query(url, 'SELECT 1 FROM "Notice"')).toHaveLength(2);
    expect(await store.deliveries.claim('telegram', 10, 6)).toEqual([]);
  });

  test('what was told is kept 30 days after it was resolved, an incident 400 days, an open one for good', async () => {
    await chats(1);
    await store.incidents.apply([{ incident: incident({ subject: 'open' }), event: ALERT }], 1);
    await store.incidents.apply([{ incident: incident({ subject: 'over' }), event: ALERT }], 1);
    const over = (await store.incidents.open()).find(({ subject }) => subject === 'over') as StoredIncident;
    await store.incidents.apply([{ incident: resolved(over) }], 9_000);
    const left = async () => [
      (await rig.query(url, 'SELECT 1 FROM "Delivery"')).length,
      (await rig.query(url, 'SELECT 1 FROM "Incident"')).length,
    ];
    const day = 86_400_000;
    await store.history.purge(30 * day);
    expect(await left()).toEqual([2, 2]);
    await store.history.purge(30 * day + 2);
    expect(await left()).toEqual([1, 2]);
    await store.history.purge(400 * day + 9_001);
    expect(await left()).toEqual([1, 1]);
    expect(await store.incidents.open()).toMatchObject([{ subject: 'open' }]);
  });

  test('of one rule and subject one incident is open at most, whatever its state', async () => {
    await store.incidents.apply([{ incident: incident({ state: 'pending' }) }], 1);
    await expect(store.incidents.apply([{ incident: incident(), event: ALERT }], 2)).rejects.toThrow(/[Uu]nique/);
    expect(await store.incidents.open()).toMatchObject([{ state: 'pending' }]);
    expect(await eventKinds()).toEqual([]);
    // Another rule, another subject: incidents of their own.
    await store.incidents.apply(
      [{ incident: incident({ rule: 'other' }) }, { incident: incident({ subject: 'x' }) }],
      3,
    );
    expect(await store.incidents.open()).toHaveLength(3);
  });

  test('changes that are given together are stored together or not at all', async () => {
    await chats(1);
    await store.incidents.apply([{ incident: incident() }], 1);
    const clash = [{ incident: incident({ subject: 'new' }), event: ALERT }, { incident: incident() }];
    await expect(store.incidents.apply(clash, 2)).rejects.toThrow();
    expect(await store.incidents.open()).toHaveLength(1);
    expect(await eventKinds()).toEqual([]);
    expect((await store.deliveries.backlog()).count).toBe(0);
  });

  test('an incident and its deliveries are stored together or not at all', async () => {
    await chats(1);
    await rig.query(url, 'ALTER TABLE "Delivery" RENAME TO "Away"');
    await expect(store.incidents.apply([{ incident: incident(), event: ALERT }], 1)).rejects.toThrow();
    expect(await store.incidents.open()).toEqual([]);
    expect(await eventKinds()).toEqual([]);
  });

  test('once resolved it is open no more and may open anew', async () => {
    await store.incidents.apply([{ incident: incident(), event: ALERT }], 1);
    const first = await onlyOpen();
    await store.incidents.apply([{ incident: resolved(first), event: { kind: 'resolved', view: view('back') } }], 2);
    expect(await store.incidents.open()).toEqual([]);
    await store.incidents.apply([{ incident: incident(), event: ALERT }], 3);
    expect((await onlyOpen()).id).not.toBe(first.id);
    expect(await eventKinds()).toEqual(['fired', 'resolved', 'fired']);
  });

  test('a pending one that clears is dropped without a trace', async () => {
    await store.incidents.apply([{ incident: incident({ state: 'pending' }) }], 1);
    await store.incidents.apply([{ incident: await onlyOpen(), drop: true }], 2);
    expect(await store.incidents.open()).toEqual([]);
    expect(await store.incidents.recent({ limit: 10 })).toEqual([]);
    expect(await eventKinds()).toEqual([]);
  });

  test('recent ones are newest first, without pending ones, by subject where asked', async () => {
    await store.incidents.apply([{ incident: incident() }], 1);
    await store.incidents.apply([{ incident: resolved(await onlyOpen()) }], 2);
    await store.incidents.apply([{ incident: incident({ subject: 'node:2' }) }], 3);
    await store.incidents.apply([{ incident: incident({ subject: 'node:3', state: 'pending' }) }], 4);
    const recent = async (limit: number, subject?: string) =>
      (await store.incidents.recent({ limit, ...(subject ? { subject } : {}) })).map((each) => each.subject);
    expect(await recent(10)).toEqual(['node:2', 'node:1']);
    expect(await recent(1)).toEqual(['node:2']);
    expect(await recent(10, 'node:1')).toEqual(['node:1']);
  });

  test('turns are counted by rule and subject, and only since then', async () => {
    await store.incidents.apply([{ incident: incident({ firedAtMs: 5_000 }), event: ALERT }], 5_000);
    await store.incidents.apply([{ incident: { ...resolved(await onlyOpen()), resolvedAtMs: 6_000 } }], 6_000);
    await store.incidents.apply([{ incident: incident({ firedAtMs: 7_000 }), event: ALERT }], 7_000);
    await store.incidents.apply(
      [{ incident: incident({ subject: 'node:2', state: 'pending', firedAtMs: null }) }],
      7_000,
    );
    expect(await store.incidents.turns(0)).toEqual(new Map([['node.heartbeat|node:1', 3]]));
    expect(await store.incidents.turns(6_000)).toEqual(new Map([['node.heartbeat|node:1', 2]]));
    expect(await store.incidents.turns(7_001)).toEqual(new Map());
  });

  test('history since a moment has what was on then, in pages', async () => {
    await store.incidents.apply([{ incident: incident({ subject: 'a', firedAtMs: 1_000 }), event: ALERT }], 1_000);
    await store.incidents.apply([{ incident: { ...resolved(await onlyOpen()), resolvedAtMs: 2_000 } }], 2_000);
    await store.incidents.apply([{ incident: incident({ subject: 'b', firedAtMs: 1_500 }), event: ALERT }], 1_500);
    await store.incidents.apply([{ incident: incident({ subject: 'c', firedAtMs: 4_000 }), event: ALERT }], 4_000);
    const subjects = async (query: { sinceMs?: number; offset?: number; limit?: number }) =>
      (await store.incidents.recent({ limit: 9, ...query })).map(({ subject }) => subject);
    expect(await subjects({})).toEqual(['c', 'b', 'a']);
    expect(await subjects({ sinceMs: 2_000 })).toEqual(['c', 'b', 'a']);
    expect(await subjects({ sinceMs: 2_001 })).toEqual(['c', 'b']);
    expect(await subjects({ offset: 1, limit: 1 })).toEqual(['b']);
  });

  test('ten thousand chats cost as many statements as one', async () => {
    const { prisma } = openClient(url);

    async function statementsFor(change: Parameters<typeof applyChange>[1]): Promise<number> {
      let count = 0;
      await prisma.$transaction(async (db) => {
        const counting = new Proxy(db, {
          get(target, name) {
            count += 1;
            return Reflect.get(target, name);
          },
        }) as Db;
        await applyChange(counting, change, 1_000);
      });
      return count;
    }

    async function all(): Promise<number[]> {
      const fired = await statementsFor({ incident: incident(), event: ALERT });
      const open = await onlyOpen();
      const changed = { kind: 'changed' as const, view: view('worse') };
      return [
        fired,
        await statementsFor({ incident: { ...open, severity: 'critical' }, event: changed }),
        await statementsFor({ incident: resolved(open), event: { kind: 'resolved', view: view('back') } }),
      ];
    }

    await chats(1);
    const forOne = await all();
    await rig.query(url, 'DELETE FROM "Destination"');
    await chats(CHATS);
    expect(await all()).toEqual(forOne);
    expect((await store.deliveries.backlog()).count).toBe(2 * CHATS);
    await prisma.$disconnect();
  });
});
