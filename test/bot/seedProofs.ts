import type { Hex } from '../../src/lib/facts.ts';
import {
  type CheckedLeaf,
  FACILITATOR_SOURCE,
  type LeafVerdict,
  PROOF_SOURCE,
  SETTLEMENT_SOURCE,
  type SettlementEvent,
  type SettlementVerdict,
  settlementCursor,
} from '../../src/lib/proofFacts.ts';
import type { Store } from '../../src/store/store.ts';
import { hex } from '../store/sample.ts';
import { NOW, NOW_MS, teeIdOf } from './seed.ts';

const CHAIN = 10_740;

/** An answer as a test asks for it; valid and by node 0 unless said. */
export interface Answer {
  signedAtSeconds: number;
  node?: number;
  verdict?: LeafVerdict;
}

export interface Settled {
  kind: SettlementEvent['kind'];
  atSeconds: number;
  answers: Answer[];
  /** null: not checked yet. */
  state?: SettlementVerdict['state'] | null;
}

export const requestHashOf = (id: number): Hex => hex(0x5_0000_0000 + id);
export const txHashOf = (id: number): Hex => hex(0x7_0000_0000 + id);
export const rootOf = (id: number): Hex => hex(0x9_0000_0000 + id);

/** What the watchers would have stored of these settlements, in their order; ids count from `first`. */
export async function seedSettlements(
  store: Store,
  settlements: readonly Settled[],
  { first = 0, headSeconds = NOW }: { first?: number; headSeconds?: number } = {},
): Promise<void> {
  let id = first;
  const made = settlements.map(({ kind, atSeconds, answers, state = 'verified' }, at) => {
    const leaves = answers.map(({ signedAtSeconds, node = 0, verdict = 'valid' }, position): CheckedLeaf => {
      id += 1;
      return {
        ...{ position, teeId: teeIdOf(node), requestHash: requestHashOf(id), outputHash: hex(0x6_0000_0000 + id) },
        ...{ signedAtSeconds, verdict, standing: 'fine' },
      };
    });
    const [alone] = leaves;
    const isSingle = kind === 'individual';
    const event: SettlementEvent = {
      ...{ kind, blockNumber: BigInt(4_000 + first + at), logIndex: 0, blockTimestampSeconds: atSeconds },
      ...{ txHash: txHashOf(first + at), emitter: hex(0xe1, 20) },
      ...{ root: isSingle ? null : rootOf(first + at), batchSize: isSingle ? null : answers.length },
      blobId: 'hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M',
      answer:
        isSingle && alone !== undefined
          ? {
              ...{ teeId: alone.teeId, requestHash: alone.requestHash, outputHash: alone.outputHash },
              ...{
                signedAtSeconds: alone.signedAtSeconds,
                signature: Uint8Array.of(1),
                payer: hex(0xfa + (Math.floor(at / 3) % 3), 20),
              },
            }
          : null,
    };
    return { event, leaves, state };
  });
  await store.proofs.saveEvents(
    made.map(({ event }) => event),
    {
      name: settlementCursor(CHAIN),
      block: { number: 4_700n, hash: hex(4_700), timestampSeconds: headSeconds },
    },
    { nowMs: NOW_MS, isFirstRead: true },
  );
  const stored = new Map((await store.proofs.due(5_000, NOW_MS)).map((row) => [row.txHash, row.id]));
  const nodes = (await store.nodes.facts())?.nodes ?? [];
  await store.proofs.saveVerdicts(
    made.flatMap(({ event, leaves, state }) => {
      const settlementId = stored.get(event.txHash);
      if (settlementId === undefined || state === null) return [];
      return [{ settlementId, verdict: { state, reason: '', leaves: state === 'verified' ? leaves : [] } }];
    }),
    { nowMs: NOW_MS, nodeOf: new Map(nodes.flatMap(({ id, records }) => records.map(({ teeId }) => [teeId, id]))) },
  );
}

/** A day of it: a batch of four every half hour, 8 to 11 min after signing, and one by itself every hour, after 40 s. */
export async function seedDay(store: Store, nodes = 3): Promise<void> {
  const settlements = Array.from({ length: 46 }, (_, at): Settled[] => {
    const atSeconds = NOW - 23 * 3_600 + at * 1_800;
    const answers = [0, 1, 2, 3].map((one) => ({
      signedAtSeconds: atSeconds - 480 - one * 60,
      node: (at + one) % nodes,
    }));
    const single = { signedAtSeconds: atSeconds - 40, node: at % nodes };
    return [
      { kind: 'batch', atSeconds, answers },
      ...(at % 2 === 0 ? [{ kind: 'individual' as const, atSeconds, answers: [single] }] : []),
    ];
  });
  await seedSettlements(store, settlements.flat());
  await proofsAreFresh(store);
}

/** Settlements, checks and facilitator were read just now and answered. */
export async function proofsAreFresh(store: Store): Promise<void> {
  for (const source of [SETTLEMENT_SOURCE, PROOF_SOURCE, FACILITATOR_SOURCE]) {
    await store.sources.put({
      ...{ source, state: 'fresh', lastSuccessAtMs: NOW_MS - 2_000, lastAttemptAtMs: NOW_MS - 2_000 },
      ...{ failingSinceMs: null, error: null, shortError: null },
    });
  }
}
