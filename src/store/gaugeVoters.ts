import type { GaugeEvent, GaugeEventKind, GaugeReading } from '../lib/gaugeFacts.ts';
import type { Db } from './client.ts';

/** Voter contracts of a source, in the order in which they were seen; kept in Meta, for there are a handful in years. */
const keyOf = (source: string): string => `gauges:voters:${source}`;

const VOTES: ReadonlySet<GaugeEventKind> = new Set(['voted', 'reset', 'weighted']);

/** Those that emitted these votes, or that a reading names. */
export function votersOf(from: readonly GaugeEvent[] | GaugeReading): string[] {
  if ('contracts' in from) {
    const { voter } = from.contracts;
    return voter === undefined ? [] : [voter.toLowerCase()];
  }
  const seen = new Set<string>();
  for (const { kind, emitter } of from) if (VOTES.has(kind)) seen.add(emitter.toLowerCase());
  return [...seen];
}

export async function readVoters(db: Db, source: string): Promise<string[]> {
  const row = await db.meta.findUnique({ where: { key: keyOf(source) } });
  return row === null ? [] : (JSON.parse(row.value) as string[]);
}

/** Adds those that are not known yet, within the caller's transaction. */
export async function addVoters(db: Db, source: string, voters: readonly string[]): Promise<void> {
  if (voters.length === 0) return;
  const known = await readVoters(db, source);
  const all = [...new Set([...known, ...voters])];
  if (all.length === known.length) return;
  const [key, value] = [keyOf(source), JSON.stringify(all)];
  await db.meta.upsert({ where: { key }, create: { key, value }, update: { value } });
}

export async function forgetVoters(db: Db, source: string): Promise<void> {
  await db.meta.deleteMany({ where: { key: keyOf(source) } });
}
