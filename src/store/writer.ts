import type { Db, PrismaDb } from './client.ts';

export type Writer = <T>(job: (db: Db) => Promise<T>) => Promise<T>;

/**
 * Runs writes as transactions, one after the other within this process: SQLite has one writer anyway, and on
 * PostgreSQL it keeps roll-ups that touch the same rows from dead-locking. A failed write rolls back and does not
 * stop the next.
 */
export function createWriter(prisma: PrismaDb): Writer {
  let last: Promise<unknown> = Promise.resolve();
  return (job) => {
    const run = last.then(() => prisma.$transaction((db) => job(db), { maxWait: 30_000, timeout: 60_000 }));
    last = run.catch(() => undefined);
    return run;
  };
}
