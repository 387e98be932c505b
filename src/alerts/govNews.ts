import { plural } from '../lib/units.ts';
import type { Action, View } from '../lib/view.ts';
import { GOV_FAMILY, govAlert, govSample, type SourceNow } from './govRule.ts';
import type { Incident } from './incident.ts';
import { NEWS_SECONDS } from './news.ts';
import type { AlertFacts, Rule, Sample } from './rule.ts';

const HOUR_MS = 3_600_000;
/** Anyone may propose, and vote, as often as they like: more than this of one kind and network an hour are told as one. */
const PER_HOUR = 10;

/** What all rules of news share. What was told stays for a day, whether its facts still name it or not. */
export const GOV_NEWS = {
  family: GOV_FAMILY,
  clearSeconds: 0,
  clears: 'a day has passed, without a word',
  threshold: null,
  dependsOn: [],
  isNews: true,
  keeps: ({ firedAtMs }, { nowMs }) => nowMs - (firedAtMs ?? 0) < NEWS_SECONDS * 1000,
} as const satisfies Partial<Rule>;

/** Something that happened, as a sample, and when this bot learned of it. */
export interface Happened {
  at: SourceNow;
  atMs: number;
  /** Not to be told any more; it keeps its place among the first of its hour, or what came after it would be told again. */
  isOver?: boolean;
  sample: Pick<Sample, 'subject' | 'level' | 'onlyIfOpen'> & {
    /** Asked only of what is told by itself. */
    detail(): Record<string, unknown>;
  };
}

/**
 * Samples of news of a day: the first ten of a network and an hour by themselves, the others as one. `all` reaches back further than
 * a day, so that who was first in an hour stays first. `what`: of those told as one, "proposals".
 */
export function newsSamples(what: string, all: readonly Happened[], { nowMs }: AlertFacts): Sample[] {
  const hourOf = ({ at, atMs }: Happened): string => `${at.network.name}@${Math.floor(atMs / HOUR_MS)}`;
  return [...Map.groupBy(all, hourOf)].flatMap(([hour, some]) => {
    const first = some.toSorted((a, b) => a.atMs - b.atMs || (a.sample.subject < b.sample.subject ? -1 : 1));
    const isNew = ({ atMs, isOver }: Happened): boolean => isOver !== true && nowMs - atMs <= NEWS_SECONDS * 1000;
    const rest = first.slice(PER_HOUR).filter(isNew);
    const samples = first
      .slice(0, PER_HOUR)
      .filter(isNew)
      .map(({ at, sample }) => govSample(at, { ...sample, verdict: 'bad', detail: sample.detail() }));
    const [one] = rest;
    if (one === undefined) return samples;
    const detail = { label: `${rest.length} more ${what}`, what, count: rest.length };
    const whole = { subject: `${what}:${hour}`, level: one.sample.level, verdict: 'bad', detail } as const;
    return [...samples, govSample(one.at, whole)];
  });
}

/** The text of those that were told as one; null where it is of one alone. */
export function manyAlert({ detail }: Incident, facts: AlertFacts, action: Action): View | null {
  const count = Number(detail.count ?? 0);
  if (count === 0) return null;
  const what = String(detail.what);
  return govAlert(
    {
      headline: `Many ${what}`,
      about: String(detail.networkTitle),
      tone: 'info',
      lines: [[{ strong: `${plural(count, 'more', 'more')} ${what} within an hour` }, '. Told as one.']],
      actions: [action],
    },
    detail,
    facts,
  );
}
