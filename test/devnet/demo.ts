// npm run demo: a whole small network, both chats and the bot, on this machine alone; then a prompt to ask more.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, startApp } from '../../src/app.ts';
import { parseConfig, secretsOf } from '../../src/config.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { runPrompt } from '../../src/platforms/terminal/prompt.ts';
import { type DiscordRig, startDiscordRig } from '../rigs/discord/rig.ts';
import { startTelegramRig, type TelegramRig } from '../rigs/telegram/rig.ts';
import { type DevBedrock, startBedrock } from './bedrock.ts';
import { openChats } from './demo/chats.ts';
import { startLifecycle } from './demo/lifecycle.ts';
import { bold, color, say } from './demo/screen.ts';
import { tour } from './demo/tour.ts';
import { type DevNetwork, startNetwork } from './network.ts';
import { playSeasons, storyStart } from './seasons.ts';

/** A second here is a minute of chain time, so that a heartbeat is late within half a minute. */
const CHAIN_SECONDS_PER_BLOCK = 60;

const picturesFlag = process.argv.indexOf('--pictures');
const pictures = (picturesFlag === -1 ? undefined : process.argv[picturesFlag + 1]) ?? tmpdir();

const lifecycle = startLifecycle();
const { signal } = lifecycle;

interface Parts {
  network: DevNetwork;
  bedrock: DevBedrock;
  discord: DiscordRig;
  telegram: TelegramRig;
}

/** As an operator would write it. */
const environment = ({ network, bedrock, discord, telegram }: Parts): Record<string, string> => ({
  ...network.env,
  ...bedrock.env,
  DISCORD_TOKEN: discord.token,
  DISCORD_API_URL: discord.apiUrl,
  TELEGRAM_TOKEN: telegram.token,
  TELEGRAM_API_ROOT: telegram.apiRoot,
  DATABASE_URL: `file:${join(lifecycle.folder, 'assay.db')}`,
  OG_POLL_INTERVAL_MS: '500',
  OG_PROBE_INTERVAL_SECONDS: '5',
  OG_HUB_INTERVAL_SECONDS: '1',
  OG_STORAGE_INTERVAL_SECONDS: '1',
  // Registration goes by this bot's clock, which is not fast here.
  MODEL_LATE_SECONDS: '8',
  LOG_LEVEL: process.env.LOG_LEVEL ?? 'error',
});

async function startBot(parts: Parts): Promise<App> {
  const { config } = parseConfig(environment(parts), { needsPlatform: true });
  const logger = createLogger(config.logLevel, secretsOf(config));
  // Whoever stops it in the middle of a question need not read that the question broke.
  signal.addEventListener('abort', () => {
    logger.level = 'silent';
  });
  const tools = { clock: systemClock, random: Math.random, logger, version: 'demo' };
  return await lifecycle.opened(startApp(config, tools, signal), (app) => app.stop());
}

/** Models that were listed and used before anybody watched. */
async function putPastInHub({ uploads, inference }: DevNetwork): Promise<void> {
  const known = await uploads.upload({ author: 'acme', name: 'fraud-net', delaySeconds: 0 });
  await uploads.upload({ author: 'acme', name: 'price-forecast', delaySeconds: 0 });
  await inference.infer(known.blobId);
  uploads.tick();
}

/** Bedrock after seven epochs, in the second week of the last one. */
async function startBedrockPast(): Promise<DevBedrock> {
  const startSeconds = storyStart(Math.floor(Date.now() / 1000));
  const bedrock = await lifecycle.opened(startBedrock({ startSeconds }), (one) => one.close());
  await playSeasons(bedrock, { whale: false });
  return bedrock;
}

async function main(): Promise<void> {
  const startedAt = performance.now();
  const seconds = (): string => ((performance.now() - startedAt) / 1000).toFixed(1);
  say(bold('Assay demo: a small OpenGradient-like network on this machine, two chats, one bot. No account, no token.'));
  say('Starting a chain with three days of history, six gateways, a model hub, storage, a Discord and a Telegram,');
  say('and on another chain Bedrock with seven epochs of votes on gauges…');
  const close = (one: { close(): Promise<void> }): Promise<void> => one.close();
  const [network, bedrock, discord, telegram] = await Promise.all([
    lifecycle.opened(startNetwork({ pastDays: 3, pastAnswers: 1, pastAnswerHours: 30 }), close),
    startBedrockPast(),
    lifecycle.opened(startDiscordRig(), close),
    lifecycle.opened(startTelegramRig(), close),
  ]);
  signal.throwIfAborted();
  await putPastInHub(network);
  network.run(CHAIN_SECONDS_PER_BLOCK);
  const app = await startBot({ network, bedrock, discord, telegram });
  say(`Ready after ${seconds()} s.`);
  // One round of probes, so that the first answers have something to say about reachability.
  await systemClock.sleep(1_500, signal);
  await tour({ network, bedrock, app, signal, pictures, chats: openChats({ discord, telegram }, signal) });
  say(`\n${bold(`The tour took ${Math.round(Number(seconds()))} s.`)}`);
  if (process.stdin.isTTY) {
    say('Ask more: /network, /node list, /model list, /proof exposure, /help. exit or Ctrl-D ends the demo.');
    await runPrompt(app.dispatcher, {
      input: process.stdin,
      output: process.stdout,
      color,
      clock: systemClock,
      signal,
    });
  }
}

try {
  await Promise.race([main(), lifecycle.stopped]);
} catch (error) {
  if (!signal.aborted) {
    process.stderr.write(`demo: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  }
} finally {
  await lifecycle.close();
}
// A question that was being asked waits for an answer that will not come.
if (signal.aborted) process.exit();
