import { saveCompleteRows, saveStorageRows, trackRows } from './blobRows.ts';
import type { Db, OpenClient } from './client.ts';
import { HeldFacts } from './heldFacts.ts';
import { countAuthors } from './modelAuthors.ts';
import { saveDetailRows } from './modelDetail.ts';
import { loadModelFacts } from './modelFacts.ts';
import { saveListRows } from './modelList.ts';
import { createModelQueries } from './modelQueries.ts';
import type { ModelRepository } from './modelRepository.ts';
import { rewindUseRows, saveUseRows } from './modelUses.ts';
import type { Writer } from './writer.ts';

export function createModels(client: OpenClient, write: Writer): ModelRepository {
  const { dialect } = client;
  const cache = new HeldFacts((nowMs) => loadModelFacts(client, nowMs));

  /** A write after which the facts are read anew, and those too that were being read meanwhile. */
  async function change<T>(job: (db: Db) => Promise<T>): Promise<T> {
    try {
      return await write(job);
    } finally {
      cache.drop();
    }
  }

  return {
    ...createModelQueries(client),
    facts: (nowMs) => cache.get(nowMs),
    authors: () => countAuthors(client.prisma, dialect),
    saveList: (models, nowMs) => change(async (db) => ({ changed: await saveListRows(db, dialect, models, nowMs) })),
    saveDetail: (detail, nowMs) => change((db) => saveDetailRows(db, dialect, detail, nowMs)),
    track: (blobIds, origin, nowMs) => change((db) => trackRows(db, dialect, blobIds, origin, nowMs)),
    saveStorage: (answers) => change((db) => saveStorageRows(db, dialect, answers)),
    saveComplete: (rows) => change((db) => saveCompleteRows(db, dialect, rows)),
    saveUses: (uses, cursor, nowMs) => change((db) => saveUseRows(db, dialect, uses, cursor, nowMs)),
    rewindUses: (cursorName, block) => change((db) => rewindUseRows(db, dialect, cursorName, block)),
  };
}
