import type { SourceState, SourceStatus } from '../lib/facts.ts';
import type { PrismaDb } from './client.ts';
import { fromBigOrNull, toBigOrNull } from './numbers.ts';
import type { SourceRepository } from './store.ts';

type Row = NonNullable<Awaited<ReturnType<PrismaDb['sourceStatus']['findUnique']>>>;

const fromRow = (row: Row): SourceStatus => ({
  ...row,
  state: row.state as SourceState,
  lastSuccessAtMs: fromBigOrNull(row.lastSuccessAtMs),
  lastAttemptAtMs: fromBigOrNull(row.lastAttemptAtMs),
  failingSinceMs: fromBigOrNull(row.failingSinceMs),
});

/**
 * Kept in memory, as node facts are: every command and every letter of an autocompletion asks. Valid as long as one
 * process writes.
 */
export function createSources(prisma: PrismaDb): SourceRepository {
  let known: Promise<Map<string, SourceStatus>> | null = null;

  async function load(): Promise<Map<string, SourceStatus>> {
    const rows = await prisma.sourceStatus.findMany({ orderBy: { source: 'asc' } });
    return new Map(rows.map((row) => [row.source, fromRow(row)]));
  }

  function all(): Promise<Map<string, SourceStatus>> {
    known ??= load().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  }

  return {
    list: async () => [...(await all()).values()].sort((a, b) => (a.source < b.source ? -1 : 1)),
    get: async (source) => (await all()).get(source) ?? null,
    async put(status) {
      const row = {
        ...status,
        lastSuccessAtMs: toBigOrNull(status.lastSuccessAtMs),
        lastAttemptAtMs: toBigOrNull(status.lastAttemptAtMs),
        failingSinceMs: toBigOrNull(status.failingSinceMs),
      };
      await prisma.sourceStatus.upsert({ where: { source: status.source }, create: row, update: row });
      (await all()).set(status.source, status);
    },
    note(status) {
      void known?.then((statuses) => statuses.set(status.source, status)).catch(() => undefined);
    },
  };
}
