import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Attention, createAttention } from '../../src/alerts/attention.ts';
import { createRules } from '../../src/alerts/registry.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { ChatSettings, IncidentChange, QueuedDelivery, Store } from '../../src/store/store.ts';
import { NOW_MS, seedNetwork } from '../bot/seed.ts';
import { ManualClock } from '../platforms/telegram/manualClock.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { chat } from './deliveryRig.ts';
import { incident } from './told.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const here = chat('10001');
const QUIET = { fromMinute: 22 * 60, toMinute: 7 * 60, criticalPasses: true };

let rig: TemporaryStore;
let clock: ManualClock;
let log: string[];
let wakes: number;

beforeEach(async () => {
  rig = await temporaryStore();
  clock = new ManualClock(NOW_MS);
  log = [];
  wakes = 0;
  await seedNetwork(rig.store, 2);
  await rig.store.subscriptions.add({
    ...{ address: here, title: 'ops', kind: 'channel', family: 'node', scope: 'all', subject: '', createdBy: 'u' },
    nowMs: clock.now(),
  });
});
afterEach(() => rig.cleanup());

/** One that was started just now, as after a restart. */
const started = (store: Store = rig.store): Attention =>
  createAttention({
    store,
    clock,
    thresholds: defaultThresholds,
    rules: createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: MINUTE }),
    logger: createLogger('debug', [], (line) => log.push(line)),
    onQueued: () => {
      wakes += 1;
    },
  });

async function configure(
  settings: Partial<ChatSettings>,
  due: { quietUntil?: { fromMs: number; toMs: number }; nextDigestAtMs?: number } = {},
): Promise<void> {
  await rig.store.subscriptions.configure({
    ...{ address: here, title: 'ops', kind: 'channel', nowMs: clock.now() },
    ...{ settings, ...due },
  });
}

const destination = async () => (await rig.store.subscriptions.list(here)).destination;

async function fire(more: Partial<IncidentChange['incident']> = {}): Promise<void> {
  const view = { title: 'Heartbeat missed: node-1', tone: 'degraded' as const, lines: [], asOf: null, sources: [] };
  await rig.store.incidents.apply(
    [{ incident: { ...incident(), id: null, firedAtMs: clock.now(), ...more }, event: { kind: 'fired', view } }],
    clock.now(),
  );
}

/** Sends everything that is due, as a queue would. */
async function sent(): Promise<QueuedDelivery[]> {
  const all: QueuedDelivery[] = [];
  for (;;) {
    const some = await rig.store.deliveries.claim('discord', 10, clock.now());
    if (some.length === 0) return all;
    for (const one of some) await rig.store.deliveries.markSent(one.id, `m${one.id}`, clock.now());
    all.push(...some);
  }
}

const titles = (messages: readonly QueuedDelivery[]) =>
  messages.flatMap(({ parts }) => parts.map((one) => one.view.title));

describe('quiet hours', () => {
  test('at their end what was held goes out as one message, and the next stretch is set', async () => {
    const fromMs = NOW_MS - HOUR;
    await configure({ quiet: QUIET }, { quietUntil: { fromMs, toMs: NOW_MS + 30 * MINUTE } });
    await fire();
    await fire({ subject: 'node:2', nodeId: 2, rule: 'node.disabled' });
    const attention = started();
    await attention.look();
    expect(await sent()).toEqual([]);
    expect(wakes).toBe(0);
    clock.advance(30 * MINUTE);
    await attention.look();
    expect(wakes).toBe(1);
    const messages = await sent();
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ reason: 'quiet', parts: [{ kind: 'fired' }, { kind: 'fired' }] });
    // 22:00 to 07:00 in UTC.
    const tonight = Date.UTC(2026, 10, 21, 22);
    expect((await destination())?.quietUntil).toEqual({ fromMs: tonight, toMs: tonight + 9 * HOUR });
  });
});

describe('digests', () => {
  test('one is queued when it is due, and the next one set', async () => {
    await configure({ digest: 'daily', digestMinute: 12 * 60 }, { nextDigestAtMs: NOW_MS });
    await fire({ nodeId: 1 });
    await sent();
    const attention = started();
    await attention.look();
    await attention.look();
    const messages = await sent();
    expect(titles(messages)).toEqual(['Digest of the last day']);
    expect(messages[0]?.parts[0]).toMatchObject({ incident: null, kind: 'digest' });
    expect(JSON.stringify(messages[0]?.parts[0]?.view.lines)).toContain('Heartbeat missed: node-1');
    expect((await destination())?.nextDigestAtMs).toBe(NOW_MS + 24 * HOUR);
    expect(wakes).toBe(1);
  });

  test('several that were missed while the bot was down are one, about all of that time', async () => {
    await configure({ digest: 'hourly' }, { nextDigestAtMs: NOW_MS - 5 * HOUR });
    const attention = started();
    for (let look = 0; look < 3; look += 1) await attention.look();
    expect(titles(await sent())).toEqual(['Digest of the last 6 h']);
    expect((await destination())?.nextDigestAtMs).toBe(NOW_MS + HOUR);
  });

  test('one that is due in quiet hours comes when they are over, and tells of them too', async () => {
    await configure(
      { digest: 'hourly', quiet: QUIET },
      { nextDigestAtMs: NOW_MS, quietUntil: { fromMs: NOW_MS - HOUR, toMs: NOW_MS + 2 * HOUR } },
    );
    const attention = started();
    await attention.look();
    clock.advance(HOUR);
    await attention.look();
    expect(await sent()).toEqual([]);
    clock.advance(HOUR);
    await attention.look();
    expect(titles(await sent())).toEqual(['Digest of the last 3 h']);
  });

  test('none goes to a chat that listens for nothing', async () => {
    const { subscriptions } = await rig.store.subscriptions.list(here);
    await configure({ digest: 'hourly' }, { nextDigestAtMs: NOW_MS });
    await rig.store.subscriptions.edit(here, subscriptions[0]?.id as number, { pausedUntilMs: NOW_MS + HOUR });
    await started().look();
    expect(await sent()).toEqual([]);
    expect((await destination())?.nextDigestAtMs).toBe(NOW_MS + HOUR);
  });

  test('one that was queued is not queued again because the next could not be set', async () => {
    await configure({ digest: 'hourly' }, { nextDigestAtMs: NOW_MS });
    let broken = true;
    const { subscriptions } = rig.store;
    const attention = started({
      ...rig.store,
      subscriptions: {
        ...subscriptions,
        configure: (input) => (broken ? Promise.reject(new Error('disk full')) : subscriptions.configure(input)),
      },
    });
    await attention.look();
    await attention.look();
    broken = false;
    await attention.look();
    expect(titles(await sent())).toEqual(['Digest of the last hour']);
    expect((await destination())?.nextDigestAtMs).toBe(NOW_MS + HOUR);
  });

  test('a dead chat is left alone, and not revived', async () => {
    await configure({ digest: 'hourly' }, { nextDigestAtMs: NOW_MS });
    await rig.store.subscriptions.markDead((await destination())?.id as number, 'removed');
    await started().look();
    expect(await destination()).toMatchObject({ state: 'dead', nextDigestAtMs: NOW_MS });
  });
});

describe('what nobody takes care of', () => {
  test('is reminded of below its message, in growing gaps', async () => {
    await fire();
    await sent();
    const attention = started();
    const heard: string[] = [];
    for (let passed = 0; passed < 30 * HOUR; passed += 30 * MINUTE) {
      clock.advance(30 * MINUTE);
      await attention.look();
      heard.push(...titles(await sent()));
    }
    expect(heard).toEqual([
      'Still: Heartbeat missed: node-1, for 1 h',
      'Still: Heartbeat missed: node-1, for 5 h',
      'Still: Heartbeat missed: node-1, for 1 d 5 h',
    ]);
  });

  test('is called out when it is critical, once', async () => {
    await configure({ escalation: { afterSeconds: 900, mention: 'role:7', toId: null } });
    await fire({ severity: 'critical', level: 'expired' });
    await sent();
    const attention = started();
    for (let look = 0; look < 3; look += 1) {
      clock.advance(15 * MINUTE);
      await attention.look();
    }
    const messages = await sent();
    expect(titles(messages)).toEqual(['Not acknowledged for 15 min: Node silent, inactive on chain: node-1']);
    expect(messages[0]?.mention).toBe('role:7');
  });

  test('and is taken care of: silence', async () => {
    await fire({ severity: 'critical', level: 'expired' });
    const [message] = await sent();
    const records = await rig.store.incidents.ofMessage(here, message?.id as number);
    await rig.store.incidents.attend({
      ...{ address: here, incidentIds: records.map(({ id }) => id), by: 'Ada', byId: 'discord:1' },
      ...{ nowMs: clock.now(), snoozedUntilMs: null },
    });
    const attention = started();
    clock.advance(48 * HOUR);
    await attention.look();
    expect(await sent()).toEqual([]);
  });
});

test('one job that fails does not keep the others from being done', async () => {
  await configure(
    { digest: 'hourly', quiet: QUIET },
    { nextDigestAtMs: NOW_MS, quietUntil: { fromMs: 0, toMs: NOW_MS } },
  );
  await fire();
  await sent();
  clock.advance(HOUR);
  const broken = async () => {
    throw new Error('no');
  };
  const attention = started({ ...rig.store, incidents: { ...rig.store.incidents, release: broken, escalate: broken } });
  await attention.look();
  expect(titles(await sent()).sort()).toEqual(['Digest of the last 2 h', 'Still: Heartbeat missed: node-1, for 1 h']);
  expect(log.filter((line) => line.includes('will try again'))).toHaveLength(2);
});

test('it looks every five seconds until it is told to stop', async () => {
  const ending = new AbortController();
  let looks = 0;
  const running = started({
    ...rig.store,
    incidents: {
      ...rig.store.incidents,
      escalate: async () => {
        looks += 1;
        return 0;
      },
    },
  }).run(ending.signal);
  for (let look = 1; look <= 3; look += 1) {
    await expect.poll(() => clock.sleeping).toEqual([5_000]);
    expect(looks).toBe(look);
    clock.advance(5_000);
  }
  await expect.poll(() => clock.sleeping).toEqual([5_000]);
  ending.abort();
  await running;
});
