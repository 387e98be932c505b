import type { Series } from '../lib/chart.ts';

const WINDOWS: Readonly<Record<string, number>> = { '30d': 30, '90d': 90, '180d': 180, '400d': 400 };

export const WINDOW_NAMES = Object.keys(WINDOWS);
export const DEFAULT_WINDOW = '180d';

/** Rows of a list that a phone shows, and columns of a picture. */
export const ROWS = 6;
export const COLUMNS = 8;

export const windowSeconds = (window: string): number => (WINDOWS[window] ?? 180) * 86_400;

/** The command for a network; without one as it was asked. */
export type Again = (network?: string) => string;

/** Buttons for the other windows. */
export const windowButtons = (again: Again, name: string, window: string) =>
  WINDOW_NAMES.filter((label) => label !== window).map((label) => ({
    label,
    command: `${again(name).replace(/ window:\w+$/, '')} window:${label}`,
  }));

/** One without a single value would be a legend of nothing. */
export const isKnown = ({ points }: Series, at: number): boolean =>
  at === 0 || points.some(([, value]) => value !== null);
