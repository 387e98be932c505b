import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openClient, type PrismaDb } from '../../src/store/client.ts';
import type { DeliveryPart, QueuedDelivery, Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { view } from './sample.ts';

/** A row of the queue; ids are given, so that a test can name them. */
interface Row {
  id: number;
  chat?: number;
  /** The incident; it has one event for each row. */
  about?: number;
  kind?: DeliveryPart['kind'];
  mode?: 'send' | 'reply' | 'edit';
  state?: string;
  priority?: number;
  groupKey?: string;
  groupId?: number | null;
  mention?: string;
  dueAtMs?: number;
  messageId?: string | null;
}

const NOW = 1_000_000;

const text = (value: string | null): string => (value === null ? 'NULL' : `'${value}'`);

describe.each(DIALECTS)('claiming on %s', (dialect) => {
  let rig: DatabaseRig;
  let store: Store;
  /** A connection beside the store's, kept: the laws ask thousands of times. */
  let prisma: PrismaDb;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
    const url = await rig.emptyDatabase();
    store = await rig.open(url);
    prisma = openClient(url).prisma;
    // Tests name their rows by number; those of the store are numbered far behind.
    if (dialect === 'postgresql') await query('ALTER SEQUENCE "Delivery_id_seq" RESTART WITH 1000000');
  });
  afterAll(async () => {
    await prisma.$disconnect();
    await rig.close();
  });
  beforeEach(clear);

  const query = <Found>(statement: string) => prisma.$queryRawUnsafe<Found[]>(statement);

  async function clear(): Promise<void> {
    await query('DELETE FROM "Incident"');
    await query('DELETE FROM "Destination"');
  }

  /** Chats 1 to 3 on Telegram and 9 on Discord, incidents 1 to 9 that all were noticed, and these rows. */
  async function fill(rows: readonly Row[]): Promise<void> {
    const chats = [1, 2, 3, 9];
    await query(
      `INSERT INTO "Destination" ("id", "platform", "chatId", "title", "createdAtMs") VALUES
        ${chats.map((id) => `(${id}, '${id === 9 ? 'discord' : 'telegram'}', '${id}', 'T', 1)`).join(', ')}`,
    );
    const incidents = Array.from({ length: 9 }, (_, at) => at + 1);
    await query(
      `INSERT INTO "Incident" ("id", "rule", "subject", "state", "severity", "severityRank", "level", "family",
        "sinceSeconds", "firedAtMs", "updatedAtMs", "detail") VALUES
        ${incidents.map((id) => `(${id}, 'node.heartbeat', 'node:${id}', 'firing', 'warning', 1, 'late', 'node', 1, 1, 1, '{}')`).join(', ')}`,
    );
    await query(
      `INSERT INTO "Notice" ("incidentId", "destinationId", "toldAtMs") VALUES
        ${incidents.flatMap((id) => chats.map((chat) => `(${id}, ${chat}, 1)`)).join(', ')}`,
    );
    await queue(rows);
  }

  async function queue(rows: readonly Row[]): Promise<void> {
    await query(
      `INSERT INTO "IncidentEvent" ("id", "incidentId", "kind", "atMs", "view") VALUES
        ${rows.map(({ id, about = 1, kind = 'fired' }) => `(${id}, ${about}, '${kind}', 1, '${JSON.stringify(view(`event ${id}`))}')`).join(', ')}`,
    );
    await query(
      `INSERT INTO "Delivery" ("id", "eventId", "destinationId", "mode", "state", "priority", "groupKey", "groupId",
        "mention", "nextAttemptAtMs", "createdAtMs", "messageId") VALUES
        ${rows
          .map(
            ({
              id,
              chat = 1,
              mode = 'send',
              state = 'pending',
              priority = 1,
              groupKey = '',
              groupId = null,
              ...more
            }) =>
              `(${id}, ${id}, ${chat}, '${mode}', '${state}', ${priority}, '${groupKey}', ${groupId},
              '${more.mention ?? ''}', ${more.dueAtMs ?? NOW}, ${id}, ${text(more.messageId ?? null)})`,
          )
          .join(', ')}`,
    );
  }

  const claim = (nowMs = NOW, limit = 20) => store.deliveries.claim('telegram', limit, nowMs);
  /** Event numbers that a message tells of. */
  const events = ({ parts }: QueuedDelivery) => parts.map((part) => Number(part.view.title.split(' ')[1]));
  const told = async (nowMs = NOW, limit = 20) => (await claim(nowMs, limit)).map(events);
  const states = async () =>
    (
      await query<{ id: number | bigint; state: string; groupId: number | bigint | null }>(
        'SELECT "id", "state", "groupId" FROM "Delivery" ORDER BY "id"',
      )
    ).map(({ id, state, groupId }) => `${id} ${state} ${groupId ?? '-'}`);

  async function sendAll(nowMs = NOW): Promise<number[][]> {
    const sent: number[][] = [];
    for (;;) {
      const claimed = await claim(nowMs);
      if (claimed.length === 0) return sent;
      for (const message of claimed) {
        sent.push(events(message));
        await store.deliveries.markSent(message.id, message.editMessageId ?? `m${message.id}`, nowMs);
      }
    }
  }

  test('rows of one chat with one key that are due are one message, under the first one’s id', async () => {
    await fill([
      { id: 1, about: 1, groupKey: 'k' },
      { id: 2, about: 2, groupKey: 'other' },
      { id: 3, about: 3, groupKey: 'k' },
      { id: 4, about: 4, groupKey: 'k', chat: 2 },
      { id: 5, about: 5, groupKey: 'k', dueAtMs: NOW + 1 },
    ]);
    const [first, second] = await claim();
    expect(first).toMatchObject({ id: 1, mode: 'send', attempts: 1, createdAtMs: 1 });
    expect(events(first as QueuedDelivery)).toEqual([1, 3]);
    expect(first?.parts.map(({ incident }) => incident?.id)).toEqual([1, 3]);
    expect(events(second as QueuedDelivery)).toEqual([4]);
    expect(await states()).toEqual(['1 sending 1', '2 pending -', '3 sending 1', '4 sending 4', '5 pending -']);
  });

  test('what becomes of a message becomes of all its rows, and of no other', async () => {
    await fill([
      { id: 1, groupKey: 'k' },
      { id: 2, groupKey: 'k' },
      { id: 3, groupKey: 'k', chat: 2 },
      { id: 4, groupKey: 'k', chat: 2 },
      { id: 5, groupKey: 'k', chat: 3 },
      { id: 6, groupKey: 'k', chat: 3 },
    ]);
    await claim();
    await store.deliveries.markSent(1, 'm', NOW);
    await store.deliveries.retry(3, NOW + 5, 'busy');
    await store.deliveries.fail(5, 'rejected', 'too long');
    expect(await states()).toEqual([
      ...['1 sent 1', '2 sent 1', '3 pending 3', '4 pending 3', '5 rejected 5', '6 rejected 5'],
    ]);
    expect((await store.deliveries.counts()).map(({ state, count }) => `${count} ${state}`)).toEqual([
      '2 pending',
      '2 rejected',
      '2 sent',
    ]);
  });

  test('a message that is claimed again is the same set, whatever has come since', async () => {
    await fill([
      { id: 1, groupKey: 'k' },
      { id: 2, groupKey: 'k' },
    ]);
    expect(await told()).toEqual([[1, 2]]);
    await store.deliveries.recover(NOW);
    await queue([{ id: 3, groupKey: 'k' }]);
    expect(await claim()).toMatchObject([{ id: 1, attempts: 2, parts: [{}, {}] }]);
    await store.deliveries.retry(1, NOW + 5, 'busy');
    expect(await claim(NOW + 4)).toEqual([]);
    expect(await told(NOW + 5)).toEqual([[1, 2]]);
    await store.deliveries.markSent(1, 'm', NOW + 5);
    expect(await told(NOW + 5)).toEqual([[3]]);
  });

  test('at most two hundred rows are one message, the rest the next', async () => {
    await fill(Array.from({ length: 201 }, (_, at) => ({ id: at + 1, groupKey: 'k' })));
    expect((await sendAll()).map(({ length }) => length)).toEqual([200, 1]);
  });

  test('those who would be called by one message are not lost in another', async () => {
    await fill([
      { id: 1, groupKey: 'k', mention: 'role:1' },
      { id: 2, groupKey: 'k', mention: 'role:2' },
      { id: 3, groupKey: 'k', mention: 'role:1' },
    ]);
    const [first] = await claim();
    expect(first).toMatchObject({ id: 1, mention: 'role:1' });
    await store.deliveries.markSent(1, 'm', NOW);
    expect(await claim()).toMatchObject([{ id: 2, mention: 'role:2', parts: [{}] }]);
  });

  test.each(['quiet', 'backlog'])('what was held together (%s) is one message and says so', async (groupKey) => {
    await fill([
      { id: 1, groupKey, about: 1, mention: 'role:1', priority: 2 },
      { id: 2, groupKey, about: 1, kind: 'resolved', mode: 'reply', priority: 2 },
      { id: 3, groupKey, about: 2, priority: 1 },
    ]);
    const [message] = await claim();
    expect(message).toMatchObject({ id: 3, mode: 'send', reason: groupKey, mention: 'role:1', replyToMessageId: null });
    expect(events(message as QueuedDelivery)).toEqual([1, 2, 3]);
  });

  test('critical goes before warning before digest, here and there', async () => {
    await fill([
      { id: 1, chat: 1, priority: 2 },
      { id: 2, chat: 1, priority: 0 },
      { id: 3, chat: 2, priority: 1 },
      { id: 4, chat: 3, priority: 0 },
    ]);
    await store.deliveries.queue(3, view('event 99'), NOW);
    expect(await told(NOW, 1)).toEqual([[2]]);
    expect(await told(NOW, 1)).toEqual([[4]]);
    expect(await told()).toEqual([[3]]);
    await store.deliveries.markSent(4, 'm', NOW);
    expect(await claim()).toMatchObject([{ parts: [{ kind: 'digest', incident: null, notice: null }], reason: '' }]);
  });

  test('what waits for others of its group lets first messages pass, but nothing that may belong to it', async () => {
    await fill([
      { id: 1, about: 1, groupKey: 'k', dueAtMs: NOW + 10 },
      { id: 2, about: 2 },
      { id: 3, about: 1, kind: 'resolved', mode: 'reply' },
    ]);
    expect(await sendAll()).toEqual([[2]]);
    expect(await sendAll(NOW + 10)).toEqual([[1], [3]]);
  });

  test('a digest to a dead chat is not queued', async () => {
    await fill([{ id: 1 }]);
    await store.subscriptions.markDead(1, 'blocked');
    await store.deliveries.queue(1, view('event 99'), NOW);
    expect(await states()).toEqual(['1 dead -']);
  });

  describe('an edit', () => {
    test('of a message about several says all of it again, each in its newest words', async () => {
      await fill([
        { id: 1, about: 1, groupKey: 'k' },
        { id: 2, about: 2, groupKey: 'k' },
        { id: 3, about: 3, groupKey: 'k' },
      ]);
      await sendAll();
      await queue([
        { id: 4, about: 2, kind: 'changed', mode: 'edit' },
        { id: 5, about: 3, kind: 'resolved', mode: 'edit' },
        { id: 6, about: 2, kind: 'reminder', mode: 'reply', state: 'held' },
      ]);
      const [edit] = await claim();
      expect(edit).toMatchObject({ id: 4, mode: 'edit', editMessageId: 'm1', replyToMessageId: null });
      expect(edit?.parts.map(({ kind, incident }) => `${incident?.id} ${kind}`)).toEqual([
        ...['1 fired', '2 changed', '3 resolved'],
      ]);
      expect(events(edit as QueuedDelivery)).toEqual([1, 4, 5]);
    });

    test('takes along the other edits of its message', async () => {
      await fill([
        { id: 1, about: 1, groupKey: 'k' },
        { id: 2, about: 2, groupKey: 'k' },
        { id: 3, about: 3 },
      ]);
      await sendAll();
      await queue([4, 5, 6].map((id) => ({ id, about: id - 3, kind: 'changed' as const, mode: 'edit' as const })));
      for (const [id, message] of [
        [4, 'm1'],
        [5, 'm1'],
        [6, 'm3'],
      ])
        await query(`UPDATE "Delivery" SET "editMessageId" = '${message}' WHERE "id" = ${id}`);
      expect(await sendAll()).toEqual([[4, 5], [6]]);
    });

    test('carries who takes care in that chat', async () => {
      await fill([{ id: 1, state: 'sent', groupId: 1, messageId: 'm1' }]);
      await queue([{ id: 2, kind: 'changed', mode: 'edit' }]);
      await query(`UPDATE "Notice" SET "acknowledgedBy" = 'Ada', "acknowledgedAtMs" = 5 WHERE "destinationId" = 1`);
      const [edit] = await claim();
      expect(edit?.parts[0]?.notice).toEqual({ acknowledgedBy: 'Ada', acknowledgedAtMs: 5, snoozedUntilMs: null });
    });

    test('of a message that was never sent is given up, and what is behind it goes out', async () => {
      await fill([
        { id: 1, about: 1, state: 'rejected', groupId: 1 },
        { id: 2, about: 1, kind: 'changed', mode: 'edit' },
        { id: 3, about: 3 },
      ]);
      expect(await told()).toEqual([[3]]);
      expect(await states()).toEqual(['1 rejected 1', '2 superseded 2', '3 sending 3']);
    });

    test('that was to tell the end, of a message that lost its id, is a message of its own', async () => {
      await fill([
        { id: 1, about: 1, state: 'sent', groupId: 1 },
        { id: 2, about: 1, kind: 'resolved', mode: 'edit' },
      ]);
      expect(await claim()).toMatchObject([
        { id: 2, mode: 'send', editMessageId: null, parts: [{ kind: 'resolved' }] },
      ]);
    });
  });

  test('an answer to several messages at once stands alone, to one it is a reply', async () => {
    const ended = { kind: 'resolved', mode: 'reply', groupKey: 'r' } as const;
    await fill([
      { id: 1, about: 1, state: 'sent', groupId: 1, messageId: 'm1' },
      { id: 2, about: 2, state: 'sent', groupId: 1, messageId: 'm1' },
      { id: 3, about: 3, state: 'sent', groupId: 3, messageId: 'm3' },
      { id: 4, about: 1, ...ended },
      { id: 5, about: 2, ...ended },
    ]);
    expect(await claim()).toMatchObject([{ id: 4, mode: 'reply', replyToMessageId: 'm1', parts: [{}, {}] }]);
    await store.deliveries.markSent(4, 'm4', NOW);
    await queue([
      { id: 6, about: 2, ...ended },
      { id: 7, about: 3, ...ended },
    ]);
    expect(await claim()).toMatchObject([{ id: 6, replyToMessageId: null, parts: [{}, {}] }]);
  });

  test('a backlog below critical becomes one message a chat; what was tried, edits and single ones stay', async () => {
    await fill([
      { id: 1, priority: 0 },
      { id: 2, priority: 1, groupKey: 'a' },
      { id: 3, priority: 2, groupKey: 'b' },
      { id: 4, priority: 2, groupId: 4 },
      { id: 5, priority: 2, mode: 'edit', kind: 'changed' },
      { id: 6, priority: 2, chat: 2 },
      { id: 7, priority: 2, chat: 9 },
      { id: 8, priority: 2, chat: 9 },
      { id: 9, priority: 1, dueAtMs: NOW + 1 },
    ]);
    expect(await store.deliveries.due('telegram', NOW)).toBe(6);
    expect(await store.deliveries.collapse('telegram', NOW)).toBe(2);
    expect(await store.deliveries.collapse('telegram', NOW)).toBe(0);
    expect(await told(NOW)).toEqual([[1], [6]]);
    await store.deliveries.markSent(1, 'm', NOW);
    const [digest] = await claim();
    expect(digest).toMatchObject({ id: 2, reason: 'backlog' });
    expect(events(digest as QueuedDelivery)).toEqual([2, 3]);
  });

  describe('laws', () => {
    const row = fc.record({
      chat: fc.constantFrom(1, 2),
      priority: fc.nat({ max: 3 }),
      groupKey: fc.constantFrom('', 'a', 'b'),
    });
    /** What becomes of each message that is claimed. */
    const fate = fc.constantFrom('sent', 'retry', 'retry later', 'killed', 'rejected');

    test('a chat’s messages are in order of priority and age, each row is in one of them, and a set stays together', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(row, { minLength: 1, maxLength: 10 }),
          fc.array(fate, { maxLength: 15 }),
          async (rows, fates) => {
            await clear();
            // One key has one priority, as it names the severity.
            const filled = rows.map((each, at) => ({
              ...each,
              id: at + 1,
              groupKey: each.groupKey === '' ? '' : `${each.groupKey}${each.priority}`,
            }));
            await fill(filled);
            const sets = new Map<number, number[]>();
            const ended = new Map<number, number[]>();
            const remaining = [...fates];
            let now = NOW;
            for (let round = 0; ended.size < 1 || (await store.deliveries.backlog()).count > 0; round += 1) {
              if (round > 200) throw new Error('it never ends');
              const claimed = await claim(now, 1);
              for (const message of claimed) {
                const { id, destination } = message;
                const before = sets.get(id);
                if (before !== undefined) expect(events(message)).toEqual(before);
                sets.set(id, events(message));
                const what = remaining.shift() ?? 'sent';
                if (what === 'retry') await store.deliveries.retry(id, now, 'busy');
                else if (what === 'retry later') await store.deliveries.retry(id, now + 50, 'busy');
                else if (what === 'killed') await store.deliveries.recover(now);
                else {
                  if (what === 'sent') await store.deliveries.markSent(id, `m${id}`, now);
                  else await store.deliveries.fail(id, 'rejected', 'no');
                  ended.set(destination.id, [...(ended.get(destination.id) ?? []), id]);
                }
              }
              if (claimed.length === 0) now += 10;
            }
            const all = [...sets.values()].flat();
            expect(all.toSorted((a, b) => a - b)).toEqual(filled.map(({ id }) => id));
            for (const [chat, order] of ended) {
              const places = order
                .map((id) => filled[id - 1]?.priority ?? 0)
                .map((priority, at) => [priority, order[at]]);
              expect(places).toEqual(places.toSorted(([p = 0, a = 0], [q = 0, b = 0]) => p - q || a - b));
              for (const id of order)
                for (const member of sets.get(id) ?? []) expect(filled[member - 1]?.chat).toBe(chat);
            }
          },
        ),
        { numRuns: 40 },
      );
    }, 90_000);
  });
});
