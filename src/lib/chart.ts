/** A chart as data: one or two panels, over a shared time axis, over categories or over shares. Rendered to PNG by `charts/`. */
export interface Chart {
  title: string;
  subtitle: string;
  fromSeconds: number;
  toSeconds: number;
  panels: Panel[];
  /** What the picture shows, in a sentence, for those who cannot see it. */
  alt: string;
}

export type ChartUnit = 'percent' | 'ms' | 's' | 'min' | 'count' | 'ratio';

export interface Panel {
  title: string;
  /**
   * `bars` and `line` go over time. `columns` stand over `categories`; `shares` are bars beside them, from top to bottom; a `curve`
   * goes over percent, with the diagonal of perfect equality (Lorenz).
   */
  kind: 'bars' | 'line' | 'columns' | 'shares' | 'curve';
  unit: ChartUnit;
  /** Of columns and shares; about eight short ones can be read on a phone. */
  categories?: string[];
  /** Of a curve: what goes from left to right ("owners, poorest first"). */
  across?: string;
  /** Up to four. A name of two words says which belong together: `batch p50` and `batch p90` share a colour. */
  series: Series[];
}

export interface Series {
  name: string;
  /**
   * [unix seconds, value]; columns and shares: [place among the categories, from 0, value]; a curve: [percent, percent]. null is a
   * gap (not known), never drawn as zero.
   */
  points: [number, number | null][];
}

export type RenderChart = (chart: Chart) => Promise<Uint8Array>;
