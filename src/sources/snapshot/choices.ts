import { parseDecimal } from '../../lib/decimal.ts';
import type { VoteReading } from '../../lib/governanceFacts.ts';

const DECIMALS = 18;
const ONE = 10n ** 18n;

/**
 * What a vote chose, as `VoteReading.choices`, of so many choices; the hub counts them from 1. Approved ones share the vote equally, of
 * a ranking the first one counts, weights are shares of their sum. Empty where it cannot be known (encrypted until the end,
 * or no such choice).
 */
export function readChoices(choice: unknown, type: string, count: number): VoteReading['choices'] {
  const isOne = (number: number): boolean => Number.isInteger(number) && number >= 1 && number <= count;
  if (typeof choice === 'number') return isOne(choice) ? [{ choice: choice - 1, weight: '1' }] : [];
  if (Array.isArray(choice)) {
    const chosen = [...new Set(choice.slice(0, count).map(Number))].filter(isOne);
    const counted = type === 'ranked-choice' ? chosen.slice(0, 1) : chosen;
    return shares(counted.map((number) => [number, 1n]));
  }
  if (typeof choice !== 'object' || choice === null) return [];
  const weights = Object.entries(choice)
    .slice(0, count)
    .map(([key, weight]): [number, bigint] => [Number(key), parseDecimal(String(weight), DECIMALS) ?? 0n])
    .filter(([number, weight]) => isOne(number) && weight > 0n);
  return shares(weights);
}

/** Decimal texts that add up to exactly 1: what rounding leaves is the last one's. */
function shares(weights: readonly (readonly [number, bigint])[]): VoteReading['choices'] {
  const sum = weights.reduce((total, [, weight]) => total + weight, 0n);
  if (sum === 0n) return [];
  let left = ONE;
  return weights.map(([number, weight], index) => {
    const share = index === weights.length - 1 ? left : (weight * ONE) / sum;
    left -= share;
    return { choice: number - 1, weight: text(share) };
  });
}

function text(share: bigint): string {
  if (share === ONE) return '1';
  const digits = share.toString().padStart(DECIMALS, '0').replace(/0+$/, '');
  return digits === '' ? '0' : `0.${digits}`;
}
