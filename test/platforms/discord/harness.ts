import { createRules } from '../../../src/alerts/registry.ts';
import { createDispatcher, type Dispatcher } from '../../../src/bot/dispatch.ts';
import { commands } from '../../../src/bot/registry.ts';
import { defaultThresholds } from '../../../src/insight/nodeHealth.ts';
import type { RenderChart } from '../../../src/lib/chart.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import type { Address, DeliveryOutcome, OutgoingMessage } from '../../../src/lib/delivery.ts';
import type { AssayError } from '../../../src/lib/errors.ts';
import type { Hex, RegistrySnapshot, TeeRecord } from '../../../src/lib/facts.ts';
import { createLogger } from '../../../src/lib/logger.ts';
import type { View } from '../../../src/lib/view.ts';
import { startDiscord } from '../../../src/platforms/discord/discord.ts';
import { type DiscordRig, startDiscordRig } from '../../rigs/discord/rig.ts';
import { type TemporaryStore, temporaryStore } from '../../rigs/store.ts';
import { contextDefaults } from '../../support/context.ts';

/** The smallest PNG that is one. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

export const view = (more: Partial<View> = {}): View => ({
  title: 'Nodes',
  tone: 'ok',
  lines: ['All is well.'],
  asOf: null,
  sources: [],
  ...more,
});

export interface Bot {
  sender: Awaited<ReturnType<typeof startDiscord>>['sender'];
  stop(): Promise<void>;
  gone: { address: Address; reason: string }[];
  revived: Address[];
  fatal: AssayError[];
  log: string[];
}

/** The real Discord room on real discord.js, connected to a rig. Rejects as startDiscord does. */
export async function startBot(
  rig: Pick<DiscordRig, 'apiUrl' | 'token'>,
  dispatcher: Dispatcher,
  options: { meta?: Map<string, string>; renderChart?: RenderChart; log?: string[] } = {},
): Promise<Bot> {
  const meta = options.meta ?? new Map<string, string>();
  const seen = { gone: [], revived: [], fatal: [], log: options.log ?? [] } as Pick<
    Bot,
    'gone' | 'revived' | 'fatal' | 'log'
  >;
  const bot = await startDiscord({
    token: rig.token,
    apiUrl: rig.apiUrl,
    dispatcher,
    renderChart: options.renderChart ?? (async () => new Uint8Array(PNG)),
    store: {
      meta: { get: async (key) => meta.get(key) ?? null, set: async (key, value) => void meta.set(key, value) },
    },
    clock: systemClock,
    logger: createLogger('debug', [], (line) => seen.log.push(line)),
    onPlaceGone: (address, reason) => seen.gone.push({ address, reason }),
    onPlaceRevived: (address) => seen.revived.push(address),
    onFatal: (error) => seen.fatal.push(error),
  });
  return { ...seen, sender: bot.sender, stop: () => bot.stop() };
}

/** Answers every question with what the test says. */
export function fixedDispatcher(answer: (text: string) => View | Promise<View>): Dispatcher {
  return {
    commands,
    run: async (path) => await answer(path.join(' ')),
    runText: async (text) => await answer(text),
    suggest: async () => [],
  };
}

export interface World {
  rig: DiscordRig;
  store: TemporaryStore;
  bot: Bot;
  dispatcher: Dispatcher;
  /** Stops the bot and starts another on the same store: what a restart leaves. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Rig, real store with `nodes` nodes in it, the bot's own commands, and the bot connected. */
export async function startWorld(nodes = 23): Promise<World> {
  const rig = await startDiscordRig();
  const store = await temporaryStore();
  await store.store.nodes.saveSnapshot(snapshot(nodes), Date.now());
  await store.store.sources.put({
    source: 'opengradient.registry',
    state: 'fresh',
    lastSuccessAtMs: Date.now(),
    lastAttemptAtMs: Date.now(),
    failingSinceMs: null,
    error: null,
    shortError: null,
  });
  const meta = new Map<string, string>();
  const world = { rig, store } as World;
  const sendNow = async (message: OutgoingMessage): Promise<DeliveryOutcome> => await world.bot.sender.send(message);
  const rules = createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 600_000 });
  const context = {
    store: store.store,
    clock: systemClock,
    random: Math.random,
    version: '0',
    ...contextDefaults,
    thresholds: defaultThresholds,
    rules,
    sendNow,
  };
  world.dispatcher = createDispatcher(context, commands, {
    report: (error) => {
      throw error;
    },
  });
  world.bot = await startBot(rig, world.dispatcher, { meta });
  world.restart = async () => {
    await world.bot.stop();
    world.bot = await startBot(rig, world.dispatcher, { meta });
  };
  world.close = async () => {
    await world.bot.stop();
    await rig.close();
    await store.cleanup();
  };
  return world;
}

/** Spread over the whole range, so that a prefix of 14 characters names one node. */
export const teeIdOf = (index: number): Hex =>
  `0x${((index + 1) * 0x0765_4321).toString(16).padStart(8, '0').repeat(8)}`;

const OWNER: Hex = `0x${'a1'.repeat(20)}`;

function snapshot(count: number): RegistrySnapshot {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const pcrHash: Hex = `0x${'11'.repeat(32)}`;
  const records = Array.from(
    { length: count },
    (_, index): TeeRecord => ({
      teeId: teeIdOf(index),
      owner: OWNER,
      paymentAddress: OWNER,
      endpoint: `https://gw${index}.example:8443`,
      publicKeyDer: new Uint8Array([1]),
      tlsCertificateDer: new Uint8Array([2]),
      pcrHash,
      teeType: 0,
      enabled: true,
      registeredAtSeconds: nowSeconds - 86_400,
      lastHeartbeatAtSeconds: nowSeconds - 60,
      layout: 11,
      ohttp: true,
    }),
  );
  return {
    chainId: 10740,
    registry: `0x${'70'.repeat(20)}`,
    block: { number: 100n, hash: `0x${'22'.repeat(32)}`, timestampSeconds: nowSeconds },
    heartbeatMaxAgeSeconds: 1_800,
    types: [{ id: 0, name: 'LLMProxy' }],
    approvedPcrs: [{ pcrHash, teeType: 0 }],
    records,
  };
}
