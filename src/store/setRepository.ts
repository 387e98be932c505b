import type { SetMember, SetMetrics, SetReading } from '../lib/influence.ts';

/** How a set was read. */
export interface SetAbout {
  unit: SetReading['unit'];
  atSeconds: number;
  left: string[];
  words: string;
}

/** One UTC day of a set. */
export interface SetDay {
  set: string;
  /** YYYY-MM-DD */
  day: string;
  openAtMs: number;
  readAtMs: number;
  /** At the first and at the last reading of that day. */
  opening: SetMetrics;
  latest: SetMetrics;
  about: SetAbout;
}

export interface SetRepository {
  /** Keeps a reading: the day's first one opens it, every one is its latest. */
  save(reading: SetReading, metrics: SetMetrics, nowMs: number): Promise<void>;
  /** Ids of all sets that have a day. */
  known(): Promise<string[]>;
  /** The newest day; null: none. */
  latest(set: string): Promise<SetDay | null>;
  /** fromDay <= day <= toDay, oldest first. */
  days(set: string, fromDay: string, toDay: string): Promise<SetDay[]>;
  /** Heaviest first; of days that are older than 35 days the first hundred and what is left of the others as `others`. null: no such day. */
  members(
    set: string,
    day: string,
  ): Promise<{ members: SetMember[]; others: { count: number; weight: bigint } } | null>;
  /** For rules: of every set the newest day, the newest before it, and the newest that is seven days older or more. */
  shifts(): Promise<{ set: string; today: SetDay; before: SetDay | null; weekAgo: SetDay | null }[]>;
}
