import { randomBytes } from 'node:crypto';
import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { encodePacked, type Hex, keccak256, toHex } from 'viem';

/** One inference as its gateway answered and signed it. */
export interface SignedAnswer {
  teeId: Hex;
  requestHash: Hex;
  outputHash: Hex;
  signedAtSeconds: number;
  signature: Uint8Array;
  /** In clear: only blobs of individual settlements hold it. */
  requestText: string;
  outputText: string;
}

/** What a gateway signs for an answer. */
export const answerMessageHash = (requestHash: Hex, outputHash: Hex, signedAtSeconds: number): Hex =>
  keccak256(encodePacked(['bytes32', 'bytes32', 'uint256'], [requestHash, outputHash, BigInt(signedAtSeconds)]));

/** One bit of its signature is another. */
export function forged(answer: SignedAnswer): SignedAnswer {
  const signature = Uint8Array.from(answer.signature);
  signature[100] = (signature[100] as number) ^ 1;
  return { ...answer, signature };
}

/** The middleware's placeholder "0x", read as base64, is this one byte; `empty` leaves nothing at all. */
export const unsigned = (answer: SignedAnswer, form: 'placeholder' | 'empty' = 'placeholder'): SignedAnswer => ({
  ...answer,
  signature: form === 'placeholder' ? Uint8Array.of(0xd3) : new Uint8Array(0),
});

/** Of a node that no registry knows. */
export const fromUnknownNode = (answer: SignedAnswer): SignedAnswer => ({ ...answer, teeId: toHex(randomBytes(32)) });

const LEAF_ENCODING = ['bytes32', 'bytes32', 'bytes32', 'bytes', 'uint256'];

/** The blob of a batch and its root, as the facilitator makes them with OpenZeppelin's library. */
export function batchBlob(answers: readonly SignedAnswer[]): { root: Hex; bytes: Uint8Array } {
  const values = answers.map((one) => [
    ...[one.teeId, one.requestHash, one.outputHash, toHex(one.signature), String(one.signedAtSeconds)],
  ]);
  const tree = StandardMerkleTree.of(values, LEAF_ENCODING);
  return { root: tree.root as Hex, bytes: Buffer.from(JSON.stringify(tree.dump())) };
}

/** The blob of an individual settlement: everything in clear. */
export function individualBlob(answer: SignedAnswer, payer: Hex): Uint8Array {
  const signature = Buffer.from(answer.signature).toString('base64');
  const blob = {
    input: { model: 'openai/gpt-5', messages: [{ role: 'user', content: answer.requestText }] },
    output: {
      model: 'openai/gpt-5',
      choices: [{ finish_reason: 'stop', message: { role: 'assistant', content: answer.outputText } }],
      usage: { prompt_tokens: 12, completion_tokens: 34, total_tokens: 46 },
      tee_request_hash: answer.requestHash.slice(2),
      tee_output_hash: answer.outputHash.slice(2),
      tee_signature: signature,
      tee_timestamp: answer.signedAtSeconds,
      tee_id: answer.teeId,
    },
    teeSignature: signature,
    teeId: answer.teeId,
    timestamp: String(answer.signedAtSeconds),
    ethAddress: payer,
  };
  return Buffer.from(JSON.stringify(blob));
}
