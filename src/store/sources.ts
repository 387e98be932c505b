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

export function createSources(prisma: PrismaDb): SourceRepository {
  return {
    async list() {
      return (await prisma.sourceStatus.findMany({ orderBy: { source: 'asc' } })).map(fromRow);
    },
    async get(source) {
      const row = await prisma.sourceStatus.findUnique({ where: { source } });
      return row === null ? null : fromRow(row);
    },
    async put(status) {
      const row = {
        ...status,
        lastSuccessAtMs: toBigOrNull(status.lastSuccessAtMs),
        lastAttemptAtMs: toBigOrNull(status.lastAttemptAtMs),
        failingSinceMs: toBigOrNull(status.failingSinceMs),
      };
      await prisma.sourceStatus.upsert({ where: { source: status.source }, create: row, update: row });
    },
  };
}
