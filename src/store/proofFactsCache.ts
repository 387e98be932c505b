import type { Db, Dialect, PrismaDb } from './client.ts';
import { loadProofFacts } from './loadProofFacts.ts';
import type { ProofFacts } from './proofRepository.ts';

const MAX_AGE_MS = 10_000;

/** When settlements were last read, unix ms; absent before the first time. */
const READ_AT = 'proofs:readAtMs';

/** The facts about proofs in memory, until something is written or they are 10 s old. Valid as long as one process writes. */
export class ProofFactsCache {
  readonly #prisma: PrismaDb;
  readonly #dialect: Dialect;
  #loaded: { atMs: number; chainSeconds: number; facts: Promise<ProofFacts | null> } | null = null;

  constructor(prisma: PrismaDb, dialect: Dialect) {
    this.#prisma = prisma;
    this.#dialect = dialect;
  }

  get(nowMs: number, chainSeconds: number): Promise<ProofFacts | null> {
    const ageMs = this.#loaded === null ? MAX_AGE_MS : nowMs - this.#loaded.atMs;
    if (this.#loaded !== null && ageMs >= 0 && ageMs < MAX_AGE_MS) return this.#loaded.facts;
    const facts = this.#load(nowMs, chainSeconds);
    this.#loaded = { atMs: nowMs, chainSeconds, facts };
    const loaded = this.#loaded;
    facts.catch(() => {
      if (this.#loaded === loaded) this.#loaded = null;
    });
    return facts;
  }

  drop(): void {
    this.#loaded = null;
  }

  /** Settlements were read, and there were none. */
  touched(readAtMs: number): void {
    if (this.#loaded === null) return;
    const { atMs, chainSeconds, facts } = this.#loaded;
    // There were no facts before the first reading, however little it found.
    const patched = facts.then((found) => (found ? { ...found, readAtMs } : this.#load(atMs, chainSeconds)));
    // Whoever asked first hears of a failure.
    patched.catch(() => undefined);
    this.#loaded = { atMs, chainSeconds, facts: patched };
  }

  async noteRead(db: Db, readAtMs: number): Promise<void> {
    const value = String(readAtMs);
    await db.meta.upsert({ where: { key: READ_AT }, create: { key: READ_AT, value }, update: { value } });
  }

  async forgetRead(db: Db): Promise<void> {
    await db.meta.deleteMany({ where: { key: READ_AT } });
  }

  async #load(nowMs: number, chainSeconds: number): Promise<ProofFacts | null> {
    const read = await this.#prisma.meta.findUnique({ where: { key: READ_AT } });
    if (read === null) return null;
    return await loadProofFacts(this.#prisma, this.#dialect, { nowMs, chainSeconds, readAtMs: Number(read.value) });
  }
}
