import type { Db, Dialect } from './client.ts';
import { sql } from './jsonRows.ts';
import { readRows } from './readRows.ts';
import { aboutWith, OTHERS_MARK, packMembers, unpackMembers } from './setRows.ts';
import type { Writer } from './writer.ts';

const DAY_MS = 86_400_000;

/** How long every member of a day is kept, and how many of them after that. */
const ALL_MEMBERS_DAYS = 35;
const KEPT_MEMBERS = 100;

/** YYYY-MM-DD, UTC. */
export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

export const dayBefore = (day: string, days: number): string => dayOf(Date.parse(`${day}T00:00:00Z`) - days * DAY_MS);

/**
 * Of days of that set that are more than 35 days before `today` the heaviest hundred members stay, and how many and how much the
 * others were. A day at a time, so that no write waits long.
 */
export async function thinSet(db: Db, dialect: Dialect, write: Writer, set: string, today: string): Promise<void> {
  const mark = `%${OTHERS_MARK}%`;
  const due = await readRows<{ day: string }>(
    db,
    dialect,
    sql`SELECT "day" FROM "SetDay" WHERE "set" = ${set} AND "day" < ${dayBefore(today, ALL_MEMBERS_DAYS)}
      AND "about" NOT LIKE ${mark}`,
    { day: 'text' },
    ['day'],
  );
  for (const { day } of due) {
    const where = { set_day: { set, day } };
    const row = await db.setDay.findUnique({ where });
    if (row === null) continue;
    const members = await unpackMembers(row.members);
    const gone = members.slice(KEPT_MEMBERS);
    const others = { count: gone.length, weight: gone.reduce((sum, { weight }) => sum + weight, 0n) };
    const kept = await packMembers(members.slice(0, KEPT_MEMBERS));
    await write((own) => own.setDay.update({ where, data: { about: aboutWith(row.about, others), members: kept } }));
  }
}
