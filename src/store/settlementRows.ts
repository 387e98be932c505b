import type { Hex } from '../lib/facts.ts';
import {
  LEAF_VERDICTS,
  type ProofMode,
  type SettlementKind,
  type SettlementState,
  STANDINGS,
} from '../lib/proofFacts.ts';
import type { Db, Dialect } from './client.ts';
import { type ColumnType, join, type Sql, sql } from './jsonRows.ts';
import type { StoredLeaf, StoredSettlement } from './proofRepository.ts';
import { readRows } from './readRows.ts';

/** Bytes as `0x…`. */
interface Row {
  id: number;
  kind: SettlementKind;
  blockNumber: number;
  logIndex: number;
  blockTimestampSeconds: number;
  txHash: Hex;
  emitter: Hex;
  sender: Hex | null;
  root: Hex | null;
  batchSize: number | null;
  blobId: string | null;
  teeId: Hex | null;
  requestHash: Hex | null;
  outputHash: Hex | null;
  signedAtSeconds: number | null;
  signature: Hex | null;
  payer: Hex | null;
  state: SettlementState;
  reason: string;
  seenAtMs: number;
  decidedAtMs: number | null;
  attempts: number;
  nextCheckAtMs: number | null;
  valid: number;
  badSignature: number;
  unsigned: number;
  unknownNode: number;
  noKey: number;
  repeated: number;
}

const COLUMNS: Record<keyof Row, ColumnType> = {
  id: 'int',
  kind: 'text',
  blockNumber: 'bigint',
  logIndex: 'int',
  blockTimestampSeconds: 'bigint',
  txHash: 'bytes',
  emitter: 'text',
  sender: 'text',
  root: 'bytes',
  batchSize: 'int',
  blobId: 'text',
  teeId: 'bytes',
  requestHash: 'bytes',
  outputHash: 'bytes',
  signedAtSeconds: 'bigint',
  signature: 'bytes',
  payer: 'text',
  state: 'text',
  reason: 'text',
  seenAtMs: 'bigint',
  decidedAtMs: 'bigint',
  attempts: 'int',
  nextCheckAtMs: 'bigint',
  valid: 'int',
  badSignature: 'int',
  unsigned: 'int',
  unknownNode: 'int',
  noKey: 'int',
  repeated: 'int',
};

interface LeafRow {
  settlementId: number;
  position: number;
  teeId: Hex;
  requestHash: Hex;
  outputHash: Hex;
  signedAtSeconds: number;
  verdict: number;
  standing: number;
  repeat: boolean;
}

/** A leaf's columns, as it is read and written. */
export const LEAF_COLUMNS: Record<keyof LeafRow, ColumnType> = {
  settlementId: 'int',
  position: 'int',
  teeId: 'bytes',
  requestHash: 'bytes',
  outputHash: 'bytes',
  signedAtSeconds: 'bigint',
  verdict: 'int',
  standing: 'int',
  repeat: 'bool',
};

/** Settlements of a query over whole rows, by id. */
export async function readSettlements(db: Db, dialect: Dialect, query: Sql): Promise<StoredSettlement[]> {
  return (await readRows<Row>(db, dialect, query, COLUMNS, ['id'])).map(toSettlement);
}

/** Leaves of a query over whole rows, with their settlements, first settled first. */
export async function readLeaves(db: Db, dialect: Dialect, query: Sql): Promise<StoredLeaf[]> {
  const rows = await readRows<LeafRow>(db, dialect, query, LEAF_COLUMNS, ['settlementId', 'position']);
  const ids = [...new Set(rows.map(({ settlementId }) => settlementId))];
  if (ids.length === 0) return [];
  const settlements = await readSettlements(db, dialect, sql`SELECT * FROM "Settlement" WHERE "id" IN (${join(ids)})`);
  const settlementOf = new Map(settlements.map((settlement) => [settlement.id, settlement]));
  const leaves = rows.flatMap(({ settlementId, verdict, standing, ...row }) => {
    const settlement = settlementOf.get(settlementId);
    const words = { verdict: LEAF_VERDICTS[verdict] ?? 'no-key', standing: STANDINGS[standing] ?? 'not-known' };
    return settlement ? [{ ...row, ...words, settlement }] : [];
  });
  return leaves.sort((a, b) => inBlockOrder(a.settlement, b.settlement) || a.position - b.position);
}

/** The order of the chain, oldest first. */
export function inBlockOrder(
  a: { blockNumber: bigint; logIndex: number },
  b: { blockNumber: bigint; logIndex: number },
): number {
  if (a.blockNumber !== b.blockNumber) return a.blockNumber < b.blockNumber ? -1 : 1;
  return a.logIndex - b.logIndex;
}

/** null: an older form, which is not checked. */
export const modeOf = (kind: SettlementKind): ProofMode | null =>
  kind === 'batch' || kind === 'individual' ? kind : null;

/** Hexadecimal without the prefix, as `bytes` travel. */
export const bare = (hex: Hex): string => hex.slice(2);

const bytesOf = (hex: Hex | null): Uint8Array => new Uint8Array(Buffer.from(hex === null ? '' : bare(hex), 'hex'));

function toSettlement(row: Row): StoredSettlement {
  const { teeId, requestHash, outputHash, signature, signedAtSeconds, payer, blockNumber, ...rest } = row;
  const { valid, badSignature, unsigned, unknownNode, noKey, repeated, ...plain } = rest;
  const whole = teeId && requestHash && outputHash && signedAtSeconds !== null;
  return {
    ...plain,
    blockNumber: BigInt(blockNumber),
    answer: whole
      ? {
          teeId,
          requestHash,
          outputHash,
          signedAtSeconds,
          signature: bytesOf(signature),
          payer,
        }
      : null,
    counts: {
      ...{ valid, unsigned, repeated, 'bad-signature': badSignature, 'unknown-node': unknownNode, 'no-key': noKey },
    },
  };
}
