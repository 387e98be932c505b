import type { Unit } from './governanceFacts.ts';

const STEPS: readonly [power: number, letter: string][] = [
  [9, 'G'],
  [6, 'M'],
  [3, 'k'],
];

/** `12.5k BR`, `3 power`, `< 0.001 BR`: three digits or so, rounded down, never to zero what is not. */
export function amount(value: bigint, { symbol, decimals }: Unit): string {
  return `${bare(value, decimals)} ${symbol}`.trim();
}

function bare(value: bigint, decimals: number): string {
  if (value < 0n) return `-${bare(-value, decimals)}`;
  const one = 10n ** BigInt(decimals);
  // From ten thousand on in thousands, as a chart does.
  for (const [power, letter] of STEPS) {
    const size = one * 10n ** BigInt(power);
    if (value >= size && (power > 3 || value >= size * 10n)) return `${digits(value, size)}${letter}`;
  }
  if (value > 0n && value * 1000n < one) return '< 0.001';
  return digits(value, one);
}

/** Up to three places after the point, fewer the larger it is. */
function digits(value: bigint, one: bigint): string {
  const whole = value / one;
  const places = whole >= 100n ? 0 : whole >= 10n ? 1 : whole >= 1n ? 2 : 3;
  const scale = 10n ** BigInt(places);
  const part = ((value % one) * scale) / one;
  const text = places === 0 ? '' : String(part).padStart(places, '0').replace(/0+$/, '');
  return text === '' ? String(whole) : `${whole}.${text}`;
}

/** `part / whole` as a number, by whole numbers until the last step; null where there is no whole. */
export function shareOf(part: bigint, whole: bigint): number | null {
  if (whole <= 0n) return null;
  return Number((part * 1_000_000_000_000n) / whole) / 1e12;
}
