import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import fc from 'fast-check';
import { encodeAbiParameters, hexToBytes, keccak256, toHex } from 'viem';
import { expect, test } from 'vitest';
import { keccak, leafHash, merkleRoot } from '../../../../src/sources/opengradient/proofs/merkle.ts';

const encoded = (value: bigint): Uint8Array => hexToBytes(encodeAbiParameters([{ type: 'uint256' }], [value]));
const rootOf = (values: readonly bigint[]) => {
  const root = merkleRoot(values.map((value) => leafHash(encoded(value))));
  return root === null ? null : toHex(root);
};

test('hashes as the EVM does', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      expect(toHex(keccak(bytes))).toBe(keccak256(bytes));
      expect(toHex(leafHash(bytes))).toBe(keccak256(keccak256(bytes)));
    }),
  );
});

test('law: the root is OpenZeppelin’s, for every size, with repeated leaves, in any order', () => {
  fc.assert(
    fc.property(
      // Few different values: leaves repeat.
      fc
        .integer({ min: 1, max: 70 })
        .chain((size) => fc.array(fc.bigInt(0n, 40n), { minLength: size, maxLength: size })),
      (values) => {
        const tree = StandardMerkleTree.of(
          values.map((value) => [value]),
          ['uint256'],
        );
        expect(rootOf(values)).toBe(tree.root);
        expect(rootOf(values.toReversed())).toBe(tree.root);
      },
    ),
    { numRuns: 200 },
  );
});

test.each(Array.from({ length: 70 }, (_, index) => index + 1))('a tree of %i leaves', (size) => {
  const values = Array.from({ length: size }, (_, index) => BigInt(index));
  expect(rootOf(values)).toBe(
    StandardMerkleTree.of(
      values.map((value) => [value]),
      ['uint256'],
    ).root,
  );
});

test('no leaves have no root, and the list that was given stays as it was', () => {
  expect(merkleRoot([])).toBeNull();
  const leaves = [3n, 1n, 2n].map((value) => leafHash(encoded(value)));
  const before = [...leaves];
  merkleRoot(leaves);
  expect(leaves).toEqual(before);
});
