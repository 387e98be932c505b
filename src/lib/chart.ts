/** A chart as data: one or two panels, over a shared time axis or over categories. Rendered to PNG by `charts/`. */
export interface Chart {
  title: string;
  subtitle: string;
  fromSeconds: number;
  toSeconds: number;
  panels: Panel[];
  /** What the picture shows, in a sentence, for those who cannot see it. */
  alt: string;
}

export type ChartUnit = 'percent' | 'ms' | 's' | 'min' | 'count';

export interface Panel {
  title: string;
  /** `columns` stand over `categories`, the others over time. */
  kind: 'bars' | 'line' | 'columns';
  unit: ChartUnit;
  /** Of columns only, from left to right; about eight short ones can be read on a phone. */
  categories?: string[];
  /** Up to four. A name of two words says which belong together: `batch p50` and `batch p90` share a colour. */
  series: Series[];
}

export interface Series {
  name: string;
  /** [unix seconds (columns: place among the categories, from 0), value]; null is a gap (not known), never drawn as zero. */
  points: [number, number | null][];
}

export type RenderChart = (chart: Chart) => Promise<Uint8Array>;
