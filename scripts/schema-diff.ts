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
  await load();
  const engine = await bindings.SchemaEngine.new(
    { datamodels: [['schema.prisma', to]] },
    () => undefined,
    adapterFor(dialect, postgresUrl),
  );
  const target = (content: string) => ({
    tag: 'schemaDatamodel' as const,
    files: [{ path: 'schema.prisma', content }],
  });
  const result = await engine.diff({
    from: from === null ? { tag: 'empty' } : target(from),
    to: target(to),
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  const sql = result.stdout ?? '';
  return sql.startsWith('-- This is an empty migration') ? '' : sql;
}

/** The engine asks its database for a version before it compares; SQLite's may be in memory, PostgreSQL's must be real. */
function adapterFor(dialect: Dialect, postgresUrl: string) {
  return bindMigrationAwareSqlAdapterFactory(
    dialect === 'sqlite' ? new PrismaLibSql({ url: ':memory:' }) : new PrismaPg({ connectionString: postgresUrl }),
  );
}
