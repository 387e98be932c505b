import type { EpochParticipation } from './participation.ts';

/** As many epochs make the median. */
const EPOCHS = 4;

/** The newest epoch that is over against the median of the four before it. */
export interface MedianDrop {
  epoch: number;
  /** What is compared: voters of all who could vote where that is known of all five epochs, otherwise voters. */
  measure: 'turnout by wallets' | 'voters';
  now: number;
  median: number;
  /** 1 - now / median; below 0 when it rose. */
  drop: number;
  isBelow: boolean;
  /** A season began within these epochs. Wallets are comparable across it, power is not, which is why wallets are compared. */
  acrossReset: boolean;
}

/**
 * null: fewer than five epochs are over, or nobody voted in the four before. `isBelow`: below the median by that many percent or
 * more, by whole numbers.
 */
export function medianDrop(participations: readonly EpochParticipation[], dropPercent: number): MedianDrop | null {
  const over = participations.filter(({ isOver }) => isOver).slice(-(EPOCHS + 1));
  const newest = over.at(-1);
  if (newest === undefined || over.length <= EPOCHS) return null;
  const byTurnout = over.every(({ eligibleWallets }) => eligibleWallets !== null && eligibleWallets > 0);
  const fractions = over.map(({ voters, eligibleWallets }): Fraction => {
    return { num: BigInt(voters), den: byTurnout ? BigInt(eligibleWallets as number) : 1n };
  });
  const now = fractions.at(-1) as Fraction;
  const [, low, high] = fractions.slice(0, -1).sort(compare) as [Fraction, Fraction, Fraction];
  const median = { num: low.num * high.den + high.num * low.den, den: 2n * low.den * high.den };
  if (median.num === 0n) return null;
  const share = floatOf(now) / floatOf(median);
  return {
    epoch: newest.epoch,
    measure: byTurnout ? 'turnout by wallets' : 'voters',
    now: floatOf(now),
    median: floatOf(median),
    drop: 1 - share,
    isBelow: now.num * median.den * 100n <= BigInt(100 - dropPercent) * median.num * now.den,
    acrossReset: over.slice(1).some(({ acrossReset }) => acrossReset),
  };
}

interface Fraction {
  num: bigint;
  den: bigint;
}

const compare = (a: Fraction, b: Fraction): number => Number(a.num * b.den - b.num * a.den);
const floatOf = ({ num, den }: Fraction): number => Number(num) / Number(den);
