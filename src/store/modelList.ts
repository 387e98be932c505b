import { type ListedModel, modelKey } from '../lib/modelFacts.ts';
import type { Db, Dialect } from './client.ts';
import { jsonRows, raw, sql } from './jsonRows.ts';
import { moment } from './matching.ts';
import { toBigOrNull } from './numbers.ts';

const COLUMNS = {
  key: 'text',
  author: 'text',
  name: 'text',
  task: 'text',
  description: 'text',
  extra: 'text',
  listEntry: 'text',
  datedAtMs: 'bigint',
  atFirst: 'bool',
} as const;

/** Set once the hub's list was read in full: what is new afterwards is news. */
export const FIRST_SWEEP = 'models:first-sweep';

/** Models a statement: one that stores them does not hold up the event loop for longer than a frame or two. */
const PORTION = 1_000;

export const wasSwept = async (db: Db): Promise<boolean> =>
  (await db.meta.findUnique({ where: { key: FIRST_SWEEP } })) !== null;

/** What the list says of a model, as text that is the same for the same. */
const entryOf = ({ author, name, task, description, extra, datedAtMs }: ListedModel): string =>
  JSON.stringify({
    author,
    name,
    task,
    description,
    datedAtMs,
    extra: Object.fromEntries(Object.entries(extra).sort()),
  });

/** Stores one complete sweep within the caller's transaction; answers the keys whose entry is new, changed or back. */
export async function saveListRows(
  db: Db,
  dialect: Dialect,
  models: readonly ListedModel[],
  nowMs: number,
): Promise<string[]> {
  const atFirst = !(await wasSwept(db));
  if (atFirst) await db.meta.create({ data: { key: FIRST_SWEEP, value: String(nowMs) } });
  const rows = [...new Map(models.map((model) => [modelKey(model), model]))].map(([key, model]) => ({
    ...model,
    key,
    atFirst,
    extra: JSON.stringify(model.extra),
    listEntry: entryOf(model),
    datedAtMs: toBigOrNull(model.datedAtMs),
  }));
  const changed: string[] = [];
  for (let at = 0; at < rows.length; at += PORTION) {
    changed.push(...(await saveChanged(db, dialect, rows.slice(at, at + PORTION), nowMs)));
  }
  await db.$executeRaw(sql`UPDATE "HubModel" SET "goneAtMs" = ${moment(nowMs)} WHERE "goneAtMs" IS NULL
    AND "key" NOT IN (SELECT r."key" FROM ${jsonRows(dialect, rows, { key: 'text' })} AS r)`);
  await db.$executeRaw(sql`UPDATE "HubModel" SET "lastSeenAtMs" = ${moment(nowMs)} WHERE "goneAtMs" IS NULL`);
  return changed;
}

interface Row {
  key: string;
  listEntry: string;
}

async function saveChanged(db: Db, dialect: Dialect, rows: readonly Row[], nowMs: number): Promise<string[]> {
  const found = await db.$queryRaw<{ key: string }[]>(sql`SELECT r."key"
    FROM ${jsonRows(dialect, rows, { key: 'text', listEntry: 'text' })} AS r
    LEFT JOIN "HubModel" m ON m."key" = r."key"
    WHERE m."id" IS NULL OR m."goneAtMs" IS NOT NULL OR m."listEntry" <> r."listEntry"`);
  const changed = new Set(found.map(({ key }) => key));
  if (changed.size === 0) return [];
  const columns = Object.keys(COLUMNS);
  const list = (prefix = '') => raw(columns.map((name) => `${prefix}"${name}"`).join(', '));
  // What only the detail says stays until the detail is read again, which is what a change leads to.
  await db.$executeRaw(sql`INSERT INTO "HubModel" ("firstSeenAtMs", "lastSeenAtMs", ${list()})
    SELECT ${moment(nowMs)}, ${moment(nowMs)}, ${list('r.')}
    FROM ${jsonRows(
      dialect,
      rows.filter(({ key }) => changed.has(key)),
      COLUMNS,
    )} AS r WHERE true
    ON CONFLICT ("key") DO UPDATE SET "author" = excluded."author", "name" = excluded."name",
      "task" = coalesce(excluded."task", "HubModel"."task"),
      "description" = coalesce(excluded."description", "HubModel"."description"),
      "datedAtMs" = coalesce(excluded."datedAtMs", "HubModel"."datedAtMs"),
      "extra" = excluded."extra", "listEntry" = excluded."listEntry", "goneAtMs" = NULL`);
  return [...changed];
}
