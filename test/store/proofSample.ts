import type { Hex } from '../../src/lib/facts.ts';
import type { CheckedLeaf, SettlementEvent, SettlementVerdict } from '../../src/lib/proofFacts.ts';
import { hex } from './sample.ts';

/** Plain settlements and leaves to store, each valid as it is; a test says only what matters to it. */

export const PROOF_CURSOR = 'settlements:1:test';
export const EMITTER: Hex = hex(0xe1, 20);

/** A batch, alone in a block whose number is its time. */
export const batch = (atSeconds: number, more: Partial<SettlementEvent> = {}): SettlementEvent => ({
  kind: 'batch',
  blockNumber: BigInt(atSeconds),
  logIndex: 0,
  blockTimestampSeconds: atSeconds,
  txHash: hex(BigInt(atSeconds) * 1_000n + BigInt(more.logIndex ?? 0)),
  emitter: EMITTER,
  root: hex(BigInt(atSeconds) + 0xb000_0000_0000n),
  batchSize: 2,
  blobId: `blob-${atSeconds}`,
  answer: null,
  ...more,
});

/** The settlement of answer `id` alone. */
export const individual = (
  atSeconds: number,
  id: number,
  signedAtSeconds = atSeconds,
  more: Partial<SettlementEvent> = {},
): SettlementEvent => ({
  ...batch(atSeconds, { kind: 'individual', root: null, batchSize: null }),
  answer: {
    ...{ teeId: hex(1), requestHash: hex(0x1000 + id), outputHash: hex(0x2000 + id), signedAtSeconds },
    ...{ signature: Uint8Array.from([1, 0, 255, id % 256]), payer: hex(0xfa + id, 20) },
  },
  ...more,
});

/** Answer `id`, of node 1 unless said. */
export const leaf = (id: number, signedAtSeconds: number, more: Partial<CheckedLeaf> = {}): CheckedLeaf => ({
  position: 0,
  teeId: hex(1),
  requestHash: hex(0x1000 + id),
  outputHash: hex(0x2000 + id),
  signedAtSeconds,
  verdict: 'valid',
  standing: 'fine',
  ...more,
});

/** Its leaves in their order. */
export const verified = (leaves: CheckedLeaf[]): SettlementVerdict => ({
  state: 'verified',
  reason: '',
  leaves: leaves.map((one, position) => ({ ...one, position })),
});
