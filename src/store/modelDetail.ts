import { type ListedFile, type ListedModel, type ModelDetail, modelKey } from '../lib/modelFacts.ts';
import type { Db, Dialect } from './client.ts';
import { jsonRows, sql } from './jsonRows.ts';
import { moment } from './matching.ts';
import { wasSwept } from './modelList.ts';
import { toBig, toBigOrNull } from './numbers.ts';

/** The model as its row is while its detail is stored. */
interface Target {
  id: number;
  /** Versions that are new now were there when the hub was first looked at. */
  versionsAtFirst: boolean;
}

/**
 * Stores the detail of one model within the caller's transaction. What is not shown is not withdrawn; with a problem, what
 * is missing may be what could not be seen.
 */
export async function saveDetailRows(db: Db, dialect: Dialect, detail: ModelDetail, nowMs: number): Promise<void> {
  const target = await saveModel(db, detail, nowMs);
  if (detail.versions === null) return;
  // Each version once, with all of its files.
  const byName = new Map<
    string,
    { version: string; notes: string | null; datedAtMs: number | null; files: ListedFile[] }
  >();
  for (const { files, ...version } of detail.versions) {
    const known = byName.get(version.version);
    if (known === undefined) byName.set(version.version, { ...version, files: [...files] });
    else known.files.push(...files);
  }
  const versions = [...byName.values()].map((version, position) => ({
    ...version,
    position,
    atFirst: target.versionsAtFirst,
  }));
  const complete = detail.problem === null;
  await saveVersions(db, dialect, target.id, versions, complete, nowMs);
  const stored = new Map(
    (await db.hubVersion.findMany({ where: { modelId: target.id } })).map((row) => [row.version, row] as const),
  );
  const files = versions.flatMap(({ version, files: some }) => {
    const row = stored.get(version);
    if (row === undefined) return [];
    // A file was there at first where its version was, and that showed none before.
    const atFirst = row.atFirst && row.shownAtMs === null;
    const once = new Map(some.map((file) => [JSON.stringify([file.blobId, file.name]), file])).values();
    return [...once].map((file) => ({ ...file, versionId: row.id, atFirst }));
  });
  await saveFiles(db, dialect, target.id, files, complete, nowMs);
  await saveBlobs(db, dialect, files, nowMs);
  const shown = versions.filter(({ files: some }) => complete || some.length > 0).map(({ version }) => version);
  await db.hubVersion.updateMany({
    where: { modelId: target.id, shownAtMs: null, version: { in: shown } },
    data: { shownAtMs: toBig(nowMs) },
  });
}

/** Where the detail is silent, the list's word counts. */
async function saveModel(db: Db, { model, versions, problem }: ModelDetail, nowMs: number): Promise<Target> {
  const key = modelKey(model);
  const known = await db.hubModel.findUnique({ where: { key } });
  const listed = known === null || known.listEntry === '' ? null : (JSON.parse(known.listEntry) as ListedModel);
  const shown = known?.shownAtMs ?? (versions === null ? null : toBig(nowMs));
  const data = {
    author: model.author,
    name: model.name,
    task: model.task ?? listed?.task ?? null,
    description: model.description ?? listed?.description ?? null,
    extra: JSON.stringify({ ...listed?.extra, ...model.extra }),
    datedAtMs: toBigOrNull(model.datedAtMs ?? listed?.datedAtMs ?? null),
    lastSeenAtMs: toBig(nowMs),
    detailAtMs: toBig(nowMs),
    detailProblem: problem,
    shownAtMs: shown,
  };
  if (known !== null) {
    await db.hubModel.update({ where: { id: known.id }, data });
    return { id: known.id, versionsAtFirst: known.atFirst && known.shownAtMs === null };
  }
  // Before the first sweep nobody knows since when it is there.
  const atFirst = !(await wasSwept(db));
  const { id } = await db.hubModel.create({ data: { ...data, key, atFirst, firstSeenAtMs: toBig(nowMs) } });
  return { id, versionsAtFirst: atFirst };
}

async function saveVersions(
  db: Db,
  dialect: Dialect,
  modelId: number,
  versions: readonly { version: string }[],
  complete: boolean,
  nowMs: number,
): Promise<void> {
  const columns = { version: 'text', position: 'int', notes: 'text', datedAtMs: 'bigint', atFirst: 'bool' } as const;
  await db.$executeRaw(sql`INSERT INTO "HubVersion"
      ("modelId", "firstSeenAtMs", "version", "position", "notes", "datedAtMs", "atFirst")
    SELECT CAST(${modelId} AS INTEGER), ${moment(nowMs)}, r."version", r."position", r."notes", r."datedAtMs", r."atFirst"
    FROM ${jsonRows(dialect, versions, columns)} AS r WHERE true
    ON CONFLICT ("modelId", "version") DO UPDATE SET "position" = excluded."position", "notes" = excluded."notes",
      "datedAtMs" = excluded."datedAtMs", "goneAtMs" = NULL`);
  if (!complete) return;
  await db.$executeRaw(sql`UPDATE "HubVersion" SET "goneAtMs" = ${moment(nowMs)}
    WHERE "modelId" = ${modelId} AND "goneAtMs" IS NULL
      AND "version" NOT IN (SELECT r."version" FROM ${jsonRows(dialect, versions, { version: 'text' })} AS r)`);
}

type FileRow = ListedFile & { versionId: number; atFirst: boolean };

async function saveFiles(
  db: Db,
  dialect: Dialect,
  modelId: number,
  files: readonly FileRow[],
  complete: boolean,
  nowMs: number,
): Promise<void> {
  const key = { versionId: 'int', blobId: 'text', name: 'text' } as const;
  const columns = { ...key, sizeBytes: 'bigint', datedAtMs: 'bigint', atFirst: 'bool' } as const;
  await db.$executeRaw(sql`INSERT INTO "HubFile"
      ("firstSeenAtMs", "versionId", "blobId", "name", "sizeBytes", "datedAtMs", "atFirst")
    SELECT ${moment(nowMs)}, r."versionId", r."blobId", r."name", r."sizeBytes", r."datedAtMs", r."atFirst"
    FROM ${jsonRows(dialect, files, columns)} AS r WHERE true
    ON CONFLICT ("versionId", "blobId", "name") DO UPDATE SET "sizeBytes" = excluded."sizeBytes",
      "datedAtMs" = excluded."datedAtMs", "goneAtMs" = NULL`);
  if (!complete) return;
  await db.$executeRaw(sql`UPDATE "HubFile" SET "goneAtMs" = ${moment(nowMs)} WHERE "goneAtMs" IS NULL
    AND "versionId" IN (SELECT "id" FROM "HubVersion" WHERE "modelId" = ${modelId})
    AND ("versionId", "blobId", "name") NOT IN
      (SELECT r."versionId", r."blobId", r."name" FROM ${jsonRows(dialect, files, key)} AS r)`);
}

/**
 * Blobs as these files list them. One that is found in a place that was there at first was listed before anybody looked,
 * wherever else it was seen since then.
 */
async function saveBlobs(db: Db, dialect: Dialect, files: readonly FileRow[], nowMs: number): Promise<void> {
  const byId = Map.groupBy(
    files.filter(({ blobId }) => blobId !== ''),
    ({ blobId }) => blobId,
  );
  const rows = [...byId].map(([blobId, some]) => ({ blobId, listedAtFirst: some.some(({ atFirst }) => atFirst) }));
  await db.$executeRaw(sql`INSERT INTO "ModelBlob" ("blobId", "origin", "firstSeenAtMs", "listedAtMs", "listedAtFirst")
    SELECT r."blobId", 'hub', ${moment(nowMs)}, ${moment(nowMs)}, r."listedAtFirst"
    FROM ${jsonRows(dialect, rows, { blobId: 'text', listedAtFirst: 'bool' })} AS r WHERE true
    ON CONFLICT ("blobId") DO UPDATE SET "listedAtMs" = coalesce("ModelBlob"."listedAtMs", excluded."listedAtMs"),
      "listedAtFirst" = "ModelBlob"."listedAtFirst" OR excluded."listedAtFirst"
    WHERE "ModelBlob"."listedAtMs" IS NULL OR (excluded."listedAtFirst" AND NOT "ModelBlob"."listedAtFirst")`);
}
