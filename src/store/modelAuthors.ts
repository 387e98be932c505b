import type { Db, Dialect } from './client.ts';
import { sql } from './jsonRows.ts';
import { readRows } from './readRows.ts';

/** Authors as the hub writes them, with what it lists of them and how often files of theirs were seen in use. */
export interface AuthorCounts {
  authors: { author: string; models: number; uses: number }[];
  /** Uses of files that were never seen listed. */
  unlistedUses: number;
  /** Used files that several authors list or listed: counted for the one that was seen first. */
  sharedFiles: number;
}

/** Models that the hub lists now, and all uses ever seen. */
export async function countAuthors(db: Db, dialect: Dialect): Promise<AuthorCounts> {
  const listed = await readRows<{ author: string; models: number }>(
    db,
    dialect,
    sql`SELECT "author", count(*) AS "models" FROM "HubModel" WHERE "goneAtMs" IS NULL GROUP BY "author"`,
    { author: 'text', models: 'bigint' },
    ['author'],
  );
  const used = await readRows<{ author: string | null; uses: number; shared: number }>(
    db,
    dialect,
    sql`SELECT m."author" AS "author", sum(t."uses") AS "uses", sum(CASE WHEN t."authors" > 1 THEN 1 ELSE 0 END) AS "shared"
      FROM (SELECT b."uses" AS "uses", min(f."id") AS "fileId", count(DISTINCT h."author") AS "authors"
        FROM "ModelBlob" b LEFT JOIN "HubFile" f ON f."blobId" = b."blobId"
        LEFT JOIN "HubVersion" v ON v."id" = f."versionId" LEFT JOIN "HubModel" h ON h."id" = v."modelId"
        WHERE b."uses" > 0 GROUP BY b."id", b."uses") AS t
      LEFT JOIN "HubFile" f ON f."id" = t."fileId" LEFT JOIN "HubVersion" v ON v."id" = f."versionId"
      LEFT JOIN "HubModel" m ON m."id" = v."modelId" GROUP BY m."author"`,
    { author: 'text', uses: 'bigint', shared: 'bigint' },
    ['author'],
  );
  const authors = new Map(listed.map(({ author, models }) => [author, { author, models, uses: 0 }]));
  let unlistedUses = 0;
  let sharedFiles = 0;
  for (const { author, uses, shared } of used) {
    sharedFiles += shared;
    if (author === null) unlistedUses += uses;
    else authors.set(author, { author, models: authors.get(author)?.models ?? 0, uses });
  }
  return { authors: [...authors.values()], unlistedUses, sharedFiles };
}
