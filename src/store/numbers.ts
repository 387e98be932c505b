/** Columns are BigInt so that moments fit; in the code they are numbers (safe until the year 287396). */
export const fromBig = (value: bigint): number => Number(value);
export const fromBigOrNull = (value: bigint | null): number | null => (value === null ? null : Number(value));
export const toBig = (value: number): bigint => BigInt(Math.trunc(value));
export const toBigOrNull = (value: number | null): bigint | null => (value === null ? null : toBig(value));
