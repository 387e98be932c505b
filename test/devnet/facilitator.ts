import type { Hex } from 'viem';
import { batchBlob, individualBlob, type SignedAnswer } from './answers.ts';
import type { BlobStore } from './blobStore.ts';
import type { DevChain } from './chain.ts';
import { serveFacilitator, UsageCount } from './facilitatorServer.ts';
import { DEFAULT_PAYER, type Settlements } from './settlements.ts';

const BATCH_ITEMS = 20;
const IDLE_SECONDS = 300;
const AGE_SECONDS = 900;

type Mode = 'batch' | 'individual' | 'private';

/** A transaction of the facilitator's. */
export interface Settled {
  mode: 'batch' | 'individual';
  txHash: Hex;
  blobId: string;
  /** Batches only: as it went on chain. */
  root: Hex | null;
  answers: SignedAnswer[];
}

/** What is wrong with the next batch (and with no later one). */
export type BatchFault = 'wrong-root' | 'wrong-count' | 'not-uploaded' | 'blob-gone' | 'wrong-blob';

interface Waiting {
  answer: SignedAnswer;
  payer: Hex;
  sinceSeconds: number;
}

export type Facilitator = Awaited<ReturnType<typeof startFacilitator>>;

/**
 * Takes answers and settles them as the real one does, by chain time: a batch at 20 items, 5 minutes after the last or 15
 * minutes after the first; individual ones at once. Nothing happens by itself: `tick` does what is due.
 */
export async function startFacilitator(chain: DevChain, settlements: Settlements, blobs: BlobStore) {
  const usage = new UsageCount(() => chain.nowSeconds());
  const server = await serveFacilitator(usage);
  const batch: Waiting[] = [];
  const individual: Waiting[] = [];
  const settled: Settled[] = [];
  const failed: { answer: SignedAnswer; reason: string }[] = [];
  const state = {
    /** While true nothing is settled; answers wait. */
    holdBatches: false,
    holdIndividuals: false,
    /** For the next batch only. */
    nextBatch: null as BatchFault | null,
    /** Settled there; the open relay serves as well. */
    relay: settlements.relay,
  };

  async function settleBatch(items: readonly Waiting[]): Promise<Settled> {
    const answers = items.map(({ answer }) => answer);
    const { root, bytes } = batchBlob(answers);
    const fault = state.nextBatch;
    state.nextBatch = null;
    const blobId = blobs.put(bytes);
    if (fault === 'not-uploaded') blobs.remove(blobId);
    if (fault === 'wrong-blob') blobs.setFault(blobId, 'wrong');
    const shown: Hex = fault === 'wrong-root' ? `0x${'e'.repeat(63)}${root.at(-1) as string}` : root;
    const size = answers.length + (fault === 'wrong-count' ? 1 : 0);
    const txHash = await settlements.batchSettle(shown, size, blobId, { relay: state.relay });
    if (fault === 'blob-gone') blobs.remove(blobId);
    const one: Settled = { mode: 'batch', txHash, blobId, root: shown, answers };
    settled.push(one);
    return one;
  }

  async function flushBatches(all: boolean): Promise<Settled[]> {
    const done: Settled[] = [];
    const now = chain.nowSeconds();
    for (;;) {
      const [first, last] = [batch[0], batch.at(-1)];
      if (first === undefined || last === undefined) return done;
      const idle = now - last.sinceSeconds >= IDLE_SECONDS;
      const old = now - first.sinceSeconds >= AGE_SECONDS;
      if (!all && batch.length < BATCH_ITEMS && !idle && !old) return done;
      const items = batch.splice(0, BATCH_ITEMS);
      try {
        done.push(await settleBatch(items));
      } catch (error) {
        batch.unshift(...items);
        throw error;
      }
    }
  }

  async function settleIndividuals(): Promise<Settled[]> {
    const done: Settled[] = [];
    const settle = async ({ answer, payer }: Waiting): Promise<void> => {
      const blobId = blobs.put(individualBlob(answer, payer));
      try {
        const txHash = await settlements.settleIndividual(answer, blobId, { payer, relay: state.relay });
        done.push({ mode: 'individual', txHash, blobId, root: null, answers: [answer] });
      } catch (error) {
        failed.push({ answer, reason: error instanceof Error ? error.message : String(error) });
      }
    };
    const items = individual.splice(0);
    // In one block, if blocks come by themselves: a block each would be minutes on a fast clock.
    if (chain.isRunning()) await Promise.all(items.map(settle));
    else for (const item of items) await settle(item);
    settled.push(...done);
    return done;
  }

  let busy: Promise<unknown> = Promise.resolve();
  /** One at a time: ticks of a running network and of a test must not settle the same answer twice. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = busy.then(work);
    busy = next.catch(() => undefined);
    return next;
  }

  return {
    url: server.url,
    /** Everything that was settled, in order. */
    settled,
    /** Individual ones that the chain refused. */
    failed,
    state,
    usage,
    server,
    waiting: (): { batch: number; individual: number } => ({ batch: batch.length, individual: individual.length }),
    /** Takes one answer. Private ones are only counted. */
    submit(answer: SignedAnswer, mode: Mode = 'batch', payer: Hex = DEFAULT_PAYER): void {
      usage.add(1);
      const item: Waiting = { answer, payer, sinceSeconds: chain.nowSeconds() };
      if (mode === 'batch') batch.push(item);
      if (mode === 'individual') individual.push(item);
    },
    /** Does what is due at this chain time, unless it is held. */
    tick: (): Promise<Settled[]> =>
      inTurn(async () => [
        ...(state.holdIndividuals ? [] : await settleIndividuals()),
        ...(state.holdBatches ? [] : await flushBatches(false)),
      ]),
    /** Settles all that waits, held or not, due or not. */
    flush: (): Promise<Settled[]> =>
      inTurn(async () => [...(await settleIndividuals()), ...(await flushBatches(true))]),
    /** Batches of these answers, queued for the next block; they count as asked for at that chain time. */
    async settlePast(answers: readonly SignedAnswer[], atSeconds: number): Promise<void> {
      usage.add(answers.length, atSeconds);
      for (let first = 0; first < answers.length; first += BATCH_ITEMS) {
        const items = answers.slice(first, first + BATCH_ITEMS);
        const { root, bytes } = batchBlob(items);
        const blobId = blobs.put(bytes);
        const txHash = await settlements.queueBatch(root, items.length, blobId);
        settled.push({ mode: 'batch', txHash, blobId, root, answers: items });
      }
    },
    /** Somebody settles the same batch once more, on the relay that anyone may call. */
    repeat({ root, blobId, answers }: Settled): Promise<Hex> {
      const from = { from: 'stranger', relay: settlements.openRelay } as const;
      return settlements.batchSettle(root as Hex, answers.length, blobId, from);
    },
    close: (): Promise<void> => server.close(),
  };
}
