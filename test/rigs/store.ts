import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dialect, openClient } from '../../src/store/client.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { RegistryId, Store } from '../../src/store/store.ts';
import { type PostgresOptions, startPostgres } from './postgres.ts';

export interface TemporaryStore {
  store: Store;
  url: string;
  cleanup(): Promise<void>;
}

/** A real SQLite store in a folder of its own. */
export async function temporaryStore(): Promise<TemporaryStore> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-store-'));
  const url = `file:${join(folder, 'assay.db')}`;
  const store = await openStore({ databaseUrl: url });
  return {
    store,
    url,
    async cleanup() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const DIALECTS = ['sqlite', 'postgresql'] as const satisfies readonly Dialect[];

/** Real databases of one dialect: a file each, or a database each in one PostgreSQL server. */
export interface DatabaseRig {
  dialect: Dialect;
  /** The URL of a database that holds nothing yet. */
  emptyDatabase(): Promise<string>;
  /** A store on the database at `url`, or on a new one; closed with the rig at the latest. */
  open(url?: string, registry?: RegistryId): Promise<Store>;
  /** A statement from outside of the store, on a connection of its own; answers its rows. */
  query<Row>(url: string, statement: string): Promise<Row[]>;
  close(): Promise<void>;
}

export async function startDatabases(dialect: Dialect, options: PostgresOptions = {}): Promise<DatabaseRig> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-databases-'));
  const postgres = dialect === 'postgresql' ? await startPostgres(options) : null;
  const stores: Store[] = [];
  let made = 0;
  const rig: DatabaseRig = {
    dialect,
    async emptyDatabase() {
      made += 1;
      return postgres === null ? `file:${join(folder, `${made}.db`)}` : await postgres.createDatabase(`test_${made}`);
    },
    async open(url, registry) {
      const databaseUrl = url ?? (await rig.emptyDatabase());
      const store = await openStore({ databaseUrl, ...(registry ? { registry } : {}) });
      stores.push(store);
      return store;
    },
    async query<Row>(url: string, statement: string) {
      const { prisma } = openClient(url);
      try {
        return await prisma.$queryRawUnsafe<Row[]>(statement);
      } finally {
        await prisma.$disconnect();
      }
    },
    async close() {
      for (const store of stores) await store.close();
      await postgres?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return rig;
}
