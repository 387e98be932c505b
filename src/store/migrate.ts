import { createHash, randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AssayError, explain } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Db, Dialect, OpenClient, PrismaDb } from './client.ts';

/** The ledger's shape is Prisma's own, so that its tools read it too. */
const LEDGER: Record<Dialect, string> = {
  sqlite: `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL,
    "logs" TEXT, "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)`,
  postgresql: `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`,
};

/** Any number will do as long as every Assay uses the same. */
const ADVISORY_LOCK = 7_277_592;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

interface Applied {
  name: string;
  checksum: string;
  finished: boolean;
}

export interface MigrateOptions {
  folder?: string;
  /** false: only a database that is new is given its tables; an older one is left to the bot that uses it. */
  upgrade?: boolean;
}

/**
 * Brings the database to the code's migrations. A SQLite file is copied beside itself first (`….before-<name>`),
 * unless it is new. All pending migrations are one transaction: it ends as it was or as it should be.
 * Throws AssayError when the database is newer than the code, was changed by hand, or holds a half-applied migration,
 * and when a migration fails.
 * @returns the names that were applied.
 */
export async function migrate(
  client: OpenClient,
  logger?: Logger,
  { folder = migrationsFolder(client.dialect), upgrade = true }: MigrateOptions = {},
): Promise<string[]> {
  const known = readMigrations(folder);
  const ledger = await readLedger(client.prisma, client.dialect);
  const pendingBefore = pending(known, ledger);
  if (pendingBefore.length === 0) return [];
  if (!upgrade && ledger.length > 0) {
    throw new AssayError(
      `The database is of an older version: ${pendingBefore.length} migrations are pending. Starting the bot applies them.`,
    );
  }
  backUp(client, pendingBefore[0]?.name ?? 'migration', logger);
  return await withoutForeignKeys(client, () =>
    client.prisma.$transaction(
      async (db) => {
        if (client.dialect === 'postgresql')
          await db.$executeRawUnsafe(`SELECT pg_advisory_xact_lock(${ADVISORY_LOCK})`);
        // Another process may have done it while we waited for the lock.
        const todo = pending(known, await readLedger(db, client.dialect));
        await db.$executeRawUnsafe(LEDGER[client.dialect]);
        for (const migration of todo) await apply(db, client.dialect, migration);
        return todo.map(({ name }) => name);
      },
      { timeout: 120_000, maxWait: 60_000 },
    ),
  );
}

/**
 * SQLite changes a table by making it anew; with foreign keys on, dropping the old one would delete all that refers to it.
 * They can be switched only outside of a transaction: the migrations' own PRAGMA has no effect.
 */
async function withoutForeignKeys<T>({ prisma, dialect }: OpenClient, job: () => Promise<T>): Promise<T> {
  if (dialect !== 'sqlite') return await job();
  await prisma.$executeRawUnsafe('PRAGMA foreign_keys = OFF');
  try {
    return await job();
  } finally {
    await prisma.$executeRawUnsafe('PRAGMA foreign_keys = ON');
  }
}

/** Throws when a row refers to one that is not there. */
async function checkForeignKeys(db: Db): Promise<void> {
  const broken = await db.$queryRawUnsafe<{ table: string; parent: string }[]>('PRAGMA foreign_key_check');
  if (broken.length === 0) return;
  const pairs = new Set(broken.map(({ table, parent }) => `${table} -> ${parent}`));
  throw new Error(`${broken.length} rows refer to rows that are not there (${[...pairs].join(', ')})`);
}

const migrationsFolder = (dialect: Dialect): string => resolve(import.meta.dirname, '../../prisma/migrations', dialect);

function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readLedger(db: Db | PrismaDb, dialect: Dialect): Promise<Applied[]> {
  const [table] = await db.$queryRawUnsafe<{ found: unknown }[]>(
    dialect === 'sqlite'
      ? `SELECT count(*) AS found FROM sqlite_master WHERE type = 'table' AND name = '_prisma_migrations'`
      : `SELECT count(*) AS found FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = '_prisma_migrations'`,
  );
  if (Number(table?.found ?? 0) === 0) return [];
  const rows = await db.$queryRawUnsafe<{ name: string; checksum: string; finished: unknown }[]>(
    `SELECT migration_name AS name, checksum, CASE WHEN finished_at IS NULL THEN 0 ELSE 1 END AS finished
     FROM "_prisma_migrations" WHERE rolled_back_at IS NULL ORDER BY migration_name`,
  );
  return rows.map(({ name, checksum, finished }) => ({ name, checksum, finished: Number(finished) === 1 }));
}

function pending(known: Migration[], applied: Applied[]): Migration[] {
  const byName = new Map(known.map((migration) => [migration.name, migration]));
  for (const { name, checksum, finished } of applied) {
    const migration = byName.get(name);
    if (!migration) {
      throw new AssayError(
        `The database has the migration ${name}, which this version of Assay does not know: it was used by a newer one. Start that version, or restore the copy that was made before the upgrade.`,
      );
    }
    if (!finished) {
      throw new AssayError(
        `The migration ${name} was begun and never finished. Restore the copy made before it, then start again.`,
      );
    }
    if (migration.checksum !== checksum) {
      throw new AssayError(
        `The migration ${name} is not the one that was applied to this database: its file was changed afterwards.`,
      );
    }
  }
  const done = new Set(applied.map(({ name }) => name));
  return known.filter(({ name }) => !done.has(name));
}

function backUp({ existingFile: file }: OpenClient, name: string, logger?: Logger): void {
  if (file === null || statSync(file).size === 0) return;
  const copy = `${file}.before-${name}`;
  copyFileSync(file, copy);
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
  logger?.info({ copy }, 'copied the database before migrating it');
}

async function apply(db: Db, dialect: Dialect, migration: Migration): Promise<void> {
  try {
    for (const statement of statements(migration.sql)) await db.$executeRawUnsafe(statement);
    if (dialect === 'sqlite') await checkForeignKeys(db);
  } catch (error) {
    throw new AssayError(`The migration ${migration.name} failed; the database is as it was before it.`, {
      detail: explain(error),
      cause: error,
    });
  }
  const now = dialect === 'sqlite' ? `strftime('%s','now') * 1000` : 'now()';
  await db.$executeRawUnsafe(
    `INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
     VALUES ('${randomUUID()}', '${migration.checksum}', ${now}, '${migration.name}', ${now}, 1)`,
  );
}

/** Statements of a script: they end with `;` at the end of a line, which is how migrations are written here. */
function statements(sql: string): string[] {
  return sql
    .replace(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
