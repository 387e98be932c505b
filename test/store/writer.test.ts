import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SourceStatus } from '../../src/lib/facts.ts';
import { openClient, type PrismaDb } from '../../src/store/client.ts';
import { jsonRows, sql } from '../../src/store/jsonRows.ts';
import type { Store } from '../../src/store/store.ts';
import { createWriter } from '../../src/store/writer.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';

describe.each(DIALECTS)('writing on %s', (dialect) => {
  let rig: DatabaseRig;
  let url: string;
  let store: Store;
  let prisma: PrismaDb;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
    url = await rig.emptyDatabase();
    store = await rig.open(url);
    prisma = openClient(url).prisma;
  });
  afterAll(async () => {
    await prisma.$disconnect();
    await rig.close();
  });
  beforeEach(async () => {
    await prisma.meta.deleteMany();
  });

  const value = async (db: Pick<PrismaDb, 'meta'>, key: string) =>
    (await db.meta.findUnique({ where: { key } }))?.value ?? null;

  test('writes that begin at once run one after the other, in that order', async () => {
    const write = createWriter(prisma);
    const order: string[] = [];
    await prisma.meta.create({ data: { key: 'count', value: '0' } });
    await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        write(async (db) => {
          order.push(`in ${at}`);
          // Read, then write: two at once would lose one.
          const count = Number(await value(db, 'count'));
          await db.meta.update({ where: { key: 'count' }, data: { value: String(count + 1) } });
          order.push(`out ${at}`);
        }),
      ),
    );
    expect(await value(prisma, 'count')).toBe('20');
    expect(order).toEqual(Array.from({ length: 20 }, (_, at) => [`in ${at}`, `out ${at}`]).flat());
  });

  test('a write that fails is rolled back, says so to its caller and does not stop the next', async () => {
    const write = createWriter(prisma);
    const failing = write(async (db) => {
      await db.meta.create({ data: { key: 'half', value: '' } });
      throw new Error('half-way');
    });
    const next = write(async (db) => {
      await db.meta.create({ data: { key: 'next', value: '' } });
      return 'answer';
    });
    await expect(failing).rejects.toThrow('half-way');
    expect(await next).toBe('answer');
    expect((await prisma.meta.findMany()).map(({ key }) => key)).toEqual(['next']);
  });

  test('what is written beside a transaction that fails is not rolled back with it', async () => {
    const write = createWriter(prisma);
    let beside: Promise<unknown> = Promise.resolve();
    const failing = write(async (db) => {
      await db.meta.create({ data: { key: 'half', value: '' } });
      beside = prisma.meta.create({ data: { key: 'beside', value: '' } });
      await db.meta.create({ data: { key: 'more', value: '' } });
      throw new Error('half-way');
    });
    await expect(failing).rejects.toThrow('half-way');
    await beside;
    expect((await prisma.meta.findMany()).map(({ key }) => key)).toEqual(['beside']);
  });

  test('a reader does not see a transaction before its end', async () => {
    const write = createWriter(prisma);
    let seen: Promise<string | null> = Promise.resolve('not asked');
    await write(async (db) => {
      await db.meta.create({ data: { key: 'a', value: 'first' } });
      seen = value(prisma, 'a');
      if (dialect === 'postgresql') expect(await seen).toBe(null);
      await db.meta.update({ where: { key: 'a' }, data: { value: 'second' } });
    });
    // On SQLite the reader waited for the end on the one connection; it never sees the middle.
    expect(await seen).toBe(dialect === 'postgresql' ? null : 'second');
  });

  test('small facts are kept and replaced', async () => {
    expect(await store.meta.get('commands')).toBe(null);
    await store.meta.set('commands', 'one');
    await store.meta.set('commands', 'two');
    expect(await (await rig.open(url)).meta.get('commands')).toBe('two');
  });

  test('what is known of a source is kept and replaced as a whole', async () => {
    const fresh: SourceStatus = {
      source: 'opengradient.registry',
      state: 'fresh',
      lastSuccessAtMs: 1_800_000_000_000,
      lastAttemptAtMs: 1_800_000_000_000,
      failingSinceMs: null,
      error: null,
      shortError: null,
    };
    const failing: SourceStatus = { ...fresh, state: 'failing', failingSinceMs: 5, error: 'e', shortError: 's' };
    expect(await store.sources.get(fresh.source)).toBe(null);
    await store.sources.put(failing);
    await store.sources.put(fresh);
    await store.sources.put({ ...failing, source: 'another' });
    const { sources } = await rig.open(url);
    expect(await sources.get(fresh.source)).toEqual(fresh);
    expect(await sources.list()).toEqual([{ ...failing, source: 'another' }, fresh]);
  });

  test('rows that travel as one parameter arrive as they were, whatever their text', async () => {
    const row = fc.record({
      // Not the two that PostgreSQL cannot hold: those are cleaned away where text from strangers comes in.
      text: fc.option(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))),
      big: fc.option(fc.maxSafeInteger()),
      int: fc.option(fc.integer()),
      real: fc.option(fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e15, max: 1e15 })),
      bool: fc.option(fc.boolean()),
      bytes: fc.option(fc.uint8Array({ maxLength: 40 })),
    });
    const columns = { at: 'int', text: 'text', big: 'bigint', int: 'int', real: 'real', bool: 'bool', bytes: 'bytes' };
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 10 }), async (rows) => {
        const sent = rows.map((each, at) => ({
          ...each,
          at,
          bytes: each.bytes === null ? null : Buffer.from(each.bytes).toString('hex'),
        }));
        const found = await prisma.$queryRaw<Record<string, unknown>[]>(
          sql`SELECT * FROM ${jsonRows(dialect, sent, columns as Parameters<typeof jsonRows>[2])} AS r ORDER BY r."at"`,
        );
        expect(
          found.map(({ text, big, int, real, bool, bytes }) => ({
            text,
            big: big === null ? null : Number(big),
            int: int === null ? null : Number(int),
            // -0 is 0 in a database.
            real: real === null ? null : Number(real) + 0,
            bool: bool === null ? null : Boolean(Number(bool)),
            bytes: bytes === null ? null : Buffer.from(bytes as Uint8Array).toString('hex'),
          })),
        ).toEqual(sent.map(({ at: _, ...each }) => ({ ...each, real: each.real === null ? null : each.real + 0 })));
      }),
      { numRuns: 60 },
    );
  });
});
