import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { concat, type Hex, hexToBytes, keccak256, toHex } from 'viem';
import { afterAll, describe, expect, test } from 'vitest';
import type { SettledAnswer } from '../../../../src/lib/proofFacts.ts';
import { checkAnswer } from '../../../../src/sources/opengradient/proofs/checkAnswer.ts';
import { opensslNode } from '../../../support/opensslNode.ts';

const node = opensslNode();
const other = opensslNode();
afterAll(() => {
  node.close();
  other.close();
});

const KEYS = new Map<Hex, Uint8Array>([
  [node.teeId, node.der],
  [other.teeId, other.der],
]);
const PLACEHOLDER: Hex = '0xddc21f2d5d0af861b4fc1390df47f1c93bc5aee54e7e31763e97256d56148253';
const facts = { requestHash: keccak256('0x01'), outputHash: keccak256('0x02'), signedAtSeconds: 1_790_000_000 };
const signature = hexToBytes(node.sign(facts));
const answer: SettledAnswer = { ...facts, teeId: node.teeId, signature, payer: null };

const flipped = (hex: Hex, bit: number): Hex => {
  const bytes = hexToBytes(hex);
  bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
  return toHex(bytes);
};

test('what OpenSSL signed is valid, time and again', () => {
  expect(checkAnswer(answer, KEYS)).toBe('valid');
  expect(checkAnswer(answer, KEYS)).toBe('valid');
});

test.each([0, 1, 2 ** 31, 2 ** 32, 2 ** 48 - 1])('valid at second %i', (signedAtSeconds) => {
  const signed = { ...answer, signedAtSeconds };
  expect(checkAnswer({ ...signed, signature: hexToBytes(node.sign(signed)) }, KEYS)).toBe('valid');
});

test('a larger key than nodes use now is read too', () => {
  const large = opensslNode(4096);
  try {
    const signed = { ...answer, teeId: large.teeId, signature: hexToBytes(large.sign(answer)) };
    expect(checkAnswer(signed, new Map([[large.teeId, large.der]]))).toBe('valid');
  } finally {
    large.close();
  }
});

describe('bad signatures', () => {
  test('law: one flipped bit anywhere', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('requestHash', 'outputHash', 'signature', 'signedAtSeconds'),
        fc.nat(2047),
        (field, bit) => {
          const changed =
            field === 'signature'
              ? { signature: hexToBytes(flipped(toHex(signature), bit)) }
              : field === 'signedAtSeconds'
                ? { signedAtSeconds: answer.signedAtSeconds ^ (1 << (bit % 31)) }
                : { [field]: flipped(answer[field as 'requestHash'], bit % 256) };
          expect(checkAnswer({ ...answer, ...changed }, KEYS)).toBe('bad-signature');
        },
      ),
    );
  });

  test.each([
    ['of another node', () => hexToBytes(other.sign(facts))],
    ['with another padding', () => hexToBytes(node.sign(facts, []))],
    ['with another salt length', () => hexToBytes(node.sign(facts, ['rsa_padding_mode:pss', 'rsa_pss_saltlen:20']))],
    [
      'with another mask',
      () => hexToBytes(node.sign(facts, ['rsa_padding_mode:pss', 'rsa_pss_saltlen:32', 'rsa_mgf1_md:sha512'])),
    ],
    ['with something behind it', () => hexToBytes(concat([toHex(signature), '0x00']))],
    ['cut short', () => signature.slice(0, 255)],
    ['of zeroes', () => new Uint8Array(256)],
    ['as long as a book', () => new Uint8Array(100_000).fill(1)],
  ])('one %s', (_, make) => {
    expect(checkAnswer({ ...answer, signature: make() }, KEYS)).toBe('bad-signature');
  });
});

describe('what cannot be checked has a name of its own', () => {
  test.each([0, 1, 63])('a signature of %i bytes is none', (length) => {
    expect(checkAnswer({ ...answer, signature: signature.slice(0, length) }, KEYS)).toBe('unsigned');
  });

  test('an answer that came without a node', () => {
    expect(checkAnswer({ ...answer, teeId: PLACEHOLDER }, KEYS)).toBe('unsigned');
  });

  test('a node that the registry does not know', () => {
    expect(checkAnswer({ ...answer, teeId: keccak256('0x07') }, KEYS)).toBe('unknown-node');
    expect(checkAnswer(answer, new Map())).toBe('unknown-node');
  });

  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' });
  test.each([
    ['no key', new Uint8Array()],
    ['bytes that are no key', new Uint8Array(294).fill(7)],
    ['a key that is cut short', node.der.slice(0, 100)],
    ['a key of another kind', Uint8Array.from(curve)],
  ])('a node registered with %s', (_, der) => {
    expect(checkAnswer(answer, new Map([[node.teeId, der]]))).toBe('no-key');
  });
});
