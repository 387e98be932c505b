import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Address } from '../../src/lib/delivery.ts';
import type { IncidentChange, Store, StoredIncident } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { ALERT, hex, incident, view } from './sample.ts';

const chat = (chatId: string): Address => ({ platform: 'telegram', chatId, threadId: null });

interface Row {
  chatId: string;
  kind: string;
  state: string;
  error: string | null;
  editMessageId: string | null;
  replyToMessageId: string | null;
}

const ROWS = `SELECT x."chatId", e."kind", d."state", d."error", d."editMessageId", d."replyToMessageId"
  FROM "Delivery" d JOIN "IncidentEvent" e ON e."id" = d."eventId" JOIN "Destination" x ON x."id" = d."destinationId"
  ORDER BY d."id"`;

describe.each(DIALECTS)('deliveries on %s', (dialect) => {
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

  async function subscribe(address: Address, scope: 'all' | 'node' | 'owner' = 'all', subject = '', family = 'node') {
    const { subscription } = await store.subscriptions.add({
      ...{ address, title: 'T', kind: 'group', family, scope, subject, createdBy: 'ada', nowMs: 1 },
    });
    return subscription.destinationId;
  }

  const rows = () => rig.query<Row>(url, ROWS);
  const toldTo = async () => (await rows()).map(({ chatId }) => chatId);

  async function fire(more: Partial<IncidentChange['incident']> = {}, atMs = 1_000): Promise<StoredIncident> {
    await store.incidents.apply([{ incident: incident(more), event: ALERT }], atMs);
    return (await store.incidents.open()).at(-1) as StoredIncident;
  }

  const change = (of: StoredIncident, title: string, atMs: number) =>
    store.incidents.apply([{ incident: of, event: { kind: 'changed', view: view(title) } }], atMs);

  const resolve = (of: StoredIncident, atMs: number) =>
    store.incidents.apply(
      [{ incident: { ...of, state: 'resolved', resolvedAtMs: atMs }, event: { kind: 'resolved', view: view('back') } }],
      atMs,
    );

  const claim = (nowMs: number, limit = 10) => store.deliveries.claim('telegram', limit, nowMs);

  /** Claims and sends all that is due, as message `<chat>-<n>`. */
  async function sendAll(nowMs: number): Promise<void> {
    for (let round = 1; ; round += 1) {
      const claimed = await claim(nowMs);
      if (claimed.length === 0) return;
      for (const { id, destination } of claimed)
        await store.deliveries.markSent(id, `${destination.address.chatId}-${nowMs}-${round}`, nowMs);
    }
  }

  test('an alert is for whoever subscribed to all, to the node or to its owner, and once each', async () => {
    await subscribe(chat('all'));
    await subscribe(chat('node'), 'node', '1');
    await subscribe(chat('owner'), 'owner', hex(0xa1, 20));
    await subscribe(chat('thrice'), 'owner', hex(0xa1, 20));
    await subscribe(chat('thrice'), 'node', '1');
    await subscribe(chat('thrice'));
    await subscribe(chat('other node'), 'node', '2');
    await subscribe(chat('other owner'), 'owner', hex(0xa2, 20));
    await subscribe(chat('other family'), 'all', '', 'governance');
    await store.subscriptions.markDead(await subscribe(chat('dead')), 'blocked');
    await fire();
    expect((await toldTo()).sort()).toEqual(['all', 'node', 'owner', 'thrice']);
  });

  test('an owner is matched whatever the case of the address', async () => {
    await subscribe(chat('owner'), 'owner', `0x${'ab'.repeat(20)}`);
    await fire({ owner: `0x${'AB'.repeat(20)}` });
    expect(await toldTo()).toEqual(['owner']);
  });

  test('an incident of no node and no owner is for every subscriber of its family', async () => {
    await subscribe(chat('node'), 'node', '7');
    await subscribe(chat('other family'), 'all', '', 'governance');
    await fire({ nodeId: null, owner: null, subject: 'source:registry' });
    expect(await toldTo()).toEqual(['node']);
  });

  test('the admin hears of it without a subscription, and once with one', async () => {
    const alsoTo = [chat('admin'), chat('both')];
    await subscribe(chat('both'));
    await store.incidents.apply([{ incident: incident(), event: ALERT, alsoTo }], 1);
    expect((await toldTo()).sort()).toEqual(['admin', 'both']);
    expect(await store.deliveries.backlog()).toEqual({ count: 2, oldestAtMs: 1 });
  });

  test('what is due is claimed oldest first, once, with all that a sender needs', async () => {
    await subscribe(chat('1'));
    await subscribe(chat('2'));
    await fire({}, 1_000);
    expect(await store.deliveries.nextDueAtMs('telegram', 0)).toBe(1_000);
    expect(await store.deliveries.nextDueAtMs('discord', 0)).toBe(null);
    expect(await claim(999)).toEqual([]);
    expect(await store.deliveries.claim('discord', 10, 1_000)).toEqual([]);
    const [first] = await claim(1_000, 1);
    expect(first).toMatchObject({
      mode: 'send',
      attempts: 1,
      createdAtMs: 1_000,
      destination: { address: { platform: 'telegram', threadId: null }, state: 'active' },
      parts: [
        {
          view: ALERT.view,
          kind: 'fired',
          incident: { state: 'firing', rule: 'node.heartbeat', severity: 'warning' },
          notice: { acknowledgedBy: null, acknowledgedAtMs: null, snoozedUntilMs: null },
        },
      ],
      mention: '',
      reason: '',
      editMessageId: null,
      replyToMessageId: null,
    });
    const [second, none] = await claim(1_000);
    expect(none).toBe(undefined);
    expect([first, second].map((each) => each?.destination.address.chatId).sort()).toEqual(['1', '2']);
    expect(await claim(1_000)).toEqual([]);
    expect(await store.deliveries.backlog()).toEqual({ count: 2, oldestAtMs: 1_000 });
  });

  test('a chat gets one message at a time and in order, also while the first must be tried again', async () => {
    await subscribe(chat('1'));
    await fire({ subject: 'node:1' }, 1_000);
    await fire({ subject: 'node:2', rule: 'node.endpoint' }, 1_001);
    const [first] = await claim(2_000);
    expect(await claim(2_000)).toEqual([]);
    await store.deliveries.retry(first?.id ?? 0, 9_000, 'flood');
    expect(await claim(8_999)).toEqual([]);
    expect(await store.deliveries.nextDueAtMs('telegram', 0)).toBe(1_001);
    const [again] = await claim(9_000);
    expect(again).toMatchObject({ id: first?.id, attempts: 2 });
    await store.deliveries.markSent(again?.id ?? 0, 'm', 9_001);
    expect((await claim(9_001)).map(({ id }) => id)).toEqual([(first?.id ?? 0) + 1]);
  });

  test('what was being sent when the process was killed is sent by the next one', async () => {
    await subscribe(chat('1'));
    await subscribe(chat('2'));
    await subscribe(chat('3'));
    await fire({}, 1_000);
    const claimed = await claim(1_000);
    await store.deliveries.markSent(claimed[0]?.id ?? 0, 'm1', 1_001);
    const next = await rig.open(url);
    expect(await next.deliveries.claim('telegram', 10, 5_000)).toEqual([]);
    expect(await next.deliveries.recover(5_000)).toBe(2);
    expect(await next.deliveries.recover(5_000)).toBe(0);
    const again = await next.deliveries.claim('telegram', 10, 5_000);
    expect(again.map(({ id, attempts }) => [id, attempts])).toEqual(claimed.slice(1).map(({ id }) => [id, 2]));
  });

  test('each end of a delivery is kept by the next process', async () => {
    for (const id of ['1', '2', '3', '4']) await subscribe(chat(id));
    await fire({}, 1_000);
    const [sent, retried, rejected, gone] = await claim(1_000);
    await store.deliveries.markSent(sent?.id ?? 0, 'm1', 1_001);
    await store.deliveries.retry(retried?.id ?? 0, 7_000, 'busy');
    await store.deliveries.fail(rejected?.id ?? 0, 'rejected', 'too long');
    await store.subscriptions.markDead(gone?.destination.id ?? 0, 'the bot was blocked');
    const next = await rig.open(url);
    await next.deliveries.recover(2_000);
    expect((await rows()).map(({ state, error }) => [state, error])).toEqual([
      ['sent', null],
      ['pending', 'busy'],
      ['rejected', 'too long'],
      ['dead', 'the bot was blocked'],
    ]);
    expect(await next.deliveries.nextDueAtMs('telegram', 0)).toBe(7_000);
    expect(await next.deliveries.backlog()).toEqual({ count: 1, oldestAtMs: 1_000 });
  });

  test('an outcome that comes late does not wake what was settled', async () => {
    await subscribe(chat('1'));
    await fire({}, 1_000);
    const [delivery] = await claim(1_000);
    await store.subscriptions.markDead(delivery?.destination.id ?? 0, 'blocked');
    await store.deliveries.retry(delivery?.id ?? 0, 1_001, 'busy');
    expect(await rows()).toMatchObject([{ state: 'dead', error: 'blocked' }]);
  });

  test('a change edits the message that was sent, and the resolve answers it', async () => {
    await subscribe(chat('1'));
    const open = await fire({}, 1_000);
    await sendAll(1_000);
    await change(open, 'worse', 2_000);
    expect(await claim(2_000)).toMatchObject([
      { parts: [{ kind: 'changed', view: view('worse') }], editMessageId: '1-1000-1', replyToMessageId: null },
    ]);
    await store.deliveries.recover(2_000);
    await sendAll(2_000);
    await resolve(open, 3_000);
    expect(await claim(3_000)).toMatchObject([
      { parts: [{ kind: 'resolved', view: view('back') }], editMessageId: null, replyToMessageId: '1-1000-1' },
    ]);
  });

  test('a change before the message was sent gives one message with the newest words', async () => {
    await subscribe(chat('1'));
    const open = await fire({}, 1_000);
    await change(open, 'worse', 2_000);
    await change(open, 'worst', 3_000);
    expect(await claim(3_000)).toMatchObject([{ mode: 'send', parts: [{ kind: 'fired', view: view('worst') }] }]);
    expect((await store.deliveries.backlog()).count).toBe(1);
  });

  test('only the newest of several waiting edits is made, and none after the resolve', async () => {
    await subscribe(chat('1'));
    const open = await fire({}, 1_000);
    await sendAll(1_000);
    await change(open, 'worse', 2_000);
    await change(open, 'worst', 3_000);
    expect((await rows()).map(({ kind, state }) => [kind, state])).toEqual([
      ['fired', 'sent'],
      ['changed', 'superseded'],
      ['changed', 'pending'],
    ]);
    await resolve(open, 4_000);
    expect((await claim(4_000)).map(({ parts }) => parts[0]?.kind)).toEqual(['resolved']);
  });

  test('a change while the message is under way reaches the chat in the end', async () => {
    await subscribe(chat('1'));
    const open = await fire({}, 1_000);
    const [delivery] = await claim(1_000);
    await change(open, 'worse', 1_500);
    await store.deliveries.markSent(delivery?.id ?? 0, 'm', 2_000);
    expect(await claim(2_000)).toMatchObject([
      { mode: 'edit', editMessageId: 'm', parts: [{ kind: 'changed', view: view('worse') }] },
    ]);
  });

  test('a change while the message is under way is in its next attempt', async () => {
    await subscribe(chat('1'));
    const open = await fire({}, 1_000);
    const [delivery] = await claim(1_000);
    await change(open, 'worse', 1_500);
    await store.deliveries.retry(delivery?.id ?? 0, 2_000, 'busy');
    expect(await claim(2_000)).toMatchObject([{ mode: 'send', parts: [{ kind: 'fired', view: view('worse') }] }]);
  });

  test('the resolve answers the message also when it was queued before that was sent', async () => {
    await subscribe(chat('1'));
    const open = await fire({}, 1_000);
    const [delivery] = await claim(1_000);
    await resolve(open, 1_500);
    await store.deliveries.markSent(delivery?.id ?? 0, 'm', 2_000);
    expect(await claim(2_000)).toMatchObject([{ mode: 'reply', replyToMessageId: 'm', parts: [{ kind: 'resolved' }] }]);
  });
});
