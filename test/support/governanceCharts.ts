import { metricsOf } from '../../src/insight/concentration.ts';
import type { Chart } from '../../src/lib/chart.ts';
import { type SetKind, type SetMember, setId } from '../../src/lib/influence.ts';
import type { Store } from '../../src/store/store.ts';
import { botOn, callerOf, NOW_MS, placeOf } from '../bot/seed.ts';
import { seedGovernance } from '../bot/seedGovernance.ts';

const DAY_MS = 86_400_000;
const DAYS = 90;
const BR = 10n ** 18n;

/** By name, the question whose answer has that picture. */
const QUESTIONS: Readonly<Record<string, string>> = {
  'influence-lorenz': 'influence compare opengradient.operators bedrock.power',
  'influence-trend': 'influence trend bedrock.power 90d',
  'gov-proposal': 'gov proposal 12 network:opengradient',
  'gov-participation': 'gov participation network:bedrock',
  'gov-gauges': 'gov gauges network:bedrock',
};

/** The five kinds of charts of governance, as the commands answer them from a store with invented governance. Fills that store. */
export async function governanceCharts(store: Store): Promise<Map<string, Chart>> {
  await seedGovernance(store);
  await seedPower(store);
  const bot = botOn(store);
  const charts = new Map<string, Chart>();
  for (const [name, line] of Object.entries(QUESTIONS)) {
    const { chart, title } = await bot.runText(line, callerOf('terminal'), placeOf('terminal'));
    if (chart === undefined) throw new Error(`the answer to ${line} has no chart: ${title}`);
    charts.set(name, chart);
  }
  return charts;
}

async function keep(store: Store, network: string, kind: SetKind, weights: readonly bigint[], atMs: number) {
  const members = weights
    .map((weight, at): SetMember => {
      const id = `0x${(at + 0xa11).toString(16).padStart(40, '0')}`;
      return { id, label: id, weight };
    })
    .filter(({ weight }) => weight > 0n)
    .sort((a, b) => (a.weight < b.weight ? 1 : -1));
  const unit = kind === 'operators' ? { symbol: 'nodes', decimals: 0 } : { symbol: 'BR', decimals: 18 };
  const about = { unit, atSeconds: Math.floor(atMs / 1000), left: [], words: 'invented for a picture' };
  const reading = { set: setId(network, kind), network, kind, members, ...about };
  await store.sets.save(reading, metricsOf(members.map(({ weight }) => weight)), atMs);
}

/** Ninety days in which two wallets grow, the others come and go, and the bot was off for a week. */
async function seedPower(store: Store): Promise<void> {
  for (let ago = DAYS; ago >= 0; ago -= 1) {
    if (ago > 48 && ago < 56) continue;
    const grown = BigInt(DAYS - ago);
    const weights = Array.from({ length: 60 }, (_, at) => {
      if (at < 2) return (30_000n + grown * grown * (at === 0 ? 26n : 9n)) * BR;
      return BigInt(Math.round(42_000 / (1 + at / 3) + ((at * 37 + ago * 11) % 90) * 12)) * BR;
    });
    await keep(store, 'bedrock', 'power', weights, NOW_MS - 5_000 - ago * DAY_MS);
  }
  const nodes = Array.from({ length: 40 }, (_, at) => BigInt(1 + (at % 5 === 0 ? 3 : 0) + (at === 0 ? 7 : 0)));
  await keep(store, 'opengradient', 'operators', nodes, NOW_MS - 5_000);
}
