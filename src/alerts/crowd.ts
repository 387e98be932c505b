import type { Incident } from './incident.ts';
import type { Sample } from './rule.ts';

/** More subjects of one rule than this at once are told as one. */
export const CROWD = 20;
/** They are told one by one again when no more than this many are left: not at every one that comes and goes. */
const FEW = 10;

/** A bad sample, and whether a chat follows exactly its subject: then it is never left out. */
export interface Member {
  sample: Sample;
  isFollowed: boolean;
}

/**
 * What a rule says of many subjects: one incident of all of them, which speaks for the others wherever it is told, and incidents
 * of their own for the first of them and for those that somebody follows. A burst of thousands is neither
 * thousands of messages nor thousands of rows. Pure.
 * @param members the most urgent first, in an order that does not change as others come and go.
 * @param whole the sample of all of them, for its subject, topics, level, value, detail and clock; its verdict is set here.
 */
export function crowded(members: readonly Member[], whole: Omit<Sample, 'verdict'>): Sample[] {
  const count = members.length;
  const verdict = count > CROWD ? 'bad' : count <= FEW ? 'clear' : 'unknown';
  const own = members.filter(({ isFollowed }, at) => isFollowed || at < CROWD);
  // First, so that it was told when the others are looked at.
  return [{ ...whole, verdict }, ...own.map(({ sample }) => sample)];
}

/** `Rule.inhibits` of such a rule: the incident of all speaks for each. */
export const crowdSpeaks = (rule: string, isWhole: (subject: string) => boolean) => (own: Incident, other: Incident) =>
  isWhole(own.subject) && other.rule === rule && !isWhole(other.subject);
