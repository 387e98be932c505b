import type { MetaStore } from '../lib/metaStore.ts';
import type { PrismaDb } from './client.ts';

export function createMeta(prisma: PrismaDb): MetaStore {
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
