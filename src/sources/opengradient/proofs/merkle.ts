import { createKeccak } from 'hash-wasm';

const HASH_BYTES = 32;

/** One instance for all: hashing is synchronous, and never interrupted. */
const hasher = await createKeccak(256);
const pair = new Uint8Array(2 * HASH_BYTES);

/** Keccak-256, as 32 bytes. */
export const keccak = (bytes: Uint8Array): Uint8Array => hasher.init().update(bytes).digest('binary');

/** A leaf of OpenZeppelin's standard tree, which hashes twice so that no inner node can pass for a leaf. */
export const leafHash = (encoded: Uint8Array): Uint8Array => keccak(keccak(encoded));

/**
 * Root of OpenZeppelin's StandardMerkleTree (standard-v1) over these leaf hashes, in any order: leaves are sorted, the first
 * stands last in the tree, and a node hashes its two children in ascending order. null without leaves.
 * Source: @openzeppelin/merkle-tree, core.ts makeMerkleTree and hashes.ts standardNodeHash.
 */
export function merkleRoot(leafHashes: readonly Uint8Array[]): Uint8Array | null {
  const leaves = leafHashes.toSorted(Buffer.compare).reverse();
  // Root first: the children of node n are 2n + 1 and 2n + 2, and the leaves are the last.
  const inner = Math.max(0, leaves.length - 1);
  const nodes = [...new Array<Uint8Array>(inner), ...leaves];
  for (let at = inner - 1; at >= 0; at -= 1) {
    nodes[at] = nodeHash(nodes[2 * at + 1] as Uint8Array, nodes[2 * at + 2] as Uint8Array);
  }
  return nodes[0] ?? null;
}

function nodeHash(one: Uint8Array, other: Uint8Array): Uint8Array {
  const inOrder = Buffer.compare(one, other) <= 0;
  pair.set(inOrder ? one : other);
  pair.set(inOrder ? other : one, HASH_BYTES);
  return keccak(pair);
}
