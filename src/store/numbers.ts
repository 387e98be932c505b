/** Columns are BigInt so that moments fit; in the code they are numbers (safe until the year 287396). */
export const fromBig = (value: bigint): number => Number(value);
export const fromBigOrNull = (value: bigint | null): number | null => (value === null ? null : Number(value));
export const toBig = (value: number): bigint => BigInt(Math.trunc(value));
export const toBigOrNull = (value: number | null): bigint | null => (value === null ? null : toBig(value));

const MAX_INT = 2 ** 31 - 1;
/** What an Int column takes, from a number that somebody else chose. */
export const clampInt = (value: number): number => Math.trunc(Math.min(MAX_INT, Math.max(0, value || 0)));
/** What a BigInt column takes and a number holds exactly, likewise. */
export const clampWhole = (value: number): number =>
  Math.trunc(Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, value || 0)));
