import type { Hex } from '../../../lib/facts.ts';
import type { CheckedLeaf, SettlementVerdict } from '../../../lib/proofFacts.ts';
import { plural } from '../../../lib/units.ts';
import { checkSignature, type NodeKeys, writeUint256 } from './checkAnswer.ts';
import { leafHash, merkleRoot } from './merkle.ts';
import { type DumpedAnswer, MalformedDump, readTreeDump } from './treeDump.ts';

/** What the settlement on chain says of its batch; null: not compared. */
export interface ExpectedBatch {
  root: Hex | null;
  batchSize: number | null;
}

export interface BatchCheck {
  state: Extract<SettlementVerdict['state'], 'verified' | 'root-mismatch' | 'count-mismatch' | 'malformed'>;
  reason: string;
  /** In the order of the dump; empty unless the root holds. How a node stood is for others to look up. */
  leaves: Omit<CheckedLeaf, 'standing'>[];
}

export const UNREADABLE_PROOF = 'the blob could not be read as a proof';

/** Moments beyond the year 2106 are none; the leaf holds whatever was signed, this is what is kept of it. */
const MAX_SECONDS = 2 ** 32 - 1;

const HEAD_BYTES = 6 * 32;
let scratch = Buffer.alloc(4_096);

/**
 * Whether a blob is the batch that a settlement on chain stands for: its tree, rebuilt from the answers alone, has the root of
 * the event and as many leaves; and what each signature says. `verified` says nothing of the signatures. Pure; never throws.
 */
export function checkBatch(bytes: Uint8Array, { root, batchSize }: ExpectedBatch, keys: NodeKeys): BatchCheck {
  let answers: DumpedAnswer[];
  try {
    answers = readTreeDump(bytes);
  } catch (error) {
    const reason = error instanceof MalformedDump ? error.message : UNREADABLE_PROOF;
    return { state: 'malformed', reason, leaves: [] };
  }
  const found = merkleRoot(answers.map((answer) => leafHash(encode(answer))));
  if (found === null) return { state: 'malformed', reason: 'the tree has no leaves', leaves: [] };
  if (root !== null && Buffer.from(found).toString('hex') !== root.slice(2).toLowerCase()) {
    return { state: 'root-mismatch', reason: 'the answers in the blob make another Merkle root', leaves: [] };
  }
  const leaves = answers.map(({ teeId, requestHash, outputHash, signature, signedAt }, position) => ({
    position,
    teeId,
    requestHash,
    outputHash,
    signedAtSeconds: Math.min(MAX_SECONDS, Number(signedAt)),
    verdict: checkSignature(
      { teeId, requestHash, outputHash, signature: Buffer.from(signature.slice(2), 'hex'), signedAt },
      keys,
    ),
  }));
  if (batchSize !== null && batchSize !== answers.length) {
    const reason = `the settlement claims ${plural(batchSize, 'answer')}, the blob holds ${answers.length}`;
    return { state: 'count-mismatch', reason, leaves };
  }
  return { state: 'verified', reason: '', leaves };
}

/** abi.encode(bytes32, bytes32, bytes32, bytes, uint256), in memory that the next answer uses again. */
function encode({ teeId, requestHash, outputHash, signature, signedAt }: DumpedAnswer): Uint8Array {
  const length = (signature.length - 2) / 2;
  const size = HEAD_BYTES + Math.ceil(length / 32) * 32;
  if (scratch.length < size) scratch = Buffer.alloc(size);
  scratch.write(teeId.slice(2), 0, 32, 'hex');
  scratch.write(requestHash.slice(2), 32, 32, 'hex');
  scratch.write(outputHash.slice(2), 64, 32, 'hex');
  writeUint256(scratch, 160n, 96);
  writeUint256(scratch, signedAt, 128);
  writeUint256(scratch, BigInt(length), 160);
  scratch.write(signature.slice(2), HEAD_BYTES, length, 'hex');
  scratch.fill(0, HEAD_BYTES + length, size);
  return scratch.subarray(0, size);
}
