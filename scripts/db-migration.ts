// npm run db:migration NAME: writes the SQL from the last migration's schema to today's, for both dialects.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres } from '../test/rigs/postgres.ts';
import { DIALECTS, type Dialect, derivePostgresql, migrationsPath, readSource } from './prisma-schemas.ts';
import { diffSchemas } from './schema-diff.ts';

function lastSchema(dialect: Dialect): string | null {
  mkdirSync(migrationsPath(dialect), { recursive: true });
  const last = readdirSync(migrationsPath(dialect)).sort().at(-1);
  return last === undefined ? null : readFileSync(join(migrationsPath(dialect), last, 'schema.prisma'), 'utf8');
}

const name = process.argv[2] ?? '';
if (!/^[a-z][a-z0-9_]{1,40}$/.test(name)) {
  process.stderr.write('db:migration: give a name in lower case, e.g. `npm run db:migration add_model_stages`\n');
  process.exit(64);
}
const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
const postgres = await startPostgres();
const postgresUrl = await postgres.createDatabase('migration');
for (const dialect of DIALECTS) {
  const schema = dialect === 'sqlite' ? readSource() : derivePostgresql(readSource());
  const sql = await diffSchemas(dialect, lastSchema(dialect), schema, postgresUrl);
  if (sql === '') {
    process.stdout.write(`${dialect}: nothing has changed\n`);
    continue;
  }
  const folder = join(migrationsPath(dialect), `${stamp}_${name}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'migration.sql'), sql);
  writeFileSync(join(folder, 'schema.prisma'), schema);
  process.stdout.write(`${dialect}: wrote ${folder}\n`);
}
await postgres.close();
process.exit(0);
