import type { ValidatorReading } from '../lib/governanceFacts.ts';

const PPM = 1_000_000;

/**
 * Blocks of the window that a validator may miss; with one more it is jailed. null: not known. As x/slashing reckons
 * (keeper/params.go, MinSignedPerWindow): what must be signed is rounded to a whole block, halves to the even one.
 */
export function missedAllowed({
  windowBlocks,
  minSignedPpm,
}: Pick<ValidatorReading, 'windowBlocks' | 'minSignedPpm'>): number | null {
  if (windowBlocks === null || minSignedPpm === null) return null;
  // Below 2^31 times a million: whole as a number.
  const product = windowBlocks * Math.min(minSignedPpm, PPM);
  const [whole, rest] = [Math.floor(product / PPM), product % PPM];
  const isUp = rest * 2 > PPM || (rest * 2 === PPM && whole % 2 === 1);
  return windowBlocks - whole - (isUp ? 1 : 0);
}
