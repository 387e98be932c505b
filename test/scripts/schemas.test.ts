import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { derivePostgresql, migrationsPath, readSource, schemaPath } from '../../scripts/prisma-schemas.ts';
import { diffSchemas, diffSqliteFile } from '../../scripts/schema-diff.ts';
import { openClient } from '../../src/store/client.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';

const schemaOf = { sqlite: readSource, postgresql: () => derivePostgresql(readSource()) };

/** Every column, key and index of a PostgreSQL database but the ledger's. */
const CATALOGUE = `SELECT * FROM (
    SELECT table_name || '.' || column_name AS name,
      data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') AS definition
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT tablename || '.' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace
  ) AS everything WHERE name NOT LIKE '%_prisma_migrations%' ORDER BY name, definition`;

/** Models and attributes without the parts that differ by design. */
const models = (schema: string): string => schema.slice(schema.indexOf('\n/// Small facts'));

test('the schema of PostgreSQL is the one derived from the source', () => {
  expect(readFileSync(schemaPath('postgresql'), 'utf8')).toBe(derivePostgresql(readSource()));
});

test('the derived schema has another provider, another output and the same models', () => {
  const derived = derivePostgresql(readSource());
  expect(derived).toContain('provider = "postgresql"');
  expect(derived).toContain('"../../src/generated/postgresql"');
  expect(derived).not.toContain('sqlite');
  expect(models(derived)).toBe(models(readSource()));
  expect(models(derived)).toContain('model Delivery');
});

test('both dialects have the same migrations', () => {
  const [sqlite, postgresql] = DIALECTS.map((dialect) => readdirSync(migrationsPath(dialect)).sort());
  expect(postgresql).toEqual(sqlite);
});

describe.each(DIALECTS)('migrations and schema on %s', (dialect) => {
  let rig: DatabaseRig;
  let versionUrl: string;
  const source = schemaOf[dialect];
  const folders = readdirSync(migrationsPath(dialect)).sort();
  const read = (folder: string, file: string) => readFileSync(join(migrationsPath(dialect), folder, file), 'utf8');

  beforeAll(async () => {
    rig = await startDatabases(dialect);
    versionUrl = await rig.emptyDatabase();
  });
  afterAll(() => rig.close());

  test('the newest migration leads to the schema of today', () => {
    expect(read(folders.at(-1) as string, 'schema.prisma')).toBe(source());
  });

  test.each(folders)('%s is what the engine writes for the change it stands for', async (folder) => {
    const before = folders[folders.indexOf(folder) - 1];
    const from = before === undefined ? null : read(before, 'schema.prisma');
    // Behind it may stand, from such a remark on, what is to be written into the new columns.
    const [structure = ''] = read(folder, 'migration.sql').split(/^-- Data: /m);
    const written = await diffSchemas(dialect, from, read(folder, 'schema.prisma'), versionUrl);
    expect(written.trimEnd()).toBe(structure.trimEnd());
  });

  /** What of the database at `url` is not as the schema says; an empty text when all is. */
  async function drift(url: string): Promise<string> {
    if (dialect === 'sqlite') return await diffSqliteFile(url, source());
    const fresh = await rig.emptyDatabase();
    const { prisma } = openClient(fresh);
    const script = await diffSchemas(dialect, null, source(), versionUrl);
    // In one go: without parameters the server takes many statements at once.
    await prisma.$executeRawUnsafe(`DO $do$ BEGIN ${script} END $do$`);
    await prisma.$disconnect();
    const [wanted, found] = await Promise.all([fresh, url].map((database) => rig.query(database, CATALOGUE)));
    return JSON.stringify(wanted) === JSON.stringify(found) ? '' : JSON.stringify(found);
  }

  test('a database that the store has opened is exactly what the schema says', async () => {
    const url = await rig.emptyDatabase();
    await rig.open(url);
    expect(await drift(url)).toBe('');
  });

  test.each([
    ['a column', 'ALTER TABLE "Meta" ADD COLUMN "extra" TEXT'],
    ['an index', 'DROP INDEX "NodeHour_hour_idx"'],
    ['a unique key', 'DROP INDEX "Destination_platform_chatId_threadId_key"'],
  ])('%s that differs is found', async (_, statement) => {
    const url = await rig.emptyDatabase();
    await rig.open(url);
    await rig.query(url, statement);
    expect(await drift(url)).not.toBe('');
  });

  test('a model that changes without a migration is found', async () => {
    const changed = source().replace(/^( {2}title +)String$/m, '$1String?');
    expect(changed).not.toBe(source());
    const last = read(folders.at(-1) as string, 'schema.prisma');
    expect(await diffSchemas(dialect, last, changed, versionUrl)).toContain('"Destination"');
  });
});
