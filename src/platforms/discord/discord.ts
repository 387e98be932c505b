import {
  Client,
  Events,
  GatewayCloseCodes,
  GatewayDispatchEvents,
  GatewayIntentBits,
  Options,
  type RESTOptions,
} from 'discord.js';
import type { Dispatcher } from '../../bot/dispatch.ts';
import type { RenderChart } from '../../lib/chart.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Address, Sender } from '../../lib/delivery.ts';
import { AssayError, explain } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { MetaStore } from '../../lib/metaStore.ts';
import { answerInteraction } from './interactions.ts';
import { registerCommands } from './registration.ts';
import { createDiscordSender } from './sender.ts';

export interface DiscordOptions {
  token: string;
  /** Another API than Discord's, without the version and a slash at its end: `http://127.0.0.1:1234/api`. */
  apiUrl: string | null;
  dispatcher: Dispatcher;
  renderChart: RenderChart;
  store: { meta: MetaStore };
  clock: Clock;
  logger: Logger;
  onPlaceGone?: (address: Address, reason: string, extent: { wholeChat: boolean }) => void;
  onPlaceRevived?: (address: Address) => void;
  onFatal?: (error: AssayError) => void;
}

const READY_MS = 20_000;
const API_VERSION = '10';

/**
 * Connects to Discord: commands registered (when they changed), interactions answered. Resolves when the gateway is
 * ready. Throws AssayError: not retryable for a token or an intent that Discord refuses, retryable for no answer.
 */
export async function startDiscord(
  options: DiscordOptions,
): Promise<{ sender: Sender; stop(): Promise<void>; userTag: string }> {
  const { dispatcher, apiUrl, renderChart, logger } = options;
  const client = createClient(apiUrl);
  client.on(
    Events.InteractionCreate,
    (interaction) =>
      void answerInteraction(interaction, { dispatcher, apiUrl, renderChart, clock: options.clock, logger }),
  );
  client.on(Events.Error, (error) => logger.warn({ cause: explain(error) }, 'Discord client error'));
  client.on(Events.ShardError, (error) => logger.warn({ cause: explain(error) }, 'Discord gateway error'));
  client.on(Events.ShardReconnecting, () => logger.warn('Discord gateway disconnected; it reconnects by itself'));
  client.on(Events.ShardResume, () => logger.info('Discord gateway resumed'));
  watchPlaces(client, options);
  try {
    const ready = whenReady(client);
    ready.catch(() => undefined);
    await client.login(options.token);
    await ready;
    // Only for what discord.js does not try again: a token that was reset meanwhile, above all.
    client.on(Events.ShardDisconnect, ({ code }) => options.onFatal?.(ended(code)));
    const { application, user } = client as Client<true>;
    if (await registerCommands(client.rest, application.id, dispatcher.commands, options.store.meta)) {
      logger.info('Discord commands registered');
    }
    const sender = createDiscordSender({ rest: client.rest, token: options.token, renderChart, logger });
    return { sender, userTag: user.tag, stop: () => client.destroy() };
  } catch (error) {
    await client.destroy();
    throw startError(error);
  }
}

function createClient(apiUrl: string | null): Client {
  const rest: Partial<RESTOptions> = {
    version: API_VERSION,
    ...(apiUrl === null ? {} : { api: apiUrl }),
    timeout: 9_000,
    // The queue knows better when to try a message again: what would be repeated here comes back as an outcome.
    retries: 0,
    // Nor does it wait: a send that sleeps in here could not be given up.
    rejectOnRateLimit: ({ route }) => route.startsWith('/channels/:id/messages'),
  };
  return new Client({
    intents: [GatewayIntentBits.Guilds],
    allowedMentions: { parse: [] },
    rest,
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      GuildMemberManager: { maxSize: 0, keepOverLimit: (member) => member.id === member.client.user.id },
      UserManager: { maxSize: 100, keepOverLimit: (user) => user.id === user.client.user?.id },
      PresenceManager: 0,
      ReactionManager: 0,
      VoiceStateManager: 0,
      GuildEmojiManager: 0,
      GuildStickerManager: 0,
    }),
  });
}

function whenReady(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the gateway was not ready within ${READY_MS} ms`)), READY_MS);
    client.once(Events.ClientReady, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Channels that disappear, and servers that the bot leaves or joins again. */
function watchPlaces(client: Client, { onPlaceGone, onPlaceRevived }: DiscordOptions): void {
  // A thread is a chat of its own here, so what is gone is always the whole of it.
  const gone = (chatId: string, reason: string): void => onPlaceGone?.(address(chatId), reason, { wholeChat: true });
  const address = (chatId: string): Address => ({ platform: 'discord', chatId, threadId: null });
  client.on(Events.ChannelDelete, ({ id }) => gone(id, 'the channel was deleted'));
  client.on(Events.ThreadDelete, ({ id }) => gone(id, 'the thread was deleted'));
  // The raw event: by the time of Events.GuildDelete discord.js has forgotten which channels the server had. A server that
  // is only unavailable has an outage and comes back.
  client.ws.on(GatewayDispatchEvents.GuildDelete, ({ id, unavailable }: { id: string; unavailable?: boolean }) => {
    if (unavailable) return;
    for (const channelId of client.guilds.cache.get(id)?.channels.cache.keys() ?? [])
      gone(channelId, 'the bot was removed from this server');
  });
  client.on(Events.GuildCreate, (guild) => {
    for (const id of guild.channels.cache.keys()) onPlaceRevived?.(address(id));
  });
}

function startError(error: unknown): AssayError {
  if (error instanceof AssayError) return error;
  const { code, status, message = '' } = error as { code?: unknown; status?: unknown; message?: string };
  if (
    code === 'TokenInvalid' ||
    status === 401 ||
    /authentication failed|disallowed intent|invalid token/i.test(message)
  ) {
    return refused(`Discord refuses the token: ${message.slice(0, 100)}`);
  }
  return new AssayError('Discord cannot be reached', { retryable: true, cause: error });
}

const ended = (code: number): AssayError =>
  code === GatewayCloseCodes.AuthenticationFailed
    ? refused('Discord ended the connection: authentication failed')
    : new AssayError(`Discord ended the connection for good (${GatewayCloseCodes[code] ?? code}).`);

const refused = (detail: string): AssayError =>
  new AssayError(
    'Discord does not accept DISCORD_TOKEN. Copy the token again from the developer portal (your application > Bot > Reset Token).',
    { detail },
  );
