// npm run demo: a whole small network, both chats and the bot, on this machine alone; then a prompt to ask more.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type App, startApp } from '../../src/app.ts';
import { parseConfig, secretsOf } from '../../src/config.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { runPrompt, TERMINAL_CALLER, TERMINAL_PLACE } from '../../src/platforms/terminal/prompt.ts';
import { renderTerminal } from '../../src/platforms/terminal/render.ts';
import { type DiscordRig, type Shown, startDiscordRig } from '../rigs/discord/rig.ts';
import { startTelegramRig, type TelegramRig } from '../rigs/telegram/rig.ts';
import type { SeenMessage } from '../rigs/telegram/seen.ts';
import { type DevNetwork, startNetwork } from './network.ts';

/** A second here is a minute of chain time, so that a heartbeat is late within half a minute. */
const CHAIN_SECONDS_PER_BLOCK = 60;
const ALERT_WAIT_MS = 45_000;

const pictureFlag = process.argv.indexOf('--picture');
const picturePath =
  pictureFlag === -1 ? join(tmpdir(), 'assay-demo-history.png') : (process.argv[pictureFlag + 1] ?? 'history.png');

const color = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
const bold = (text: string): string => (color ? `\u001b[1m${text}\u001b[0m` : text);
const say = (text = ''): void => void process.stdout.write(`${text}\n`);
const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  │ ${line}`)
    .join('\n');

/** Closing what was started takes a second or two; whatever hangs does not keep a demo that was told to stop. */
const CLOSE_MS = 5_000;

/** All that is put on disk meanwhile, by the rigs too: it goes with this process, whichever way that ends. */
const folder = mkdtempSync(join(tmpdir(), 'assay-demo-'));
process.env.TMPDIR = folder;
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const stop = new AbortController();
const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
const cleanups: (() => Promise<void>)[] = [];

/** Closed in the end, also when that comes while it is still starting. */
async function opened<T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  cleanups.unshift(async () => (await starting.catch(() => undefined))?.close());
  return await starting;
}

async function close(): Promise<void> {
  for (const cleanup of cleanups.splice(0)) await cleanup();
}

function stopEarly(exitCode: number): void {
  // Once more does not hurry it: a terminal and npm may each pass on the same Ctrl-C.
  if (stop.signal.aborted) return;
  process.exitCode = exitCode;
  say('\nstopping…');
  stop.abort();
  setTimeout(() => process.exit(), CLOSE_MS).unref();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => stopEarly(128 + constants.signals[signal]));
}
// npm passes a signal on to its shell alone, which dies of it and says nothing to us: we are given another parent.
const parent = process.ppid;
if (process.env.npm_lifecycle_event === 'demo') {
  setInterval(() => {
    if (process.ppid !== parent) stopEarly(128 + constants.signals.SIGTERM);
  }, 250).unref();
}
// Who read this has gone, a closed terminal for one: nothing more can be said.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => stopEarly(128 + constants.signals.SIGPIPE));
}

async function asked(where: string, question: string, ask: () => Promise<string>): Promise<void> {
  stop.signal.throwIfAborted();
  const startedAt = performance.now();
  const answer = await ask();
  stop.signal.throwIfAborted();
  say(`\n${bold(`${where}  ${question}`)}  (${Math.round(performance.now() - startedAt)} ms)`);
  say(indent(answer));
}

const discordText = ({ title, description, footer, buttons, files }: Shown): string =>
  [
    title,
    description
      .replaceAll(/^-# /gm, '')
      .replaceAll(/\\([^\w\s])/g, '$1')
      .replaceAll(/<t:(\d+):f>/g, (_, at: string) => new Date(Number(at) * 1000).toISOString().slice(0, 16))
      .replaceAll(/ \(<t:\d+:R>\)/g, ''),
    footer,
    ...files.map(({ name, bytes }) => `[picture ${name}, ${Math.round(bytes / 1024)} KiB]`),
    buttons.map(({ label }) => `[${label}]`).join(' '),
  ]
    .filter((line) => line !== '')
    .join('\n');

const telegramText = ({ text, photo, keyboard }: SeenMessage): string =>
  [
    text,
    ...(photo ? ['[picture]'] : []),
    ...keyboard.map((row) => row.map((button) => `[${button.text}]`).join(' ')),
  ].join('\n');

async function tour(network: DevNetwork, discord: DiscordRig, telegram: TelegramRig, app: App): Promise<void> {
  const ann = telegram.user('Ann');
  const chat = telegram.chats.private(ann);
  const telegramAsk = async (text: string): Promise<string> => {
    const before = telegram.fromBot(chat.id).length;
    telegram.sendText(chat, ann, text);
    return telegramText(await telegram.until(() => telegram.fromBot(chat.id)[before]));
  };
  const telegramEdited = ({ id }: SeenMessage, to: RegExp): Promise<SeenMessage> =>
    telegram.until(() => telegram.fromBot(chat.id).find((one) => one.id === id && to.test(one.text)), ALERT_WAIT_MS);
  const id = (name: string): string => network.find(name).teeId.slice(0, 14);

  await asked('terminal', '/network', async () => {
    const view = await app.dispatcher.runText('/network', TERMINAL_CALLER, TERMINAL_PLACE);
    return renderTerminal(view, { nowMs: systemClock.now(), color });
  });
  await asked('Discord', '/node list', async () => discordText(await discord.slash('node list')));
  await asked('Telegram', `/node status ${id('birch')}`, () => telegramAsk(`/node status ${id('birch')}`));
  await asked('Discord', `/node history ${id('delta')} 7d`, async () => {
    const shown = await discord.slash('node history', { node: id('delta'), window: '7d' }, { timeoutMs: 15_000 });
    const [picture] = shown.files;
    if (picture) {
      mkdirSync(dirname(picturePath), { recursive: true });
      writeFileSync(picturePath, picture.content);
    }
    return `${discordText(shown)}\nThe picture is in ${picturePath}`;
  });
  await asked('Discord', '/alerts add node all', async () =>
    discordText(await discord.slash('alerts add', { kind: 'node', target: 'all' })),
  );
  await asked('Telegram', '/alerts add node all', () => telegramAsk('/alerts add node all'));

  const told = { discord: discord.sent().length, telegram: telegram.fromBot(chat.id).length };
  /** Resolves with what the Telegram chat heard. */
  const alert = async (what: string): Promise<SeenMessage> => {
    stop.signal.throwIfAborted();
    const startedAt = performance.now();
    say(`\n${bold(`>> ${what}`)}`);
    const [shown, message] = await Promise.all([
      waitFor(() => discord.sent()[told.discord]),
      telegram.until(() => telegram.fromBot(chat.id)[told.telegram], ALERT_WAIT_MS),
    ]);
    stop.signal.throwIfAborted();
    told.discord += 1;
    told.telegram += 1;
    say(`${bold('Discord channel heard')}  (after ${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
    say(indent(discordText(shown)));
    say(bold('Telegram chat heard'));
    say(indent(telegramText(message)));
    return message;
  };
  await network.stopNode('cedar');
  const fired = await alert(
    'The node “cedar” stops: no answers, no heartbeats. (One second here is a minute on its chain.)',
  );
  const graver = await telegramEdited(fired, /missed/);
  await asked('Telegram', 'By now the same message says “missed”, and Ann presses [Acknowledge] below it', async () => {
    telegram.press(graver, 'Acknowledge', ann);
    return telegramText(await telegramEdited(fired, /Acknowledged by/));
  });
  await network.returnNode('cedar');
  await alert('“cedar” is started again.');
  await asked('Telegram', '/alerts history', () => telegramAsk('/alerts history'));
  await asked('Telegram', '/network', () => telegramAsk('/network'));
}

async function waitFor<T>(look: () => T | undefined): Promise<T> {
  for (const until = Date.now() + ALERT_WAIT_MS; Date.now() < until; ) {
    const found = look();
    if (found !== undefined) return found;
    await systemClock.sleep(50, stop.signal);
  }
  throw new Error('the alert did not arrive in time');
}

async function main(): Promise<void> {
  const startedAt = performance.now();
  say(bold('Assay demo: a small OpenGradient-like network on this machine, two chats, one bot. No account, no token.'));
  say('Starting a chain with three days of history, six gateways, a Discord and a Telegram to talk in…');
  const [network, discord, telegram] = await Promise.all([
    opened(startNetwork({ pastDays: 3 })),
    opened(startDiscordRig()),
    opened(startTelegramRig()),
  ]);
  stop.signal.throwIfAborted();
  network.run(CHAIN_SECONDS_PER_BLOCK);
  const { config } = parseConfig(
    {
      ...network.env,
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      TELEGRAM_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      DATABASE_URL: `file:${join(folder, 'assay.db')}`,
      OG_PROBE_INTERVAL_SECONDS: '5',
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'error',
    },
    { needsPlatform: true },
  );
  const logger = createLogger(config.logLevel, secretsOf(config));
  // Whoever stops it in the middle of a question need not read that the question broke.
  stop.signal.addEventListener('abort', () => {
    logger.level = 'silent';
  });
  const tools = { clock: systemClock, random: Math.random, logger, version: 'demo' };
  const starting = startApp(config, tools, stop.signal);
  cleanups.unshift(async () => (await starting.catch(() => undefined))?.stop());
  const app = await starting;
  say(`Ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
  // One round of probes, so that the first answers have something to say about reachability.
  await systemClock.sleep(1_500, stop.signal);
  await tour(network, discord, telegram, app);
  say(`\n${bold(`The tour took ${Math.round((performance.now() - startedAt) / 1000)} s.`)}`);
  if (process.stdin.isTTY) {
    say('Ask more: /network, /node list, /node status …, /help. exit or Ctrl-D ends the demo.');
    await runPrompt(app.dispatcher, {
      input: process.stdin,
      output: process.stdout,
      color,
      clock: systemClock,
      signal: stop.signal,
    });
  }
}

try {
  await Promise.race([main(), stopped]);
} catch (error) {
  if (!stop.signal.aborted) {
    process.stderr.write(`demo: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  }
} finally {
  await close();
}
// A question that was being asked waits for an answer that will not come.
if (stop.signal.aborted) process.exit();
