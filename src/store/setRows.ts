import type { SetMember, SetMetrics, SetReading } from '../lib/influence.ts';
import type { Dialect, PrismaDb } from './client.ts';
import type { ColumnType, Sql } from './jsonRows.ts';
import { pack, unpack } from './packed.ts';
import { readRows } from './readRows.ts';
import type { SetAbout, SetDay } from './setRepository.ts';

/** What is left of the members that an old day does not keep. */
interface Others {
  count: number;
  weight: bigint;
}

/** Days without their members. */
interface DayRow {
  set: string;
  day: string;
  openAtMs: number;
  readAtMs: number;
  opening: string;
  latest: string;
  about: string;
}

export const DAY_COLUMNS: Record<keyof DayRow, ColumnType> = {
  set: 'text',
  day: 'text',
  openAtMs: 'bigint',
  readAtMs: 'bigint',
  opening: 'text',
  latest: 'text',
  about: 'text',
};

/** By set, then the oldest first. */
export const readDays = async (prisma: PrismaDb, dialect: Dialect, query: Sql): Promise<SetDay[]> =>
  (await readRows<DayRow>(prisma, dialect, query, DAY_COLUMNS, ['set', 'day'])).map(toDay);

function toDay(row: DayRow): SetDay {
  const { others: _, ...about } = JSON.parse(row.about) as SetAbout & { others?: unknown };
  const metrics = (text: string): SetMetrics => JSON.parse(text) as SetMetrics;
  return { ...row, opening: metrics(row.opening), latest: metrics(row.latest), about };
}

export const aboutOf = ({ unit, atSeconds, left, words }: SetReading): string =>
  JSON.stringify({ unit, atSeconds, left, words } satisfies SetAbout);

/** That day's `about` with what its members were reduced by; texts in it cannot look like that, their quotes are escaped. */
export const OTHERS_MARK = '"others":';

export const aboutWith = (about: string, { count, weight }: Others): string =>
  JSON.stringify({ ...(JSON.parse(about) as SetAbout), others: { count, weight: String(weight) } });

export function othersOf(about: string): Others {
  const { others } = JSON.parse(about) as { others?: { count: number; weight: string } };
  return { count: others?.count ?? 0, weight: BigInt(others?.weight ?? 0) };
}

/** A label that is the id is not written twice. */
export const packMembers = (members: readonly SetMember[]): Promise<Uint8Array<ArrayBuffer>> =>
  pack(members.map(({ id, label, weight }) => [id, label === id ? null : label, String(weight)]));

export async function unpackMembers(bytes: Uint8Array): Promise<SetMember[]> {
  const rows = (await unpack(bytes)) as [string, string | null, string][];
  return rows.map(([id, label, weight]) => ({ id, label: label ?? id, weight: BigInt(weight) }));
}
