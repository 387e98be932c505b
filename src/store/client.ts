import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient as PostgresClient } from '../generated/postgresql/client.ts';
import { PrismaClient as SqliteClient } from '../generated/sqlite/client.ts';
import { AssayError } from '../lib/errors.ts';
import { SingleConnectionLibSql } from './singleConnection.ts';

export type Dialect = 'sqlite' | 'postgresql';

/** Both clients are generated from one set of models, so one type serves for both. */
export type PrismaDb = SqliteClient;

/** A client or a transaction of it. */
export type Db = Parameters<Parameters<PrismaDb['$transaction']>[0]>[0];

export interface OpenClient {
  prisma: PrismaDb;
  dialect: Dialect;
  /** The SQLite file, where there is one that was there before. */
  existingFile: string | null;
}

const EXPECTED = 'DATABASE_URL must be file:./path/to.db or postgresql://user:password@host:5432/name';

/** Opens the client that the URL asks for; connects on first use. Throws AssayError that never echoes the URL. */
export function openClient(databaseUrl: string): OpenClient {
  if (databaseUrl.startsWith('file:')) {
    const file = databaseUrl.slice('file:'.length).split('?')[0] as string;
    if (file === '' || file === ':memory:')
      throw new AssayError(`${EXPECTED}; a database in memory would forget alerts`);
    mkdirSync(dirname(file), { recursive: true });
    const existingFile = existsSync(file) ? file : null;
    const prisma = new SqliteClient({ adapter: new SingleConnectionLibSql({ url: `file:${file}` }) });
    return { prisma, dialect: 'sqlite', existingFile };
  }
  if (/^postgres(ql)?:\/\//.test(databaseUrl)) {
    const adapter = new PrismaPg({ connectionString: databaseUrl, max: 5, connectionTimeoutMillis: 5_000 });
    const prisma = new PostgresClient({ adapter }) as unknown as PrismaDb;
    return { prisma, dialect: 'postgresql', existingFile: null };
  }
  throw new AssayError(EXPECTED);
}
