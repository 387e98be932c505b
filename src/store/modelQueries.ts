import type { OpenClient } from './client.ts';
import { raw, type Sql, sql } from './jsonRows.ts';
import { moment } from './matching.ts';
import { WAITING } from './modelFacts.ts';
import type { ModelRepository, StoredBlob, StoredModel } from './modelRepository.ts';
import { toBlob, toFile, toModel, toVersion, WITHOUT_ENTRY } from './modelRows.ts';

type Queries = Pick<ModelRepository, 'dueDetails' | 'dueBlobs' | 'model' | 'blob' | 'search' | 'counts'>;

/** Places of one blob that are read at most. */
const MAX_LISTINGS = 100;

/** What is read of models and blobs outside of rules. */
export function createModelQueries({ prisma, dialect }: OpenClient): Queries {
  const ids = async (query: Sql): Promise<number[]> =>
    (await prisma.$queryRaw<{ id: number | bigint }[]>(query)).map(({ id }) => Number(id));

  async function modelsInOrder(wanted: readonly number[]): Promise<StoredModel[]> {
    const rows = await prisma.hubModel.findMany({ where: { id: { in: [...wanted] } }, omit: WITHOUT_ENTRY });
    const byId = new Map(rows.map((row) => [row.id, toModel(row)]));
    return wanted.flatMap((id) => byId.get(id) ?? []);
  }

  async function blobsInOrder(wanted: readonly number[]): Promise<StoredBlob[]> {
    const rows = await prisma.modelBlob.findMany({ where: { id: { in: [...wanted] } } });
    const byId = new Map(rows.map((row) => [row.id, toBlob(row)]));
    return wanted.flatMap((id) => byId.get(id) ?? []);
  }

  return {
    async dueDetails(limit, readBeforeMs) {
      return await modelsInOrder(
        await ids(sql`SELECT m."id" FROM "HubModel" m
          WHERE m."goneAtMs" IS NULL AND (m."detailAtMs" IS NULL OR m."detailAtMs" < ${moment(readBeforeMs)})
          ORDER BY CASE WHEN EXISTS (SELECT 1 FROM "Subscription" s
              WHERE s."family" = 'model' AND s."scope" = 'model' AND s."subject" = m."key") THEN 0 ELSE 1 END,
            coalesce(m."detailAtMs", -1), m."id" LIMIT ${limit}`),
      );
    },

    async dueBlobs(limit, nowMs) {
      return await blobsInOrder(
        await ids(sql`SELECT b."id" FROM "ModelBlob" b WHERE b."nextCheckAtMs" <= ${moment(nowMs)}
          ORDER BY CASE WHEN b."listedAtMs" IS NULL THEN 0 ELSE 1 END, b."nextCheckAtMs", b."id" LIMIT ${limit}`),
      );
    },

    async model(key) {
      const row = await prisma.hubModel.findUnique({
        where: { key: key.toLowerCase() },
        omit: WITHOUT_ENTRY,
        include: { versions: { include: { files: true } } },
      });
      if (row === null) return null;
      const order = <Each extends { goneAtMs: number | null }>(a: Each, b: Each): number =>
        Number(a.goneAtMs !== null) - Number(b.goneAtMs !== null);
      const versions = row.versions
        .map((each) => ({
          ...toVersion(each),
          files: each.files
            .sort((a, b) => a.id - b.id)
            .map(toFile)
            .sort(order),
        }))
        .sort((a, b) => order(a, b) || a.position - b.position || a.id - b.id);
      const wanted = [...new Set(versions.flatMap((version) => version.files.map(({ blobId }) => blobId)))];
      const blobs = await prisma.modelBlob.findMany({ where: { blobId: { in: wanted } } });
      return { model: toModel(row), versions, blobs: new Map(blobs.map((blob) => [blob.blobId, toBlob(blob)])) };
    },

    async blob(blobId) {
      const row = await prisma.modelBlob.findUnique({ where: { blobId } });
      if (row === null) return null;
      const files = await prisma.hubFile.findMany({
        where: { blobId },
        include: { version: { include: { model: { omit: WITHOUT_ENTRY } } } },
        orderBy: [{ firstSeenAtMs: 'asc' }, { id: 'asc' }],
        take: MAX_LISTINGS,
      });
      return {
        blob: toBlob(row),
        listings: files.map((file) => ({
          model: toModel(file.version.model),
          version: toVersion(file.version),
          file: toFile(file),
        })),
      };
    },

    async search({ text, offset, limit }) {
      const wanted = text.trim().toLowerCase();
      // Nothing in it means anything, as `%` would to LIKE.
      const matches = sql`"goneAtMs" IS NULL AND (${wanted} = '' OR replace("key", ${wanted}, '') <> "key")`;
      const order = raw(dialect === 'sqlite' ? '"key"' : '"key" COLLATE "C"');
      const [found, total] = await Promise.all([
        ids(sql`SELECT "id" FROM "HubModel" WHERE ${matches} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`),
        prisma.$queryRaw<{ total: number | bigint }[]>(
          sql`SELECT count(*) AS "total" FROM "HubModel" WHERE ${matches}`,
        ),
      ]);
      return { models: await modelsInOrder(found), total: Number(total[0]?.total ?? 0) };
    },

    async counts() {
      const [row] = await prisma.$queryRaw<Record<keyof Awaited<ReturnType<Queries['counts']>>, number | bigint>[]>(
        sql`SELECT
          (SELECT count(*) FROM "HubModel" WHERE "goneAtMs" IS NULL) AS "models",
          (SELECT count(*) FROM "HubFile" f JOIN "HubVersion" v ON v."id" = f."versionId"
            JOIN "HubModel" m ON m."id" = v."modelId"
            WHERE f."goneAtMs" IS NULL AND v."goneAtMs" IS NULL AND m."goneAtMs" IS NULL) AS "files",
          (SELECT count(*) FROM "ModelBlob") AS "blobs",
          (SELECT count(*) FROM "ModelBlob" WHERE ${WAITING}) AS "waiting",
          (SELECT count(*) FROM "ModelBlob" WHERE "uses" > 0) AS "used"`,
      );
      const count = (value: number | bigint | undefined): number => Number(value ?? 0);
      return {
        models: count(row?.models),
        files: count(row?.files),
        blobs: count(row?.blobs),
        waiting: count(row?.waiting),
        used: count(row?.used),
      };
    },
  };
}
