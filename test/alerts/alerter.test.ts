import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Alerter, createAlerter } from '../../src/alerts/alerter.ts';
import { createRules } from '../../src/alerts/registry.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import type { Address } from '../../src/lib/delivery.ts';
import type { TeeRecord } from '../../src/lib/facts.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Overrides, Store } from '../../src/store/store.ts';
import { ManualClock } from '../platforms/telegram/manualClock.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { MAX_AGE, ownerOf, PCR, REGISTRY, record, status, teeIdOf } from './facts.ts';

const ADMIN: Address = { platform: 'telegram', chatId: '-9', threadId: null };
const CHANNEL: Address = { platform: 'discord', chatId: '10001', threadId: null };

let temporary: TemporaryStore;
let store: Store;
let clock: ManualClock;
let alerter: Alerter;
let queued: number;
let log: string[];

const alerterFor = (on: Store): Alerter =>
  createAlerter({
    store: on,
    clock,
    thresholds: defaultThresholds,
    rules: createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 300_000 }),
    adminDestination: ADMIN,
    logger: createLogger('info', [], (line) => log.push(line)),
    onQueued: () => {
      queued += 1;
    },
  });

beforeEach(async () => {
  temporary = await temporaryStore();
  store = temporary.store;
  clock = new ManualClock();
  queued = 0;
  log = [];
  alerter = alerterFor(store);
});
afterEach(async () => {
  if (store !== temporary.store) await store.close();
  await temporary.cleanup();
});

/** Chain and wall clock go together here. */
const now = (): number => clock.now() / 1000;

/** The registry as read now: each node with the age of its last beat. */
async function read(ages: readonly number[], more: Partial<TeeRecord> = {}): Promise<void> {
  const snapshot = {
    chainId: 10_740,
    registry: REGISTRY,
    block: { number: BigInt(Math.floor(now())), hash: teeIdOf(7), timestampSeconds: now() },
    heartbeatMaxAgeSeconds: MAX_AGE,
    types: [{ id: 0, name: 'LLMProxy' }],
    approvedPcrs: [{ pcrHash: PCR, teeType: 0 }],
    records: ages.map((age, index) => record(index + 1, { lastHeartbeatAtSeconds: now() - age, ...more })),
  };
  await store.nodes.saveSnapshot(snapshot, clock.now());
  await store.sources.put(status('fresh', { lastSuccessAtMs: clock.now(), lastAttemptAtMs: clock.now() }));
}
const fail = (sinceMs: number) => store.sources.put(status('failing', { failingSinceMs: sinceMs }));
const subscribe = (
  address: Address,
  scope: 'all' | 'node' | 'owner' = 'all',
  subject = '',
  more: { rule?: string; overrides?: Partial<Overrides> } = {},
) =>
  store.subscriptions.add({
    ...{ address, title: '', kind: 'channel', family: 'node', scope, subject, createdBy: 'u', nowMs: clock.now() },
    ...more,
  });

/** Everything that is due, as `chat: first words of the title`, marked as sent. */
async function told(): Promise<string[]> {
  const heard: string[] = [];
  for (;;) {
    const claimed = (
      await Promise.all(
        (['discord', 'telegram'] as const).map((platform) => store.deliveries.claim(platform, 100, clock.now())),
      )
    ).flat();
    if (claimed.length === 0) return heard;
    for (const { id, destination, mode, parts } of claimed) {
      for (const { view, kind } of parts) {
        // A first message may come after the level has changed: then it says that one.
        const what = mode === 'send' && kind === 'changed' ? 'fired' : kind;
        heard.push(`${destination.address.chatId} ${what} ${view.headline ?? view.title}`);
      }
      await store.deliveries.markSent(id, `m${id}`, clock.now());
    }
  }
}
async function restart(): Promise<void> {
  if (store !== temporary.store) await store.close();
  store = await openStore({ databaseUrl: temporary.url });
  alerter = alerterFor(store);
}

test('a node falls silent and comes back: told once and told back once, however often it is looked at', async () => {
  await subscribe(CHANNEL);
  await read([10]);
  expect(await alerter.evaluate()).toBe(0);
  await read([1_300]);
  expect(await alerter.evaluate()).toBe(1);
  for (let look = 0; look < 5; look += 1) expect(await alerter.evaluate()).toBe(0);
  expect(await told()).toEqual(['10001 fired Heartbeat missed']);
  clock.advance(60_000);
  await read([5]);
  await alerter.evaluate();
  await alerter.evaluate();
  expect(await told()).toEqual(['10001 resolved Node is back']);
  expect(queued).toBe(2);
});

test('a restart at every moment of it tells nothing twice and forgets nothing', async () => {
  await subscribe(CHANNEL);
  const heard: string[] = [];
  for (const age of [10, 970, 970, 1_095, 1_300, 1_900, 1_900, 5, 10]) {
    clock.advance(125_000);
    await read([age]);
    await restart();
    await alerter.evaluate();
    await restart();
    await alerter.evaluate();
    heard.push(...(await told()));
  }
  expect(heard).toEqual([
    '10001 fired Heartbeat late',
    '10001 changed Heartbeat missed',
    '10001 changed Node silent, inactive on chain',
    '10001 resolved Node is back',
  ]);
});

test('a late beat is told after it was late for two minutes, across a restart between', async () => {
  await subscribe(CHANNEL);
  await read([961]);
  await alerter.evaluate();
  await restart();
  clock.advance(119_000);
  await read([1_080]);
  await alerter.evaluate();
  expect(await told()).toEqual([]);
  clock.advance(1_000);
  await read([1_081]);
  await alerter.evaluate();
  expect(await told()).toEqual(['10001 fired Heartbeat late']);
});

test('all, one node, one owner: each hears what it asked for, and nobody twice', async () => {
  const chat = (chatId: string): Address => ({ platform: 'discord', chatId, threadId: null });
  await read([10, 10]);
  const nodes = (await store.nodes.facts())?.nodes ?? [];
  const second = nodes.find(({ records }) => records[0]?.teeId === teeIdOf(2));
  await subscribe(chat('11111'), 'all');
  await subscribe(chat('11111'), 'node', String(second?.id));
  await subscribe(chat('22222'), 'node', String(second?.id));
  await subscribe(chat('33333'), 'owner', ownerOf(1));
  await read([10, 1_300]);
  await alerter.evaluate();
  expect((await told()).sort()).toEqual(['11111 fired Heartbeat missed', '22222 fired Heartbeat missed']);
  await read([1_300, 1_300]);
  await alerter.evaluate();
  expect((await told()).sort()).toEqual(['11111 fired Heartbeat missed', '33333 fired Heartbeat missed']);
});

test('while the registry cannot be read nodes rest; after five minutes one notice, to subscribers and the admin', async () => {
  await subscribe(CHANNEL);
  await subscribe({ platform: 'discord', chatId: '20002', threadId: null }, 'node', '12345');
  await read([10]);
  const since = clock.now();
  for (const passed of [0, 299_000, 300_000, 2_000_000]) {
    clock.advance(passed - (clock.now() - since));
    await fail(since);
    await alerter.evaluate();
    const heard = (await told()).sort();
    if (passed === 300_000) {
      const notice = 'fired Cannot read the node registry';
      expect(heard).toEqual([`-9 ${notice}`, `10001 ${notice}`, `20002 ${notice}`]);
    } else {
      expect(heard).toEqual([]);
    }
  }
  await restart();
  await read([10]);
  await alerter.evaluate();
  expect((await told()).map((one) => one.split(' ').slice(0, 2).join(' ')).sort()).toEqual([
    '-9 resolved',
    '10001 resolved',
    '20002 resolved',
  ]);
});

test('twenty calls at once are two looks at most, and one incident', async () => {
  await subscribe(CHANNEL);
  await read([1_300]);
  const changes = await Promise.all(Array.from({ length: 20 }, () => alerter.evaluate()));
  expect(new Set(changes).size).toBeLessThanOrEqual(2);
  expect(await store.incidents.open()).toHaveLength(1);
  expect(await told()).toHaveLength(1);
});

test('what could not be written is told by the next look, once', async () => {
  await subscribe(CHANNEL);
  await read([1_300]);
  let broken = true;
  const incidents: Store['incidents'] = {
    ...store.incidents,
    apply: (...input) => (broken ? Promise.reject(new Error('disk full')) : store.incidents.apply(...input)),
  };
  const shaky = alerterFor({ ...store, incidents });
  await expect(shaky.evaluate()).rejects.toThrow('disk full');
  expect([queued, await told()]).toEqual([0, []]);
  broken = false;
  expect(await shaky.evaluate()).toBe(1);
  expect(await shaky.evaluate()).toBe(0);
  expect(await told()).toHaveLength(1);
});

test('before the registry was ever read there is nothing to tell', async () => {
  await subscribe(CHANNEL);
  expect(await alerter.evaluate()).toBe(0);
  expect(await told()).toEqual([]);
});

/** Looks once after so long: what is told then. */
async function lookAfter(ms: number): Promise<string[]> {
  clock.advance(ms);
  await alerter.evaluate();
  return await told();
}

test('a subscription that asks to hear later is told when the incident has lasted that long', async () => {
  await subscribe(CHANNEL, 'all', '', { overrides: { delaySeconds: 60 } });
  await read([1_300]);
  expect(await lookAfter(0)).toEqual([]);
  expect(await lookAfter(50_000)).toEqual([]);
  expect(await lookAfter(10_000)).toEqual(['10001 fired Heartbeat missed']);
  expect(await lookAfter(10_000)).toEqual([]);
});

test('a threshold of its own is told when the age of the beat has reached it', async () => {
  await subscribe(CHANNEL, 'all', '', { rule: 'node.heartbeat', overrides: { threshold: 1_500 } });
  await read([1_300]);
  expect(await lookAfter(0)).toEqual([]);
  await read([1_480]);
  expect(await lookAfter(10_000)).toEqual([]);
  await read([1_501]);
  expect(await lookAfter(1_000)).toEqual(['10001 fired Heartbeat missed']);
});

test('late tellings are looked for every 10 s at most while something fires, and never while nothing does', async () => {
  let asked = 0;
  const incidents: Store['incidents'] = {
    ...store.incidents,
    tellLate: (nowMs) => {
      asked += 1;
      return store.incidents.tellLate(nowMs);
    },
  };
  const counted = alerterFor({ ...store, incidents });
  await read([10]);
  for (let look = 0; look < 5; look += 1) await counted.evaluate();
  expect(asked).toBe(0);
  await read([1_300]);
  for (let look = 0; look < 30; look += 1) {
    await counted.evaluate();
    clock.advance(1_000);
  }
  expect(asked).toBe(3);
});

test('the deliverer is woken for what is told late', async () => {
  await subscribe(CHANNEL, 'all', '', { overrides: { delaySeconds: 60 } });
  await read([1_300]);
  await alerter.evaluate();
  queued = 0;
  await lookAfter(10_000);
  expect(queued).toBe(0);
  expect(await lookAfter(50_000)).toHaveLength(1);
  expect(queued).toBe(1);
});

test('an owner whose nodes all fall silent is one message; who stays silent when it ends is told then', async () => {
  await subscribe(CHANNEL);
  const owner = ownerOf(1);
  await read([10, 10, 10], { owner });
  await alerter.evaluate();
  await read([1_300, 1_300, 1_300], { owner });
  await alerter.evaluate();
  expect(await told()).toEqual(['10001 fired Owner down']);
  await restart();
  clock.advance(10_000);
  await read([5, 5, 1_310], { owner });
  expect(await lookAfter(0)).toEqual([]);
  clock.advance(900_000);
  await read([905, 905, 2_210], { owner });
  const heard = await lookAfter(0);
  expect(heard).toEqual(['10001 resolved Owner partly back', '10001 fired Node silent, inactive on chain']);
});

test('a node that flaps is told three times and then once as unstable, across restarts', async () => {
  await subscribe(CHANNEL);
  const heard: string[] = [];
  for (let turn = 0; turn < 10; turn += 1) {
    for (const enabled of [false, true]) {
      clock.advance(60_000);
      await restart();
      await read([10], { enabled });
      await alerter.evaluate();
      heard.push(...(await told()));
    }
  }
  const fires = heard.filter((one) => one.includes(' fired '));
  expect(fires).toEqual([
    '10001 fired Node disabled',
    '10001 fired Node disabled',
    '10001 fired Node disabled',
    '10001 fired Unstable: Node disabled',
  ]);
  expect(heard).toHaveLength(7);
  clock.advance(30 * 60_000);
  await read([10]);
  await alerter.evaluate();
  expect(await told()).toEqual(['10001 resolved Node enabled again']);
});

test('an owner that is down is not silence for a chat that is not told of the owner', async () => {
  const one: Address = { platform: 'discord', chatId: '20002', threadId: null };
  const only: Address = { platform: 'discord', chatId: '30003', threadId: null };
  const owner = ownerOf(1);
  await read([10, 10, 10], { owner });
  const node = (await store.nodes.facts())?.nodes[0];
  await subscribe(one, 'node', String(node?.id));
  await subscribe(only, 'all', '', { rule: 'node.heartbeat' });
  await read([1_300, 1_300, 1_300], { owner });
  await alerter.evaluate();
  const heard = await told();
  expect(heard.filter((text) => text.startsWith('20002'))).toHaveLength(1);
  expect(heard.filter((text) => text.startsWith('30003'))).toHaveLength(3);
});
