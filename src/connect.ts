import { tellOwners } from './alerts/ownersNotice.ts';
import type { Dispatcher } from './bot/dispatch.ts';
import type { Config } from './config.ts';
import type { RenderChart } from './lib/chart.ts';
import type { Clock } from './lib/clock.ts';
import type { Address, Dates, DeliveryOutcome, OutgoingMessage, PlatformName, Sender } from './lib/delivery.ts';
import { AssayError, explain } from './lib/errors.ts';
import type { Logger } from './lib/logger.ts';
import { datesIn } from './lib/moment.ts';
import { startDiscord } from './platforms/discord/discord.ts';
import { startTelegram } from './platforms/telegram/telegram.ts';
import type { Store } from './store/store.ts';

/** A platform that is being connected again after this, doubling up to the maximum. */
const RECONNECT_MS = 2_000;
const MAX_RECONNECT_MS = 60_000;

/** While a platform is not connected its deliveries wait this long before they are looked at again. */
const NOT_CONNECTED_MS = 2_000;

export interface ConnectTools {
  dispatcher: Dispatcher;
  store: Store;
  clock: Clock;
  logger: Logger;
  renderChart: RenderChart;
  signal: AbortSignal;
  /** Something waits to be sent to a place that is back. */
  wake: () => void;
  /** The bot cannot go on. */
  onFatal: (error: AssayError) => void;
}

interface Connection {
  sender: Sender;
  stop(): Promise<void>;
}

/** A sender that exists before its platform is connected, and says so instead of failing. */
export class LazySender implements Sender {
  readonly platform: PlatformName;
  #inner: Sender | null = null;

  constructor(platform: PlatformName) {
    this.platform = platform;
  }

  get connected(): boolean {
    return this.#inner !== null;
  }

  attach(inner: Sender): void {
    this.#inner = inner;
  }

  async send(message: OutgoingMessage, signal?: AbortSignal): Promise<DeliveryOutcome> {
    if (this.#inner !== null) return await this.#inner.send(message, signal);
    return { kind: 'retryAfter', ms: NOT_CONNECTED_MS, global: true, detail: `${this.platform} is not connected yet` };
  }
}

/** One configured platform. */
export interface Platform {
  name: PlatformName;
  connect(tools: ConnectTools): Promise<Connection>;
}

/** The platforms that the configuration has a token for. */
export function platformsOf(config: Config): Platform[] {
  const platforms: Platform[] = [];
  if (config.discord) {
    const { token, apiUrl } = config.discord;
    platforms.push({
      name: 'discord',
      connect: (tools) => startDiscord({ token, apiUrl, ...tools, ...placeKeeper(tools) }),
    });
  }
  if (config.telegram) {
    const { token, apiRoot } = config.telegram;
    platforms.push({
      name: 'telegram',
      connect: (tools) =>
        startTelegram({
          ...{ token, apiRoot, ...tools, ...placeKeeper(tools) },
          datesOf: (address) => datesOf(tools.store, address),
        }),
    });
  }
  return platforms;
}

/**
 * Connects a platform. What may pass (no network) is tried again in the background and does not keep the other
 * platform waiting; what will not (a wrong token) is thrown. Resolves once connected or left to the background.
 */
export async function connect(
  platform: Platform,
  lazy: LazySender,
  tools: ConnectTools,
  onStop: (stop: () => Promise<void>) => void,
): Promise<void> {
  const attempt = async (): Promise<void> => {
    const connection = await platform.connect(tools);
    if (tools.signal.aborted) {
      // Too late: whoever stops chats has been round already.
      await connection.stop();
      return;
    }
    lazy.attach(connection.sender);
    onStop(() => connection.stop());
    tools.wake();
  };
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof AssayError) || !error.retryable) throw error;
    tools.logger.warn({ platform: platform.name, cause: explain(error) }, 'not connected, will try again');
    void reconnect(platform, attempt, tools, error.retryAfterMs);
  }
}

async function reconnect(
  platform: Platform,
  attempt: () => Promise<void>,
  tools: ConnectTools,
  askedToWaitMs: number,
): Promise<void> {
  let atLeast = askedToWaitMs;
  for (let pause = RECONNECT_MS; !tools.signal.aborted; pause = Math.min(pause * 2, MAX_RECONNECT_MS)) {
    await tools.clock.sleep(Math.max(pause, atLeast), tools.signal);
    if (tools.signal.aborted) return;
    try {
      await attempt();
      tools.logger.info({ platform: platform.name }, 'connected');
      return;
    } catch (error) {
      if (error instanceof AssayError && !error.retryable) {
        tools.onFatal(error);
        return;
      }
      atLeast = error instanceof AssayError ? error.retryAfterMs : 0;
      tools.logger.warn({ platform: platform.name, cause: explain(error) }, 'still not connected');
    }
  }
}

/** How dates read in a chat; undefined where it did not say. */
async function datesOf(store: Store, address: Address): Promise<Dates | undefined> {
  const { destination } = await store.subscriptions.list(address);
  return destination === null ? undefined : datesIn(destination.settings);
}

async function lose(
  { store, clock, wake }: ConnectTools,
  address: Address,
  reason: string,
  extent: { wholeChat: boolean },
): Promise<void> {
  const { destination } = await store.subscriptions.list(address);
  await store.subscriptions.placeGone(address, reason, extent);
  if (destination?.state !== 'active') return;
  if ((await tellOwners(store, destination, reason, clock.now())) > 0) wake();
}

/** What the platforms notice about chats, written down. */
function placeKeeper(tools: ConnectTools) {
  const record = (what: string, job: Promise<unknown>): void => {
    job.catch((error: unknown) => tools.logger.error({ cause: explain(error) }, what));
  };
  return {
    onPlaceRevived(address: Address) {
      record('a revived chat could not be recorded', tools.store.subscriptions.revive(address).then(tools.wake));
    },
    onPlaceGone(address: Address, reason: string, extent: { wholeChat: boolean }) {
      record('a lost chat could not be recorded', lose(tools, address, reason, extent));
    },
    onMigrated(oldChatId: string, newChatId: string) {
      record(
        'a moved group could not be recorded',
        tools.store.subscriptions.migrate('telegram', oldChatId, newChatId).then(tools.wake),
      );
    },
  };
}
