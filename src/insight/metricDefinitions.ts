import type { SetMetrics } from '../lib/influence.ts';

/** What is said of a metric wherever it is shown. One line each; no metric is shown without its variant. */
export interface MetricDefinition {
  /** `shannon` is made of `entropy` and `count` (concentration.ts, shannonBitsOf). */
  key: keyof SetMetrics | 'shannon';
  name: string;
  /** For a reader who never heard of it. */
  meaning: string;
  /** How it is counted; w: weights above zero, n: how many, W: their sum, p = w / W. */
  definition: string;
  /** Which way it goes when fewer decide; null: it says nothing of that. */
  whenFewerDecide: 'up' | 'down' | null;
}

/** In the order in which they are shown. */
export const METRIC_DEFINITIONS: readonly MetricDefinition[] = [
  {
    key: 'count',
    name: 'Entities',
    meaning: 'how many have a weight above zero; wallets are not people',
    definition: 'n',
    whenFewerDecide: null,
  },
  {
    key: 'total',
    name: 'Total weight',
    meaning: 'the weight of all of them',
    definition: 'W = sum of w',
    whenFewerDecide: null,
  },
  {
    key: 'nakamotoThird',
    name: 'Nakamoto > 1/3',
    meaning: 'the fewest that together can halt a BFT chain',
    definition: 'fewest, heaviest first, whose share is more than 1/3 (strict)',
    whenFewerDecide: 'down',
  },
  {
    key: 'nakamotoHalf',
    name: 'Nakamoto > 1/2',
    meaning: 'the fewest that together outvote all others',
    definition: 'fewest, heaviest first, whose share is more than 1/2 (strict)',
    whenFewerDecide: 'down',
  },
  {
    key: 'nakamotoTwoThirds',
    name: 'Nakamoto > 2/3',
    meaning: 'the fewest that together can decide alone on a BFT chain',
    definition: 'fewest, heaviest first, whose share is more than 2/3 (strict)',
    whenFewerDecide: 'down',
  },
  {
    key: 'gini',
    name: 'Gini',
    meaning: 'how unequal the weights are: 0 when all are equal',
    definition: 'sum((2i - n - 1) w_i) / (n W), lightest first; 0 to (n-1)/n',
    whenFewerDecide: 'up',
  },
  {
    key: 'hhi',
    name: 'HHI',
    meaning: 'how much the large ones weigh: 10,000 when one has all',
    definition: 'Herfindahl-Hirschman: 10,000 * sum(p^2); 10,000/n to 10,000',
    whenFewerDecide: 'up',
  },
  {
    key: 'effective',
    name: 'Effective number',
    meaning: 'as many equal ones would be as concentrated',
    definition: '10,000 / HHI (Laakso-Taagepera); 1 to n',
    whenFewerDecide: 'down',
  },
  {
    key: 'theil',
    name: 'Theil T',
    meaning: 'how far the weights are from equal: 0 when all are equal',
    definition: 'sum(p ln(n p)), natural logarithm; 0 to ln n',
    whenFewerDecide: 'up',
  },
  {
    key: 'shannon',
    name: 'Shannon entropy',
    meaning: 'how spread the weight is, in bits',
    definition: 'H = -sum(p log2 p); 0 to log2 n',
    whenFewerDecide: 'down',
  },
  {
    key: 'entropy',
    name: 'Normalised entropy',
    meaning: 'the same for any number of entities: 1 when all are equal',
    definition: 'H / log2 n; 0 to 1; no value for one entity',
    whenFewerDecide: 'down',
  },
  {
    key: 'top1',
    name: 'Top 1 share',
    meaning: 'what the heaviest has of the whole',
    definition: 'largest w / W',
    whenFewerDecide: 'up',
  },
  {
    key: 'top5',
    name: 'Top 5 share',
    meaning: 'what the five heaviest have of the whole',
    definition: 'sum of the 5 largest w / W',
    whenFewerDecide: 'up',
  },
  {
    key: 'top10',
    name: 'Top 10 share',
    meaning: 'what the ten heaviest have of the whole',
    definition: 'sum of the 10 largest w / W',
    whenFewerDecide: 'up',
  },
];
