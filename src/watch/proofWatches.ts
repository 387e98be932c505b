import type { Clock } from '../lib/clock.ts';
import type { BlockRef } from '../lib/facts.ts';
import { duration } from '../lib/units.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import { receiptOf } from '../sources/evm/senders.ts';
import type { StoredProofWatch, StoredSettlement } from '../store/proofRepository.ts';
import type { Store } from '../store/store.ts';

/** An answer that may be settled in a batch is followed this long. */
const UNKNOWN_MODE_SECONDS = 86_400;

/** How often the chain is asked what became of a transaction. */
const ASK_EVERY_MS = 30_000;

interface Options {
  store: Pick<Store, 'proofs'>;
  client: EvmClient;
  clock: Clock;
  /** Up to where settlements were read; null: nothing was. */
  cursor: BlockRef | null;
  /** The first settlement that still waits for its check. */
  oldest: Pick<StoredSettlement, 'blockTimestampSeconds'> | undefined;
  individualExpirySeconds: number;
  /** When transactions of watches were asked about last, unix ms. */
  asked: Map<number, number>;
}

/**
 * Decides watches that nothing can answer any more: by chain time, and only where everything that was settled in time was read
 * and checked.
 */
export async function expireWatches(options: Options): Promise<void> {
  const { store, clock, cursor, oldest, asked } = options;
  if (cursor === null) return;
  const checkedToSeconds = Math.min(cursor.timestampSeconds, oldest?.blockTimestampSeconds ?? Number.POSITIVE_INFINITY);
  const waiting = await store.proofs.waiting();
  for (const id of asked.keys()) if (!waiting.some((watch) => watch.id === id)) asked.delete(id);
  const decided: Parameters<typeof store.proofs.decide>[0] = [];
  for (const watch of waiting) {
    const found = (await failure(watch, cursor, options)) ?? (await expiry(watch, checkedToSeconds, options));
    if (found !== null) decided.push({ id: watch.id, ...found, nowMs: clock.now() });
  }
  if (decided.length > 0) await store.proofs.decide(decided);
}

type Decision = { state: 'expired' | 'failed'; reason: string } | null;

async function failure(watch: StoredProofWatch, cursor: BlockRef, options: Options): Promise<Decision> {
  const { client, clock, asked, store } = options;
  const nowMs = clock.now();
  if (watch.kind !== 'tx' || nowMs - (asked.get(watch.id) ?? 0) < ASK_EVERY_MS) return null;
  asked.set(watch.id, nowMs);
  const receipt = await receiptOf(client, watch.hash);
  if (receipt === null) return null;
  if (receipt.status === 'reverted') return { state: 'failed', reason: 'the transaction was reverted' };
  if (receipt.blockNumber > cursor.number || (await store.proofs.byHash(watch.hash)).length > 0) return null;
  return { state: 'failed', reason: 'the transaction went through and settled nothing' };
}

async function expiry(watch: StoredProofWatch, checkedToSeconds: number, options: Options): Promise<Decision> {
  const isIndividual = watch.mode === 'individual' || (watch.kind === 'tx' && watch.mode === null);
  const lifeSeconds = isIndividual ? options.individualExpirySeconds : UNKNOWN_MODE_SECONDS;
  const expiresAtSeconds = (watch.signedAtSeconds ?? watch.createdAtSeconds) + lifeSeconds;
  if (checkedToSeconds <= expiresAtSeconds) return null;
  const settlements = await options.store.proofs.byHash(watch.hash);
  // It is settled; whether it is proven is found when its proof can be read.
  if (settlements.some(({ nextCheckAtMs, state }) => state === 'pending' || nextCheckAtMs !== null)) return null;
  if (settlements.some(({ state }) => state === 'unreadable')) {
    return { state: 'expired', reason: 'it was settled, but its proof could never be read' };
  }
  const since = watch.signedAtSeconds === null ? 'it was asked for' : 'it was signed';
  return { state: 'expired', reason: `no settlement of it was found within ${duration(lifeSeconds)} after ${since}` };
}
