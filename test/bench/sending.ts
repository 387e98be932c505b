import { setTimeout as delay } from 'node:timers/promises';
import { REST } from 'discord.js';
import { Api } from 'grammy';
import { createDeliverer, type Deliverer } from '../../src/alerts/deliverer.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { DeliveryOutcome, PlatformName, Sender } from '../../src/lib/delivery.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { createDiscordSender } from '../../src/platforms/discord/sender.ts';
import { createSender } from '../../src/platforms/telegram/sender.ts';
import { openClient } from '../../src/store/client.ts';
import type { Store } from '../../src/store/store.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { startTelegramRig, type TelegramRig } from '../rigs/telegram/rig.ts';
import { type Figure, ms, quantileOf, thousands } from './figures.ts';
import { type LimitedDiscord, startLimitedDiscord } from './limitedDiscord.ts';

/** Messages a second that the platforms let through for one token. */
const LIMITS = { discord: 50, telegram: 30 };
/** What keeps each busy for fifty seconds. */
const MANY = { discord: 2_500, telegram: 1_500 };
/** Left out at each end of a run: it begins and ends unlike the rest. */
const ENDS = 0.1;
/** On the way there, and again on the way back. */
const LATENCY_MS = 40;
const ROUNDS = 5;

type Platform = keyof typeof LIMITS;
type Chats = Record<Platform, number>;

interface Attempt {
  platform: PlatformName;
  kind: DeliveryOutcome['kind'];
  atMs: number;
}

interface Platforms {
  telegram: TelegramRig;
  discord: LimitedDiscord;
}

/**
 * The real queues, senders and store (SQLite), against platforms on loopback that are as far away as over the Internet and
 * refuse what is above their limits.
 */
export async function benchSending(): Promise<Figure[]> {
  const platforms = { telegram: await startTelegramRig(), discord: await startLimitedDiscord(LATENCY_MS) };
  platforms.telegram.flood.enabled = true;
  try {
    const many = await runOf(platforms, MANY, 1);
    const figures = [rateFigure('discord', many[0] ?? []), rateFigure('telegram', many[0] ?? [])];
    for (const chats of [
      { discord: 70, telegram: 30 },
      { discord: 30, telegram: 20 },
    ]) {
      await delay(2_000);
      figures.push(latencyFigure(chats, (await runOf(platforms, chats, ROUNDS)).flat()));
    }
    return figures;
  } finally {
    await Promise.all([platforms.telegram.close(), platforms.discord.close()]);
  }
}

/**
 * Incidents, one after the other, that concern each so many chats of new subscribers. The attempts of each, with the time
 * since it fired.
 */
async function runOf(platforms: Platforms, chats: Chats, incidents: number): Promise<Attempt[][]> {
  const database = await temporaryStore();
  const { store } = database;
  const attempts: Attempt[] = [];
  const deliverer = createDeliverer({
    store,
    senders: sendersTo(platforms).map((sender) => recording(sender, attempts)),
    clock: systemClock,
    random: Math.random,
    logger: createLogger('silent'),
    notice: () => undefined,
  });
  const runs: Attempt[][] = [];
  try {
    await subscribe(platforms.telegram, database, chats);
    await deliverer.start();
    for (let nth = 1; nth <= incidents; nth += 1) {
      runs.push(await fire({ store, deliverer, attempts }, nth));
      // Nothing of the last second counts against the next.
      await delay(2_000);
    }
    return runs;
  } finally {
    await deliverer.stop(5_000);
    await database.cleanup();
  }
}

function sendersTo({ telegram, discord }: Platforms): Sender[] {
  const api = new Api(telegram.token, { apiRoot: telegram.apiRoot });
  api.config.use(async (call, ...rest) => {
    await delay(LATENCY_MS);
    const answer = await call(...rest);
    await delay(LATENCY_MS);
    return answer;
  });
  const rest = new REST({ version: '10', api: discord.apiUrl, retries: 0, rejectOnRateLimit: () => true });
  rest.setToken('token');
  const tools = { logger: createLogger('silent'), renderChart: async () => new Uint8Array() };
  return [createSender({ ...tools, api, clock: systemClock }), createDiscordSender({ ...tools, rest, token: 'token' })];
}

const recording = (sender: Sender, attempts: Attempt[]): Sender => ({
  platform: sender.platform,
  async send(message, signal) {
    const outcome = await sender.send(message, signal);
    attempts.push({ platform: sender.platform, kind: outcome.kind, atMs: performance.now() });
    return outcome;
  },
});

async function subscribe(telegram: TelegramRig, { url }: TemporaryStore, chats: Chats): Promise<void> {
  const people = Array.from({ length: chats.telegram }, () => {
    const chat = telegram.chats.private(telegram.user('Reader'));
    // Telegram lets a bot write only to whom wrote first.
    chat.started = true;
    return { platform: 'telegram', chatId: String(chat.id) };
  });
  const channels = Array.from({ length: chats.discord }, (_, nth) => ({
    platform: 'discord',
    // Of a size and spread as real ones have.
    chatId: String(1_200_000_000_000_000_000n + BigInt(nth) * 4_194_304n),
  }));
  const { prisma } = openClient(url);
  await prisma.destination.createMany({
    data: [...people, ...channels].map((chat) => ({ ...chat, title: 'reader', createdAtMs: 0n })),
  });
  const ids = await prisma.destination.findMany({ select: { id: true } });
  await prisma.subscription.createMany({
    data: ids.map(({ id }) => ({
      ...{ destinationId: id, family: 'node', scope: 'all', subject: '', createdBy: 'bench', createdAtMs: 0n },
    })),
  });
  await prisma.$disconnect();
}

async function fire(
  { store, deliverer, attempts }: { store: Store; deliverer: Deliverer; attempts: Attempt[] },
  nth: number,
): Promise<Attempt[]> {
  const from = attempts.length;
  const firedAtMs = performance.now();
  const nowMs = Date.now();
  await store.incidents.apply([{ incident: incidentOf(nth, nowMs), event: { kind: 'fired', view: VIEW } }], nowMs);
  deliverer.wake();
  while ((await store.deliveries.backlog()).count > 0) await delay(100);
  return attempts.slice(from).map((attempt) => ({ ...attempt, atMs: attempt.atMs - firedAtMs }));
}

const VIEW = { title: 'Node silent', tone: 'down' as const, lines: ['It is silent.'], asOf: null, sources: [] };

const incidentOf = (nth: number, nowMs: number) => ({
  id: null,
  // Of a rule each: what is of one rule within ten seconds is told together.
  rule: `bench.${nth}`,
  subject: `node:${nth}`,
  state: 'firing' as const,
  severity: 'critical' as const,
  level: 'missed',
  family: 'node',
  nodeId: nth,
  owner: null,
  value: null,
  topics: [],
  unstable: false,
  inhibitedBy: null,
  sinceSeconds: Math.floor(nowMs / 1000),
  clearSinceSeconds: null,
  firedAtMs: nowMs,
  resolvedAtMs: null,
  updatedAtMs: nowMs,
  detail: {},
});

const NAMES = { discord: 'Discord', telegram: 'Telegram' };

const acceptedAt = (attempts: readonly Attempt[], platform?: Platform): number[] =>
  attempts
    .filter((one) => one.kind === 'sent' && (platform === undefined || one.platform === platform))
    .map(({ atMs }) => atMs)
    .sort((a, b) => a - b);

function rateFigure(platform: Platform, attempts: readonly Attempt[]): Figure {
  const accepted = acceptedAt(attempts, platform);
  const cut = Math.floor(accepted.length * ENDS);
  const steady = accepted.slice(cut, accepted.length - cut);
  const rate = ((steady.length - 1) / ((steady.at(-1) ?? 0) - (steady[0] ?? 0))) * 1_000;
  const share = rate / LIMITS[platform];
  const others = attempts.filter((one) => one.platform === platform && one.kind !== 'sent').length;
  return {
    what: `Messages a second to ${thousands(MANY[platform])} ${NAMES[platform]} chats, one each, both platforms at once, ${2 * LATENCY_MS} ms away`,
    measured: `${rate.toFixed(1)}/s, ${others} refused`,
    target: '>= 95 % of the limit, none refused',
    met: share >= 0.95 && others === 0 && accepted.length === MANY[platform],
    comparedTo: `${(share * 100).toFixed(0)} % of the ${LIMITS[platform]}/s that are let through`,
  };
}

/** A target where the platforms' own limits leave room for one. */
function latencyFigure(chats: Chats, attempts: readonly Attempt[]): Figure {
  const count = chats.discord + chats.telegram;
  const p95 = quantileOf(acceptedAt(attempts), 0.95);
  const evenly = (platform: Platform): number[] =>
    Array.from({ length: chats[platform] }, (_, nth) => (nth * 1_000) / LIMITS[platform]);
  const bound = quantileOf([...evenly('discord'), ...evenly('telegram')], 0.95) + 2 * LATENCY_MS;
  return {
    what: `An incident that fires to messages accepted by ${chats.discord} Discord and ${chats.telegram} Telegram chats, ${ROUNDS} incidents`,
    measured: `p50 ${ms(quantileOf(acceptedAt(attempts), 0.5))}, p95 ${ms(p95)}, ${attempts.length - acceptedAt(attempts).length} refused`,
    target: 'p95 <= 1 s',
    met: p95 <= 1_000 && acceptedAt(attempts).length === count * ROUNDS,
    comparedTo: `${(p95 / bound).toFixed(2)} times what ${LIMITS.discord}/s and ${LIMITS.telegram}/s, evenly spread, allow: p95 ${ms(bound)}`,
  };
}
