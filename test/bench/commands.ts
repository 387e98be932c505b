import { createDispatcher } from '../../src/bot/dispatch.ts';
import { commands } from '../../src/bot/registry.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { addValue } from '../../src/lib/histogram.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { HourRollup, Store } from '../../src/store/store.ts';
import { callerOf, placeOf } from '../bot/seed.ts';
import { contextDefaults } from '../support/context.ts';
import { type Figure, ms, quantileOf, thousands } from './figures.ts';

const COMMANDS = 10_000;
const DAYS = 30;

/** Thirty days of hourly roll-ups for every node: what a month of watching leaves behind. */
async function seedHistory(store: Store): Promise<number> {
  const facts = await store.nodes.facts();
  const toHour = Math.floor(Date.now() / 3_600_000);
  const rows: HourRollup[] = [];
  for (const [index, { id }] of (facts?.nodes ?? []).entries()) {
    let histogram: Uint8Array | null = null;
    for (let sample = 0; sample < 20; sample += 1)
      histogram = addValue(histogram, 20 + ((index * 7 + sample * 13) % 180));
    for (let hour = toHour - DAYS * 24; hour < toHour; hour += 1) {
      const reached = 60 - ((index + hour) % 5);
      rows.push({
        nodeId: id,
        hour,
        beats: 4,
        coveredSeconds: 3_600,
        activeSeconds: 3_600 - ((index * hour) % 90),
        probes: 60,
        reached,
        latencyHistogram: histogram,
      });
    }
  }
  await store.history.addHours(rows);
  return rows.length;
}

/** A mix as a busy server would ask: mostly single nodes and lists, history and overview now and then. */
export function question(nth: number, ids: readonly string[]): string {
  const id = ids[(nth * 7_919) % ids.length] as string;
  const mix = [
    `/node status ${id.slice(0, 14)}`,
    '/network',
    `/node list page:${1 + (nth % 20)}`,
    `/node history ${id.slice(0, 14)} 7d`,
    `/node status ${id}`,
    '/node list state:ok type:LLMProxy',
    `/node history ${id.slice(0, 14)} 30d`,
    `/node status ${id.slice(0, 3)}`,
    '/alerts list',
    `/node history ${id.slice(0, 14)} 24h`,
    '/help',
    `/node status nothing-like-${nth}`,
  ];
  return mix[nth % mix.length] as string;
}

export async function benchCommands(databaseUrl: string): Promise<Figure[]> {
  const store = await openStore({ databaseUrl });
  const rows = await seedHistory(store);
  const facts = await store.nodes.facts();
  const ids = (facts?.nodes ?? []).map(({ records }) => records[0]?.teeId as string);
  const context = {
    store,
    clock: systemClock,
    version: 'bench',
    ...contextDefaults,
    thresholds: defaultThresholds,
    rules: [],
    random: Math.random,
    sendNow: async () => ({ kind: 'sent', messageId: '1' }) as const,
  };
  const failures: unknown[] = [];
  const dispatcher = createDispatcher(context, commands, { report: (error) => failures.push(error) });
  const times: number[] = [];
  const byCommand = new Map<string, number[]>();
  for (let nth = 0; nth < COMMANDS; nth += 1) {
    const text = question(nth, ids);
    const startedAt = performance.now();
    await dispatcher.runText(text, callerOf('telegram'), placeOf('telegram'));
    const took = performance.now() - startedAt;
    times.push(took);
    const name = text
      .split(' ')
      .slice(0, 2)
      .join(' ')
      .replace(/ (0x|page).*/, '');
    byCommand.set(name, [...(byCommand.get(name) ?? []), took]);
  }
  const typing: number[] = [];
  for (let nth = 0; nth < 1_000; nth += 1) {
    const startedAt = performance.now();
    await dispatcher.suggest(['node', 'status'], 'node', (ids[nth % ids.length] as string).slice(0, 2 + (nth % 8)));
    typing.push(performance.now() - startedAt);
  }
  await store.close();
  if (failures.length > 0) throw new Error(`${failures.length} commands failed: ${String(failures[0])}`);
  const p99 = quantileOf(times, 0.99);
  const slowest = [...byCommand]
    .map(([name, list]): [string, number] => [name, quantileOf(list, 0.99)])
    .sort(([, a], [, b]) => b - a)[0];
  return [
    {
      what: `${thousands(COMMANDS)} mixed commands in process, ${thousands(ids.length)} nodes, ${thousands(rows)} hourly roll-ups (${DAYS} days)`,
      measured: `p50 ${ms(quantileOf(times, 0.5))}, p99 ${ms(p99)}`,
      target: 'p99 <= 20 ms',
      met: p99 <= 20,
      comparedTo: slowest ? `slowest command: \`${slowest[0]}\`, p99 ${ms(slowest[1])}` : '',
    },
    {
      what: 'Autocomplete while typing a node',
      measured: `p50 ${ms(quantileOf(typing, 0.5))}, p99 ${ms(quantileOf(typing, 0.99))}`,
      target: '',
      met: null,
      comparedTo: '',
    },
  ];
}
