import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from '../devnet/world.ts';
import { type BotProcess, startBotProcess } from '../rigs/botProcess.ts';

/** Each step is met this often, once with a node being disabled and once with it being enabled, in turn. */
const ROUNDS = 4;
const WAIT_MS = 20_000;

let world: World;
let bot: BotProcess;
/** The bot's own file, read from outside while it works. */
let rows: DatabaseSync;

/**
 * As if hours had passed: alerts of ten seconds become one message, and what comes and goes five times an hour is told as
 * unstable, but here each is to be told by itself.
 */
function hoursLater(): void {
  const file = new DatabaseSync(world.env.DATABASE_URL?.replace('file:', '') ?? '', { timeout: 5_000 });
  const past = 2 * 3_600_000;
  file.exec(`UPDATE "Delivery" SET "createdAtMs" = "createdAtMs" - ${past};
    UPDATE "Incident" SET "firedAtMs" = "firedAtMs" - ${past}, "resolvedAtMs" = "resolvedAtMs" - ${past}`);
  file.close();
}

beforeAll(async () => {
  world = await startWorld({ gateways: 2, startSeconds: Math.floor(Date.now() / 1000) - 86_400 });
  world.network.run(1, 200);
  bot = await startBotProcess(world.env, world.folder);
  rows = new DatabaseSync(world.env.DATABASE_URL?.replace('file:', '') ?? '', { readOnly: true });
  await world.discord.slash('alerts add', { kind: 'node', target: 'all' });
  world.telegram.sendText(world.annChat, world.ann, '/alerts add node all');
  await world.telegram.until(() => world.telegram.fromBot(world.annChat.id).length === 1);
});

afterAll(async () => {
  await bot.kill('SIGKILL');
  rows.close();
  await world.close();
});

async function until(what: string, look: () => boolean): Promise<void> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await delay(1)) if (look()) return;
  throw new Error(`not within ${WAIT_MS} ms: ${what}\n${bot.output().slice(-2_000)}`);
}

const count = (sql: string): number => {
  try {
    return Number(Object.values(rows.prepare(sql).get() ?? {})[0] ?? 0);
  } catch (error) {
    // The file is being rewritten by a process that was killed in a commit and is starting again.
    if (/locked|busy/i.test(String(error))) return 0;
    throw error;
  }
};
const events = (): number => count('SELECT count(*) FROM "IncidentEvent"');
const inState = (state: string, platform: string): number =>
  count(
    `SELECT count(*) FROM "Delivery" d JOIN "Destination" x ON x.id = d."destinationId" WHERE d.state = '${state}' AND x.platform = '${platform}'`,
  );
const waiting = (): number => count(`SELECT count(*) FROM "Delivery" WHERE state IN ('pending', 'sending')`);

/** Messages that a reader sees: a copy that Discord dropped by its nonce has the same id. */
const discordMessages = (): string[] => [
  ...new Set(
    world.discord.proxy.recorded
      .filter(
        ({ method, path, status }) => method === 'POST' && /^\/channels\/\d+\/messages$/.test(path) && status === 200,
      )
      .map(
        ({ response, body }) =>
          `${(response as { id: string }).id} ${(body as { embeds: { title: string }[] }).embeds[0]?.title}`,
      ),
  ),
];
const telegramMessages = (): string[] =>
  world.telegram
    .fromBot(world.annChat.id)
    .slice(1)
    .map(({ id, text }) => `${id} ${text.split('\n')[0]}`);

const requests = { discord: () => world.discord.proxy.recorded.length, telegram: () => world.telegram.calls.length };

/** Where in an alert's life the process is killed. `before` is counted before the chain changes. */
const STEPS: Record<
  string,
  (before: { events: number; sent: Record<'discord' | 'telegram', number> }) => Promise<void>
> = {
  'before the change is on chain': async () => undefined,
  'when the event is stored': async () => {
    const stored = count('SELECT count(*) FROM "RegistryEvent"');
    await until('a stored event', () => count('SELECT count(*) FROM "RegistryEvent"') > stored);
  },
  'when incident and deliveries are recorded': async (before) =>
    await until('recorded', () => events() > before.events),
  'when Telegram’s delivery is claimed': async (before) =>
    await until(
      'claimed',
      () => inState('sending', 'telegram') > 0 || inState('sent', 'telegram') > before.sent.telegram,
    ),
  'when Discord’s delivery is claimed': async (before) =>
    await until('claimed', () => inState('sending', 'discord') > 0 || inState('sent', 'discord') > before.sent.discord),
  'when Telegram has the message and has not answered': async () => {
    const before = telegramMessages().length;
    world.telegram.inject('sendMessage', { kind: 'accept-and-hang' });
    await until('accepted', () => telegramMessages().length > before);
  },
  'when Discord has the message and has not answered': async () => {
    const before = requests.discord();
    world.discord.proxy.inject('POST', /\/channels\/\d+\/messages$/, 'lost-answer');
    await until('accepted', () =>
      world.discord.proxy.recorded
        .slice(before)
        .some(({ method, path }) => method === 'POST' && path.endsWith('/messages')),
    );
  },
  'when Telegram has answered': async () => {
    const before = telegramMessages().length;
    await until('answered', () => telegramMessages().length > before);
  },
  'when Discord has answered': async () => {
    const before = discordMessages().length;
    await until('answered', () => discordMessages().length > before);
  },
  'when Telegram’s delivery is marked': async (before) =>
    await until('marked', () => inState('sent', 'telegram') > before.sent.telegram),
  'when Discord’s delivery is marked': async (before) =>
    await until('marked', () => inState('sent', 'discord') > before.sent.discord),
  'at any moment': async () => {
    await delay(Math.random() * 600);
  },
  'at any moment, later': async () => {
    await delay(300 + Math.random() * 900);
  },
};

it(`loses no alert and repeats at most one a kill, over ${Object.keys(STEPS).length * ROUNDS} kills of the real process`, async () => {
  let disabled = false;
  let kills = 0;
  let repeatsOnTelegram = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [step, reached] of Object.entries(STEPS)) {
      hoursLater();
      const told = { discord: discordMessages().length, telegram: telegramMessages().length };
      const before = {
        events: events(),
        sent: { discord: inState('sent', 'discord'), telegram: inState('sent', 'telegram') },
      };
      const moment = reached(before);
      await (disabled ? world.network.enable('birch') : world.network.disable('birch'));
      disabled = !disabled;
      await moment;
      await bot.kill('SIGKILL');
      kills += 1;
      bot = await startBotProcess(world.env, world.folder);
      await until(`recorded after a kill ${step}`, () => events() === before.events + 1 && waiting() === 0);

      const title = disabled ? 'Node disabled' : 'Node enabled again';
      const newOnDiscord = discordMessages().slice(told.discord);
      const newOnTelegram = telegramMessages().slice(told.telegram);
      expect(
        newOnDiscord.filter((text) => text.includes(title)),
        `Discord, killed ${step}`,
      ).toHaveLength(1);
      expect(newOnTelegram.length, `Telegram, killed ${step}`).toBeGreaterThanOrEqual(1);
      expect(newOnTelegram.length, `Telegram, killed ${step}`).toBeLessThanOrEqual(2);
      for (const text of newOnTelegram) expect(text).toContain(title);
      repeatsOnTelegram += newOnTelegram.length - 1;
    }
  }
  expect(discordMessages()).toHaveLength(kills);
  process.stdout.write(
    `kill -9: ${kills} kills, ${kills} alerts in each of 2 chats, none lost; repeated: 0 on Discord ` +
      `(${world.discord.proxy.duplicatesDropped()} copies dropped by nonce), ${repeatsOnTelegram} on Telegram\n`,
  );
}, 480_000);

it('tells of a silent node once and of its return once, killed again and again from the late beat to the next one', async () => {
  hoursLater();
  const told = { discord: discordMessages().length, telegram: telegramMessages().length };
  const heard = () => telegramMessages().slice(told.telegram);
  world.network.run(120, 200);
  await world.network.stopNode('amber');
  let kills = 0;
  const killUntil = async (what: string, seen: () => boolean): Promise<void> => {
    for (const end = Date.now() + WAIT_MS; !seen(); kills += 1) {
      if (Date.now() > end) throw new Error(`not within ${WAIT_MS} ms: ${what}\n${bot.output().slice(-2_000)}`);
      await delay(Math.random() * 900);
      await bot.kill('SIGKILL');
      bot = await startBotProcess(world.env, world.folder);
    }
  };
  await killUntil('expired', () => heard().some((text) => text.includes('inactive on chain')));
  await until('all told', () => waiting() === 0);
  expect(heard().length).toBeLessThanOrEqual(1 + kills);
  expect(discordMessages().slice(told.discord)).toHaveLength(1);

  await world.network.returnNode('amber');
  await killUntil('the return', () => heard().some((text) => text.includes('Node is back')));
  await until('all told', () => waiting() === 0);
  expect(discordMessages().slice(told.discord)).toHaveLength(2);
  expect(discordMessages().at(-1)).toContain('Node is back');
  expect(heard().length).toBeLessThanOrEqual(2 + kills);
  process.stdout.write(
    `kill -9: ${kills} more kills while one node was silent; told ${heard().length} times on Telegram\n`,
  );
}, 240_000);
