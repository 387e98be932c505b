import type { Clock } from '../lib/clock.ts';
import { AssayError } from '../lib/errors.ts';
import type { Dialect, PrismaDb } from './client.ts';
import { sql } from './jsonRows.ts';

const KEY = 'lease';

/** A lease that nobody renewed for this long is free: its holder was killed or cut off. */
export const LEASE_MS = 30_000;
const RENEW_EVERY_MS = 10_000;

/** Who this process is. */
export interface Holder {
  host: string;
  pid: number;
  /** Is that process of this host still there? */
  isAlive(pid: number): boolean;
}

export interface Lease {
  /** Resolves when another process has taken over: this one must not write any more. */
  lost: Promise<AssayError>;
  /** Gives it up, so that the next start need not wait. */
  release(): Promise<void>;
}

interface Held {
  host: string;
  pid: number;
  /** Tells two lives of one pid apart (a container always starts with 1). */
  since: number;
  untilMs: number;
}

/**
 * The right to be the one process that writes this database: facts and statuses are kept in memory on that
 * assumption, and a second bot would tell things twice. Waits for a holder that may be dead until its lease ends; throws
 * AssayError when it is renewed meanwhile. A dead process of this very host is not waited for. `onWait` is told once
 * when there is somebody to wait for.
 */
export async function takeLease(
  prisma: PrismaDb,
  dialect: Dialect,
  clock: Clock,
  holder: Holder,
  signal: AbortSignal,
  onWait: (text: string) => void = () => undefined,
): Promise<Lease> {
  const since = clock.now();
  const mine = (): string =>
    JSON.stringify({ host: holder.host, pid: holder.pid, since, untilMs: clock.now() + LEASE_MS } satisfies Held);

  const read = async (): Promise<string | null> =>
    (await prisma.meta.findUnique({ where: { key: KEY } }))?.value ?? null;

  /** Only if it still says what was read: of two that try, one succeeds. */
  async function swap(seen: string | null, next: string): Promise<boolean> {
    const changed =
      seen === null
        ? await prisma.$executeRaw(sql`INSERT INTO "Meta" ("key", "value") VALUES (${KEY}, ${next})
            ON CONFLICT ("key") DO NOTHING`)
        : await prisma.$executeRaw(sql`UPDATE "Meta" SET "value" = ${next} WHERE "key" = ${KEY} AND "value" = ${seen}`);
    return changed === 1;
  }

  let text = '';
  for (let waitedFor: string | null = null; ; ) {
    const seen = await read();
    const other = seen === null ? null : parse(seen);
    if (other === null || isFree(other, clock.now(), holder)) {
      text = mine();
      if (await swap(seen, text)) break;
      continue;
    }
    if (waitedFor !== null && waitedFor !== seen) throw inUse(other, dialect);
    if (waitedFor === null) onWait(`another process has the database (process ${other.pid} on ${other.host})`);
    waitedFor = seen;
    await clock.sleep(Math.min(1_000, Math.max(50, other.untilMs - clock.now())), signal);
    if (signal.aborted) throw new AssayError('stopped while waiting for another process');
  }

  const controller = new AbortController();
  let lose: (error: AssayError) => void = () => undefined;
  const lost = new Promise<AssayError>((resolve) => {
    lose = resolve;
  });
  const renewing = (async () => {
    while (!controller.signal.aborted) {
      await clock.sleep(RENEW_EVERY_MS, controller.signal);
      if (controller.signal.aborted) return;
      const next = mine();
      // A database that does not answer is not another holder: nobody else can take it meanwhile either.
      const kept = await swap(text, next).catch(() => null);
      if (kept === true) text = next;
      if (kept === false) {
        const found = await read().catch(() => null);
        const other = parse(found ?? '');
        if (found !== null && other?.since === since && other.pid === holder.pid && other.host === holder.host) {
          // Renewed by us, and the answer was lost.
          text = found;
          continue;
        }
        lose(other === null ? new AssayError('the lease on the database is gone') : inUse(other, dialect));
        return;
      }
    }
  })();

  return {
    lost,
    async release() {
      controller.abort();
      await renewing;
      await prisma.meta.deleteMany({ where: { key: KEY, value: text } });
    },
  };
}

function isFree(held: Held, nowMs: number, { host, pid, isAlive }: Holder): boolean {
  if (held.untilMs <= nowMs || held.untilMs > nowMs + 2 * LEASE_MS) return true;
  return held.host === host && (held.pid === pid || !isAlive(held.pid));
}

function parse(text: string): Held | null {
  try {
    const held = JSON.parse(text) as Partial<Held> | null;
    return typeof held?.untilMs === 'number' && typeof held.pid === 'number' ? (held as Held) : null;
  } catch {
    return null;
  }
}

function inUse({ host, pid }: Held, dialect: Dialect): AssayError {
  const what = dialect === 'sqlite' ? 'This database file' : 'This database';
  return new AssayError(
    `${what} is in use by another Assay (process ${pid} on ${host}). One bot a database: stop that one, or give this one another DATABASE_URL.`,
  );
}
