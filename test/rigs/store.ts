import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';

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
