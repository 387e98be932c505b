import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { Dialect } from './prisma-schemas.ts';

type Exports = Record<string, (() => void) | undefined>;

/** Node's types leave WebAssembly to the browser's library. */
const wasm = (
  globalThis as unknown as {
    WebAssembly: { instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: Exports } }> };
  }
).WebAssembly;

let loaded = false;

/** The engine as WebAssembly, instantiated by hand: Node does not import it as its bundler-made loader expects. */
async function load(): Promise<void> {
  if (loaded) return;
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = readFileSync(entry.replace(/\.js$/, '.wasm'));
  const { instance } = await wasm.instantiate(bytes, { './schema_engine_bg.js': bindings });
  const glue = bindings as unknown as { __wbg_set_wasm(exports: Exports): void };
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start?.();
  loaded = true;
}

/**
 * The SQL script that turns a database of schema `from` (null: an empty one) into one of schema `to`; an empty
 * text when they are alike. `postgresUrl` is any empty database, asked for its version only.
 */
export async function diffSchemas(
  dialect: Dialect,
  from: string | null,
  to: string,
  postgresUrl: string,
): Promise<string> {
  const start = from === null ? { tag: 'empty' as const } : datamodel(from);
  // The engine asks its database for a version before it compares; SQLite's may be in memory, PostgreSQL's must be real.
  return await diff(dialect, start, to, dialect === 'sqlite' ? ':memory:' : postgresUrl);
}

/**
 * The SQL script that turns the SQLite file at `url` into one of schema `to`; an empty text when it is one already.
 * The engine cannot describe a PostgreSQL database through this adapter (its catalogue's type "char").
 */
export async function diffSqliteFile(url: string, to: string): Promise<string> {
  return await diff('sqlite', { ...datamodel(to), tag: 'schemaDatasource', configDir: '.' }, to, url);
}

const datamodel = (content: string) => ({
  tag: 'schemaDatamodel' as const,
  files: [{ path: 'schema.prisma', content }],
});

type From = Parameters<bindings.SchemaEngine['diff']>[0]['from'];

async function diff(dialect: Dialect, from: From, to: string, url: string): Promise<string> {
  await load();
  const adapter = dialect === 'sqlite' ? new PrismaLibSql({ url }) : new PrismaPg({ connectionString: url });
  const engine = await bindings.SchemaEngine.new(
    { datamodels: [['schema.prisma', to]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(adapter),
  );
  const result = await engine.diff({
    from,
    to: datamodel(to),
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  const sql = result.stdout ?? '';
  return sql.startsWith('-- This is an empty migration') ? '' : sql;
}
