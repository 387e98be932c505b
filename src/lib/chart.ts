/** A chart as data: one or two panels over a shared time axis. Rendered to PNG by `charts/`. */
export interface Chart {
  title: string;
  subtitle: string;
  fromSeconds: number;
  toSeconds: number;
  panels: Panel[];
  /** What the picture shows, in a sentence, for those who cannot see it. */
  alt: string;
}

export interface Panel {
  title: string;
  kind: 'bars' | 'line';
  unit: 'percent' | 'ms';
  series: Series[];
}

export interface Series {
  name: string;
  /** [unix seconds, value]; null is a gap (not known), never drawn as zero. */
  points: [number, number | null][];
}

export type RenderChart = (chart: Chart) => Promise<Uint8Array>;
