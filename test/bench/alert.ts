import { setTimeout as delay } from 'node:timers/promises';
import type { World } from '../devnet/world.ts';
import { startBotProcess } from '../rigs/botProcess.ts';
import { type Figure, ms, quantileOf } from './figures.ts';
import { fetchPrometheus, startExporter, startPrometheus } from './prometheus.ts';

/** Each of another node, so that none counts as unstable. */
export const ALERTS = 20;
/** Longer than the window in which alerts of one rule become one message. */
const APART_MS = 10_500;
/** What Prometheus with its defaults may take: a scrape, an evaluation, the wait for the group. */
const DEFAULTS_MS = 180_000;

/**
 * From the block that disables a node to the message accepted by both platforms, polled once a second; the same faults at
 * the same moments for Prometheus with Alertmanager, to its webhook, where Debian's packages can be had.
 */
export async function benchAlert(world: World): Promise<Figure[]> {
  const { silentIds } = world.network;
  const env = { ...world.env, OG_POLL_INTERVAL_MS: '1000', OG_PROBE_INTERVAL_SECONDS: '60' };
  const bot = await startBotProcess(env, world.folder);
  world.network.chain.pause();
  await world.discord.slash('alerts add', { kind: 'node', target: 'all' });
  world.telegram.sendText(world.annChat, world.ann, '/alerts add node all');
  await world.telegram.until(() => world.telegram.fromBot(world.annChat.id).length > 0);
  const telegramBefore = world.telegram.fromBot(world.annChat.id).length;
  const discordBefore = world.discord.sent().length;
  const exporter = await startExporter();
  const bin = fetchPrometheus();
  const tightest = bin === null ? null : await startPrometheus(bin, 'tightest', exporter.port);
  const defaults = bin === null ? null : await startPrometheus(bin, 'defaults', exporter.port);
  const failedAt = new Map<string, number>();
  const took = { telegram: [] as number[], discord: [] as number[] };
  for (const [nth, teeId] of silentIds.slice(0, ALERTS).entries()) {
    // Any phase of the bot's own poll is as likely as any other.
    await delay(Math.random() * 1_000);
    // Before the block is even mined: what is measured holds the mining as well.
    const minedAt = performance.now();
    failedAt.set(teeId, minedAt);
    exporter.fail(teeId);
    await world.network.chain.disable(teeId);
    await Promise.all([
      world.telegram
        .until(() => world.telegram.fromBot(world.annChat.id).length > telegramBefore + nth, 20_000)
        .then(() => took.telegram.push(performance.now() - minedAt)),
      (async () => {
        while (world.discord.sent().length <= discordBefore + nth) await delay(2);
        took.discord.push(performance.now() - minedAt);
      })(),
    ]);
    await delay(APART_MS);
  }
  const last = performance.now();
  while (defaults !== null && defaults.heardAt.size < ALERTS && performance.now() - last < DEFAULTS_MS)
    await delay(500);
  const toHook = (heardAt: Map<string, number> | undefined): number[] =>
    [...(heardAt ?? [])].map(([node, at]) => at - (failedAt.get(node) ?? at));
  const rivals = { tightest: toHook(tightest?.heardAt), defaults: toHook(defaults?.heardAt) };
  exporter.close();
  await Promise.all([bot.kill('SIGTERM'), tightest?.close(), defaults?.close()]);
  return figuresOf(took, rivals);
}

function figuresOf(
  took: Record<'telegram' | 'discord', number[]>,
  rivals: Record<'tightest' | 'defaults', number[]>,
): Figure[] {
  const compared = (p95: number): string =>
    rivals.tightest.length === 0
      ? 'Prometheus + Alertmanager could not be had here'
      : `${(quantileOf(rivals.tightest, 0.95) / p95).toFixed(2)} times as soon as Prometheus + Alertmanager at their tightest, ${(quantileOf(rivals.defaults, 0.95) / p95).toFixed(0)} times as soon as with their defaults`;
  const ours = (['discord', 'telegram'] as const).map((platform): Figure => {
    const p95 = quantileOf(took[platform], 0.95);
    return {
      what: `Block to message accepted by ${platform === 'discord' ? 'Discord' : 'Telegram'}, polled every second as for 1 s blocks, ${ALERTS} alerts`,
      measured: `p50 ${ms(quantileOf(took[platform], 0.5))}, p95 ${ms(p95)}`,
      target: 'p95 <= 1.2 s',
      met: p95 <= 1_200,
      comparedTo: compared(p95),
    };
  });
  const theirs = (['tightest', 'defaults'] as const)
    .filter((settings) => rivals[settings].length > 0)
    .map(
      (settings): Figure => ({
        what: `The same faults: to the webhook of Prometheus + Alertmanager, ${settings === 'tightest' ? 'every interval 1 s, no group wait' : 'defaults'} (${rivals[settings].length} of ${ALERTS} arrived)`,
        measured: `p50 ${ms(quantileOf(rivals[settings], 0.5))}, p95 ${ms(quantileOf(rivals[settings], 0.95))}`,
        target: '',
        met: null,
        comparedTo: '',
      }),
    );
  return [...ours, ...theirs];
}
