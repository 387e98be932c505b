import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AssayError, explain } from '../../src/lib/errors.ts';
import { type OpenClient, openClient } from '../../src/store/client.ts';
import { openStore } from '../../src/store/openStore.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-open-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function refusal(databaseUrl: string): Promise<AssayError> {
  const error: unknown = await openStore({ databaseUrl }).then(
    (store) => store.close(),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AssayError)) throw new Error(`not an AssayError: ${String(error)}`);
  return error;
}

function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      // The folder's own descriptor is closed by now.
      return [];
    }
  });
}

describe.each(DIALECTS)('a store on %s', (dialect) => {
  let rig: DatabaseRig;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());

  test('says which dialect it is, answers a ping', async () => {
    const store = await openStore({ databaseUrl: await rig.emptyDatabase() });
    expect(store.dialect).toBe(dialect);
    await store.ping();
    await store.close();
  });

  test('a row that points nowhere is refused, and rows go with what they belong to', async () => {
    const url = await rig.emptyDatabase();
    await rig.open(url);
    const { prisma } = openClient(url);
    const dangling = { destinationId: 99, family: 'node', scope: 'all', subject: '', createdBy: '', createdAtMs: 0n };
    await expect(prisma.subscription.create({ data: dangling })).rejects.toThrow(/[Ff]oreign key/);
    const { id } = await prisma.destination.create({
      data: { platform: 'telegram', chatId: '1', title: '', createdAtMs: 0n },
    });
    await prisma.subscription.create({ data: { ...dangling, destinationId: id } });
    await prisma.destination.delete({ where: { id } });
    expect(await prisma.subscription.count()).toBe(0);
    await prisma.$disconnect();
  });
});

describe('a SQLite file', () => {
  const file = () => join(folder, 'assay.db');

  test('is made with its folder on the first start', async () => {
    const store = await openStore({ databaseUrl: `file:${join(folder, 'a', 'b', 'assay.db')}` });
    await store.meta.set('a', 'b');
    expect(await store.meta.get('a')).toBe('b');
    await store.close();
  });

  test('has its pragmas, before, within and after a transaction', async () => {
    const { prisma }: OpenClient = openClient(`file:${file()}`);
    const pragma = async (db: Pick<typeof prisma, '$queryRawUnsafe'>, name: string) =>
      Object.values((await db.$queryRawUnsafe<Record<string, unknown>[]>(`PRAGMA ${name}`))[0] ?? {})[0];
    const all = async (db: Pick<typeof prisma, '$queryRawUnsafe'>) => [
      await pragma(db, 'journal_mode'),
      Number(await pragma(db, 'busy_timeout')),
      Number(await pragma(db, 'foreign_keys')),
    ];
    const wanted = ['wal', 5000, 1];
    expect(await all(prisma)).toEqual(wanted);
    expect(await prisma.$transaction((db) => all(db))).toEqual(wanted);
    await prisma.$transaction(() => Promise.reject(new Error('back'))).catch(() => undefined);
    expect(await all(prisma)).toEqual(wanted);
    await prisma.$disconnect();
  });

  test('that holds something else than a database is refused in words', async () => {
    writeFileSync(file(), 'this was a shopping list, long before it was taken for a database. '.repeat(100));
    const error = await refusal(`file:${file()}`);
    expect(error.message).toBe('The database could not be opened.');
    expect(explain(error)).toMatch(/not a database/);
  });

  test('that is damaged in the middle is refused in words', async () => {
    const { prisma } = openClient(`file:${file()}`);
    await prisma.$executeRawUnsafe('CREATE TABLE a (b TEXT)');
    await prisma.$queryRawUnsafe('PRAGMA wal_checkpoint(TRUNCATE)');
    await prisma.$disconnect();
    // The header stays valid; the page with the list of tables does not.
    const bytes = readFileSync(file());
    writeFileSync(file(), Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 0xff)]));
    const error = await refusal(`file:${file()}`);
    expect(explain(error)).toMatch(/malformed|corrupt|not a database/);
  });

  test('that is a folder is refused in words', async () => {
    mkdirSync(file());
    const error = await refusal(`file:${file()}`);
    expect(error.message).toBe('The database could not be opened.');
    expect(explain(error)).toMatch(/open/);
  });

  test('in a folder that cannot be made is refused in words', async () => {
    writeFileSync(join(folder, 'a-file'), '');
    const error = await refusal(`file:${join(folder, 'a-file', 'assay.db')}`);
    expect(error.message).toBe('The database could not be opened.');
    expect(explain(error)).toMatch(/ENOTDIR|EEXIST/);
  });

  test.runIf(process.platform === 'linux')('has one connection however many transactions there were', async () => {
    const { prisma } = openClient(`file:${file()}`);
    for (let at = 0; at < 50; at += 1) await prisma.$transaction((db) => db.$queryRawUnsafe('SELECT 1'));
    expect(openFiles().filter((path) => path === file())).toHaveLength(1);
    await prisma.$disconnect();
  });
});

test.each([
  ['', 'DATABASE_URL must be'],
  ['mysql://root:hunter2@localhost/assay', 'DATABASE_URL must be'],
  ['postgres:/hunter2', 'DATABASE_URL must be'],
  ['file:', 'in memory'],
  ['file::memory:', 'in memory'],
  ['file:?mode=memory', 'in memory'],
])('the URL "%s" is refused without being repeated', async (url, words) => {
  const error = await refusal(url);
  expect(error.message).toContain(words);
  expect(explain(error)).not.toContain('hunter2');
});

describe('PostgreSQL that cannot be had', () => {
  let rig: DatabaseRig;
  beforeAll(async () => {
    rig = await startDatabases('postgresql');
  });
  afterAll(() => rig.close());

  test('nobody listening is said, may pass, and does not tell the password', async () => {
    const port = await new Promise<number>((resolve) => {
      const server = createServer();
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
      });
    });
    const error = await refusal(`postgresql://assay:hunter2@127.0.0.1:${port}/assay`);
    expect(error.message).toBe('The database could not be opened.');
    expect(error.retryable).toBe(true);
    expect(explain(error)).toMatch(/ECONNREFUSED|[Cc]an't reach/);
    expect(explain(error)).not.toContain('hunter2');
  });

  test('a wrong password and a database that is not there are told apart', async () => {
    const url = new URL(await rig.emptyDatabase());
    const missing = new URL(url);
    missing.pathname = '/nowhere';
    expect(explain(await refusal(missing.href))).toMatch(/nowhere.*does not exist/);
    const locked = new URL(url);
    locked.password = 'hunter2';
    const refused = explain(await refusal(locked.href));
    expect(refused).toMatch(/[Aa]uthentication failed/);
    expect(refused).not.toContain('hunter2');
  });
});
