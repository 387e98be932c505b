import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FOREVER_MS, type Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { chat, fanOutRig } from './fanOutRig.ts';
import { view } from './sample.ts';

const HOUR = 3_600_000;
const AGAIN = () => view('still late');

describe.each(DIALECTS)('attention on %s', (dialect) => {
  let databases: DatabaseRig;
  let store: Store;
  let url: string;
  let rig: ReturnType<typeof fanOutRig>;
  beforeAll(async () => {
    databases = await startDatabases(dialect);
  });
  afterAll(() => databases.close());
  beforeEach(async () => {
    url = await databases.emptyDatabase();
    store = await databases.open(url);
    rig = fanOutRig(databases, store, url);
  });

  const remind = (nowMs: number) => store.incidents.remind(nowMs, AGAIN);
  const escalate = (nowMs: number) => store.incidents.escalate(nowMs, AGAIN);
  const attend = (
    chatId: string,
    incidentId: number,
    nowMs: number,
    snoozedUntilMs: number | null = null,
    by = 'Ada',
  ) =>
    store.incidents.attend({
      ...{ address: chat(chatId), incidentIds: [incidentId], by, byId: `telegram:${by}`, nowMs, snoozedUntilMs },
    });
  const seenBy = async (chatId: string) => {
    const { destination } = await store.subscriptions.list(chat(chatId));
    return (await store.incidents.recent({ limit: 1, destinationId: destination?.id ?? 0 }))[0]?.notice;
  };

  test('what nobody takes care of is told again after 1 h, 4 h and every 24 h, while it fires', async () => {
    await rig.subscribe('1');
    const open = await rig.fire({}, 0);
    const rounds: number[] = [];
    for (let hour = 0; hour <= 60; hour += 1) if ((await remind(hour * HOUR)) > 0) rounds.push(hour);
    expect(rounds).toEqual([1, 5, 29, 53]);
    await rig.resolve(open, 61 * HOUR);
    expect(await remind(100 * HOUR)).toBe(0);
    expect((await rig.queued()).filter((row) => row.includes('reminder'))).toEqual(
      rounds.map(() => '1 reminder reply superseded'),
    );
  });

  test('nobody is reminded of a mere notice, of what is inhibited, in quiet hours, when muted or gone', async () => {
    await rig.subscribe('night');
    await rig.configure(
      'night',
      { quiet: { fromMinute: 0, toMinute: 1, criticalPasses: true } },
      { fromMs: 1, toMs: 3 * HOUR },
    );
    await rig.subscribe('muted');
    await rig.subscribe('gone');
    await rig.fire({ subject: 'node:2', severity: 'info' }, 0);
    const open = await rig.fire({}, 0);
    await rig.sent();
    await rig.mute('muted', 'node.heartbeat', 2 * HOUR);
    await store.subscriptions.placeGone(chat('gone'), 'blocked', { wholeChat: true });
    expect(await remind(HOUR)).toBe(0);
    expect(await remind(2 * HOUR)).toBe(1);
    await rig.fire({ rule: 'owner.down', subject: 'owner:0xabc', nodeId: null, severity: 'info' }, 3 * HOUR);
    await store.incidents.apply([{ incident: { ...open, inhibitedBy: 'owner.down|owner:0xabc' } }], 3 * HOUR);
    expect(await remind(3 * HOUR)).toBe(0);
    await store.incidents.apply([{ incident: open }], 3 * HOUR);
    expect(await remind(3 * HOUR)).toBe(1);
  });

  test('who has removed or paused what asked for it is neither reminded nor called', async () => {
    const asked = new Map<string, number>();
    for (const chatId of ['left', 'rests']) {
      asked.set(chatId, (await rig.subscribe(chatId, {}, { scope: 'node', subject: '1' })).id);
      await rig.configure(chatId, { escalation: { afterSeconds: 60, mention: '', toId: null } });
    }
    // What is left here is about another node.
    await rig.subscribe('left', {}, { scope: 'node', subject: '2' });
    await rig.fire({ severity: 'critical' }, 0);
    await store.subscriptions.remove(chat('left'), asked.get('left') ?? 0);
    await store.subscriptions.edit(chat('rests'), asked.get('rests') ?? 0, { pausedUntilMs: 2 * HOUR });
    expect([await remind(HOUR), await escalate(HOUR)]).toEqual([0, 0]);
    // A pause that is over leaves nobody in charge.
    expect([await remind(2 * HOUR), await escalate(2 * HOUR)]).toEqual([1, 1]);
  });

  test('an acknowledgement ends reminders in that chat alone, and the first one stands', async () => {
    await rig.subscribe('1');
    await rig.subscribe('2');
    const { id } = await rig.fire({}, 0);
    expect(await attend('1', id, 5)).toBe(1);
    expect(await attend('1', id, 9, null, 'Bob')).toBe(1);
    expect(await seenBy('1')).toEqual({
      toldAtMs: 0,
      acknowledgedBy: 'Ada',
      acknowledgedAtMs: 5,
      snoozedUntilMs: null,
    });
    expect(await seenBy('2')).toMatchObject({ acknowledgedBy: null });
    expect(await attend('3', id, 5)).toBe(0);
    expect(await remind(HOUR)).toBe(1);
  });

  test('a snooze ends in a reminder, whether acknowledged or not; until resolved it never does', async () => {
    for (const chatId of ['snoozed', 'both', 'forever']) await rig.subscribe(chatId);
    const { id } = await rig.fire({}, 0);
    await attend('snoozed', id, 1, 2 * HOUR);
    await attend('both', id, 1);
    await attend('both', id, 2, 2 * HOUR, 'Bob');
    await attend('forever', id, 2, FOREVER_MS);
    expect(await remind(2 * HOUR - 1)).toBe(0);
    expect(await remind(2 * HOUR)).toBe(2);
    expect(await remind(2 * HOUR)).toBe(0);
    expect(await remind(900 * HOUR)).toBe(2);
    expect(await seenBy('both')).toMatchObject({ acknowledgedBy: 'Bob', acknowledgedAtMs: 1 });
  });

  test('nobody takes care of what is over', async () => {
    await rig.subscribe('1');
    const open = await rig.fire();
    await rig.resolve(open, 2_000);
    expect(await attend('1', open.id, 3_000)).toBe(0);
    expect(await seenBy('1')).toMatchObject({ acknowledgedBy: null });
  });

  test('a critical one that nobody acknowledged calls once, and tells the other chat, which hears the end', async () => {
    await rig.subscribe('other', { floor: 'critical' }, { family: 'none' });
    const { destination } = await store.subscriptions.list(chat('other'));
    for (const chatId of ['1', '2', 'attended']) {
      await rig.subscribe(chatId);
      await rig.configure(chatId, { escalation: { afterSeconds: 60, mention: 'role:7', toId: destination?.id ?? 0 } });
    }
    const open = await rig.fire({ severity: 'critical' }, 0);
    await attend('attended', open.id, 1);
    await rig.sent();
    expect(await escalate(59_999)).toBe(0);
    expect(await escalate(60_000)).toBe(3);
    expect(await escalate(999_000)).toBe(0);
    const escalated = (await rig.rows()).filter(({ kind }) => kind === 'escalated');
    expect(escalated.map(({ chatId, mode, mention }) => `${chatId} ${mode} ${mention}`).sort()).toEqual([
      '1 reply role:7',
      '2 reply role:7',
      'other send ',
    ]);
    await rig.sent();
    await rig.resolve(open, 70_000);
    expect((await rig.queued()).filter((row) => row.includes('resolved')).sort()).toEqual([
      '1 resolved reply pending',
      '2 resolved reply pending',
      'attended resolved reply pending',
      'other resolved reply pending',
    ]);
  });

  test('escalation counts from when it became critical, and begins anew only where it never rang', async () => {
    await rig.subscribe('1');
    await rig.configure('1', { escalation: { afterSeconds: 60, mention: '', toId: null } });
    const open = await rig.fire({}, 0);
    await rig.change(open, { severity: 'critical' }, 100_000);
    await rig.change(open, { severity: 'warning' }, 110_000);
    expect(await escalate(170_000)).toBe(0);
    await rig.change(open, { severity: 'critical' }, 200_000);
    expect(await escalate(259_999)).toBe(0);
    expect(await escalate(260_000)).toBe(1);
    await rig.change(open, { severity: 'warning' }, 300_000);
    await rig.change(open, { severity: 'critical' }, 400_000);
    expect(await escalate(900_000)).toBe(0);
  });

  test('a message is about all that was told with it, in its own chat, also after an edit', async () => {
    await rig.subscribe('1');
    const first = await rig.fire({ subject: 'node:1' });
    await rig.fire({ subject: 'node:2' });
    await rig.sent();
    await databases.query(url, 'UPDATE "Delivery" SET "groupId" = 1');
    await rig.change(first, { level: 'dead' }, 2_000);
    const subjects = async (chatId: string, deliveryId: number) =>
      (await store.incidents.ofMessage(chat(chatId), deliveryId)).map(({ subject }) => subject);
    for (const id of [1, 2, 3]) expect(await subjects('1', id)).toEqual(['node:1', 'node:2']);
    expect(await subjects('2', 1)).toEqual([]);
    expect(await subjects('1', 99)).toEqual([]);
    await attend('1', first.id, 3_000);
    expect((await store.incidents.ofMessage(chat('1'), 1)).map(({ notice }) => notice?.acknowledgedBy)).toEqual([
      'Ada',
      null,
    ]);
  });
});
