import { PrismaLibSql } from '@prisma/adapter-libsql';

type LibsqlClient = ReturnType<PrismaLibSql['createClient']>;
type LibsqlTransaction = Awaited<ReturnType<LibsqlClient['transaction']>>;

/** WAL survives in the file, the others belong to a connection. First the one that lets the rest wait for a lock. */
const PRAGMAS = [
  'PRAGMA busy_timeout = 5000',
  'PRAGMA journal_mode = WAL',
  'PRAGMA foreign_keys = ON',
  'PRAGMA synchronous = NORMAL',
  'PRAGMA cache_size = -16000',
];

/**
 * libsql's own client opens a new connection after every transaction and leaves the old one to the garbage
 * collector: pragmas are lost and memory grows. The adapter lets one thing in at a time anyway, so one connection
 * serves both; transactions begin IMMEDIATE, so that another process makes us wait instead of fail half-way.
 */
export class SingleConnectionLibSql extends PrismaLibSql {
  override createClient(config: Parameters<PrismaLibSql['createClient']>[0]): LibsqlClient {
    const client = super.createClient(config);
    // A file that is no database fails here first; the statement that was to be run then fails alike, and is heard.
    for (const pragma of PRAGMAS) void client.execute(pragma).catch(() => undefined);
    return new Proxy(client, {
      get(target, property) {
        if (property === 'transaction') return () => begin(target);
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
}

async function begin(client: LibsqlClient): Promise<LibsqlTransaction> {
  await client.execute('BEGIN IMMEDIATE');
  let open = true;
  const end = async (statement: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
    if (!open) return;
    open = false;
    try {
      await client.execute(statement);
    } catch (error) {
      // The connection is the only one: left in a transaction, it would take no other.
      if (statement === 'COMMIT') await client.execute('ROLLBACK').catch(() => undefined);
      throw error;
    }
  };
  return {
    execute: client.execute.bind(client),
    batch: async (statements) => {
      const results = [];
      for (const statement of statements) {
        results.push(
          Array.isArray(statement) ? await client.execute(statement[0], statement[1]) : await client.execute(statement),
        );
      }
      return results;
    },
    executeMultiple: (script) => client.executeMultiple(script),
    commit: () => end('COMMIT'),
    rollback: () => end('ROLLBACK'),
    close: () => void end('ROLLBACK').catch(() => undefined),
    get closed() {
      return !open;
    },
  };
}
