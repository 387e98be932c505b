import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { DIALECTS, migrationsPath } from '../../scripts/prisma-schemas.ts';

const SCRIPT = resolve(import.meta.dirname, '../../scripts/db-migration.ts');

const listed = () => DIALECTS.map((dialect) => readdirSync(migrationsPath(dialect)));

test.each(['', 'Add', '1st', 'add-model', '../outside', 'a b', `a${'b'.repeat(60)}`])(
  'a migration is not called "%s": said with an example, and nothing is written',
  (name) => {
    const before = listed();
    const { status, stderr, stdout } = spawnSync(process.execPath, [SCRIPT, name], { encoding: 'utf8' });
    expect(status).toBe(64);
    expect(stderr).toContain('npm run db:migration add_model_stages');
    expect(stdout).toBe('');
    expect(listed()).toEqual(before);
  },
);
