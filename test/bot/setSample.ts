import { metricsOf } from '../../src/insight/concentration.ts';
import { SET_KINDS, type SetMember } from '../../src/lib/influence.ts';
import type { Store } from '../../src/store/store.ts';
import { NOW_MS } from './seed.ts';

const DAY_MS = 86_400_000;

/** An address that is told apart at its beginning. */
export const address = (nth: number): string => `0x${(nth + 0xa0).toString(16)}${nth.toString(16).padStart(38, '0')}`;

/** Members that are called by their addresses, heaviest first. */
export const wallets = (weights: readonly number[]): SetMember[] =>
  weights.map((weight, nth) => ({ id: address(nth), label: address(nth), weight: BigInt(weight) }));

export const named = (weights: Readonly<Record<string, number>>): SetMember[] =>
  Object.entries(weights).map(([label, weight], nth) => ({ id: address(nth), label, weight: BigInt(weight) }));

interface More {
  /** Whole days before now, less five seconds. */
  daysAgo?: number;
  /** Instead: how long before now. */
  agoMs?: number;
  left?: string[];
}

/** Keeps a set (`bedrock.power`) as the collector does. */
export async function keepSet(store: Store, set: string, members: SetMember[], more: More = {}): Promise<void> {
  const { daysAgo = 0, agoMs = daysAgo * DAY_MS + 5_000, left = [] } = more;
  const [network = '', name] = set.split('.');
  const kind = SET_KINDS.find((one) => one === name);
  if (kind === undefined) throw new Error(`${set} is no set`);
  const atMs = NOW_MS - agoMs;
  const about = { left, unit: { symbol: 'BR', decimals: 0 }, words: `the contracts of ${network}` };
  await store.sets.save(
    { ...about, set, network, kind, atSeconds: Math.floor(atMs / 1000), members },
    metricsOf(members.map(({ weight }) => weight)),
    atMs,
  );
}

/** `2026-11-14` of seven days ago. */
export const dayAgo = (days: number): string => new Date(NOW_MS - days * DAY_MS).toISOString().slice(0, 10);
