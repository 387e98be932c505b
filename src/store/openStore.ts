import { AssayError, explain } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { createAccounts } from './accounts.ts';
import { type OpenClient, openClient } from './client.ts';
import { createDeliveries } from './deliveries.ts';
import { createGauges } from './gauges.ts';
import { createGovernance } from './governance.ts';
import { createHistory } from './history.ts';
import { createIncidents } from './incidents.ts';
import { takeLease } from './lease.ts';
import { createMeta } from './meta.ts';
import { migrate } from './migrate.ts';
import { createModels } from './models.ts';
import { createNodes } from './nodes.ts';
import { createProofs } from './proofs.ts';
import { createSets } from './sets.ts';
import { createSources } from './sources.ts';
import type { RegistryId, Store } from './store.ts';
import { createSubscriptions } from './subscriptions.ts';
import { createWriter } from './writer.ts';

export interface StoreOptions {
  databaseUrl: string;
  logger?: Logger;
  /** false: refuse a database of an older version instead of migrating it under a bot that may be using it. */
  upgrade?: boolean;
  /** The configured one: what is stored of others is no fact. Without it, the one that was read last. */
  registry?: RegistryId;
}

/**
 * Opens the database, migrated to this version. Throws AssayError when the URL is none, the database cannot be
 * reached (retryable) or is not one that this version may use.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const client = await openMigrated(options);
  const { prisma, dialect } = client;
  const write = createWriter(prisma);
  return {
    dialect,
    meta: createMeta(prisma),
    sources: createSources(prisma),
    nodes: createNodes(client, write, options.registry ?? null),
    history: createHistory(client, write),
    models: createModels(client, write),
    proofs: createProofs(client, write),
    governance: createGovernance(client, write),
    gauges: createGauges(client, write),
    sets: createSets(client, write),
    subscriptions: createSubscriptions(client, write),
    incidents: createIncidents(client, write),
    deliveries: createDeliveries(client, write),
    accounts: createAccounts(client, write),
    takeLease: (clock, holder, signal) =>
      takeLease(prisma, dialect, clock, holder, signal, (text) =>
        options.logger?.info(`${text}: waiting for it to end`),
      ),
    async ping() {
      await prisma.$queryRawUnsafe('SELECT 1');
    },
    close: () => prisma.$disconnect(),
  };
}

async function openMigrated({ databaseUrl, logger, upgrade = true }: StoreOptions): Promise<OpenClient> {
  let client: OpenClient | null = null;
  try {
    client = openClient(databaseUrl);
    await migrate(client, logger, { upgrade });
    return client;
  } catch (error) {
    await client?.prisma.$disconnect();
    if (error instanceof AssayError) throw error;
    throw new AssayError('The database could not be opened.', {
      retryable: true,
      detail: explain(error),
      cause: error,
    });
  }
}
