/** One line of the report. */
export interface Figure {
  what: string;
  measured: string;
  /** As the project set it; empty where there is none. */
  target: string;
  met: boolean | null;
  /** Against what it is set, in the same run. */
  comparedTo: string;
}

/** The q-quantile (0..1) by nearest rank. */
export function quantileOf(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

export const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;
export const perSecond = (count: number, milliseconds: number): number => Math.round((count / milliseconds) * 1000);
export const thousands = (value: number): string => value.toLocaleString('en');
