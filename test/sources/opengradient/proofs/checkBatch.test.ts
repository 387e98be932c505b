import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import fc from 'fast-check';
import { type Hex, hexToBytes, keccak256, toHex } from 'viem';
import { afterAll, describe, expect, test } from 'vitest';
import { checkBatch } from '../../../../src/sources/opengradient/proofs/checkBatch.ts';
import { opensslNode } from '../../../support/opensslNode.ts';

const node = opensslNode();
afterAll(() => node.close());
const KEYS = new Map<Hex, Uint8Array>([[node.teeId, node.der]]);
const ENCODING = ['bytes32', 'bytes32', 'bytes32', 'bytes', 'uint256'];

type Value = [Hex, Hex, Hex, Hex, string];

const signed = (n: number): Value => {
  const requestHash = keccak256(toHex(n));
  const outputHash = keccak256(requestHash);
  const signedAtSeconds = 1_790_000_000 + n;
  const signature = node.sign({ requestHash, outputHash, signedAtSeconds });
  return [node.teeId, requestHash, outputHash, signature, String(signedAtSeconds)];
};
const VALUES = Array.from({ length: 5 }, (_, n) => signed(n));

/** As the facilitator stores it. */
const dumpOf = (values: Value[]) => StandardMerkleTree.of(values, ENCODING).dump();
const rootOf = (values: Value[]) => StandardMerkleTree.of(values, ENCODING).root as Hex;
const bytesOf = (dump: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(dump));
const check = (values: Value[], expected = { root: rootOf(values), batchSize: values.length as number | null }) =>
  checkBatch(bytesOf(dumpOf(values)), expected, KEYS);

test('a batch as the facilitator stores it: the root holds, and every answer comes in order with its verdict', () => {
  const { state, reason, leaves } = check(VALUES);
  expect([state, reason]).toEqual(['verified', '']);
  expect(leaves).toEqual(
    VALUES.map(([teeId, requestHash, outputHash, , time], position) => ({
      position,
      teeId,
      requestHash,
      outputHash,
      signedAtSeconds: Number(time),
      verdict: 'valid',
    })),
  );
});

test('law: root and leaf encoding are OpenZeppelin’s, whatever the sizes, lengths, cases and repeats', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes));
  const upper = (hex: Hex): Hex => `0x${hex.slice(2).toUpperCase()}`;
  const value = fc
    .tuple(
      hash,
      hash,
      hash,
      fc.uint8Array({ maxLength: 300 }).map((bytes) => toHex(bytes)),
      fc.bigInt(0n, 2n ** 256n - 1n),
    )
    .map(
      ([teeId, request, output, signature, time]): Value => [
        teeId,
        time % 2n === 0n ? upper(request) : request,
        output,
        signature,
        time % 3n === 0n ? toHex(time) : String(time),
      ],
    );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 25 }), fc.boolean(), (values, isRepeated) => {
      const all = isRepeated ? [...values, values[0] as Value] : values;
      const { state, leaves } = check(all);
      expect(state).toBe('verified');
      expect(leaves.map(({ teeId, requestHash }) => [teeId, requestHash])).toEqual(
        all.map(([teeId, requestHash]) => [teeId, requestHash.toLowerCase()]),
      );
      expect(leaves.every(({ signedAtSeconds }) => Number.isSafeInteger(signedAtSeconds))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('law: one flipped bit in any field of any answer, and the root no longer holds', () => {
  const dump = dumpOf(VALUES);
  fc.assert(
    fc.property(fc.nat(4), fc.nat(4), fc.nat(2047), (index, field, bit) => {
      const values = dump.values.map(({ value, treeIndex }) => ({ value: [...value], treeIndex }));
      const changed = values[index]?.value as string[];
      if (field === 4) changed[4] = String(Number(changed[4]) ^ (1 << (bit % 30)));
      else {
        const bytes = hexToBytes(changed[field] as Hex);
        const at = bit % (bytes.length * 8);
        bytes[at >> 3] = (bytes[at >> 3] as number) ^ (1 << (at & 7));
        changed[field] = toHex(bytes);
      }
      const bytes = bytesOf({ ...dump, values });
      expect(checkBatch(bytes, { root: rootOf(VALUES), batchSize: 5 }, KEYS)).toEqual({
        state: 'root-mismatch',
        reason: 'the answers in the blob make another Merkle root',
        leaves: [],
      });
    }),
  );
});

test('a forged answer under a root of its own: the root holds, its signature does not', () => {
  const forged = VALUES.with(2, [...(VALUES[2] as Value).with(1, keccak256('0xbad0'))] as Value);
  const { state, leaves } = check(forged);
  expect(state).toBe('verified');
  expect(leaves.map(({ verdict }) => verdict)).toEqual(['valid', 'valid', 'bad-signature', 'valid', 'valid']);
});

test('every verdict in one batch', () => {
  const [teeId, request, output, signature, time] = VALUES[0] as Value;
  const keyless = keccak256('0x0e');
  const values: Value[] = [
    [teeId, request, output, signature, time],
    [teeId, output, request, signature, time],
    ['0xddc21f2d5d0af861b4fc1390df47f1c93bc5aee54e7e31763e97256d56148253', request, output, '0x00', time],
    [teeId, request, output, '0x', time],
    [keccak256('0x0f'), request, output, signature, time],
    [keyless, request, output, signature, time],
  ];
  const keys = new Map([...KEYS, [keyless, new Uint8Array()]]);
  const { leaves } = checkBatch(bytesOf(dumpOf(values)), { root: rootOf(values), batchSize: 6 }, keys);
  expect(leaves.map(({ verdict }) => verdict)).toEqual([
    ...['valid', 'bad-signature', 'unsigned', 'unsigned', 'unknown-node', 'no-key'],
  ]);
});

test('the tree in the dump is not believed', () => {
  const dump = dumpOf(VALUES);
  const expected = { root: rootOf(VALUES), batchSize: 5 };
  for (const lie of [{ tree: [] }, { tree: [keccak256('0x01')] }, { tree: 7 }, { tree: undefined }]) {
    expect(checkBatch(bytesOf({ ...dump, ...lie }), expected, KEYS).state).toBe('verified');
  }
  const other = { root: keccak256('0x01'), batchSize: 5 };
  expect(checkBatch(bytesOf({ ...dump, tree: [other.root] }), other, KEYS).state).toBe('root-mismatch');
});

describe('how many', () => {
  test.each([4, 6, 0, 1_000_000])('a claim of %i answers where there are five', (batchSize) => {
    const found = check(VALUES, { root: rootOf(VALUES), batchSize });
    expect(found.state).toBe('count-mismatch');
    expect(found.reason).toBe(`the settlement claims ${batchSize} answers, the blob holds 5`);
    expect(found.leaves).toHaveLength(5);
  });

  test('an unknown claim is not compared; a wrong root weighs more than a wrong count', () => {
    expect(check(VALUES, { root: rootOf(VALUES), batchSize: null }).state).toBe('verified');
    expect(check(VALUES, { root: keccak256('0x01'), batchSize: 4 }).state).toBe('root-mismatch');
  });

  test('a root in upper case is the same root', () => {
    const root: Hex = `0x${rootOf(VALUES).slice(2).toUpperCase()}`;
    expect(check(VALUES, { root, batchSize: 5 }).state).toBe('verified');
  });
});

describe('hostile blobs', () => {
  const good = VALUES[0] as Value;
  const withValue = (value: unknown): string => JSON.stringify({ format: 'standard-v1', values: [{ value }] });
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const MANY = 8 * 1024 * 1024;

  test.each([
    ['nothing', '', 'the blob is empty'],
    ['a web page', '<!doctype html><html><body>404</body></html>', 'the blob is no JSON'],
    ['half a dump', text(bytesOf(dumpOf(VALUES))).slice(0, -200), 'the blob is no JSON'],
    ['null', 'null', 'the blob is no tree: not an object'],
    ['a number', '7', 'the blob is no tree: not an object'],
    ['a list', '[]', 'the blob is no tree: not an object'],
    ['an empty object', '{}', 'the blob is no tree: it has no list of values'],
    ['another format', JSON.stringify({ ...dumpOf(VALUES), format: 'simple-v1' }), 'the tree is of another format'],
    ['a format that is no text', '{"format":{"toString":1},"values":[]}', 'the tree is of another format'],
    [
      'leaves of another kind',
      '{"leafEncoding":["bytes32"],"values":[]}',
      'the leaves of the tree are of another kind',
    ],
    [
      'an encoding that cannot be text',
      '{"leafEncoding":[{"toString":1},1,1,1,1],"values":[]}',
      'the leaves of the tree are of another kind',
    ],
    ['no answers', '{"values":[]}', 'the tree has no leaves'],
    ['values that are an object', '{"values":{"length":5}}', 'the blob is no tree: it has no list of values'],
    ['values behind a prototype key', '{"__proto__":{"values":[]}}', 'the blob is no tree: it has no list of values'],
    ['a value that is null', '{"values":[null]}', 'answer 1 is no list of five'],
    ['a value behind a prototype key', '{"values":[{"__proto__":{"value":[]}}]}', 'answer 1 is no list of five'],
    ['four fields', withValue(good.slice(1)), 'answer 1 is no list of five'],
    ['a list that only looks like one', withValue({ length: 5 }), 'answer 1 is no list of five'],
    ['a number for a hash', withValue(good.with(0, 7 as never)), 'answer 1 has a field of the wrong form'],
    ['a time that is a number', withValue(good.with(4, 7 as never)), 'answer 1 has a field of the wrong form'],
    ['a time below zero', withValue(good.with(4, '-7')), 'answer 1 has a field of the wrong form'],
    ['a time beyond 256 bits', withValue(good.with(4, '9'.repeat(78))), 'answer 1 has a field of the wrong form'],
    ['an empty time', withValue(good.with(4, '')), 'answer 1 has a field of the wrong form'],
    ['a short hash', withValue(good.with(1, '0x12')), 'answer 1 has a field of the wrong form'],
    ['a signature of half a byte', withValue(good.with(3, '0x123')), 'answer 1 has a field of the wrong form'],
    ['a signature in base64', withValue(good.with(3, 'q83v' as Hex)), 'answer 1 has a field of the wrong form'],
    ['fields that are objects', withValue([{}, [], null, true, {}]), 'answer 1 has a field of the wrong form'],
    ['a hash with a line break', withValue(good.with(1, `${good[1]}\n`)), 'answer 1 has a field of the wrong form'],
    [
      'a signature of 4 MB',
      withValue(good.with(3, `0x${'ab'.repeat(4_000_000)}`)),
      'answer 1 has a field of the wrong form',
    ],
    ['8 MiB of brackets', '['.repeat(MANY), 'the blob is nested too deeply to be a tree'],
    ['deep objects', '{"a":'.repeat(100_000), 'the blob is nested too deeply to be a tree'],
    [
      'depth that closes again',
      `{"values":[],"x":${'['.repeat(500)}${']'.repeat(500)}}`,
      'the blob is nested too deeply to be a tree',
    ],
    ['a million answers', `{"values":[${'{},'.repeat(999_999)}{}]}`, 'the blob holds more than 20000 answers'],
    ['20,001 answers', `{"values":[${'{},'.repeat(20_000)}{}]}`, 'the blob holds more than 20000 answers'],
    ['a text of 8 MiB', `"${'\\"'.repeat(MANY / 2)}"`, 'the blob is no tree: not an object'],
    ['brackets in a text that never ends', `"${'['.repeat(MANY)}`, 'the blob is no JSON'],
  ])('%s', (_, blob, reason) => {
    const startedAt = performance.now();
    expect(checkBatch(new TextEncoder().encode(blob), { root: keccak256('0x01'), batchSize: 1 }, KEYS)).toEqual({
      state: 'malformed',
      reason,
      leaves: [],
    });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test('bytes that are no text', () => {
    const found = checkBatch(Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d), { root: keccak256('0x01'), batchSize: 1 }, KEYS);
    expect(found).toMatchObject({ state: 'malformed', reason: 'the blob is no JSON' });
  });

  test('law: whatever the bytes, an answer and no error', () => {
    const dump = text(bytesOf(dumpOf(VALUES.slice(0, 2))));
    const mutated = fc.tuple(fc.nat(dump.length), fc.nat(60), fc.string()).map(([at, cut, put]) => {
      return dump.slice(0, at) + put + dump.slice(at + cut);
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.json(), fc.string()), (blob) => {
        const found = checkBatch(new TextEncoder().encode(blob), { root: keccak256('0x01'), batchSize: 2 }, KEYS);
        expect(['malformed', 'root-mismatch']).toContain(found.state);
        expect(found.leaves).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('brackets and commas in a text are text, whatever is escaped before them', () => {
    const dump = { note: `\\"${'[{,'.repeat(100_000)}\\`, ...dumpOf(VALUES) };
    expect(checkBatch(bytesOf(dump), { root: rootOf(VALUES), batchSize: 5 }, KEYS).state).toBe('verified');
  });

  test('prototype keys and unknown fields beside the real ones do no harm', () => {
    const dump = text(bytesOf(dumpOf(VALUES)));
    const blob = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"more":[1,{"a":2}],${dump.slice(1)}`;
    const expected = { root: rootOf(VALUES), batchSize: 5 };
    expect(checkBatch(new TextEncoder().encode(blob), expected, KEYS).state).toBe('verified');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('a time beyond every clock is kept as one that fits', () => {
    const values = [good.with(4, String(2n ** 200n)) as Value];
    expect(check(values).leaves).toMatchObject([{ signedAtSeconds: 2 ** 32 - 1, verdict: 'bad-signature' }]);
  });
});
