import type { Unit } from './governanceFacts.ts';

/** Sets of entities that have a say, and what is kept of them. Plain data. */

/** The reading of all sets, from what is stored. */
export const SET_SOURCE = 'assay.sets';

export const SET_KINDS = [
  'validators',
  'operators',
  'inferences',
  'publishers',
  'use',
  'power',
  'gauge-voters',
  'gauges',
  'voters',
  'holders',
] as const;
export type SetKind = (typeof SET_KINDS)[number];

/** How each set is made: who counts as one, and by what they are weighed. Said in every answer. */
export const SET_WORDS: Readonly<Record<SetKind, { title: string; entity: string; weight: string }>> = {
  validators: { title: 'Validators', entity: 'bonded validator', weight: 'voting power' },
  operators: { title: 'Node operators by nodes', entity: 'owner of nodes', weight: 'enabled nodes' },
  inferences: {
    title: 'Node operators by settled answers',
    entity: 'owner of nodes',
    weight: 'valid settled answers of 30 days',
  },
  publishers: { title: 'Publishers by listings', entity: 'author', weight: 'listed models' },
  use: { title: 'Publishers by use', entity: 'author', weight: 'uses seen on chain' },
  power: { title: 'Locked voting power', entity: 'owner of locks', weight: 'voting power, exiting locks apart' },
  'gauge-voters': { title: 'Gauge voters', entity: 'owner of locks', weight: 'power that stands on gauges' },
  gauges: { title: 'Gauges', entity: 'gauge', weight: 'power that stands on it' },
  voters: { title: 'Voters on proposals', entity: 'voter', weight: 'power cast on proposals of 90 days' },
  holders: { title: 'Token holders', entity: 'address', weight: 'balance' },
};

/** `bedrock.power`: how a set is kept. */
export const setId = (network: string, kind: SetKind): string => `${network}.${kind}`;

export interface SetMember {
  /** An address in lower case, an author, a gauge. */
  id: string;
  /** Untrusted text, bounded; the id where there is no name. */
  label: string;
  weight: bigint;
}

/** One reading of a set, merged (one owner of many locks is one) and filtered already. */
export interface SetReading {
  set: string;
  network: string;
  kind: SetKind;
  unit: Unit;
  /** Chain time or this bot's, unix seconds. */
  atSeconds: number;
  /** Heaviest first; no zero weights. */
  members: SetMember[];
  /** What was left out, in words ("3 exiting locks"), and what the set covers of the whole where it is a part; empty when nothing. */
  left: string[];
  /** Where it was read, in words. */
  words: string;
}

/** How far a share is passed: `strict` is more than it, otherwise at least it. */
export interface NakamotoThreshold {
  num: number;
  den: number;
  strict: boolean;
}

/** What is kept of a set for every day. Shares are floats for showing; every decision was made on whole numbers. null: no value. */
export interface SetMetrics {
  count: number;
  /** Decimal text, in the unit's smallest parts. */
  total: string;
  nakamotoThird: number | null;
  nakamotoHalf: number | null;
  nakamotoTwoThirds: number | null;
  gini: number | null;
  /** 0 to 10,000. */
  hhi: number | null;
  effective: number | null;
  theil: number | null;
  /** H / log2(n), 0 to 1; null with fewer than two. */
  entropy: number | null;
  top1: number | null;
  top5: number | null;
  top10: number | null;
}
