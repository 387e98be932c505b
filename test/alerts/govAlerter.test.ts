import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Alerter, createAlerter } from '../../src/alerts/alerter.ts';
import { createRules } from '../../src/alerts/registry.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import type { Address } from '../../src/lib/delivery.ts';
import type { ProposalReading, VoteReading } from '../../src/lib/governanceFacts.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { ManualClock } from '../platforms/telegram/manualClock.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { ownerOf, status } from './facts.ts';
import { CHAIN, HOUR, NETWORKS, proposal } from './govFacts.ts';

/** Reminders and votes through the real store, with restarts in between. */

const chat = (name: string): Address => ({ platform: 'discord', chatId: name, threadId: null });
const [me, other] = [ownerOf(1), ownerOf(2)];

let temporary: TemporaryStore;
let store: Store;
let clock: ManualClock;
let alerter: Alerter;

const alerterFor = (on: Store): Alerter =>
  createAlerter({
    store: on,
    clock,
    thresholds: defaultThresholds,
    rules: createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 300_000, networks: NETWORKS }),
    adminDestination: null,
    logger: createLogger('silent', [], () => undefined),
    onQueued: () => undefined,
  });

beforeEach(async () => {
  temporary = await temporaryStore();
  store = temporary.store;
  clock = new ManualClock();
  alerter = alerterFor(store);
});
afterEach(async () => {
  if (store !== temporary.store) await store.close();
  await temporary.cleanup();
});

async function restart(): Promise<void> {
  if (store !== temporary.store) await store.close();
  store = await openStore({ databaseUrl: temporary.url });
  alerter = alerterFor(store);
}

const now = (): number => Math.floor(clock.now() / 1000);
const { source: _, ...plain } = proposal();
const reading = (more: Partial<ProposalReading> = {}): ProposalReading => ({
  ...plain,
  ...{ submittedAtSeconds: START + 60, startAtSeconds: START + 60, endAtSeconds: START + 30 * HOUR, ...more },
});
let START = 0;
const yes = (voter: string): VoteReading => ({
  ...{ voter, choices: [{ choice: 0, weight: '1' }], power: 10n, castAtSeconds: null },
});

/** The chain answers: its proposals, and all votes on them. */
async function answer(readings: ProposalReading[], votes: VoteReading[] = []): Promise<void> {
  const byRef = new Map(readings.map(({ ref }) => [ref, { votes, isComplete: true }]));
  const input = { source: CHAIN, readings, votes: byRef, clockSeconds: now(), nowMs: clock.now() };
  await store.governance.saveProposals(input);
  const times = { lastSuccessAtMs: clock.now(), lastAttemptAtMs: clock.now() };
  await store.sources.put(status('fresh', { source: CHAIN, ...times }));
}

async function heard(): Promise<string[]> {
  await alerter.evaluate();
  const titles: string[] = [];
  for (;;) {
    const claimed = await store.deliveries.claim('discord', 100, clock.now());
    if (claimed.length === 0) return titles.sort();
    for (const { id, destination, parts } of claimed) {
      titles.push(...parts.map(({ view }) => `${destination.address.chatId}: ${view.title}`));
      await store.deliveries.markSent(id, `m${id}`, clock.now());
    }
  }
}

const subscribe = (
  name: string,
  about: { family: string; scope: 'all' | 'network' | 'voter'; subject: string; without?: string[] },
) => {
  const { without = [], ...rest } = about;
  return store.subscriptions.add({
    ...{ address: chat(name), title: '', kind: 'channel', createdBy: 'u', nowMs: clock.now() },
    ...{ ...rest, overrides: { without } },
  });
};

test('each chat hears the reminders that it chose, and of a voter only while they have not voted', async () => {
  START = now();
  await subscribe('everything', { family: 'gov', scope: 'all', subject: '' });
  await subscribe('late', {
    family: 'gov',
    scope: 'network',
    subject: 'opengradient',
    without: ['gov.ends-24h', 'gov.ends-6h'],
  });
  await subscribe('bedrock', { family: 'gov', scope: 'network', subject: 'bedrock' });
  await subscribe('me', { family: 'voter', scope: 'voter', subject: me });
  await subscribe('other', { family: 'voter', scope: 'voter', subject: other, without: ['voter.ends-6h'] });

  // One empty answer may be a mistake; two say that there is nothing yet.
  await answer([]);
  clock.advance(30_000);
  await answer([]);
  expect(await heard()).toEqual([]);
  clock.advance(60_000);
  await answer([reading()]);
  expect(await heard()).toEqual([
    'everything: New proposal: #12 Raise the block gas limit',
    'late: New proposal: #12 Raise the block gas limit',
  ]);

  clock.advance(6 * HOUR * 1000);
  await answer([reading()]);
  expect(await heard()).toEqual([
    'everything: Voting ends in 24 h: #12 Raise the block gas limit',
    'me: Voting ends in 24 h, not voted: #12 Raise the block gas limit',
    'other: Voting ends in 24 h, not voted: #12 Raise the block gas limit',
  ]);

  await restart();
  // I have voted, and one answer forgets it.
  clock.advance(60_000);
  await answer([reading()], [yes(me)]);
  expect(await heard()).toEqual([]);
  await restart();
  clock.advance(18 * HOUR * 1000);
  await answer([reading()]);
  expect(await heard()).toEqual([
    'everything: Quorum at risk: #12 Raise the block gas limit',
    'everything: Voting ends in 6 h: #12 Raise the block gas limit',
    'late: Quorum at risk: #12 Raise the block gas limit',
  ]);

  // One empty answer, then the same again.
  await answer([]);
  expect(await heard()).toEqual([]);
  await restart();
  clock.advance(5 * HOUR * 1000);
  await answer([reading()], [yes(me)]);
  expect(await heard()).toEqual([
    'everything: Voting ends in 1 h: #12 Raise the block gas limit',
    'late: Voting ends in 1 h: #12 Raise the block gas limit',
    'other: Voting ends in 1 h, not voted: #12 Raise the block gas limit',
  ]);
  clock.advance(60_000);
  await answer([reading()]);
  expect(await heard()).toEqual([]);

  clock.advance(HOUR * 1000);
  await answer([reading({ status: 'rejected', tally: [10n, 0n, 0n, 0n] })]);
  expect((await heard()).filter((one) => !one.includes('Result, failed for lack of quorum'))).toEqual([]);
  for (let day = 0; day < 4; day += 1) {
    await restart();
    clock.advance(24 * HOUR * 1000);
    await answer([reading({ status: 'rejected', tally: [10n, 0n, 0n, 0n] })]);
    expect(await heard()).toEqual([]);
  }
  expect(await store.incidents.open()).toEqual([]);
});

test('a reminder that waits while its voter votes is not told, and one of a step is not when the next is due', async () => {
  START = now();
  await subscribe('everything', { family: 'gov', scope: 'all', subject: '' });
  await subscribe('me', { family: 'voter', scope: 'voter', subject: me });
  await subscribe('other', { family: 'voter', scope: 'voter', subject: other });
  await answer([reading()]);
  expect(await heard()).toEqual([]);
  clock.advance(6 * HOUR * 1000 + 120_000);
  await answer([reading()]);
  // Quiet hours, or a chat that does not answer.
  await alerter.evaluate();
  clock.advance(60_000);
  await answer([reading()], [yes(me)]);
  await alerter.evaluate();
  clock.advance(18 * HOUR * 1000);
  await answer([reading()], [yes(me)]);
  expect((await heard()).filter((title) => title.includes('Voting ends'))).toEqual([
    'everything: Voting ends in 6 h: #12 Raise the block gas limit',
    'other: Voting ends in 6 h, not voted: #12 Raise the block gas limit',
  ]);
});
