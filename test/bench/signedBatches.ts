import { constants, createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { SimpleMerkleTree, StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { createKeccak } from 'hash-wasm';
import type { Hex } from 'viem';

export interface SignedBatch {
  root: Hex;
  size: number;
  blobId: string;
  bytes: Uint8Array;
}

const LEAVES = 20;
const ENCODING = ['bytes32', 'bytes32', 'bytes32', 'bytes', 'uint256'];
/** Every so many batches the root is compared with OpenZeppelin's own way from the values to it, which is slow. */
const COMPARED = 500;

const hasher = await createKeccak(256);
const keccak = (bytes: Uint8Array): Buffer => Buffer.from(hasher.init().update(bytes).digest('binary'));
const signAsync = promisify<string, Uint8Array, Parameters<typeof sign>[2], Buffer>(sign);
const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();
const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`;
const uint256 = (value: number): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');

export interface Signer {
  teeId: Hex;
  publicKeyDer: Buffer;
  privateKey: KeyObject;
}

export function signers(count: number): Signer[] {
  return Array.from({ length: count }, () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const publicKeyDer = publicKey.export({ format: 'der', type: 'spki' });
    return { teeId: hex(keccak(publicKeyDer)), publicKeyDer, privateKey };
  });
}

/**
 * Batches of 20 answers as the facilitator stores them, every one another and really signed, by all threads of the pool; the
 * nodes take turns. `settledAt` says when a batch is settled, unix seconds.
 */
export async function signedBatches(
  count: number,
  nodes: readonly Signer[],
  settledAt: (batch: number) => number,
): Promise<SignedBatch[]> {
  const batches: SignedBatch[] = [];
  for (let from = 0; from < count; from += COMPARED) {
    const some = Array.from({ length: Math.min(COMPARED, count - from) }, (_, at) => from + at);
    batches.push(...(await Promise.all(some.map((at) => signedBatch(at, nodes, settledAt(at))))));
  }
  return batches;
}

async function signedBatch(number: number, nodes: readonly Signer[], settledAt: number): Promise<SignedBatch> {
  const leaves = await Promise.all(
    Array.from({ length: LEAVES }, async (_, at) => {
      const { teeId, privateKey } = nodes[(number + at) % nodes.length] as Signer;
      const [request, output] = [hashOf(`request ${number}/${at}`), hashOf(`output ${number}/${at}`)];
      const time = settledAt - 20 - ((number * 397 + at * 211) % 900);
      const message = keccak(Buffer.concat([request, output, uint256(time)]));
      const how = { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
      const signature = await signAsync('sha256', message, how);
      return {
        value: [teeId, hex(request), hex(output), hex(signature), String(time)],
        hash: hex(leafHash(teeId, { request, output, time, signature })),
      };
    }),
  );
  // A tree over hashes has the same nodes as one over the values that they were made of.
  const tree = SimpleMerkleTree.of(leaves.map(({ hash }) => hash));
  const dump = tree.dump();
  const indexOf = new Map(dump.values.map(({ value, treeIndex }) => [value, treeIndex]));
  const values = leaves.map(({ value, hash }) => ({ value, treeIndex: indexOf.get(hash) }));
  const root = tree.root as Hex;
  const expected = () =>
    StandardMerkleTree.of(
      leaves.map(({ value }) => value),
      ENCODING,
    ).root;
  if (number % COMPARED === 0 && root !== expected()) throw new Error('a batch was made with a wrong root');
  const bytes = Buffer.from(JSON.stringify({ format: 'standard-v1', leafEncoding: ENCODING, tree: dump.tree, values }));
  return { root, size: LEAVES, blobId: createHash('sha256').update(bytes).digest('base64url'), bytes };
}

/** keccak256(keccak256(abi.encode(bytes32, bytes32, bytes32, bytes, uint256))); signatures have 256 bytes. */
function leafHash(
  teeId: Hex,
  { request, output, time, signature }: { request: Buffer; output: Buffer; time: number; signature: Buffer },
): Buffer {
  const head = [Buffer.from(teeId.slice(2), 'hex'), request, output, uint256(160), uint256(time)];
  return keccak(keccak(Buffer.concat([...head, uint256(signature.length), signature])));
}
