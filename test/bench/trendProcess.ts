// node test/bench/trendProcess.ts: keeps sets by day and asks for their trends as its input says (a TrendJob); prints Trends.
import { setImmediate as turn } from 'node:timers/promises';
import type { BotContext } from '../../src/bot/context.ts';
import { createDispatcher } from '../../src/bot/dispatch.ts';
import { commands } from '../../src/bot/registry.ts';
import { metricsOf } from '../../src/insight/concentration.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import { type SetKind, type SetMember, setId } from '../../src/lib/influence.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { callerOf, NOW_MS, placeOf } from '../bot/seed.ts';
import { contextDefaults } from '../support/context.ts';
import { answerApart } from './apart.ts';
import { type Strain, strained, threadMs } from './strain.ts';

export interface TrendJob {
  databaseUrl: string;
  days: number;
  questions: number;
}

export interface Trends {
  asking: Strain;
  askedMs: number[];
  /** CPU time of the thread, of the same questions. */
  askedCpuMs: number[];
}

const DAY_MS = 86_400_000;

/** Sets and how many are in each. */
const SETS: readonly [network: string, kind: SetKind, members: number][] = [
  ['bedrock', 'power', 2_000],
  ['bedrock', 'gauge-voters', 400],
  ['bedrock', 'gauges', 20],
  ['opengradient', 'validators', 20],
  ['opengradient', 'operators', 60],
  ['opengradient', 'publishers', 1_000],
];

const membersOn = (count: number, day: number): SetMember[] =>
  Array.from({ length: count }, (_, at): SetMember => {
    const id = `0x${(at + 0xa11).toString(16).padStart(40, '0')}`;
    return { id, label: id, weight: 10n ** 24n / BigInt(at + 1) + BigInt((at * 37 + day * 11) % 90) * 10n ** 18n };
  }).sort((a, b) => (a.weight < b.weight ? 1 : -1));

async function keepAll(store: Store, days: number): Promise<void> {
  for (let ago = days; ago >= 0; ago -= 1) {
    for (const [network, kind, count] of SETS) {
      const members = membersOn(count, days - ago);
      const atMs = NOW_MS - 5_000 - ago * DAY_MS;
      const about = { unit: { symbol: 'BR', decimals: 18 }, left: [], words: 'invented' };
      await store.sets.save(
        { ...about, set: setId(network, kind), network, kind, members, atSeconds: Math.floor(atMs / 1000) },
        metricsOf(members.map(({ weight }) => weight)),
        atMs,
      );
    }
  }
}

await answerApart<TrendJob>(async ({ databaseUrl, days, questions }): Promise<Trends> => {
  const store = await openStore({ databaseUrl });
  await keepAll(store, days);
  let nowMs = NOW_MS;
  const context: BotContext = {
    ...{ store, version: 'bench', ...contextDefaults, thresholds: defaultThresholds, rules: [], random: Math.random },
    clock: { now: () => nowMs, sleep: async () => undefined },
    sendNow: async () => ({ kind: 'sent', messageId: '1' }),
  };
  const failures: unknown[] = [];
  const dispatcher = createDispatcher(context, commands, { report: (error) => failures.push(error) });
  const askedMs: number[] = [];
  const askedCpuMs: number[] = [];
  const asking = await strained(async () => {
    for (let nth = 0; nth < questions; nth += 1) {
      // Questions come from outside: between two of them the process does something else.
      await turn();
      nowMs += 1_000;
      const [network, kind] = SETS[nth % SETS.length] as (typeof SETS)[number];
      const line = `influence trend ${setId(network, kind)} ${days}d`;
      const cpuBefore = threadMs();
      const startedAt = performance.now();
      const view = await dispatcher.runText(line, callerOf('telegram'), placeOf('telegram'));
      askedMs.push(performance.now() - startedAt);
      askedCpuMs.push(threadMs() - cpuBefore);
      const points = view.chart?.panels[0]?.series[0]?.points.length;
      if (points !== days + 1) throw new Error(`${line}: ${points} points, ${view.title}`);
    }
  });
  if (failures.length > 0) throw new Error(`${failures.length} questions failed: ${String(failures[0])}`);
  await store.close();
  return { asking, askedMs, askedCpuMs };
});
