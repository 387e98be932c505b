// Derives the PostgreSQL schema and generates both clients. Runs in `npm ci`, so it is quiet and needs no network.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { DIALECTS, derivePostgresql, readSource, schemaPath } from './prisma-schemas.ts';

function prismaCli(): string | null {
  try {
    return createRequire(import.meta.url).resolve('prisma/build/index.js');
  } catch {
    return null;
  }
}

function writeIfChanged(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const cli = prismaCli();
if (cli === null) {
  process.stdout.write(
    'db:generate: the Prisma CLI is not installed here (production); the clients are left as they are\n',
  );
} else {
  writeIfChanged(schemaPath('postgresql'), derivePostgresql(readSource()));
  for (const dialect of DIALECTS) {
    const run = spawnSync(process.execPath, [cli, 'generate', '--schema', schemaPath(dialect), '--no-hints'], {
      encoding: 'utf8',
      // The generator needs no engine; naming any binary keeps the CLI from downloading one.
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
    });
    if (run.status !== 0) {
      process.stderr.write(`db:generate: ${dialect} failed\n${run.stdout}${run.stderr}`);
      process.exit(1);
    }
  }
}
