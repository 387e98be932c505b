import { setTimeout as delay } from 'node:timers/promises';
import type { World } from '../devnet/world.ts';
import { startBotProcess } from '../rigs/botProcess.ts';
import { type Figure, ms, quantileOf } from './figures.ts';

const ALERTS = 60;

/** From the block that disables a node to the message accepted by both platforms, polled once a second. */
export async function benchAlert(world: World): Promise<Figure[]> {
  const env = { ...world.env, OG_POLL_INTERVAL_MS: '1000', OG_PROBE_INTERVAL_SECONDS: '60' };
  const bot = await startBotProcess(env, world.folder);
  world.network.chain.pause();
  await world.discord.slash('alerts add', { kind: 'node', target: 'all' });
  world.telegram.sendText(world.annChat, world.ann, '/alerts add node all');
  await world.telegram.until(() => world.telegram.fromBot(world.annChat.id).length > 0);
  const telegramBefore = world.telegram.fromBot(world.annChat.id).length;
  const discordBefore = world.discord.sent().length;
  const took = { telegram: [] as number[], discord: [] as number[] };
  for (let nth = 0; nth < ALERTS; nth += 1) {
    // Any phase of the bot's own poll is as likely as any other.
    await delay(Math.random() * 1_000);
    // Before the block is even mined: what is measured holds the mining as well.
    const minedAt = performance.now();
    await (nth % 2 === 0 ? world.network.disable('birch') : world.network.enable('birch'));
    await Promise.all([
      world.telegram
        .until(() => world.telegram.fromBot(world.annChat.id).length > telegramBefore + nth, 10_000)
        .then(() => took.telegram.push(performance.now() - minedAt)),
      (async () => {
        while (world.discord.sent().length <= discordBefore + nth) await delay(2);
        took.discord.push(performance.now() - minedAt);
      })(),
    ]);
  }
  await bot.kill('SIGTERM');
  return (['discord', 'telegram'] as const).map((platform) => {
    const p95 = quantileOf(took[platform], 0.95);
    return {
      what: `Block to message accepted by ${platform === 'discord' ? 'Discord' : 'Telegram'}, polled every second as for 1 s blocks, ${ALERTS} alerts`,
      measured: `p50 ${ms(quantileOf(took[platform], 0.5))}, p95 ${ms(p95)}`,
      target: 'p95 <= 1.2 s',
      met: p95 <= 1_200,
      comparedTo: `${(50_000 / p95).toFixed(0)} times sooner than Prometheus + Alertmanager by default (about 50 s, not run here)`,
    };
  });
}
