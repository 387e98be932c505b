import { hostname } from 'node:os';
import { createAlerter } from './alerts/alerter.ts';
import { createAttention } from './alerts/attention.ts';
import { createDeliverer } from './alerts/deliverer.ts';
import { createRules } from './alerts/registry.ts';
import type { BotContext } from './bot/context.ts';
import { createDispatcher, type Dispatcher } from './bot/dispatch.ts';
import { commands } from './bot/registry.ts';
import { createChartRenderer } from './charts/renderChart.ts';
import { type Config, ConfigError } from './config.ts';
import { connect, LazySender, platformsOf } from './connect.ts';
import { governanceNetworks } from './governanceNetworks.ts';
import { type Health, healthOf, type Life } from './health.ts';
import { runHeartbeat } from './heartbeat.ts';
import { type Clock, toSeconds } from './lib/clock.ts';
import { AssayError, explain } from './lib/errors.ts';
import type { Logger } from './lib/logger.ts';
import { Shutdown } from './lib/shutdown.ts';
import type { View } from './lib/view.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { WrongChainError } from './sources/evm/endpoint.ts';
import type { Holder } from './store/lease.ts';
import { openStore } from './store/openStore.ts';
import type { Store } from './store/store.ts';
import { createProofCheck } from './watch/proofCheck.ts';
import { startWatch } from './watch/watch.ts';
import { startWeb } from './web/health.ts';

const DRAIN_MS = 8_000;
const NOTICE_RETRY_MS = 10_000;

export interface AppTools {
  clock: Clock;
  random: () => number;
  logger: Logger;
  version: string;
}

export interface App {
  dispatcher: Dispatcher;
  store: Store;
  /** Where /healthz listens; null without HTTP_PORT. */
  httpPort: number | null;
  /** Resolves with the reason when the bot cannot go on (token revoked, another instance). */
  fatal: Promise<AssayError>;
  stop(): Promise<void>;
}

/** What answers questions and nothing more: no collector runs, no chat is connected. */
export async function openBot(
  config: Config,
  tools: AppTools,
  {
    sendNow = notConnected,
    upgrade = false,
    observe,
    stopping,
  }: {
    sendNow?: BotContext['sendNow'];
    upgrade?: boolean;
    observe?: Metrics['observeCommand'];
    /** Ends what a command is asking the network. */
    stopping?: AbortSignal;
  } = {},
) {
  const { teeRegistry: registry, chainId } = config.opengradient;
  const store = await openStore({
    databaseUrl: config.databaseUrl,
    logger: tools.logger,
    upgrade,
    registry: { registry, chainId },
  });
  const checkProof = createProofCheck({ ...tools, network: config.opengradient, store });
  const context: BotContext = {
    store,
    clock: tools.clock,
    random: tools.random,
    version: tools.version,
    thresholds: config.thresholds,
    modelThresholds: config.modelThresholds,
    proofThresholds: config.proofThresholds,
    configured: configuredSources(config),
    governance: governanceNetworks(config),
    checkProof: (subject, onStep, signal) =>
      checkProof(subject, onStep, stopping === undefined ? signal : AbortSignal.any([signal, stopping])),
    rules: createRules({ ...config, networks: governanceNetworks(config) }),
    sendNow,
  };
  const dispatcher = createDispatcher(context, commands, {
    report: (error) => tools.logger.error({ cause: explain(error) }, 'a command failed'),
    ...(observe === undefined ? {} : { observe }),
  });
  return { store, context, dispatcher };
}

/** What the operator gave something to ask at. */
function configuredSources({ opengradient }: Config): BotContext['configured'] {
  const { hubUrl, aggregatorUrls, inferenceAddresses, scheduler, facilitatorUrl, payments } = opengradient;
  return {
    hub: hubUrl !== null,
    storage: aggregatorUrls.length > 0,
    use: inferenceAddresses.length > 0 || scheduler !== null,
    facilitator: facilitatorUrl !== null,
    payments: payments !== null,
  };
}

const notConnected: BotContext['sendNow'] = async () => ({
  kind: 'failed',
  detail: 'no chat is connected here; `npm start` connects them',
});

/**
 * Builds every room and joins them. Resolves when the bot is ready: store migrated, chats connected, registry
 * asked once. Throws AssayError when it cannot start, and the signal's reason when it is aborted before; whatever was
 * started by then is stopped again.
 */
export async function startApp(config: Config, tools: AppTools, signal?: AbortSignal): Promise<App> {
  const shutdown = new Shutdown();
  try {
    return await Promise.race([build(config, tools, shutdown), aborted(signal)]);
  } catch (error) {
    await shutdown.run(tools.logger);
    throw error;
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function build(config: Config, tools: AppTools, shutdown: Shutdown): Promise<App> {
  const { clock, logger, random } = tools;
  const platforms = platformsOf(config);
  const senders = new Map(platforms.map(({ name }) => [name, new LazySender(name)]));

  const sendNow: BotContext['sendNow'] = async (message) => {
    const sender = senders.get(message.address.platform);
    return sender ? await sender.send(message) : await notConnected(message);
  };
  const { store, context, dispatcher } = await openBot(config, tools, {
    sendNow,
    upgrade: true,
    stopping: shutdown.signal,
    observe: (command, milliseconds, outcome) => metrics.observeCommand(command, milliseconds, outcome),
  });
  const metrics = createMetrics({ store, clock, platforms: () => [...senders.values()] });
  shutdown.add('store', () => store.close());
  const life: Life = { startedAtMs: clock.now(), starting: true };
  // Before anything that may take long: whoever watches the process sees it alive while it waits.
  const health = (): Promise<Health> => healthOf(store, clock, [...senders.values()], life);
  const listening = startHealth(config, health, metrics, shutdown);
  // Of two reasons not to start, that another bot is at work explains the other.
  listening.catch(() => undefined);
  const lease = await store.takeLease(clock, thisProcess(), shutdown.signal);
  shutdown.add('lease', () => lease.release());
  const httpPort = await listening;
  if (httpPort !== null) logger.info({ httpPort }, 'starting; its health can be asked');
  // Chats outlive collectors and deliveries, so that what is queued can still be sent while stopping.
  const chatStops: (() => Promise<void>)[] = [];
  shutdown.add('chats', async () => {
    await Promise.allSettled(chatStops.map((stop) => stop()));
  });

  const notice = (text: string) => void tellOperator(config, context, tools, text, shutdown.signal);
  const deliverer = createDeliverer({ store, senders: [...senders.values()], clock, logger, random, notice });
  const alerter = createAlerter({
    store,
    clock,
    thresholds: config.thresholds,
    rules: context.rules,
    adminDestination: config.adminDestination,
    logger,
    onQueued: () => deliverer.wake(),
  });
  const watch = await startWatch({
    store,
    clock,
    random,
    logger,
    opengradient: config.opengradient,
    governance: config.governance,
    thresholds: config.thresholds,
    proofThresholds: config.proofThresholds,
    allowPrivateEndpoints: config.allowPrivateEndpoints,
    evaluate: () => alerter.evaluate(),
    notice,
  });
  const attention = createAttention({
    store,
    clock,
    thresholds: config.thresholds,
    rules: context.rules,
    logger,
    onQueued: () => deliverer.wake(),
  });
  shutdown.add('deliveries', () => deliverer.stop(DRAIN_MS));
  shutdown.add('collectors', () => watch.stop());

  let raise: (error: AssayError) => void = () => undefined;
  const fatal = new Promise<AssayError>((resolve) => {
    raise = resolve;
  });
  void lease.lost.then(raise);
  const chats = {
    dispatcher,
    store,
    clock,
    logger,
    renderChart: createChartRenderer(),
    signal: shutdown.signal,
    wake: () => deliverer.wake(),
    onFatal: raise,
  };
  await Promise.all([
    watch.firstRound.then(refuseWrongChain),
    ...platforms.map((platform) =>
      connect(platform, senders.get(platform.name) as LazySender, chats, (stop) => void chatStops.push(stop)),
    ),
  ]);
  // Nothing begins to be sent once everything is being stopped.
  if (shutdown.signal.aborted) throw new AssayError('stopped while starting');
  await deliverer.start();
  const attending = attention.run(shutdown.signal);
  shutdown.add('attention', () => attending);

  life.starting = false;
  if (config.heartbeat !== null) {
    const isWorking = async (): Promise<boolean> => (await health()).working;
    const beating = runHeartbeat({ ...config.heartbeat, isWorking, clock, logger }, shutdown.signal);
    shutdown.add('heartbeat', () => beating);
  }
  logger.info({ platforms: platforms.map(({ name }) => name), httpPort }, 'ready');
  return { dispatcher, store, httpPort, fatal, stop: () => shutdown.run(logger) };
}

function thisProcess(): Holder {
  return {
    host: hostname(),
    pid: process.pid,
    isAlive(pid) {
      try {
        process.kill(pid, 0);
        return true;
      } catch (error) {
        // It is there, but somebody else's.
        return (error as NodeJS.ErrnoException).code === 'EPERM';
      }
    },
  };
}

/** Waiting does not help where every URL serves another chain; anything else may pass, and is `unknown` until then. */
function refuseWrongChain(error: unknown): void {
  if (error instanceof WrongChainError) throw new ConfigError([{ key: 'OG_CHAIN_ID', problem: error.message }]);
}

async function startHealth(
  config: Config,
  health: () => Promise<Health>,
  metrics: Metrics,
  shutdown: Shutdown,
): Promise<number | null> {
  if (config.http === null) return null;
  const answer = (pick: (health: Health) => boolean) => async () => {
    const found = await health();
    return { ok: pick(found), detail: found.detail };
  };
  const web = await startWeb({
    ...config.http,
    live: answer(({ live }) => live),
    ready: answer(({ ready }) => ready),
    metrics,
  });
  shutdown.add('web', () => web.stop());
  // Too late: whoever stops everything has been round already.
  if (shutdown.signal.aborted) await web.stop();
  return web.port;
}

/** Until it is told or refused: what is noticed while starting is noticed before the chats are connected. */
async function tellOperator(
  config: Config,
  { sendNow }: BotContext,
  { clock, logger }: AppTools,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  if (config.adminDestination === null) return;
  const nowSeconds = toSeconds(clock.now());
  const view: View = {
    title: 'Notice to the operator',
    tone: 'info',
    lines: [text],
    asOf: nowSeconds,
    sources: ['this bot'],
  };
  const message = { address: config.adminDestination, view, idempotencyKey: `notice-${nowSeconds}` };
  while (!signal.aborted) {
    const outcome = await sendNow(message);
    if (outcome.kind === 'sent') return;
    if (outcome.kind !== 'retryAfter' && outcome.kind !== 'failed') {
      logger.warn({ outcome }, 'the operator could not be told');
      return;
    }
    await clock.sleep(outcome.kind === 'retryAfter' ? outcome.ms : NOTICE_RETRY_MS, signal);
  }
}
