import { setImmediate as turn } from 'node:timers/promises';
import type { OpenClient } from './client.ts';
import { raw, type Sql, sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';
import { readRows } from './readRows.ts';
import type { SetDay, SetRepository } from './setRepository.ts';
import { aboutOf, DAY_COLUMNS, othersOf, packMembers, readDays, unpackMembers } from './setRows.ts';
import { dayBefore, dayOf, thinSet } from './thinSets.ts';
import type { Writer } from './writer.ts';

type Shifts = Awaited<ReturnType<SetRepository['shifts']>>;

/** Members are last in a row, and not read with the rest. */
const DAYS: Sql = sql`SELECT ${raw(
  Object.keys(DAY_COLUMNS)
    .map((name) => `"${name}"`)
    .join(', '),
)} FROM "SetDay"`;

const WEEK_DAYS = 7;

export function createSets({ prisma, dialect }: OpenClient, write: Writer): SetRepository {
  /** Of each set, by its id; and all of them as one list, the same for as long as none is other. Valid as long as one process writes. */
  const shiftOf = new Map<string, Shifts[number]>();
  let held: Promise<Shifts> | null = null;
  /** Of all sets, those that were saved since among them: to list them anew is a look at every day of every set. */
  let ids: Set<string> | null = null;
  let writes = 0;

  const days = (query: Sql): Promise<SetDay[]> => readDays(prisma, dialect, query);

  async function known(): Promise<string[]> {
    const rows = await readRows<{ set: string }>(prisma, dialect, sql`SELECT DISTINCT "set" FROM "SetDay"`, SET, [
      'set',
    ]);
    return rows.map(({ set }) => set);
  }

  /** The newest day up to that one. */
  async function newest(set: string, toDay: string | null): Promise<SetDay | null> {
    const until = toDay === null ? sql`` : sql`AND "day" <= ${toDay}`;
    const [day] = await days(sql`${DAYS} WHERE "set" = ${set} ${until} ORDER BY "day" DESC LIMIT 1`);
    return day ?? null;
  }

  async function loadShift(set: string): Promise<Shifts[number] | null> {
    const today = await newest(set, null);
    if (today === null) return null;
    const before = await newest(set, dayBefore(today.day, 1));
    const weekAgo = before === null ? null : await newest(set, dayBefore(today.day, WEEK_DAYS));
    return { set, today, before, weekAgo };
  }

  async function loadShifts(): Promise<Shifts> {
    const shifts: Shifts = [];
    const atFirst = writes;
    const all = ids ?? new Set(await known());
    if (atFirst === writes) ids = all;
    for (const set of [...all].sort()) {
      const kept = shiftOf.get(set);
      const before = writes;
      const shift = kept ?? (await loadShift(set));
      if (shift === null) continue;
      shifts.push(shift);
      // What was written meanwhile is read the next time.
      if (before === writes) shiftOf.set(set, shift);
      if (kept === undefined) await turn();
    }
    return shifts;
  }

  return {
    async save(reading, metrics, nowMs) {
      const { set } = reading;
      const day = dayOf(nowMs);
      const where = { set_day: { set, day } };
      const update = {
        readAtMs: toBig(nowMs),
        latest: JSON.stringify(metrics),
        about: aboutOf(reading),
        members: await packMembers(reading.members),
      };
      let opens = false;
      try {
        await write(async (db) => {
          opens = (await db.setDay.findUnique({ where, select: { day: true } })) === null;
          const create = { set, day, openAtMs: update.readAtMs, opening: update.latest, ...update };
          await db.setDay.upsert({ where, create, update });
        });
      } finally {
        writes += 1;
        shiftOf.delete(set);
        ids?.add(set);
        held = null;
      }
      if (opens) await thinSet(prisma, dialect, write, set, day);
    },

    known,
    latest: (set) => newest(set, null),

    days: (set, fromDay, toDay) => days(sql`${DAYS} WHERE "set" = ${set} AND "day" BETWEEN ${fromDay} AND ${toDay}`),

    async members(set, day) {
      const row = await prisma.setDay.findUnique({
        where: { set_day: { set, day } },
        select: { about: true, members: true },
      });
      return row && { members: await unpackMembers(row.members), others: othersOf(row.about) };
    },

    shifts() {
      if (held !== null) return held;
      const loading = loadShifts();
      held = loading;
      // What failed is not kept.
      loading.catch(() => {
        if (held === loading) held = null;
      });
      return loading;
    },
  };
}

const SET = { set: 'text' } as const;
