import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const DIALECTS = ['sqlite', 'postgresql'] as const;
export type Dialect = (typeof DIALECTS)[number];

const ROOT = resolve(import.meta.dirname, '..');

export const schemaPath = (dialect: Dialect): string =>
  dialect === 'sqlite' ? resolve(ROOT, 'prisma/schema.prisma') : resolve(ROOT, 'prisma/postgresql/schema.prisma');

export const migrationsPath = (dialect: Dialect): string => resolve(ROOT, 'prisma/migrations', dialect);

/** The second dialect's schema, from the one source: another provider, another output folder. */
export function derivePostgresql(source: string): string {
  return source
    .replace(/^\/\/.*$/m, '// Derived from ../schema.prisma by `npm run db:generate`. Edit that one.')
    .replace('provider = "sqlite"', 'provider = "postgresql"')
    .replace('"../src/generated/sqlite"', '"../../src/generated/postgresql"');
}

export const readSource = (): string => readFileSync(schemaPath('sqlite'), 'utf8');
