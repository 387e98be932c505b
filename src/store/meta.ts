import type { PrismaDb } from './client.ts';
import type { MetaRepository } from './store.ts';

export function createMeta(prisma: PrismaDb): MetaRepository {
  return {
    async get(key) {
      const row = await prisma.meta.findUnique({ where: { key } });
      return row?.value ?? null;
    },
    async set(key, value) {
      await prisma.meta.upsert({ where: { key }, create: { key, value }, update: { value } });
    },
  };
}
