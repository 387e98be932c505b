import type { Db, OpenClient } from './client.ts';
import { readGaugeEvents, rewindGaugeRows, saveGaugeRows } from './gaugeEvents.ts';
import { loadReading, packReading, readEligible, saveReadingRow } from './gaugeReadings.ts';
import type { GaugeRepository, StoredReading } from './gaugeRepository.ts';
import { addVoters, forgetVoters, readVoters, votersOf } from './gaugeVoters.ts';
import { fromBig } from './numbers.ts';
import type { Writer } from './writer.ts';

export function createGauges({ prisma, dialect }: OpenClient, write: Writer): GaugeRepository {
  const versions = new Map<string, number>();
  const generations = new Map<string, number>();
  const held = new Map<string, Promise<StoredReading | null>>();
  const rise = (counts: Map<string, number>, source: string): unknown =>
    counts.set(source, (counts.get(source) ?? 0) + 1);

  /** A write after which that source is looked at again, and made anew from its events where `isAnew` says so. */
  async function change<T>(source: string, job: (db: Db) => Promise<T>, isAnew: (result: T) => boolean): Promise<void> {
    try {
      if (isAnew(await write(job))) rise(generations, source);
    } catch (error) {
      // It may have been done all the same, with only its answer lost.
      rise(generations, source);
      throw error;
    } finally {
      rise(versions, source);
    }
  }

  /** A held one is good while no other was stored since, by whatever process. */
  async function reading(source: string): Promise<StoredReading | null> {
    const stored = await prisma.gaugeState.findUnique({ where: { source }, select: { readAtMs: true } });
    if (stored === null) return null;
    const before = await held.get(source)?.catch(() => null);
    if (before?.readAtMs === fromBig(stored.readAtMs)) return before;
    const fresh = loadReading(prisma, source);
    held.set(source, fresh);
    return await fresh;
  }

  return {
    version: (source) => versions.get(source) ?? 0,
    generation: (source) => generations.get(source) ?? 0,

    saveEvents: (source, events, cursor) =>
      change(
        source,
        async (db) => {
          await addVoters(db, source, votersOf(events));
          return await saveGaugeRows(db, dialect, source, events, cursor);
        },
        (isLate) => isLate,
      ),

    async rewind(source, cursorName, block) {
      await change(
        source,
        async (db) => {
          await rewindGaugeRows(db, source, cursorName, block);
          // What could vote in an epoch cannot be asked again once its vote is over; of another chain it says nothing.
          if (block !== null) return;
          await forgetVoters(db, source);
          await db.gaugeState.deleteMany({ where: { source } });
          await db.gaugeEpoch.deleteMany({ where: { source } });
        },
        () => true,
      );
      held.delete(source);
    },

    events: (source, afterId, limit) => readGaugeEvents(prisma, dialect, source, afterId, limit),

    async saveReading(reading, nowMs) {
      const { source } = reading;
      const packed = await packReading(reading);
      await change(
        source,
        async (db) => {
          await addVoters(db, source, votersOf(reading));
          await saveReadingRow(db, source, packed, nowMs);
        },
        () => false,
      );
      held.delete(source);
    },

    reading,
    eligible: (source, fromEpoch) => readEligible(prisma, source, fromEpoch),
    voters: (source) => readVoters(prisma, source),
  };
}
