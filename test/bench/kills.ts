import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { openStore } from '../../src/store/openStore.ts';
import { startWorld, type World } from '../devnet/world.ts';
import { spawnAssay } from '../rigs/assayProcess.ts';
import { startBotProcess } from '../rigs/botProcess.ts';
import type { Figure } from './figures.ts';

const KILLS = 500;
const FAULTS = 100;
const TELEGRAM_CHATS = 19;
/** From before the store is open to after messages are sent: a start takes about a second. */
const LIVES_MS = { least: 200, most: 2_200 };
const DRAIN_MS = 180_000;

/** Messages that a reader sees, by id: a copy that Discord dropped by its nonce has the id of the first. */
function shown(world: World, chats: readonly number[]): { discord: string[]; telegram: string[] } {
  const posts = world.discord.proxy.recorded.filter(
    ({ method, path, status }) =>
      method === 'POST' && path === `/channels/${world.discord.channelId}/messages` && status === 200,
  );
  return {
    discord: [...new Set(posts.map(({ response }) => (response as { id: string }).id))],
    telegram: chats.flatMap((chat) => world.telegram.fromBot(chat).map(({ id }) => `${chat}/${id}`)),
  };
}

/**
 * The real process is killed with -9 at random moments, starting included, while nodes are disabled one after the other in
 * front of twenty chats. Every delivery must end as sent, in a message that its chat shows; what a chat shows beyond
 * those is a repetition.
 */
export async function benchKills(): Promise<Figure[]> {
  const world = await startWorld({ gateways: 1, silent: FAULTS });
  try {
    world.network.chain.run(1, 500);
    const first = await startBotProcess(world.env, world.folder);
    await first.kill('SIGTERM');
    const chats = await subscribe(world);
    const faults = inject(world);
    for (let kill = 0; kill < KILLS; kill += 1) {
      const bot = spawnAssay(['start'], world.env, world.folder, { limitMs: null });
      await delay(LIVES_MS.least + Math.random() * (LIVES_MS.most - LIVES_MS.least));
      bot.signal('SIGKILL');
      await bot.ended;
    }
    await faults;
    const last = await startBotProcess(world.env, world.folder);
    const rows = new DatabaseSync(world.env.DATABASE_URL?.replace('file:', '') ?? '', { readOnly: true });
    const waiting = (): number =>
      Number(rows.prepare(`SELECT count(*) AS n FROM "Delivery" WHERE state <> 'sent'`).get()?.n);
    const all = (): number => Number(rows.prepare('SELECT count(*) AS n FROM "Delivery"').get()?.n);
    const expected = FAULTS * (TELEGRAM_CHATS + 1);
    for (const end = Date.now() + DRAIN_MS; Date.now() < end && (waiting() > 0 || all() < expected); ) await delay(200);
    await last.kill('SIGTERM');
    const named = {
      discord: messageIds(rows, 'discord', (row) => String(row.messageId)),
      telegram: messageIds(rows, 'telegram', (row) => `${row.chatId}/${row.messageId}`),
    };
    const sent = Number(rows.prepare(`SELECT count(*) AS n FROM "Delivery" WHERE state = 'sent'`).get()?.n);
    const states = rows
      .prepare('SELECT state, count(*) AS n, min(error) AS error FROM "Delivery" GROUP BY state')
      .all();
    const incidents = rows.prepare('SELECT rule, state, count(*) AS n FROM "Incident" GROUP BY rule, state').all();
    rows.close();
    if (sent < expected) {
      process.stderr.write(`${JSON.stringify({ states, incidents })}\n${last.output().slice(-4_000)}\n`);
    }
    return figuresOf(world, named, shown(world, chats), { expected, sent });
  } finally {
    await world.close();
  }
}

async function subscribe(world: World): Promise<number[]> {
  const store = await openStore({ databaseUrl: world.env.DATABASE_URL as string });
  const people = Array.from({ length: TELEGRAM_CHATS }, (_, nth) => {
    const chat = world.telegram.chats.private(world.telegram.user(`Reader ${nth}`));
    // Telegram lets a bot write only to whom wrote first.
    chat.started = true;
    return chat;
  });
  const addresses = [
    { platform: 'discord' as const, chatId: world.discord.channelId, threadId: null },
    ...people.map(({ id }) => ({ platform: 'telegram' as const, chatId: String(id), threadId: null })),
  ];
  for (const address of addresses) {
    await store.subscriptions.add({
      ...{
        address,
        title: 'reader',
        kind: 'private',
        family: 'node',
        rule: 'node.disabled',
        scope: 'all',
        subject: '',
      },
      ...{ createdBy: 'bench', nowMs: Date.now() },
    });
  }
  await store.close();
  return people.map(({ id }) => id);
}

async function inject(world: World): Promise<void> {
  const pauseMs = (KILLS * (LIVES_MS.least + LIVES_MS.most)) / 2 / FAULTS;
  for (const teeId of world.network.silentIds) {
    await world.network.chain.disable(teeId);
    await delay(pauseMs * 0.9);
  }
}

function messageIds(
  rows: DatabaseSync,
  platform: string,
  key: (row: Record<string, unknown>) => string,
): ReadonlySet<string> {
  const found = rows
    .prepare(
      `SELECT x."chatId", d."messageId" FROM "Delivery" d JOIN "Destination" x ON x.id = d."destinationId"
       WHERE x.platform = ? AND d.state = 'sent'`,
    )
    .all(platform);
  return new Set(found.map(key));
}

function figuresOf(
  world: World,
  named: Record<'discord' | 'telegram', ReadonlySet<string>>,
  seen: Record<'discord' | 'telegram', string[]>,
  { expected, sent }: { expected: number; sent: number },
): Figure[] {
  const lost = (['discord', 'telegram'] as const).flatMap((platform) =>
    [...named[platform]].filter((id) => !seen[platform].includes(id)),
  );
  const repeated = {
    discord: seen.discord.filter((id) => !named.discord.has(id)).length,
    telegram: seen.telegram.filter((id) => !named.telegram.has(id)).length,
  };
  return [
    {
      what: `${KILLS} kill -9 of the real process at random moments, ${expected} deliveries to ${TELEGRAM_CHATS + 1} chats`,
      measured: `${sent} sent, ${expected - sent + lost.length} lost; shown twice: ${repeated.discord} on Discord (${world.discord.proxy.duplicatesDropped()} copies dropped by nonce), ${repeated.telegram} on Telegram`,
      target: `none lost, none twice on Discord, at most ${KILLS} on Telegram`,
      met: sent === expected && lost.length === 0 && repeated.discord === 0 && repeated.telegram <= KILLS,
      comparedTo: '',
    },
  ];
}
