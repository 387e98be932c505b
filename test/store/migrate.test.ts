import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrationsPath } from '../../scripts/prisma-schemas.ts';
import { AssayError } from '../../src/lib/errors.ts';
import { openClient } from '../../src/store/client.ts';
import { migrate } from '../../src/store/migrate.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';

interface LedgerRow {
  migration_name: string;
  checksum: string;
  applied_steps_count: number | bigint;
  done: number | bigint;
}

const LEDGER = `SELECT migration_name, checksum, applied_steps_count,
  CASE WHEN finished_at IS NULL OR rolled_back_at IS NOT NULL THEN 0 ELSE 1 END AS done
  FROM _prisma_migrations ORDER BY migration_name`;

const NEXT = '29990101000000_next';

/** Opens the store in a process of its own, which leaves a mark there; rejects unless it ends well. */
async function openInProcess(url: string, mark: string): Promise<void> {
  const openStore = new URL('../../src/store/openStore.ts', import.meta.url).href;
  const script = `const { openStore } = await import(${JSON.stringify(openStore)});
    const store = await openStore({ databaseUrl: ${JSON.stringify(url)} });
    await store.meta.set(${JSON.stringify(mark)}, '');
    await store.close();`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
}

describe.each(DIALECTS)('migrations on %s', (dialect) => {
  let rig: DatabaseRig;
  /** A copy of the real migrations that a test may add to. */
  let folder: string;

  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-migrations-'));
    cpSync(migrationsPath(dialect), folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const names = () => readdirSync(migrationsPath(dialect)).sort();

  function add(name: string, sql: string): void {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'migration.sql'), sql);
  }

  /** As one start of the program would. */
  async function migrateAt(url: string): Promise<string[]> {
    const client = openClient(url);
    try {
      return await migrate(client, undefined, { folder });
    } finally {
      await client.prisma.$disconnect();
    }
  }

  async function refusal(url: string): Promise<AssayError> {
    const error: unknown = await rig.open(url).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof AssayError)) throw new Error(`not refused: ${String(error)}`);
    return error;
  }

  test('the first start applies all, and the ledger has the checksums that Prisma would write', async () => {
    const url = await rig.emptyDatabase();
    await rig.open(url);
    const rows = await rig.query<LedgerRow>(url, LEDGER);
    expect(rows.map((row) => row.migration_name)).toEqual(names());
    for (const row of rows) {
      const bytes = readFileSync(join(migrationsPath(dialect), row.migration_name, 'migration.sql'));
      expect(row.checksum).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect([Number(row.done), Number(row.applied_steps_count)]).toEqual([1, 1]);
    }
  });

  test('the second start applies nothing and keeps what is stored', async () => {
    const url = await rig.emptyDatabase();
    expect(await migrateAt(url)).toEqual(names());
    const store = await rig.open(url);
    await store.meta.set('kept', 'yes');
    expect(await migrateAt(url)).toEqual([]);
    expect(await rig.query(url, LEDGER)).toHaveLength(names().length);
    expect(await store.meta.get('kept')).toBe('yes');
  });

  test('three processes that start at once on an empty database apply each migration once', async () => {
    const url = await rig.emptyDatabase();
    // Real processes: within one, SQLite's wait for a lock would stand in its own way.
    await Promise.all([1, 2, 3].map((process) => openInProcess(url, `process ${process}`)));
    expect(await rig.query(url, LEDGER)).toHaveLength(names().length);
    expect(await rig.query(url, 'SELECT "key" FROM "Meta" ORDER BY "key"')).toEqual(
      [1, 2, 3].map((process) => ({ key: `process ${process}` })),
    );
  });

  test('an upgrade applies only what is new', async () => {
    const url = await rig.emptyDatabase();
    await migrateAt(url);
    add(
      NEXT,
      '-- A remark; with a semicolon.\nCREATE TABLE "Extra" ("a" TEXT);\n\nINSERT INTO "Extra" VALUES (\'x;y\');\n',
    );
    expect(await migrateAt(url)).toEqual([NEXT]);
    expect(await rig.query(url, 'SELECT "a" FROM "Extra"')).toEqual([{ a: 'x;y' }]);
  });

  test('a failing migration leaves the database as it was, and the corrected one goes through', async () => {
    const url = await rig.emptyDatabase();
    await migrateAt(url);
    const before = await rig.query<LedgerRow>(url, LEDGER);
    add(NEXT, 'CREATE TABLE "Half" ("a" TEXT);\nINSERT INTO "NoSuchTable" VALUES (1);\n');
    const error: unknown = await migrateAt(url).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AssayError);
    expect((error as AssayError).message).toContain(NEXT);
    expect((error as AssayError).detail).toContain('NoSuchTable');
    expect(await rig.query(url, LEDGER)).toEqual(before);
    await expect(rig.query(url, 'SELECT * FROM "Half"')).rejects.toThrow(/Half/);
    add(NEXT, 'CREATE TABLE "Half" ("a" TEXT);\n');
    expect(await migrateAt(url)).toEqual([NEXT]);
  });

  test('a failure in the second of two new migrations takes the first back too', async () => {
    const url = await rig.emptyDatabase();
    await migrateAt(url);
    add(NEXT, 'CREATE TABLE "First" ("a" TEXT);\n');
    add('29990102000000_broken', 'THIS IS NOT SQL;\n');
    await expect(migrateAt(url)).rejects.toThrow();
    await expect(rig.query(url, 'SELECT * FROM "First"')).rejects.toThrow(/First/);
    expect(await rig.query(url, LEDGER)).toHaveLength(names().length);
  });

  test('a database newer than the code stops the start and names the migration', async () => {
    const url = await rig.emptyDatabase();
    add(NEXT, 'CREATE TABLE "FromTheFuture" ("a" TEXT);\n');
    await migrateAt(url);
    const error = await refusal(url);
    expect(error.message).toContain(NEXT);
    expect(error.message).toContain('newer');
    expect(error.retryable).toBe(false);
  });

  test('doctor and ask leave an older database to the bot that uses it, and make a new one', async () => {
    const url = await rig.emptyDatabase();
    const client = openClient(url);
    try {
      expect(await migrate(client, undefined, { folder, upgrade: false })).toEqual(names());
      add('20990101000000_later', 'CREATE TABLE "Later" ("id" INTEGER)');
      await expect(migrate(client, undefined, { folder, upgrade: false })).rejects.toThrow(/older version/);
      expect(await migrate(client, undefined, { folder })).toEqual(['20990101000000_later']);
    } finally {
      await client.prisma.$disconnect();
    }
  });

  test('a migration whose file was changed after it was applied stops the start', async () => {
    const url = await rig.emptyDatabase();
    await rig.open(url);
    await rig.query(url, `UPDATE _prisma_migrations SET checksum = 'other'`);
    const error = await refusal(url);
    expect(error.message).toContain(names()[0]);
    expect(error.message).toContain('changed afterwards');
  });

  test('a migration that another tool left unfinished stops the start', async () => {
    const url = await rig.emptyDatabase();
    await rig.open(url);
    await rig.query(url, 'UPDATE _prisma_migrations SET finished_at = NULL');
    const error = await refusal(url);
    expect(error.message).toContain(names()[0]);
    expect(error.message).toContain('never finished');
  });

  test('a migration that Prisma marked as rolled back counts as not applied', async () => {
    const url = await rig.emptyDatabase();
    await migrateAt(url);
    await rig.query(
      url,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, rolled_back_at, applied_steps_count)
       VALUES ('1', 'of an earlier text', '${NEXT}', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 0)`,
    );
    add(NEXT, 'CREATE TABLE "Extra" ("a" TEXT);\n');
    expect(await migrateAt(url)).toEqual([NEXT]);
  });
});

/** What a bot of the first migration had stored: one chat each way of hearing, an alert that still fires, one that is over. */
const FIRST_DATA = [
  `INSERT INTO "Node" ("id", "key", "firstSeenAtMs") VALUES (1, 'https://node-1.example', 1)`,
  `INSERT INTO "Destination" ("id", "platform", "chatId", "threadId", "title", "createdAtMs") VALUES
    (1, 'telegram', '77', '', 'Ada', 1), (2, 'telegram', '-100', '5', 'Operators', 1),
    (3, 'discord', '900', '', 'alerts', 1), (4, 'telegram', '-200', '', 'admin', 1)`,
  `INSERT INTO "Subscription" ("id", "destinationId", "family", "scope", "subject", "createdBy", "createdAtMs") VALUES
    (1, 1, 'node', 'all', '', 'telegram:77', 1), (2, 2, 'node', 'all', '', 'telegram:77', 1),
    (3, 3, 'node', 'node', '1', 'discord:8', 1)`,
  `INSERT INTO "Incident" ("id", "rule", "subject", "openKey", "state", "severity", "level", "family", "nodeId",
      "sinceSeconds", "firedAtMs", "resolvedAtMs", "updatedAtMs", "detail") VALUES
    (1, 'node.heartbeat', 'node:1', 'node.heartbeat|node:1', 'firing', 'critical', 'late', 'node', 1, 9, 10, NULL, 10, '{}'),
    (2, 'node.endpoint', 'node:1', NULL, 'resolved', 'warning', 'down', 'node', 1, 5, 6, 8, 8, '{}')`,
  `INSERT INTO "IncidentEvent" ("id", "incidentId", "kind", "atMs", "view") VALUES
    (1, 2, 'fired', 6, '{"title":"a"}'), (2, 2, 'resolved', 8, '{"title":"b"}'), (3, 1, 'fired', 10, '{"title":"c"}'),
    (4, 1, 'changed', 11, '{"title":"d"}')`,
  `INSERT INTO "Delivery" ("id", "eventId", "destinationId", "state", "attempts", "nextAttemptAtMs", "createdAtMs",
      "messageId") VALUES
    (1, 1, 1, 'sent', 1, 6, 6, 'm1'), (2, 2, 1, 'sent', 1, 8, 8, 'm2'), (3, 3, 1, 'sent', 1, 10, 10, 'm3'),
    (4, 3, 2, 'pending', 0, 10, 10, NULL), (5, 3, 3, 'sending', 1, 10, 10, NULL), (6, 3, 4, 'sent', 1, 10, 10, 'm6'),
    (7, 4, 1, 'pending', 0, 11, 11, NULL)`,
];

describe.each(DIALECTS)('the migration to alerts on %s', (dialect) => {
  const FIRST = '20261121051531_init';
  const TABLES = ['Node', 'Destination', 'Subscription', 'Incident', 'IncidentEvent', 'Delivery'];
  let rig: DatabaseRig;
  let url: string;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());
  beforeEach(async () => {
    url = await rig.emptyDatabase();
    const folder = mkdtempSync(join(tmpdir(), 'assay-migrations-'));
    cpSync(join(migrationsPath(dialect), FIRST), join(folder, FIRST), { recursive: true });
    const client = openClient(url);
    await migrate(client, undefined, { folder }).finally(() => client.prisma.$disconnect());
    rmSync(folder, { recursive: true });
    for (const statement of FIRST_DATA) await rig.query(url, statement);
    if (dialect === 'postgresql')
      // The ids were given, so the sequences do not know of them.
      for (const table of TABLES) await rig.query(url, `ALTER SEQUENCE "${table}_id_seq" RESTART WITH 100`);
  });

  const ids = async () => {
    const found: Record<string, number[]> = {};
    for (const table of TABLES)
      found[table] = (await rig.query<{ id: number }>(url, `SELECT "id" FROM "${table}" ORDER BY "id"`)).map(({ id }) =>
        Number(id),
      );
    return found;
  };

  test('loses no row, and the new columns say what the old ones did', async () => {
    const before = await ids();
    expect(before.Delivery).toHaveLength(7);
    await rig.open(url);
    expect(await ids()).toEqual(before);
    const deliveries = await rig.query<{ id: number; mode: string; priority: number; groupId: number | null }>(
      url,
      'SELECT "id", "mode", "priority", "groupId" FROM "Delivery" ORDER BY "id"',
    );
    expect(
      deliveries.map(({ id, mode, priority, groupId }) => [
        Number(id),
        mode,
        Number(priority),
        groupId && Number(groupId),
      ]),
    ).toEqual([
      [1, 'send', 1, 1],
      [2, 'reply', 1, 2],
      [3, 'send', 0, 3],
      [4, 'send', 0, null],
      [5, 'send', 0, 5],
      [6, 'send', 0, 6],
      [7, 'edit', 0, null],
    ]);
    const kinds = await rig.query<{ kind: string }>(url, 'SELECT "kind" FROM "Destination" ORDER BY "id"');
    expect(kinds.map(({ kind }) => kind)).toEqual(['private', 'group', 'channel', 'group']);
    const notices = await rig.query<{ incidentId: number; destinationId: number; always: unknown }>(
      url,
      'SELECT "incidentId", "destinationId", "always" FROM "Notice" ORDER BY "destinationId"',
    );
    expect(notices.map((each) => [Number(each.incidentId), Number(each.destinationId), Boolean(each.always)])).toEqual([
      [1, 1, false],
      [1, 2, false],
      [1, 3, false],
      [1, 4, true],
    ]);
  });

  test('what was waiting goes out, and the end of what fired goes to whoever was told, once', async () => {
    const store = await rig.open(url);
    await store.deliveries.recover(20);
    const sent: string[] = [];
    for (const platform of ['telegram', 'discord'] as const) {
      for (;;) {
        const claimed = await store.deliveries.claim(platform, 10, 20);
        if (claimed.length === 0) break;
        for (const { id, mode, destination, editMessageId } of claimed) {
          sent.push(`${mode} ${destination.address.chatId} ${editMessageId}`);
          await store.deliveries.markSent(id, editMessageId ?? `new ${id}`, 21);
        }
      }
    }
    expect(sent.sort()).toEqual(['edit 77 m3', 'send -100 null', 'send 900 null']);
    const [firing] = await store.incidents.open();
    if (firing === undefined) throw new Error('nothing fires');
    expect(firing).toMatchObject({ rule: 'node.heartbeat', severity: 'critical', unstable: false });
    const view = { title: 'back', tone: 'ok' as const, lines: [], asOf: null, sources: [] };
    await store.incidents.apply(
      [{ incident: { ...firing, state: 'resolved', resolvedAtMs: 30 }, event: { kind: 'resolved', view } }],
      30,
    );
    const ends = [
      ...(await store.deliveries.claim('telegram', 10, 60_000)),
      ...(await store.deliveries.claim('discord', 10, 60_000)),
    ];
    expect(
      ends.map(({ destination, replyToMessageId }) => [destination.address.chatId, replyToMessageId]).sort(),
    ).toEqual([
      ['-100', 'new 4'],
      ['-200', 'm6'],
      ['77', 'm3'],
      ['900', 'new 5'],
    ]);
  });

  // PostgreSQL guards them all along.
  if (dialect === 'sqlite') {
    test('a row that refers to nothing fails the migration, and keys are guarded again', async () => {
      const client = openClient(url);
      try {
        await client.prisma.$executeRawUnsafe('PRAGMA foreign_keys = OFF');
        await client.prisma.$executeRawUnsafe('DELETE FROM "Destination" WHERE "id" = 3');
        const error: unknown = await migrate(client).catch((thrown: unknown) => thrown);
        expect((error as AssayError).detail).toMatch(/rows refer to rows that are not there \(.*Destination\)/);
        expect(await client.prisma.$queryRawUnsafe('SELECT "id" FROM "Delivery"')).toHaveLength(7);
        expect(await client.prisma.$queryRawUnsafe('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
      } finally {
        await client.prisma.$disconnect();
      }
    });
  }
});

describe('the copy of a SQLite file before a migration', () => {
  let rig: DatabaseRig;
  let folder: string;

  beforeAll(async () => {
    rig = await startDatabases('sqlite');
  });
  afterAll(() => rig.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-migrations-'));
    cpSync(migrationsPath('sqlite'), folder, { recursive: true });
    mkdirSync(join(folder, NEXT));
    writeFileSync(join(folder, NEXT, 'migration.sql'), 'DELETE FROM "Meta";\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const copyOf = (url: string, migration = NEXT) => `${url.slice('file:'.length)}.before-${migration}`;

  async function upgrade(url: string): Promise<void> {
    const client = openClient(url);
    await migrate(client, undefined, { folder }).finally(() => client.prisma.$disconnect());
  }

  test('a new file is not copied', async () => {
    const url = await rig.emptyDatabase();
    await rig.open(url);
    const first = readdirSync(migrationsPath('sqlite')).sort()[0] as string;
    expect(existsSync(copyOf(url, first))).toBe(false);
  });

  test('the copy holds all that was stored, also what was still in the write-ahead log', async () => {
    const url = await rig.emptyDatabase();
    const store = await rig.open(url);
    // Not closed, so that the value is in the log and not in the file itself yet.
    await store.meta.set('kept', 'yes');
    expect(readFileSync(`${url.slice('file:'.length)}-wal`).length).toBeGreaterThan(0);
    await upgrade(url);
    expect(await store.meta.get('kept')).toBe(null);
    const restored = await rig.open(`file:${copyOf(url)}`);
    expect(await restored.meta.get('kept')).toBe('yes');
  });

  test('the next attempt at a migration that failed makes a new copy', async () => {
    const url = await rig.emptyDatabase();
    const store = await rig.open(url);
    await store.meta.set('kept', 'old');
    const sql = join(folder, NEXT, 'migration.sql');
    writeFileSync(sql, 'THIS IS NOT SQL;\n');
    await expect(upgrade(url)).rejects.toThrow(NEXT);
    await store.meta.set('kept', 'new');
    writeFileSync(sql, 'DELETE FROM "Meta";\n');
    await upgrade(url);
    const restored = await rig.open(`file:${copyOf(url)}`);
    expect(await restored.meta.get('kept')).toBe('new');
  });
});
