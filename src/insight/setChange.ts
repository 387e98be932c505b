import { shareOf } from '../lib/amount.ts';
import type { SetMember, SetMetrics } from '../lib/influence.ts';
import { metricsOf } from './concentration.ts';

/** One entity's weight then and now; `null` where it was not in the set. Shares are 0 to 1. */
export interface Moved {
  id: string;
  label: string;
  before: bigint | null;
  after: bigint | null;
  shareBefore: number;
  shareAfter: number;
}

/** What of an earlier reading is not known member by member any more. */
interface Others {
  count: number;
  weight: bigint;
}

/**
 * What changed between two readings of a set, those first whose share moved most. Who kept share and weight is not in it. `others`:
 * members of the earlier reading that are lighter than those given and not known by name; who is none of those given may have been
 * one of them, so that only what is more than the lightest of those given is sure to have moved (`before` is null all the same).
 */
export function whoMoved(
  before: readonly SetMember[],
  after: readonly SetMember[],
  limit: number,
  others: Others = { count: 0, weight: 0n },
): Moved[] {
  const [wholeBefore, wholeAfter] = [totalOf(before) + others.weight, totalOf(after)];
  const then = new Map(before.map((member) => [member.id, member]));
  const now = new Map(after.map((member) => [member.id, member]));
  // Of who is not known by name: no more than the lightest who is.
  const lightest = before.map(({ weight }) => weight).reduce(lesser, others.weight);
  const atMost = others.count === 0 ? 0n : lightest;
  const candidates = [...new Set([...then.keys(), ...now.keys()])].map((id) => {
    const [was, is] = [then.get(id), now.get(id)];
    const [weightBefore, weightAfter] = [was?.weight ?? atMost, is?.weight ?? 0n];
    // On one denominator, so that the order is exact.
    const by = weightAfter * wholeBefore - weightBefore * wholeAfter;
    const isSure = was !== undefined || others.count === 0;
    return { id, was, is, by: by >= 0n ? by : isSure ? -by : 0n, isSure };
  });
  return candidates
    .filter(({ was, is, by, isSure }) => by > 0n || (isSure && was?.weight !== is?.weight))
    .sort((a, b) => (a.by === b.by ? (a.id < b.id ? -1 : 1) : a.by > b.by ? -1 : 1))
    .slice(0, limit)
    .map(({ id, was, is }) => ({
      id,
      label: is?.label ?? was?.label ?? id,
      before: was?.weight ?? null,
      after: is?.weight ?? null,
      shareBefore: shareOf(was?.weight ?? 0n, wholeBefore) ?? 0,
      shareAfter: shareOf(is?.weight ?? 0n, wholeAfter) ?? 0,
    }));
}

/** The set without some of its members: their weight is gone, not handed on. */
export function without(
  members: readonly SetMember[],
  ids: ReadonlySet<string>,
): { members: SetMember[]; metrics: SetMetrics } {
  const left = members.filter(({ id }) => !ids.has(id));
  return { members: left, metrics: metricsOf(left.map(({ weight }) => weight)) };
}

const lesser = (a: bigint, b: bigint): bigint => (a < b ? a : b);

const totalOf = (members: readonly SetMember[]): bigint => members.reduce((sum, { weight }) => sum + weight, 0n);
